"""What sets one apart from others: rates next to the others' rates, shrunk where there are few photos."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fathom.explore.distinct import LEAST_PHOTOS, LEAST_RATIO, Trait, traits
from pictograph.catalogue.snapshot import browsing
from pictograph.store.interface import ALL_PHOTOS
from taxonomy.browsing import load_browsing
from tests.fathom.explore.publishing import ANIMALS, CATS, DOGS

pytestmark = pytest.mark.django_db

SOME = sorted(load_browsing().everyday)[:12]


def test_what_one_has_more_of_than_others_is_named_first() -> None:
    own = {ALL_PHOTOS: 100, DOGS: 60, CATS: 10}
    everyone = {ALL_PHOTOS: 1100, DOGS: 160, CATS: 110}
    assert [trait.category.wnid for trait in traits(own, everyone, 3)] == [DOGS]


def test_the_ratio_is_of_the_rates_of_one_and_of_the_others() -> None:
    (trait,) = traits({ALL_PHOTOS: 10_000, DOGS: 3000}, {ALL_PHOTOS: 110_000, DOGS: 13_000}, 3)
    assert trait.ratio == pytest.approx(3.0, rel=0.01)
    assert trait.words == "3 times as many dogs as others"


def test_few_photos_say_little_and_what_is_said_is_what_they_show() -> None:
    cats, dogs = {ALL_PHOTOS: 10, CATS: 5}, {ALL_PHOTOS: 1000, DOGS: 500}
    assert traits(cats, {ALL_PHOTOS: 10_010, CATS: 2005}, 1) == ()
    (trait,) = traits(dogs, {ALL_PHOTOS: 11_000, DOGS: 1500}, 1)
    assert trait.words == "5 times as many dogs as others"


def test_beside_hardly_any_of_others_no_figure_is_said() -> None:
    (trait,) = traits({ALL_PHOTOS: 129, DOGS: 10}, {ALL_PHOTOS: 249, DOGS: 11}, 3)
    assert trait.words == "More dogs than others"  # surely more; that it is far more is not sure
    (trait,) = traits({ALL_PHOTOS: 129, DOGS: 60}, {ALL_PHOTOS: 249, DOGS: 61}, 3)
    assert trait.words == "Far more dogs than others"


def test_three_photos_beside_as_small_a_number_of_others_set_nobody_apart() -> None:
    assert traits({ALL_PHOTOS: 53, DOGS: 3}, {ALL_PHOTOS: 93, DOGS: 3}, 3) == ()
    assert traits({ALL_PHOTOS: 53, DOGS: 3}, {ALL_PHOTOS: 10_053, DOGS: 13}, 3)  # of thousands of others it is sure


def test_who_is_beside_a_handful_of_photos_has_no_far_more_than_they_show() -> None:
    (trait,) = traits({ALL_PHOTOS: 1000, DOGS: 1000}, {ALL_PHOTOS: 1005, DOGS: 1002}, 3)
    assert trait.words == "2.5 times as many dogs as others"


def test_a_single_photo_says_nothing() -> None:
    assert traits({ALL_PHOTOS: 4, DOGS: 1}, {ALL_PHOTOS: 1004, DOGS: 1}, 3) == ()


def test_who_is_alone_is_apart_from_nobody() -> None:
    assert traits({ALL_PHOTOS: 10, DOGS: 10}, {ALL_PHOTOS: 10, DOGS: 10}, 3) == ()
    assert traits({}, {ALL_PHOTOS: 10, DOGS: 10}, 3) == ()


def test_what_others_hardly_have_is_said_without_a_figure() -> None:
    trait = Trait(browsing().categories[DOGS], 50, 400.0)
    assert trait.words == "Far more dogs than others"


def test_figures_are_rounded_to_what_they_can_say() -> None:
    dogs = browsing().categories[DOGS]
    assert Trait(dogs, 50, 1.56).words == "1.6 times as many dogs as others"
    assert Trait(dogs, 50, 7.4).words == "7 times as many dogs as others"
    assert Trait(dogs, 50, 2.02).words == "2 times as many dogs as others"


def test_of_nested_categories_one_is_named() -> None:
    own = {ALL_PHOTOS: 100, ANIMALS: 90, DOGS: 80}
    assert len(traits(own, {ALL_PHOTOS: 1100, ANIMALS: 390, DOGS: 130}, 3)) == 1


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(SOME), st.tuples(st.integers(0, 60), st.integers(0, 400)), min_size=1))
def test_traits_are_apart_and_really_more_frequent(counts: dict[str, tuple[int, int]]) -> None:
    own = {ALL_PHOTOS: 600} | {wnid: one for wnid, (one, _) in counts.items()}
    everyone = {ALL_PHOTOS: 5600} | {wnid: one + other for wnid, (one, other) in counts.items()}
    found = traits(own, everyone, 5)
    for trait in found:
        one, other = counts[trait.category.wnid]
        assert one >= LEAST_PHOTOS
        assert trait.ratio >= LEAST_RATIO
        assert one / 600 > other / 5000
    for trait in found:
        others = [other.category.wnid for other in found if other is not trait]
        assert browsing().is_apart(trait.category.wnid, others)

"""Two people side by side: true to every single photo, fair to few of them, and the same from either side."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.browsing import load_browsing
from taxonomy.comparison import Comparison, Shared, compare, product_rule
from taxonomy.kinds import kinds, kinds_of_sums, similarity
from taxonomy.levels import levels_of
from taxonomy.rates import CERTAINTY, Side, interval, summed_up
from tests.taxonomy.test_cut import CAT, DOG

CAR, LABRADOR, BEAGLE, BIRDS, BEES, MAMMALS = (
    "n02958343", "n02099712", "n02088364", "n01503061", "n02206856", "n01861778",
)  # fmt: skip
ANIMALS, TOOLS, PANS, BROOMS, PENS = "n00015388", "n03563967", "n03101986", "n03039947", "n03906997"
LISTS = ("both", "only_first", "more_first", "more_second", "only_second")
TREE = load_browsing()
COLUMN = {wnid: i for i, wnid in enumerate(TREE.order)}
NOBODY = np.zeros(len(TREE.order))
FEW = TREE.membership.sum(axis=0) / 1000  # a network of people who photograph every class alike


def classes_of(wnid: str) -> tuple[int, ...]:
    return TREE.categories[wnid].classes


def someone(*shows: tuple[str, int]) -> Side:
    """A person with so many photos of each category, spread over its classes, of which the network is sure."""
    photos = np.zeros(1000)
    for wnid, number in shows:
        classes = classes_of(wnid)
        for n in range(number):
            photos[classes[n * 37 % len(classes)]] += 1
    return of_classes(photos)


def of_classes(photos: np.ndarray) -> Side:
    counts = dict(zip(TREE.order, summed_up(TREE, photos).astype(int).tolist(), strict=True))
    return Side.from_sum(TREE, photos, int(photos.sum()), counts)


def wnids(said: Comparison, name: str) -> list[str]:
    return [wnid for shared in getattr(said, name) for wnid in shared.wnids]


def listed(side: Side, shared: Shared) -> float:
    return sum(side.listed[COLUMN[wnid]] for wnid in shared.wnids)


people = st.lists(st.tuples(st.integers(0, 999), st.integers(1, 60)), max_size=12).map(
    lambda shows: of_classes(np.bincount([c for c, _ in shows], [n for _, n in shows], minlength=1000))
)


def test_what_both_photograph_and_what_only_one_does_is_told_apart() -> None:
    anna, ben = someone((DOG, 40), (CAT, 30), (CAR, 20)), someone((DOG, 35), (CAR, 3), ("n04341686", 30))
    said = compare(TREE, anna, ben, FEW)
    assert wnids(said, "both")[0] == DOG
    assert wnids(said, "only_first") == [CAT]
    assert wnids(said, "more_first") != []
    assert set(wnids(said, "more_first")).isdisjoint(wnids(said, "only_first"))
    (building,) = wnids(said, "only_second")
    assert TREE.categories[building].name == "buildings and structures"


def test_five_photos_are_not_five_hundred() -> None:
    few = compare(TREE, someone((DOG, 3), (CAR, 2)), someone((CAT, 5)), FEW)
    assert wnids(few, "only_first") == wnids(few, "more_first") == []
    many = compare(TREE, someone((DOG, 300), (CAR, 200)), someone((CAT, 500)), FEW)
    assert {DOG, CAT} <= {*wnids(many, "only_first"), *wnids(many, "only_second")}


def test_however_sure_a_small_difference_is_no_difference() -> None:
    said = compare(TREE, someone((DOG, 52_000), (CAR, 48_000)), someone((DOG, 48_000), (CAR, 52_000)), FEW)
    assert wnids(said, "more_first") == wnids(said, "more_second") == []
    assert len(said.both) > 1


def test_both_may_photograph_dogs_of_which_each_has_a_breed_alone() -> None:
    said = compare(TREE, someone((LABRADOR, 50), (CAR, 50)), someone((BEAGLE, 45), (CAR, 50)), FEW)
    assert DOG in wnids(said, "both")
    assert wnids(said, "only_first") == [LABRADOR]
    assert wnids(said, "only_second") == [BEAGLE]


def test_a_stray_photo_among_many_leaves_only_one_who_photographs_it() -> None:
    said = compare(TREE, someone((DOG, 60), (CAR, 40)), someone((DOG, 1), (CAR, 99)), FEW)
    assert wnids(said, "only_first") == [DOG]
    said = compare(TREE, someone((DOG, 60), (CAR, 40)), someone((DOG, 15), (CAR, 85)), FEW)
    assert (wnids(said, "only_first"), wnids(said, "more_first")) == ([], [DOG])


def test_fewer_photos_than_make_an_interest_are_hardly_any() -> None:
    for other, name in ((2, "only_first"), (3, "more_first")):
        said = compare(TREE, someone((DOG, 16), (CAR, 24)), someone((DOG, other), (CAR, 38)), FEW)
        assert wnids(said, name) == [DOG]
    said = compare(TREE, someone((DOG, 190), (CAR, 10)), someone((DOG, 2), (CAR, 4)), FEW)
    assert wnids(said, "only_first") == []  # a third of someone's photos is not hardly any, however few they are


def test_what_a_difference_explains_is_not_in_common() -> None:
    birdwatcher, beekeeper = someone((BIRDS, 30), (CAR, 30)), someone((BEES, 30), (CAR, 30))
    said = compare(TREE, birdwatcher, beekeeper, FEW)
    assert [TREE.categories[wnid].name for wnid in wnids(said, "both")] == ["cars and trucks"]
    assert (wnids(said, "only_first"), wnids(said, "only_second")) == ([BIRDS], [BEES])
    alike = someone((BIRDS, 30), (MAMMALS, 20), (CAR, 30)), someone((BEES, 30), (MAMMALS, 20), (CAR, 30))
    assert any(MAMMALS in {c.wnid for c in TREE.path(w)} for w in wnids(compare(TREE, *alike, FEW), "both"))


def test_what_no_category_tells_several_may_together() -> None:
    handy = someone((TOOLS, 3), (PANS, 3), (BROOMS, 2), (PENS, 2), (CAR, 20))
    said = compare(TREE, handy, someone((DOG, 10), (CAR, 20)), FEW)
    (shared,) = said.only_first
    assert {*shared.wnids} == {TOOLS, PANS, BROOMS, PENS}
    assert (shared.first.listed, shared.second.listed) == (10, 0)
    assert shared.first.low > shared.second.high
    said = compare(TREE, handy, someone((TOOLS, 2), (PANS, 2), (BROOMS, 2), (PENS, 1), (DOG, 30)), FEW)
    assert {*said.both[0].wnids} == {TOOLS, PANS, BROOMS, PENS}
    many = someone((TOOLS, 60), (PANS, 60), (BROOMS, 40), (PENS, 40), (CAR, 20))
    assert all(len(shared.wnids) == 1 for shared in compare(TREE, many, many, FEW).both)  # where each can tell


def test_a_level_is_made_of_categories_that_share_no_photo() -> None:
    levels = levels_of(TREE)
    assert levels.shape[1] > 50
    assert ({*np.unique(levels)}, levels.sum(axis=0).min()) == ({0.0, 1.0}, 2.0)
    assert (TREE.membership @ levels).max() == 1.0
    assert any(levels[[COLUMN[wnid] for wnid in (TOOLS, PANS, BROOMS, PENS)], :].sum(axis=0) == 4)
    living = [COLUMN[wnid] for wnid in TREE.order if TREE.path(wnid)[0].wnid in (ANIMALS, "n00007846")]
    assert not levels[living].any()


@settings(max_examples=60, deadline=None)
@given(people, people)
def test_swapping_the_two_swaps_every_answer(first: Side, second: Side) -> None:
    said, swapped = compare(TREE, first, second, FEW), compare(TREE, second, first, FEW)
    assert said.similarity == pytest.approx(swapped.similarity)
    for name, other in zip(LISTS, ("both", *LISTS[:0:-1]), strict=True):
        theirs = [replace(s, first=s.second, second=s.first) for s in getattr(swapped, other)]
        assert list(getattr(said, name)) == theirs


@settings(max_examples=60, deadline=None)
@given(people)
def test_who_photographs_the_same_differs_in_nothing(side: Side) -> None:
    said = compare(TREE, side, side, FEW)
    assert not any(getattr(said, name) for name in LISTS[1:])
    assert said.similarity == pytest.approx(100 if side.photos else 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_people_with_nothing_in_common_have_nothing_in_common(some: list[int], others: list[int]) -> None:
    first = someone(*zip(TREE.roots[::2], some, strict=False))
    second = someone(*zip(TREE.roots[1::2], others, strict=False))
    said = compare(TREE, first, second, FEW)
    assert said.both == ()
    assert said.similarity == 0
    assert not product_rule(TREE, *(np.arange(1000) % 2 == half for half in (0, 1))).any()


@settings(max_examples=80, deadline=None)
@given(people, people)
def test_no_two_lists_contradict_each_other(first: Side, second: Side) -> None:
    said = compare(TREE, first, second, FEW)
    differing = [wnid for name in LISTS[1:] for wnid in wnids(said, name)]
    for chosen in (wnids(said, "both"), differing):
        assert all(not {*classes_of(a)} & {*classes_of(b)} for a, b in combinations(chosen, 2))
    for both in wnids(said, "both"):
        assert not {category.wnid for category in TREE.path(both)} & {*differing}
    for name in ("only_first", "more_first"):
        assert all(s.first.low > s.second.high for s in getattr(said, name))
        assert all(listed(second, s) > 0 for s in said.more_first)
    for shared in said.both:
        assert min(listed(side, shared) for side in (first, second)) >= 3
    for shared in (shared for name in LISTS for shared in getattr(said, name)):
        assert (shared.first.listed, shared.second.listed) == (listed(first, shared), listed(second, shared))


@settings(max_examples=30, deadline=None)
@given(people, people)
def test_kinds_share_no_photo_and_hold_all(first: Side, second: Side) -> None:
    for side in (first, second):
        assert kinds(TREE, side.rates).sum() == pytest.approx(1.0)
        assert (kinds(TREE, side.rates) >= 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_kinds_are_the_same_by_class_and_by_category(seed: int) -> None:
    rows = (
        np.random.default_rng(seed).dirichlet(np.full(1000, 0.02), size=3) * 0.99
    )  # a little of each is too small to be kept
    one_by_one = [kinds(TREE, summed_up(TREE, row)) for row in rows]
    photos = np.array([1, 7, 400])
    sums = (rows * photos[:, None]).astype(np.float32)
    assert np.abs(kinds_of_sums(TREE, sums, photos) - one_by_one).max() < 1e-6


def test_similarity_stays_within_its_scale() -> None:
    for first, second in combinations([someone((DOG, 5)), someone((CAT, 9), (DOG, 1)), someone((CAR, 3))], 2):
        assert 0 <= similarity(TREE, first, second) <= 100


def by_hand(rows: Sequence[Sequence[float]]) -> list[float]:
    """How many photos are in each category: every photo, every class, one by one."""
    totals = []
    for category in TREE.categories.values():
        total = 0.0
        for row in rows:
            for c in category.classes:
                total += row[c]
        totals.append(total)
    return totals


def test_sums_are_those_of_every_single_photo() -> None:
    chance = np.random.default_rng(2015)
    ours, theirs = (chance.dirichlet(np.full(1000, 0.01), size=n) for n in (12, 7))
    first, second = (Side.from_sum(TREE, rows.sum(axis=0), len(rows), {}) for rows in (ours, theirs))
    one, other = by_hand(ours.tolist()), by_hand(theirs.tolist())
    assert np.abs(first.expected - one).max() < 1e-6
    assert np.abs(second.expected - other).max() < 1e-6
    products = [
        sum(sum(row[c] for row in ours) / 12 * sum(row[c] for row in theirs) / 7 for c in category.classes)
        for category in TREE.categories.values()
    ]
    assert np.abs(product_rule(TREE, ours.mean(axis=0), theirs.mean(axis=0)) - products).max() < 1e-6
    shares = [(a / 12, b / 7) for a, b in zip(one, other, strict=True)]
    nested = {wnid for wnid in TREE.order if wnid in TREE.everyday or wnid in TREE.roots}
    alike = 0.0
    for wnid in nested:
        inside = [w for w in nested if [c.wnid for c in TREE.path(w)[:-1] if c.wnid in nested][-1:] == [wnid]]
        alike += min(shares[COLUMN[wnid]][side] - sum(shares[COLUMN[w]][side] for w in inside) for side in (0, 1))
    rest = [1 - sum(shares[COLUMN[root]][side] for root in TREE.roots) for side in (0, 1)]
    assert similarity(TREE, first, second) == pytest.approx(100 * (alike + max(0.0, min(rest))), abs=1e-6)


def test_an_interval_holds_the_true_rate_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    for photos in (5, 20, 100, 1000):
        true = chance.beta(1.0, 9.0, size=4000)  # people whose rates scatter around the network's tenth
        low, high, _ = interval(chance.binomial(photos, true).astype(float), photos, np.full(4000, 0.1))
        assert ((low <= true) & (true <= high)).mean() >= CERTAINTY


def test_few_photos_are_shrunk_towards_the_network_and_many_are_not() -> None:
    low, high, share = interval(np.array([5.0]), 5, np.array([0.1]))
    assert (round(share[0], 2), round(low[0], 2), round(high[0], 2)) == (0.6, 0.29, 0.86)
    _, _, share = interval(np.array([5000.0]), 5000, np.array([0.1]))
    assert share[0] > 0.999


def test_a_year_is_compared_by_its_counts_alone() -> None:
    counts = {"n00015388": 30, DOG: 30}
    side = Side.from_counts(TREE, counts, 40)
    assert side.expected[COLUMN[DOG]] == side.listed[COLUMN[DOG]] == 30
    assert similarity(TREE, side, side) == pytest.approx(100)


def test_people_without_photos_compare_to_nothing() -> None:
    nobody = of_classes(np.zeros(1000))
    said = compare(TREE, nobody, someone((DOG, 50)), NOBODY)
    assert said.similarity == 0
    assert not any(getattr(said, name) for name in LISTS)

"""Shares of photos of several people: how sure they are, and when two can be told apart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from taxonomy.groups import Share, certainty_among, change_of, differ, share_of

# Of each person, how many photos and of how many of them it is so.
people = st.lists(st.integers(0, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=12)


def test_of_one_set_the_interval_is_the_exact_one() -> None:
    """Ends of Clopper and Pearson: with the part at an end, as few or as many as these are seen once in forty."""
    share = share_of([40], [10], is_one_set=True)
    assert (share.photos, share.people, share.hits, share.part) == (40, 1, 10, 0.25)
    assert binom.sf(9, 40, share.low) == pytest.approx(0.025)
    assert binom.cdf(10, 40, share.high) == pytest.approx(0.025)


def test_all_photos_of_one_person_count_as_ten() -> None:
    assert share_of([2000], [0]).high == pytest.approx(1 - 0.025 ** (1 / 10))
    assert share_of([2000], [2000]).low == pytest.approx(0.025 ** (1 / 10))


def test_what_is_one_persons_makes_the_interval_wide() -> None:
    """Of ten people with 100 photos each, one has all of the hits: the share is one person in ten."""
    alone = share_of([100] * 10, [100] + [0] * 9)
    even = share_of([100] * 10, [8, 12] * 5)
    assert alone.part == even.part == 0.1
    assert alone.low < 0.01
    assert alone.high > 0.4
    assert even.low > 0.08
    assert even.high < 0.13


@given(people, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_an_interval_holds_the_share_and_widens_with_certainty(of: list[tuple[int, int]], certainty: float) -> None:
    photos, hits = [n for n, _ in of], [k for _, k in of]
    share, surer = share_of(photos, hits, certainty), share_of(photos, hits, (1 + certainty) / 2)
    assert (share.photos, share.hits, share.people) == (sum(photos), sum(hits), sum(n > 0 for n in photos))
    assert 0 <= surer.low <= share.low + 1e-9
    assert share.high - 1e-9 <= surer.high <= 1
    if share.photos:
        assert share.low - 1e-9 <= share.part <= share.high + 1e-9


@given(people)
def test_photos_of_people_never_tell_more_than_as_many_independent_ones(of: list[tuple[int, int]]) -> None:
    photos, hits = [n for n, _ in of], [k for _, k in of]
    by_person, each = share_of(photos, hits), share_of(photos, hits, is_one_set=True)
    assert by_person.low <= each.low + 1e-9
    assert by_person.high >= each.high - 1e-9


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """A tenth of all photos, of people who differ much: among 400 samples nineteen in twenty hold it, within chance."""
    chance, held = np.random.default_rng(7), 0
    for _ in range(400):
        photos = chance.integers(1, 80, 30)
        hits = chance.binomial(photos, chance.beta(1, 9, 30))
        share = share_of(photos.tolist(), hits.tolist())
        held += share.low <= 0.1 <= share.high
    assert held >= 400 * 0.95 - 3 * math.sqrt(400 * 0.95 * 0.05)


def test_many_comparisons_ask_for_more_certainty_each() -> None:
    assert certainty_among(1) == certainty_among(0) == pytest.approx(0.95)
    assert certainty_among(10) == pytest.approx(0.995)


def test_shares_differ_where_their_intervals_share_nothing() -> None:
    low, high, middle = (Share(10, 5, 1, *ends) for ends in ((0.1, 0.2), (0.3, 0.4), (0.2, 0.35)))
    assert differ(low, high)
    assert differ(high, low)
    assert not differ(low, middle)
    assert not differ(middle, high)


def test_a_change_of_few_people_says_no_interval() -> None:
    change = change_of([9, 0, 3], [0, 0, 1])
    assert (change.gained, change.lost, change.people, change.low, change.high) == (12, 1, 2, None, None)
    assert not change.is_sure


def test_a_change_is_sure_where_nearly_all_went_one_way() -> None:
    change = change_of([5] * 20, [0] * 20)
    assert change.is_sure
    assert change.low is not None
    assert 0 < change.low <= 100
    assert change.high == 100
    even = change_of([5, 0] * 10, [0, 5] * 10)
    assert even.low is not None
    assert even.high is not None
    assert even.low < 0 < even.high
    assert not even.is_sure

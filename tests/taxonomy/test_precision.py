"""Measured precision: exact intervals, sums up the tree, and nobody who decides for all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from taxonomy.browsing import load_browsing
from taxonomy.intervals import exact_interval
from taxonomy.precision import LEAST_PEOPLE, PER_PERSON, Answered, Precision, own_precision, precisions

BEAGLE, LABRADOR, TABBY, DOGS = "n02088364", "n02099712", "n02123045", "n02084071"


def of(wnid: str, *answered: Answered) -> Precision:
    return {one.wnid: one for one in precisions(load_browsing(), answered)}[wnid]


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_is_the_one_of_clopper_and_pearson(right: int, wrong: int) -> None:
    low, high = exact_interval(np.array([right]), np.array([right + wrong]))
    assert low[0] == pytest.approx(beta.ppf(0.025, right, wrong + 1) if right else 0.0)
    assert high[0] == pytest.approx(beta.ppf(0.975, right + 1, wrong) if wrong else 1.0)


def test_it_holds_the_truth_at_least_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    right = chance.binomial(40, 0.93, 4000)
    low, high = exact_interval(right, np.full(4000, 40))
    assert ((low <= 0.93) & (high >= 0.93)).mean() >= 0.95


def test_answers_count_for_every_category_above() -> None:
    answered = (Answered(1, BEAGLE, 4, 3), Answered(2, LABRADOR, 6, 6), Answered(3, TABBY, 5, 5))
    dogs = of(DOGS, *answered)
    assert (dogs.people, dogs.answers, dogs.right) == (2, 10, 9)
    root = load_browsing().path(BEAGLE)[0].wnid
    assert of(root, *answered).answers == 15


def test_a_category_that_is_none_any_more_is_left_out() -> None:
    assert precisions(load_browsing(), [Answered(1, "n99999999", 4, 3)]) == []


def test_it_is_said_of_the_network_from_the_third_person_on() -> None:
    answered = [Answered(person, BEAGLE, 4, 4) for person in range(LEAST_PEOPLE)]
    assert of(BEAGLE, *answered).is_shown
    assert not of(BEAGLE, *answered[:-1]).is_shown


def test_a_person_with_a_thousand_answers_counts_as_one_with_few() -> None:
    few = of(BEAGLE, Answered(1, BEAGLE, 10, 10), Answered(2, BEAGLE, 10, 10), Answered(3, BEAGLE, PER_PERSON, 0))
    many = of(BEAGLE, Answered(1, BEAGLE, 10, 10), Answered(2, BEAGLE, 10, 10), Answered(3, BEAGLE, 1000, 0))
    assert (many.share, many.low, many.high) == (few.share, few.low, few.high)
    assert many.answers == 1020


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), min_size=2, max_size=12),
    st.integers(1, 1000),
    st.floats(0, 1),
)
def test_whatever_one_person_says_the_interval_holds_what_all_others_say(
    people: list[tuple[int, int]], votes: int, part: float
) -> None:
    honest = [Answered(person, BEAGLE, n, min(k, n)) for person, (n, k) in enumerate(people)]
    n = np.array([min(one.answers, PER_PERSON) for one in honest], dtype=float)
    k = np.array([one.right / one.answers for one in honest]) * n
    low, high = exact_interval(k.sum(), n.sum())
    found = of(BEAGLE, *honest, Answered(999, BEAGLE, votes, round(votes * part)))
    assert found.low <= low + 1e-9
    assert found.high >= high - 1e-9


def test_ones_own_answers_are_counted_plainly() -> None:
    own = own_precision(load_browsing(), DOGS, [Answered(1, BEAGLE, 12, 11), Answered(1, TABBY, 5, 0)])
    assert own is not None
    assert (own.answers, own.right) == (12, 11)
    assert own.low == pytest.approx(0.6152, abs=1e-4)
    assert own_precision(load_browsing(), DOGS, []) is None

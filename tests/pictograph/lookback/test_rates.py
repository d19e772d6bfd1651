"""Nothing is said of a few photos, and what is said is not chance."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.lookback.rates import DOUBT, ratio


def test_three_photos_say_nothing() -> None:
    assert not ratio(3, 300, 0, 300).is_more
    assert not ratio(0, 300, 3, 300).is_less
    assert not ratio(6, 300, 3, 300).is_more


def test_many_photos_do() -> None:
    assert ratio(40, 300, 0, 300).is_more
    assert ratio(0, 300, 40, 300).is_less
    assert ratio(300, 1000, 100, 1000).least > 2
    assert not ratio(300, 3000, 100, 1000).is_more, "three times as many of three times as many is no more"


@given(st.integers(0, 400), st.integers(0, 400), st.integers(400, 5000), st.integers(400, 5000))
def test_the_interval_holds_the_ratio_and_turns_over(photos: int, before: int, of: int, of_before: int) -> None:
    found, other = ratio(photos, of, before, of_before), ratio(before, of_before, photos, of)
    plain = math.inf if not before else (photos / of) / (before / of_before)
    if photos or before:
        assert found.least <= plain * (1 + 1e-9)
        assert plain <= found.most * (1 + 1e-9)
    if found.least > 0:
        assert other.most == pytest.approx(1 / found.least)
    assert not (found.is_more and found.is_less)


def test_where_a_year_is_empty_nothing_is_sure() -> None:
    for found in (ratio(50, 100, 0, 0), ratio(0, 0, 50, 100)):
        assert not found.is_more
        assert not found.is_less


def test_of_what_stayed_the_same_hardly_any_is_said_to_have_changed() -> None:
    chance = np.random.default_rng(1)
    for expected in (4, 15, 60):
        pairs = chance.binomial(1000, expected / 1000, size=(2000, 2))
        said = sum(ratio(a, 1000, b, 1000).is_more or ratio(a, 1000, b, 1000).is_less for a, b in pairs.tolist())
        assert said / len(pairs) < 2 * DOUBT

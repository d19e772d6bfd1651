"""How large each tile is drawn and where: in proportion, never too small to hit, the rest never the hero."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.treemap.layout import LEAST_DRAWN, REST_DRAWN_AT_MOST, drawn_areas, spots
from pictograph.treemap.lettering import widest_word_em

shares = st.lists(st.floats(min_value=1e-6, max_value=1), min_size=1, max_size=12).map(
    lambda s: sorted(s, reverse=True)
)
rests = st.floats(min_value=0, max_value=20)


@given(shares, rests)
def test_drawn_areas_fill_the_frame_and_none_is_too_small_to_hit(parts: list[float], rest: float) -> None:
    areas = drawn_areas(parts, rest)
    assert len(areas) == len(parts) + (rest > 0)
    assert sum(areas) == pytest.approx(1)
    assert min(areas) >= LEAST_DRAWN * (1 - 1e-9)


@given(shares, rests)
def test_tiles_that_are_large_enough_are_in_proportion(parts: list[float], rest: float) -> None:
    areas = drawn_areas(parts, rest)
    large = [area / part for area, part in zip(areas, parts, strict=False) if area > LEAST_DRAWN * (1 + 1e-9)]
    assert large == pytest.approx(large[:1] * len(large))


@given(shares, rests)
def test_the_rest_is_never_larger_than_the_largest_category_nor_than_its_part_of_the_frame(
    parts: list[float], rest: float
) -> None:
    areas = drawn_areas(parts, rest)
    if rest > 0:
        assert areas[-1] <= max(areas[:-1]) * (1 + 1e-9)
        assert areas[-1] <= max(REST_DRAWN_AT_MOST, LEAST_DRAWN) * (1 + 1e-9)


@pytest.mark.parametrize("rest", [0.05, 0.1, REST_DRAWN_AT_MOST])
def test_a_small_rest_is_drawn_to_scale(rest: float) -> None:
    tiles = [(1 - rest) * 0.6, (1 - rest) * 0.4]
    assert drawn_areas(tiles, rest) == pytest.approx([*tiles, rest])
    assert all(spot.is_to_scale for spot in spots(tiles, rest))


def test_a_rest_that_is_cut_down_says_that_it_is_not_to_scale() -> None:
    assert [spot.is_to_scale for spot in spots([0.2, 0.1], 0.7)] == [True, True, False]


def test_a_rest_smaller_than_the_smallest_tile_says_so_too() -> None:
    assert [spot.is_to_scale for spot in spots([0.7, 0.299], 0.001)] == [True, True, False]


@given(shares, rests)
def test_tiles_fill_the_frame_and_never_overlap(parts: list[float], rest: float) -> None:
    placed = spots(parts, rest)
    assert sum(spot.width * spot.height for spot in placed) == pytest.approx(10_000)
    for spot in placed:
        assert spot.x >= -1e-6
        assert spot.y >= -1e-6
        assert spot.x + spot.width <= 100 + 1e-6
        assert spot.y + spot.height <= 100 + 1e-6
    for a, b in combinations(placed, 2):
        across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
        down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
        assert across <= 1e-6 or down <= 1e-6


def test_a_rest_of_some_size_lies_in_a_strip_along_the_last_edge() -> None:
    rest = spots([0.5, 0.3], 0.2)[-1]
    assert (rest.y, rest.height) == pytest.approx((0, 100))
    assert rest.x + rest.width == pytest.approx(100)


def test_the_widest_word_of_a_name_decides_its_type() -> None:
    assert widest_word_em("Egyptian cats") == widest_word_em("egyptian")
    assert widest_word_em("mammals") > widest_word_em("lilies")
    assert widest_word_em("black-and-tan coonhounds") == widest_word_em("Coonhounds") - 0.09

"""The treemap is exact geometry: proportional, inside its frame, never overlapping."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.treemap.squarify import Rect, squarify

areas = st.lists(st.floats(min_value=1e-9, max_value=1e9), min_size=1, max_size=14)
sides = st.floats(min_value=1, max_value=4000)


def area_of(rect: Rect) -> float:
    return rect.width * rect.height


@given(areas, sides, sides)
def test_areas_are_in_proportion(areas: list[float], width: float, height: float) -> None:
    unit = width * height / sum(areas)
    for area, rect in zip(areas, squarify(areas, width, height), strict=True):
        assert area_of(rect) == pytest.approx(area * unit, rel=1e-6)


@given(areas, sides, sides)
def test_rectangles_stay_inside_the_frame(areas: list[float], width: float, height: float) -> None:
    slack = 1e-9 * max(width, height)
    for rect in squarify(areas, width, height):
        assert rect.x >= -slack
        assert rect.y >= -slack
        assert rect.x + rect.width <= width + slack
        assert rect.y + rect.height <= height + slack


@given(areas, sides, sides)
def test_rectangles_never_overlap(areas: list[float], width: float, height: float) -> None:
    slack = 1e-9 * max(width, height)
    for a, b in combinations(squarify(areas, width, height), 2):
        across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
        down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
        assert across <= slack or down <= slack


def test_the_example_of_the_paper_comes_out_as_printed() -> None:
    rects = squarify([6, 6, 4, 3, 2, 2, 1], 6, 4)
    expected = [
        Rect(0, 0, 3, 2),
        Rect(0, 2, 3, 2),
        Rect(3, 0, 12 / 7, 7 / 3),
        Rect(3 + 12 / 7, 0, 9 / 7, 7 / 3),
    ]
    for rect, right in zip(rects, expected, strict=False):
        assert (rect.x, rect.y, rect.width, rect.height) == pytest.approx((right.x, right.y, right.width, right.height))


@given(st.integers(min_value=2, max_value=12), sides)
def test_equal_areas_in_a_square_stay_close_to_square(count: int, side: float) -> None:
    for rect in squarify([1.0] * count, side, side):
        assert 0.3 < rect.width / rect.height < 3.4


@given(areas, sides, sides, st.floats(min_value=0.01, max_value=100))
def test_only_proportions_matter(areas: list[float], width: float, height: float, factor: float) -> None:
    plain = [area_of(rect) for rect in squarify(areas, width, height)]
    scaled = [area_of(rect) for rect in squarify([area * factor for area in areas], width, height)]
    assert scaled == pytest.approx(plain)
    assert sum(plain) == pytest.approx(width * height)


def test_what_is_given_last_ends_in_the_last_corner() -> None:
    last = squarify([50, 20, 10, 20], 16, 10)[-1]
    assert (last.x + last.width, last.y + last.height) == pytest.approx((16, 10))


def test_falling_areas_come_out_in_reading_order() -> None:
    rects = squarify([40, 30, 20, 10], 16, 10)
    assert all(area_of(a) > area_of(b) for a, b in pairwise(rects))
    assert (rects[0].x, rects[0].y) == (0, 0)


def test_no_areas_give_no_rectangles() -> None:
    assert squarify([], 3, 2) == []


@pytest.mark.parametrize("wrong", [[0.0], [-1.0], [float("nan")], [float("inf")]])
def test_an_area_that_is_none_is_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        squarify([1.0, *wrong], 3, 2)


@pytest.mark.parametrize(("width", "height"), [(0, 1), (1, -1), (float("inf"), 1)])
def test_a_frame_without_room_is_refused(width: float, height: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        squarify([1.0], width, height)

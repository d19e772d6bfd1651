"""Photos lie in a tile with no holes, whatever its shape and however many there are."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.posters.collage import cells


@given(st.integers(40, 2400), st.integers(40, 2400), st.integers(1, 12), st.integers(0, 8))
def test_cells_fill_the_tile_and_never_overlap(width: int, height: int, photos: int, gap: int) -> None:
    found = cells(width, height, photos, gap, 30)
    assert 1 <= len(found) <= photos
    for cell in found:
        assert cell.x >= 0
        assert cell.y >= 0
        assert cell.x + cell.width <= width
        assert cell.y + cell.height <= height
    for a, b in combinations(found, 2):
        across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
        down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
        assert min(across, down) <= -gap
    covered = sum((cell.width + gap) * (cell.height + gap) for cell in found)
    assert covered == pytest.approx((width + gap) * (height + gap), abs=5 * (width + height))


def test_a_small_tile_shows_one_photo_and_a_tile_without_photos_none() -> None:
    assert len(cells(100, 90, 12, 3, 74)) == 1
    assert cells(100, 90, 0, 3, 74) == []

"""A map as it is kept: its words, and how it is drawn."""

import io

import numpy as np
import pytest
from PIL import Image

from pictograph.explaining.heat import Where, drawn, heat_of, where_in


def warm_at(rows: slice, columns: slice) -> bytes:
    added = np.full((32, 32), -1.0)
    added[rows, columns] = 2
    return heat_of(added).tobytes()


@pytest.mark.parametrize(
    ("rows", "columns", "where"),
    [
        (slice(0, 8), slice(0, 8), Where.TOP_LEFT),
        (slice(0, 8), slice(12, 20), Where.TOP),
        (slice(12, 20), slice(24, 32), Where.RIGHT),
        (slice(12, 20), slice(12, 20), Where.MIDDLE),
        (slice(24, 32), slice(24, 32), Where.BOTTOM_RIGHT),
        (slice(2, 30), slice(2, 30), Where.ALL_OVER),
    ],
)
def test_words_say_where_most_of_it_is(rows: slice, columns: slice, where: Where) -> None:
    assert where_in(warm_at(rows, columns)) == where


def test_a_map_that_says_no_everywhere_is_nowhere() -> None:
    assert where_in(heat_of(np.full((32, 32), -3.0)).tobytes()) == Where.NOWHERE


def test_it_is_drawn_lighter_where_it_says_more_and_the_photo_shows_through_everywhere() -> None:
    image = Image.open(io.BytesIO(drawn(warm_at(slice(0, 8), slice(0, 8))))).convert("RGBA")
    pixels = np.asarray(image).astype(int)
    most, least = pixels[20, 20], pixels[200, 200]
    assert most[:3].sum() > least[:3].sum() + 250
    assert most[0] > most[2]
    assert least[2] > least[0]
    assert pixels[..., 3].min() > 0
    assert pixels[..., 3].max() < 220

"""A phone's largest pictures come in tile by tile, upright, in little memory, and with their size."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from classifier.pictures import decode as decoding
from classifier.pictures import heif
from classifier.pictures.decode import decode
from classifier.pictures.hdr import PQ
from classifier.pictures.heif_tiles import show_tiles
from classifier.work import Reason, UnreadablePhoto
from tests.classifier.pictures import corners, encoded, halves, heic, is_near, quarters


def tiled(orientation: int = 1, width: int = 1000, height: int = 700) -> bytes:
    image = quarters(width, height)
    image.getexif()[0x0112] = orientation
    return encoded(image, "HEIF", tile_size=256, quality=90)


@pytest.fixture
def areas(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Every picture is decoded by its tiles; the areas that were taken of each decoded picture."""
    monkeypatch.setattr(heif, "LARGEST_WHOLE_PX", 0)
    taken: list[tuple[int, int]] = []
    shrunk = heif._shrunk

    def noting(frame: Any, area: tuple[int, int], *rest: Any) -> Image.Image:
        taken.append(area)
        return shrunk(frame, area, *rest)

    monkeypatch.setattr(heif, "_shrunk", noting)
    return taken


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiles_make_the_picture_that_the_whole_makes(orientation: int, areas: list[tuple[int, int]]) -> None:
    content = tiled(orientation)
    by_tiles = decode(content, short_px=10_000)
    assert len(areas) == 12
    assert max(areas) == (256, 256)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heif, "LARGEST_WHOLE_PX", 10**9)
        whole = decode(content, short_px=10_000)
    assert (by_tiles.width_px, by_tiles.height_px) == (whole.width_px, whole.height_px)
    assert np.array_equal(np.asarray(by_tiles.image), np.asarray(whole.image))


@pytest.mark.parametrize("short_px", [40, 60, 100, 175, 350])
def test_tiles_are_shrunk_each_and_stay_in_place(short_px: int, areas: list[tuple[int, int]]) -> None:
    content = tiled()
    small = decode(content, short_px)
    assert len(areas) == 12
    assert short_px <= min(small.image.size) < 4 * short_px
    wanted = quarters(1000, 700).resize(small.image.size, Image.Resampling.BOX)
    difference = np.abs(np.asarray(small.image, dtype=int) - np.asarray(wanted, dtype=int))
    assert difference.mean() < 4
    assert is_near(corners(small.image), corners(wanted), 6)


def test_tiles_of_a_high_dynamic_range_are_toned_too(areas: list[tuple[int, int]]) -> None:
    small = decode(heic(halves(0.581, 0.42, 1000, 700), PQ, tile_size=256), short_px=100).image
    assert len(areas) == 12
    left, right, _, _ = corners(small)
    assert is_near(left, 255, 12)
    assert is_near(right, 118, 12)


def test_a_picture_without_tiles_is_decoded_whole(areas: list[tuple[int, int]]) -> None:
    decode(encoded(quarters(1000, 700), "HEIF"), short_px=100)
    assert areas == [(1000, 700)]


def test_tiles_need_no_more_memory_than_a_jpeg_and_have_its_limit(
    monkeypatch: pytest.MonkeyPatch, areas: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(decoding, "LARGEST_HELD_BYTES", 2_000_000)
    assert decode(tiled(), short_px=100).width_px == 1000
    for whole in (encoded(quarters(1000, 700), "HEIF"), encoded(quarters(1000, 700), "PNG")):
        with pytest.raises(UnreadablePhoto) as caught:
            decode(whole, short_px=100)
        assert caught.value.reason is Reason.TOO_LARGE
    monkeypatch.setattr(decoding, "LARGEST_SHRINKABLE_PX", 600_000)
    with pytest.raises(UnreadablePhoto, match="too_large"):
        decode(tiled(), short_px=100)


def test_broken_tiles_fail_with_a_reason(areas: list[tuple[int, int]]) -> None:
    random = np.random.default_rng(7)
    sound = np.frombuffer(tiled(), dtype=np.uint8)
    for _ in range(60):
        broken = sound.copy()
        broken[random.integers(8, 1200, 4)] = random.integers(0, 256, 4)
        try:
            decode(broken.tobytes(), short_px=100)
        except UnreadablePhoto as error:
            assert error.reason in (Reason.DAMAGED, Reason.TOO_LARGE, Reason.NOT_A_PICTURE, Reason.UNSUPPORTED)  # noqa: PT017


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\0\x08meta", b"\0\0\0\x20meta\0\0\0\0\0\0\0\x0epitm\0\0\0\0\0\1", b"\0" * 99]
)
def test_what_has_no_tiles_is_left_as_it_is(content: bytes) -> None:
    assert show_tiles(content) == (content, [])

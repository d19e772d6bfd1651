"""A JPEG that every viewer shows comes in; half a picture fails and says why."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from classifier.pictures.decode import decode
from classifier.pictures.thumbnail import render
from classifier.work import Reason, UnreadablePhoto
from tests.classifier.pictures import BLUE, GREEN, RED, YELLOW, corners, encoded, is_near, opened, quarters

QUARTERS = [RED, GREEN, BLUE, YELLOW]
PHOTO = encoded(quarters(1600, 1200), quality=90)


@pytest.mark.parametrize(
    "content",
    [
        PHOTO[:-2],
        PHOTO[:-1],
        PHOTO[: len(PHOTO) * 19 // 20],
        PHOTO[: len(PHOTO) * 19 // 20] + bytes(len(PHOTO) // 20),
        PHOTO[:-2] + b"trailing words of a phone" * 40,
        PHOTO + bytes(5000),
        encoded(quarters(1600, 1200), quality=90, progressive=True)[:-2],
        encoded(quarters(1600, 1200), quality=90, subsampling=0)[:-2],
        encoded(quarters(1600, 1200), quality=90, restart_marker_rows=1)[:-2],
    ],
)
def test_a_jpeg_without_its_end_is_shown_as_viewers_show_it(content: bytes) -> None:
    decoded = decode(content, short_px=512)
    assert (decoded.width_px, decoded.height_px) == (1600, 1200)
    assert is_near(corners(decoded.image), QUARTERS)
    assert is_near(corners(opened(render(content, 1600))), QUARTERS)


def test_a_grey_jpeg_without_its_end_is_shown_too() -> None:
    content = encoded(quarters(1600, 1200).convert("L"), quality=90)
    assert is_near(corners(decode(content[:-2], 512).image), corners(decode(content, 512).image), 2)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.8])
@pytest.mark.parametrize("rest", [b"", bytes(3000)])
@pytest.mark.parametrize("noisy", [False, True])
def test_half_a_picture_is_damaged(share: float, rest: bytes, noisy: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise)) if noisy else PHOTO
    with pytest.raises(UnreadablePhoto) as caught:
        decode(content[: int(len(content) * share)] + rest, short_px=512)
    assert caught.value.reason is Reason.DAMAGED


@cache
def noise(width: int = 600, height: int = 400) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("lacking", [1, 4, 12, 20, 5000, 50_000])
def test_a_png_without_its_end_is_shown_as_viewers_show_it(lacking: int) -> None:
    content = encoded(noise(), "PNG")
    shown = np.asarray(decode(content[:-lacking], short_px=10_000).image)
    assert np.array_equal(shown[:350], np.asarray(noise())[:350])


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "WEBP", "HEIF", "AVIF"])
def test_half_a_picture_of_any_kind_is_damaged(kind: str) -> None:
    content = encoded(noise(200, 150), kind)
    for share in (0.3, 0.5, 0.8):
        with pytest.raises(UnreadablePhoto) as caught:
            decode(content[: int(len(content) * share)], short_px=100)
        assert caught.value.reason is Reason.DAMAGED


def test_the_decoder_of_a_damaged_picture_of_several_says_what_is_wrong() -> None:
    content = encoded(noise(), "MPO", save_all=True, append_images=[noise()])
    assert decode(content[:-500], short_px=400).width_px == 600
    with pytest.raises(UnreadablePhoto, match="truncated"):
        decode(content[: len(content) // 4], short_px=400)


def test_the_decoders_own_words_are_kept() -> None:
    with pytest.raises(UnreadablePhoto) as caught:
        decode(b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\x11" * 300, short_px=512)
    assert "KeyError" not in caught.value.detail
    with pytest.raises(UnreadablePhoto, match="truncated"):
        decode(PHOTO[: len(PHOTO) // 2], short_px=512)

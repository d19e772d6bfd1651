"""A JPEG that every viewer shows comes in; half a picture fails and says why."""

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


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("rest", [b"", bytes(3000)])
@pytest.mark.parametrize("noisy", [False, True])
def test_half_a_picture_is_damaged(share: float, rest: bytes, noisy: bool) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise)) if noisy else PHOTO
    with pytest.raises(UnreadablePhoto) as caught:
        decode(content[: int(len(content) * share)] + rest, short_px=512)
    assert caught.value.reason is Reason.DAMAGED


def test_the_decoders_own_words_are_kept() -> None:
    with pytest.raises(UnreadablePhoto) as caught:
        decode(b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\x11" * 300, short_px=512)
    assert "KeyError" not in caught.value.detail
    with pytest.raises(UnreadablePhoto, match="truncated"):
        decode(PHOTO[: len(PHOTO) // 2], short_px=512)

"""What people see: the grid's thumbnail, its placeholder, and larger pictures on demand."""

import pytest
from PIL import Image

from classifier.pictures.prepare import prepare
from classifier.pictures.sniffing import sniff
from classifier.pictures.thumbnail import render
from classifier.work import UnreadablePhoto
from tests.classifier.pictures import BLUE, FRAMING, GREEN, RED, YELLOW, corners, encoded, is_near, opened, quarters


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), (480, 360)),
        ((3000, 4000), (360, 480)),
        ((480, 360), (480, 360)),
        ((300, 200), (300, 200)),
        ((1, 1), (1, 1)),
        ((3000, 500), (960, 160)),
        ((9000, 300), (1920, 64)),
        ((1200, 100), (1200, 100)),
        ((4000, 2), (1920, 1)),
    ],
)
def test_a_thumbnail_keeps_the_shape_and_is_never_enlarged(size: tuple[int, int], expected: tuple[int, int]) -> None:
    photo, _ = prepare(encoded(quarters(*size)), FRAMING)
    assert sniff(photo.thumbnail) == "WEBP"
    assert opened(photo.thumbnail).size == expected


def test_a_placeholder_is_tiny_and_has_the_colours() -> None:
    photo, _ = prepare(encoded(quarters(1200, 900)), FRAMING)
    assert len(photo.placeholder) <= 150
    assert is_near(corners(opened(photo.placeholder)), [RED, GREEN, BLUE, YELLOW], 60)


@pytest.mark.parametrize(("longest", "expected"), [(1440, (1440, 1080)), (2880, (2000, 1500)), (7, (7, 5))])
def test_a_larger_picture_has_the_side_asked_for_and_no_more_than_the_photo(
    longest: int, expected: tuple[int, int]
) -> None:
    assert opened(render(encoded(quarters(2000, 1500)), longest)).size == expected


def test_a_larger_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = opened(render(encoded(quarters(400, 300), exif=exif), 200))
    assert picture.size == (150, 200)
    assert is_near(corners(picture), [BLUE, RED, YELLOW, GREEN])


def test_a_panorama_of_any_length_can_be_shown() -> None:
    assert max(opened(render(encoded(quarters(20_000, 40)), 20_000)).size) == 16_383


def test_what_is_no_photo_cannot_be_shown() -> None:
    with pytest.raises(UnreadablePhoto):
        render(b"nothing", 1440)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_a_format_is_known_by_its_first_bytes(kind: str) -> None:
    assert sniff(encoded(quarters(), kind)[:64]) == kind


@pytest.mark.parametrize("head", [b"", b"\xff", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypisom", b"II*\0\x10\0\0\0CR\x02\0"])
def test_what_is_no_known_picture_has_no_format(head: bytes) -> None:
    assert sniff(head) is None

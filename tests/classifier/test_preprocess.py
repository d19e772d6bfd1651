"""Every kind of file becomes an upright photo, or fails with a reason."""

import contextlib
import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import simplejpeg
from PIL import Image, ImageCms

from classifier.pictures import decode as decoding
from classifier.pictures.prepare import Framing, centre_view, prepare
from classifier.preparing import prepare_apart
from classifier.work import Job, Outcome, Reason, UnreadablePhoto
from tests.classifier.pictures import BLUE, FRAMING, GREEN, RED, YELLOW, corners, encoded, is_near, opened, quarters

SAID_OF_BROKEN_FILES = (Reason.DAMAGED, Reason.NOT_A_PICTURE, Reason.UNSUPPORTED, Reason.TOO_LARGE)
UPRIGHT = [RED, GREEN, BLUE, YELLOW]


def reason_of(content: bytes) -> Reason:
    with pytest.raises(UnreadablePhoto) as caught:
        prepare(content, FRAMING)
    return caught.value.reason


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 90}),
        ("JPEG", {"quality": 90, "progressive": True}),
        ("JPEG", {"quality": 90, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"quality": 90}),
        ("WEBP", {"lossless": True}),
        ("GIF", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {}),
        ("HEIF", {"quality": 90}),
    ],
)
def test_every_format_becomes_a_photo(kind: str, options: dict[str, Any]) -> None:
    photo, views = prepare(encoded(quarters(), kind, **options), FRAMING)
    assert (photo.width_px, photo.height_px, photo.format) == (320, 240, kind)
    assert is_near(corners(opened(photo.thumbnail)), UPRIGHT)
    assert views.shape == (2, 224, 224, 3)
    assert views.dtype == np.uint8
    for view in views:
        assert is_near(corners(Image.fromarray(view)), UPRIGHT)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int, kind: str) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = quarters().transpose(undo[orientation]) if orientation in undo else quarters()
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo, views = prepare(encoded(stored, kind, exif=exif), FRAMING)
    assert (photo.width_px, photo.height_px) == (320, 240)
    assert is_near(corners(opened(photo.thumbnail)), UPRIGHT)
    assert is_near(corners(opened(photo.placeholder)), UPRIGHT, 60)
    assert is_near(corners(Image.fromarray(views[1])), UPRIGHT)


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    photo, _ = prepare(encoded(quarters().convert("CMYK"), quality=95), FRAMING)
    assert is_near(corners(opened(photo.thumbnail)), UPRIGHT, 40)


def test_a_grey_jpeg_becomes_grey() -> None:
    photo, views = prepare(encoded(Image.new("L", (300, 300), 130)), FRAMING)
    assert is_near(corners(opened(photo.thumbnail)), [(130, 130, 130)] * 4, 4)
    assert is_near(views[0], 130, 4)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(kind: str) -> None:
    levels = np.repeat(np.linspace(0, 65535, 256).astype(np.uint16)[None], 240, axis=0)
    _, views = prepare(encoded(Image.fromarray(levels), kind), FRAMING)
    middle = views[1][112, :, 0].astype(int)
    assert middle[0] < 5
    assert middle[-1] > 250
    assert is_near(middle[112], 127, 5)


def test_floating_point_greys_are_scaled() -> None:
    levels = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None], 240, axis=0)
    _, views = prepare(encoded(Image.fromarray(levels), "TIFF"), FRAMING)
    assert is_near(views[1][112, 112, 0], 127, 5)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    image.paste((40, 40, 40, 255), (0, 0, 100, 200))
    _, views = prepare(encoded(image.convert(mode), "PNG"), FRAMING)
    assert is_near(views[1][:, :100], 40, 12)
    assert is_near(views[1][:, 124:], 255, 3)


def test_a_palette_with_one_transparent_colour_becomes_white_there() -> None:
    image = Image.new("P", (100, 100), 1)
    image.putpalette([0, 0, 0, 0, 200, 0])
    image.paste(0, (0, 0, 50, 100))
    _, views = prepare(encoded(image, "PNG", transparency=0), FRAMING)
    assert is_near(views[1][112, 20], 255, 3)
    assert is_near(views[1][112, 200], (0, 200, 0), 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_shows_its_first_picture(kind: str) -> None:
    frames = [Image.new("RGB", (120, 90), colour) for colour in (RED, GREEN, BLUE)]
    photo, views = prepare(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50), FRAMING)
    assert (photo.width_px, photo.height_px) == (120, 90)
    assert is_near(views[0], RED)


def test_a_truncated_jpeg_is_damaged() -> None:
    content = encoded(quarters(1600, 1200), quality=95)
    assert reason_of(content[: len(content) // 2]) is Reason.DAMAGED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("kept", [20, 200, 600])
def test_the_beginning_of_a_file_fails_with_a_reason(kind: str, kept: int) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8))
    assert reason_of(encoded(noise, kind)[:kept]) in (Reason.DAMAGED, Reason.NOT_A_PICTURE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_broken_bytes_never_raise_anything_but_a_reason(kind: str) -> None:
    random = np.random.default_rng(7)
    sound = np.frombuffer(encoded(quarters(), kind), dtype=np.uint8)
    for _ in range(40):
        broken = sound.copy()
        places = random.integers(8, len(broken), 12)
        broken[places] = random.integers(0, 256, 12)
        try:
            _, views = prepare(broken.tobytes(), FRAMING)
        except UnreadablePhoto as error:
            assert error.reason in SAID_OF_BROKEN_FILES  # noqa: PT017
        else:
            assert views.shape == (2, 224, 224, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"Dear diary, this is no photo at all.\n" * 40, Reason.NOT_A_PICTURE),
        (b"<html><body>sign in first</body></html>", Reason.NOT_A_PICTURE),
        (b"\0" * 500, Reason.NOT_A_PICTURE),
        (b"BM" + b"\0" * 200, Reason.UNSUPPORTED),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 200, Reason.UNSUPPORTED),
        (b"8BPS" + b"\0" * 200, Reason.UNSUPPORTED),
    ],
)
def test_what_is_no_photo_says_so(content: bytes, reason: Reason) -> None:
    assert reason_of(content) is reason


def test_a_mislabelled_file_is_known_by_its_bytes() -> None:
    photo, _ = prepare(encoded(quarters(), "PNG"), FRAMING)  # whatever its name says
    assert photo.format == "PNG"


def bomb_png(width: int, height: int) -> bytes:
    """A PNG whose header promises a size that its few bytes do not hold."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


def with_jpeg_size(content: bytes, width: int, height: int) -> bytes:
    """A JPEG with another size written in its header."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        place = content.find(marker)
        if place >= 0:
            return content[: place + 5] + struct.pack(">HH", height, width) + content[place + 9 :]
    raise AssertionError("no frame header")


def test_a_decompression_bomb_is_refused_by_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert reason_of(bomb_png(20_000, 20_000)) is Reason.TOO_LARGE
    assert reason_of(bomb_png(60_000, 60_000)) is Reason.TOO_LARGE


def test_a_jpeg_beyond_400_megapixels_is_refused() -> None:
    assert reason_of(with_jpeg_size(encoded(quarters()), 30_000, 20_000)) is Reason.TOO_LARGE


def test_a_progressive_jpeg_has_the_limit_of_pictures_held_whole() -> None:
    content = encoded(quarters(), progressive=True)
    assert reason_of(with_jpeg_size(content, 20_000, 15_000)) is Reason.TOO_LARGE


def test_a_large_jpeg_is_decoded_small_and_its_real_size_kept() -> None:
    content = encoded(quarters(4000, 3000))
    decoded = decoding.decode(content, short_px=512)
    assert (decoded.width_px, decoded.height_px) == (4000, 3000)
    assert 512 <= min(decoded.image.size) < 1000


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_a_large_picture_of_another_format_is_shrunk_too(kind: str) -> None:
    decoded = decoding.decode(encoded(quarters(2600, 2000), kind), short_px=512)
    assert 512 <= min(decoded.image.size) < 1000


def test_a_jpeg_that_libjpeg_turbo_refuses_is_opened_by_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ValueError("Corrupt JPEG data")

    monkeypatch.setattr(simplejpeg, "decode_jpeg", refuse)
    photo, _ = prepare(encoded(quarters(4000, 3000)), FRAMING)
    assert (photo.width_px, photo.height_px) == (4000, 3000)
    assert is_near(corners(opened(photo.thumbnail)), UPRIGHT)


def test_the_digest_is_of_the_whole_file() -> None:
    content = encoded(quarters())
    assert prepare(content, FRAMING)[0].digest == hashlib.sha256(content).hexdigest()


def test_a_picture_has_a_digest_of_its_own_that_outlives_new_metadata() -> None:
    exif = Image.Exif()
    exif[0x0132] = "2021:02:03 04:05:06"
    plain, _ = prepare(encoded(quarters()), FRAMING)
    retagged, _ = prepare(encoded(quarters(), exif=exif), FRAMING)
    other, _ = prepare(encoded(quarters().transpose(Image.Transpose.ROTATE_180)), FRAMING)
    assert plain.digest != retagged.digest
    assert plain.picture_digest == retagged.picture_digest == hashlib.sha256(plain.thumbnail).hexdigest()
    assert plain.picture_digest != other.picture_digest


def test_one_view_is_the_centre() -> None:
    content = encoded(quarters(800, 240))
    two = prepare(content, FRAMING)[1]
    one = prepare(content, Framing(224, 0.875, views=1))[1]
    assert one.shape == (1, 224, 224, 3)
    assert np.array_equal(one[0], two[0])


def test_three_views_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or 2 views"):
        Framing(224, 0.875, views=3)


def test_the_centre_view_is_the_reference_transform(shared_data: Path) -> None:
    """Resize the short side to 256, cut the middle 224 × 224, as the network was trained."""
    differences = []
    for path in sorted((shared_data / "imagenet-sample").iterdir())[:12]:
        image = Image.open(path).convert("RGB")
        scale = 256 / min(image.size)
        resized = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
        left, top = (resized.width - 224) // 2, (resized.height - 224) // 2
        reference = np.asarray(resized.crop((left, top, left + 224, top + 224)), dtype=int)
        differences.append(np.abs(np.asarray(centre_view(image, FRAMING), dtype=int) - reference).mean())
    assert np.mean(differences) < 4  # half a pixel's shift at most


def test_a_profile_that_is_srgb_or_of_no_use_changes_nothing() -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    assert ImageCms.getProfileDescription(srgb).startswith("sRGB")
    plain, _ = prepare(encoded(quarters()), FRAMING)
    tagged, _ = prepare(encoded(quarters(), icc_profile=srgb.tobytes()), FRAMING)
    broken, _ = prepare(encoded(quarters(), icc_profile=b"no profile at all"), FRAMING)
    foreign, _ = prepare(encoded(quarters(), icc_profile=ImageCms.ImageCmsProfile(lab).tobytes()), FRAMING)
    assert plain.thumbnail == tagged.thumbnail == broken.thumbnail == foreign.thumbnail


def swapped_profile() -> bytes:
    """sRGB's profile with the red and blue primaries exchanged, and another name."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    entries = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, blue = entries[b"rXYZ"], entries[b"bXYZ"]
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        profile[blue + 4 : blue + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile).replace(b"s\0R\0G\0B\0", b"o\0d\0d\0!\0").replace(b"sRGB", b"odd!", 0)


def test_a_profile_changes_the_thumbnail_and_not_what_the_network_sees() -> None:
    plain, plain_views = prepare(encoded(quarters(), quality=95), FRAMING)
    odd, odd_views = prepare(encoded(quarters(), quality=95, icc_profile=swapped_profile()), FRAMING)
    assert np.array_equal(plain_views, odd_views)
    red, green, blue, _ = corners(opened(odd.thumbnail))
    assert red[2] > red[0]
    assert blue[0] > blue[2]
    assert green[1] > max(green[0], green[2])
    assert is_near(corners(opened(plain.thumbnail)), UPRIGHT)


def a_job(opening: Callable[[], BinaryIO]) -> Job:
    return Job(1, "a photo.jpg", opening)


def failure_of(job: Job) -> Reason | None:
    ended = prepare_apart(job, FRAMING, lambda: False)
    return ended.failure if isinstance(ended, Outcome) else None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(2, "gone"), Reason.MISSING),
        (PermissionError(13, "no"), Reason.FORBIDDEN),
        (OSError(28, "no space left"), Reason.DISK_FULL),
        (OSError(5, "input/output error"), Reason.UNREADABLE),
        (IsADirectoryError(21, "is a directory"), Reason.UNREADABLE),
    ],
)
def test_what_stands_in_the_way_of_reading_is_named(error: Exception, reason: Reason) -> None:
    def opening() -> BinaryIO:
        raise error

    assert failure_of(a_job(opening)) is reason


def test_a_file_that_breaks_off_while_it_is_read_is_unreadable() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "input/output error")

    assert failure_of(a_job(Broken)) is Reason.UNREADABLE


def test_every_real_sample_becomes_a_photo_or_fails_with_a_reason(shared_data: Path) -> None:
    photos = {}
    for path in sorted((shared_data / "exif-samples").rglob("*.*")):
        with contextlib.suppress(UnreadablePhoto):
            photos[path.name] = prepare(path.read_bytes(), FRAMING)[0]
    assert photos["IMG_5195.HEIC"].camera == "Apple iPhone 11 Pro Max"
    assert (photos["IMG_5195.HEIC"].width_px, photos["IMG_5195.HEIC"].height_px) == (2566, 3313)
    assert photos["DSCN0010.jpg"].latitude == pytest.approx(43.46745, abs=1e-4)
    for orientation in range(1, 9):
        assert (
            photos[f"landscape_{orientation}.jpg"].width_px,
            photos[f"landscape_{orientation}.jpg"].height_px,
        ) == (600, 450)
        assert (
            photos[f"portrait_{orientation}.jpg"].width_px,
            photos[f"portrait_{orientation}.jpg"].height_px,
        ) == (450, 600)

"""Files made to be slow, large or endless: each is a photo or fails with a reason, and the next one finds a reader."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from classifier.pictures import apart
from classifier.pictures.apart import Preparation
from classifier.pictures.decode import decode
from classifier.pictures.jpeg import refuse_many_scans
from classifier.pictures.readers import Readers
from classifier.pictures.thumbnail import render
from classifier.work import Reason, UnreadablePhoto
from tests.classifier.pictures import FRAMING, encoded, quarters

PHOTO = "photo"
SMALL = encoded(quarters(64, 48))


@pytest.fixture(scope="module")
def pool() -> Iterator[Readers]:
    pool = Readers()
    yield pool
    pool.close()


def outcome(pool: Readers, content: bytes, **sidecars: bytes) -> Reason | str:
    names = tuple(f"a.{ending}" for ending in sidecars)
    try:
        pool.read(Preparation(FRAMING, "a", names), [io.BytesIO(part) for part in (content, *sidecars.values())])
    except UnreadablePhoto as error:
        return error.reason
    return PHOTO


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(*chunks: bytes) -> bytes:
    """A small PNG with more chunks."""
    whole = encoded(quarters(64, 48), "PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def png_sized(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def jpeg_of(*segments: tuple[int, bytes]) -> bytes:
    """A small JPEG with more application segments."""
    more = [bytes([0xFF, 0xE0 + number]) + struct.pack(">H", len(part) + 2) + part for number, part in segments]
    return SMALL[:2] + b"".join(more) + SMALL[2:]


def packed(megabytes: int) -> bytes:
    return zlib.compress(bytes(megabytes * 1_000_000), 9)


def many_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG that says the same of every block again and again."""
    whole = encoded(Image.new("RGB", (side, side), "teal"), progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * scans + b"\xff\xd9"


def repeated(whole: bytes, start: bytes, end: bytes, before: int, times: int) -> bytes:
    """A file in which what begins before the last `start` and ends before the last `end` comes many times."""
    first, last = whole.rindex(start) - before, (whole.rindex(end) - before) if end else len(whole)
    return whole[:last] + whole[first:last] * times + whole[last:]


def frames(kind: str, **options: object) -> bytes:
    first, second = Image.new("RGB", (64, 48), "red"), Image.new("RGB", (64, 48), "blue")
    return encoded(first, kind, save_all=True, append_images=[second], duration=20, **options)


def many_webp_frames() -> bytes:
    whole = repeated(frames("WEBP"), b"ANMF", b"", 0, 20_000)
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def gif_sized(side: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x4c\x01\x00;"


def tiff_of_directories(count: int) -> bytes:
    """A TIFF whose first directory is followed by many empty ones, or by itself where there are none."""
    whole = encoded(quarters(64, 48), "TIFF")
    start = struct.unpack("<I", whole[4:8])[0]
    follows = start + 2 + 12 * struct.unpack("<H", whole[start : start + 2])[0]
    first = len(whole) if count else start
    more = b"".join(struct.pack("<HI", 0, len(whole) + 6 * (number + 1)) for number in range(count))
    return whole[:follows] + struct.pack("<I", first) + whole[follows + 4 :] + more


def laughs() -> bytes:
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
    return b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + entities + b"]><l>&j;</l>"


FILES: dict[str, tuple[Callable[[], bytes], Reason | str]] = {
    "80 MB of text, packed": (lambda: png_of(chunk(b"zTXt", b"c\0\0" + packed(80))), Reason.DAMAGED),
    "80 MB of XMP, packed": (
        lambda: png_of(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed(80))),
        Reason.DAMAGED,
    ),
    "80 MB of profile, packed": (lambda: png_of(chunk(b"iCCP", b"c\0\0" + packed(80))), Reason.DAMAGED),
    "texts without end": (lambda: png_of(chunk(b"iTXt", b"c\0\1\0\0\0" + packed(1)) * 200), Reason.DAMAGED),
    "30,000 texts": (lambda: png_of(chunk(b"tEXt", b"c\0d") * 30_000), PHOTO),
    "10,000,000,000 pixels": (lambda: png_sized(100_000, 100_000), Reason.TOO_LARGE),
    "2,147,483,647 rows": (lambda: png_sized(1, 2**31 - 1), Reason.TOO_LARGE),
    "400 megapixels of PNG": (lambda: png_sized(20_000, 20_000), Reason.TOO_LARGE),
    "a screen of 65,535²": (lambda: gif_sized(65_535), Reason.TOO_LARGE),
    "EXIF of lies": (
        lambda: jpeg_of((1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x0f\1\2\0\xff\xff\xff\x7f\x08\0\0\0" * 5000)),
        PHOTO,
    ),
    "a profile of 16 MB": (
        lambda: jpeg_of(*((2, b"ICC_PROFILE\0" + bytes([part, 255]) + bytes(65_000)) for part in range(1, 256))),
        PHOTO,
    ),
    "300 packets of XMP": (lambda: jpeg_of(*[(1, b"http://ns.adobe.com/xap/1.0/\0" + b"<a>" * 20_000)] * 300), PHOTO),
    "10,000 frames of GIF": (lambda: repeated(frames("GIF"), b"\x21\xf9", b";", 0, 10_000), PHOTO),
    "20,000 frames of WebP": (many_webp_frames, PHOTO),
    "5,000 frames of PNG": (lambda: repeated(frames("PNG"), b"fcTL", b"IEND", 4, 5_000), PHOTO),
    "directories in a circle": (lambda: tiff_of_directories(0), PHOTO),
    "1,000,000 directories": (lambda: tiff_of_directories(1_000_000), PHOTO),
    "65,535 entries": (
        lambda: b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 315, 2, 0x7FFFFFFF, 0) * 65_535 + bytes(4),
        Reason.DAMAGED,
    ),
    "900 tiles of HEIF": (lambda: encoded(Image.new("RGB", (1920, 1920), "red"), "HEIF", tile_size=64), PHOTO),
    "the widest WebP": (lambda: encoded(Image.new("RGB", (16_383, 40), "red"), "WEBP"), PHOTO),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_be_large_is_a_photo_or_says_why_not(name: str, pool: Readers) -> None:
    make, wanted = FILES[name]
    assert outcome(pool, make()) == wanted
    assert outcome(pool, SMALL) == PHOTO


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("xmp", laughs()),
        ("xmp", b"<a>" * 300_000),
        ("json", b"[" * 3_900_000),
        ("json", b'{"photoTakenTime": {"timestamp": ' + b"9" * 3_000_000 + b"}}"),
        ("json", b'{"photoTakenTime": {"timestamp": ' + b'{"a":' * 100_000),
    ],
)
def test_a_sidecar_made_to_be_large_says_nothing(ending: str, content: bytes, pool: Readers) -> None:
    assert outcome(pool, SMALL, **{ending: content}) == PHOTO
    assert outcome(pool, SMALL) == PHOTO


def test_a_jpeg_made_to_be_slow_takes_no_longer_than_any_may(pool: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = many_scans(4000, 80)
    monkeypatch.setattr(apart, "DECODE_S", 0.5)
    with pytest.raises(UnreadablePhoto, match="more than 0 s"):
        pool.read(Preparation(FRAMING), [io.BytesIO(slow)])
    assert outcome(pool, SMALL) == PHOTO


def test_a_jpeg_of_thousands_of_scans_is_refused_before_any_is_decoded() -> None:
    with pytest.raises(UnreadablePhoto, match=r"too_slow: 3010 scans"):
        decode(many_scans(12_000, 3000), 512)
    with pytest.raises(UnreadablePhoto, match=r"too_slow: 3010 scans"):
        render(many_scans(12_000, 3000), 1440)


@pytest.mark.parametrize(
    "before",
    [
        b"\xff\xfe\0\0",
        b"\xff\xfe\0\2garbage\xff\0",
        b"\xff\xd0\xff\xff",
        b"\xff\x01\xff\xff",
        b"\xff\x02\x7f\xff",  # passed over by the decoder where it looks for a restart
    ],
)
def test_no_scan_hides_in_what_only_looks_like_a_segment(before: bytes) -> None:
    whole = many_scans(64, 200)
    for at in (whole.index(b"\xff\xda"), whole.rindex(b"\xff\xda") - 1000):
        with pytest.raises(UnreadablePhoto, match="too_slow: 2"):
            refuse_many_scans(whole[:at] + before + whole[at:])


@pytest.mark.parametrize(
    "content",
    [
        jpeg_of((1, b"Exif\0\0" + b"\xff\xda" * 500)),
        SMALL + many_scans(64, 500),
        SMALL + b"\xff\xda" * 500,
        many_scans(64, 90),
    ],
    ids=["in a segment", "of a second picture", "of a film behind it", "as many as are read"],
)
def test_scans_of_other_pictures_in_the_file_do_not_count(content: bytes, pool: Readers) -> None:
    assert outcome(pool, content) == PHOTO

"""What a camera wrote is read where it makes sense, and broken notes never cost a photo."""

from datetime import datetime
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from classifier.pictures.dates import Origin, Precision
from classifier.pictures.metadata import camera_name
from classifier.pictures.position import position_in_exif
from classifier.pictures.prepare import prepare
from classifier.work import PreparedPhoto
from tests.classifier.pictures import FRAMING, encoded, quarters

PARIS = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)}


def exif_of(
    root: dict[int, Any] | None = None, detail: dict[int, Any] | None = None, place: dict[int, Any] | None = None
) -> Image.Exif:
    exif = Image.Exif()
    for tag, value in (root or {}).items():
        exif[tag] = value
    if detail:
        exif.get_ifd(0x8769).update(detail)
    if place:
        exif.get_ifd(0x8825).update(place)
    return exif


def photo_with(
    root: dict[int, Any] | None = None, detail: dict[int, Any] | None = None, place: dict[int, Any] | None = None
) -> PreparedPhoto:
    return prepare(encoded(quarters(), exif=exif_of(root, detail, place)), FRAMING)[0]


def test_the_moment_of_the_shutter_comes_first() -> None:
    dates = {0x9003: "2019:07:14 18:30:05", 0x9004: "2020:01:01 00:00:00"}
    assert photo_with({0x0132: "2021:01:01 00:00:00"}, dates).taken_at == datetime(2019, 7, 14, 18, 30, 5)


def test_other_dates_stand_in_for_one_that_is_missing_or_wrong() -> None:
    dates = {0x9003: "0000:00:00 00:00:00", 0x9004: "2020:01:02 03:04:05"}
    assert photo_with(detail=dates).taken_at == datetime(2020, 1, 2, 3, 4, 5)
    assert photo_with({0x0132: "2021:02:03 04:05:06"}).taken_at == datetime(2021, 2, 3, 4, 5, 6)


def test_a_date_that_is_known_to_the_month_says_so() -> None:
    photo = photo_with(detail={0x9003: "1993:08:  :  :  :  "})
    assert (photo.taken_at, photo.date_precision) == (datetime(1993, 8, 1), Precision.MONTH)


def test_the_pictures_of_a_burst_are_told_apart_by_their_fractions_of_a_second() -> None:
    dates = {0x9003: "2023:08:13 09:26:39"}
    frames = [photo_with(detail=dates | {0x9291: digits}).taken_at for digits in ("900", "100", "5")]
    assert [moment and moment.microsecond for moment in frames] == [900000, 100000, 500000]
    digitized = photo_with(detail={0x9004: "2023:08:13 09:26:39", 0x9292: "25", 0x9290: "99"})
    assert digitized.taken_at == datetime(2023, 8, 13, 9, 26, 39, 250000)


def test_the_hour_after_midnight_may_be_called_24() -> None:
    assert photo_with(detail={0x9003: "2015:08:22 24:08:19"}).taken_at == datetime(2015, 8, 22, 0, 8, 19)


@pytest.mark.parametrize(
    ("fields", "moment"),
    [
        ({55: "19980605", 60: "143000+0000"}, datetime(1998, 6, 5, 14, 30)),
        ({55: "19980605"}, datetime(1998, 6, 5)),
        ({55: "00000000", 62: "19980605", 63: "143000"}, datetime(1998, 6, 5, 14, 30)),
    ],
)
def test_a_scan_has_its_date_from_iptc_where_exif_has_none(fields: dict[int, str], moment: datetime) -> None:
    records = b"".join(
        b"\x1c\2" + bytes([field]) + len(text).to_bytes(2, "big") + text.encode() for field, text in fields.items()
    )
    block = b"8BIM\4\4\0\0" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)
    segment = b"Photoshop 3.0\0" + block
    segment = b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment
    scan = exif_of({0x0132: "2021:02:03 04:05:06"}, {0x9003: "0000:00:00 00:00:00"})
    content = encoded(quarters(), exif=scan)
    photo = prepare(content[:2] + segment + content[2:], FRAMING)[0]
    assert (photo.taken_at, photo.date_origin) == (moment, Origin.FILE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_xmp_inside_a_file_tells_when_and_where(kind: str) -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,51.504N" '
        b'exif:GPSLongitude="2,17.67E" exif:DateTimeOriginal="2011-10-10T10:10:10"/></rdf:RDF></x:xmpmeta>'
    )
    options: dict[str, Any] = {"tiffinfo": {700: packet}} if kind == "TIFF" else {"xmp": packet}
    if kind == "PNG":
        options = {"pnginfo": PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet.decode())
    photo = prepare(encoded(quarters(), kind, **options), FRAMING)[0]
    assert (photo.taken_at, photo.date_origin) == (datetime(2011, 10, 10, 10, 10, 10), Origin.FILE)
    assert (photo.latitude, photo.longitude, photo.place_origin) == (48.8584, 2.2945, Origin.FILE)


def test_the_satellites_date_is_better_than_none() -> None:
    stamp = {29: "2012:09:08", 7: (10.0, 11.0, 12.0)}
    assert photo_with(place=stamp).taken_at == datetime(2012, 9, 8, 10, 11, 12)
    assert photo_with(place={29: "2012:09:08"}).taken_at == datetime(2012, 9, 8)
    assert photo_with({0x0132: "2021:02:03 04:05:06"}, place=stamp).taken_at == datetime(2021, 2, 3, 4, 5, 6)


def test_a_place_is_read_with_its_hemispheres() -> None:
    paris = photo_with(place=PARIS)
    assert (paris.latitude, paris.longitude) == pytest.approx((48.858222, 2.294500))
    lima = photo_with(place={1: "S", 2: (12.0, 2.0, 36.0), 3: "W", 4: (77.0, 1.0, 42.0)})
    assert (lima.latitude, lima.longitude) == pytest.approx((-12.043333, -77.028333))


@pytest.mark.parametrize(
    "change",
    [
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        {2: (91.0, 0.0, 0.0)},
        {4: (181.0, 0.0, 0.0)},
        {2: (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
        {1: "?"},
        {2: ()},
        {4: None},
    ],
)
def test_a_place_that_cannot_be_is_none(change: dict[int, Any]) -> None:
    place = {tag: value for tag, value in (PARIS | change).items() if value not in (None, ())}
    photo = photo_with(place=place)
    assert (photo.latitude, photo.longitude, photo.place_origin) == (None, None, None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({1: None, 3: None}, (48.8582222, 2.2945)),
        ({1: "", 3: "\0"}, (48.8582222, 2.2945)),
        ({1: "South", 3: "west"}, (-48.8582222, -2.2945)),
        ({1: "s", 3: "E longitude"}, (-48.8582222, 2.2945)),
        ({2: (48.0, 51.4933333, 0.0)}, (48.8582222, 2.2945)),
        ({2: (48.0, 51.4933333, IFDRational(0, 0))}, (48.8582222, 2.2945)),
        ({2: (48.8582222,), 4: 2.2945}, (48.8582222, 2.2945)),
    ],
)
def test_a_place_is_read_in_every_form_that_devices_write(change: dict[int, Any], place: tuple[float, float]) -> None:
    written = {tag: value for tag, value in (PARIS | change).items() if value is not None}
    photo = photo_with(place=written)
    assert (photo.latitude, photo.longitude) == pytest.approx(place, abs=1e-5)


@pytest.mark.parametrize(
    ("gps", "latitude"),
    [
        ({2: (-33.0, 51.0, 30.0), 4: (151.0, 12.0, 0.0)}, -33.8583333),
        ({1: "S", 2: (-33.0, 51.0, 30.0), 4: 151.2}, -33.8583333),
    ],
)
def test_a_sign_stands_for_a_missing_half_and_never_turns_one_around(gps: dict[int, Any], latitude: float) -> None:
    position = position_in_exif(gps)
    assert position is not None
    assert position.latitude == pytest.approx(latitude, abs=1e-6)
    assert position.longitude == pytest.approx(151.2)


@pytest.mark.parametrize(
    ("make", "model", "name"),
    [
        ("Canon", "Canon EOS 80D", "Canon EOS 80D"),
        ("NIKON CORPORATION", "NIKON D40", "NIKON D40"),
        ("Apple", "iPhone 15 Pro", "Apple iPhone 15 Pro"),
        ("samsung", "", "samsung"),
        ("", "SM-G991B", "SM-G991B"),
        ("", "", ""),
    ],
)
def test_a_camera_is_named_once(make: str, model: str, name: str) -> None:
    assert camera_name(make, model) == name


def test_padding_and_control_characters_are_taken_off_a_camera() -> None:
    assert photo_with({0x010F: "OLYMPUS\0\0\0", 0x0110: "  E-M10\x07 "}).camera == "OLYMPUS E-M10"


def test_garbage_behind_a_camera_is_cut_off() -> None:
    assert photo_with({0x010F: "GoPro", 0x0110: "HD2\0\4\0\0pØ3ÀÀA\x7fÀ"}).camera == "GoPro HD2"
    assert photo_with({0x010F: "GoPro", 0x0110: b"\xc0\x7f\1\2"}).camera == "GoPro"


def test_broken_exif_costs_only_itself() -> None:
    content = encoded(quarters(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x99" * 50)
    photo, _ = prepare(content, FRAMING)
    assert (photo.width_px, photo.taken_at, photo.camera) == (320, None, "")

"""What a camera wrote is read where it makes sense, and broken notes never cost a photo."""

from datetime import datetime

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from classifier.pictures.metadata import camera_name, parse_date
from classifier.pictures.prepare import prepare
from tests.classifier.pictures import FRAMING, encoded, quarters

PARIS = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)}


def photo_with(root=None, detail=None, place=None):
    exif = Image.Exif()
    for tag, value in (root or {}).items():
        exif[tag] = value
    if detail:
        exif.get_ifd(0x8769).update(detail)
    if place:
        exif.get_ifd(0x8825).update(place)
    return prepare(encoded(quarters(), exif=exif), FRAMING)[0]


def test_the_moment_of_the_shutter_comes_first():
    dates = {0x9003: "2019:07:14 18:30:05", 0x9004: "2020:01:01 00:00:00"}
    assert photo_with({0x0132: "2021:01:01 00:00:00"}, dates).taken_at == datetime(2019, 7, 14, 18, 30, 5)


def test_other_dates_stand_in_for_one_that_is_missing_or_wrong():
    dates = {0x9003: "0000:00:00 00:00:00", 0x9004: "2020:01:02 03:04:05"}
    assert photo_with(detail=dates).taken_at == datetime(2020, 1, 2, 3, 4, 5)
    assert photo_with({0x0132: "2021:02:03 04:05:06"}).taken_at == datetime(2021, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    "written",
    ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2021:13:01 00:00:00", "2021:02:30 00:00:00",
     "1803:01:01 00:00:00", "9999:01:01 00:00:00", "yesterday", None, 20210101, b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_date_is_no_date(written):
    assert parse_date(written) is None


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2021:05:06 07:08:09\0", datetime(2021, 5, 6, 7, 8, 9)),
        (b"2021:05:06 07:08:09", datetime(2021, 5, 6, 7, 8, 9)),
        ("2021-05-06T07:08:09+02:00", datetime(2021, 5, 6, 7, 8, 9)),
        ("2021:05:06 07:08", datetime(2021, 5, 6, 7, 8)),
        ("2021:05:06", datetime(2021, 5, 6)),
    ],
)
def test_near_relatives_of_the_standard_are_read(written, date):
    assert parse_date(written) == date


def test_a_place_is_read_with_its_hemispheres():
    paris = photo_with(place=PARIS)
    assert (paris.latitude, paris.longitude) == (pytest.approx(48.858222), pytest.approx(2.294500))
    lima = photo_with(place={1: "S", 2: (12.0, 2.0, 36.0), 3: "W", 4: (77.0, 1.0, 42.0)})
    assert (lima.latitude, lima.longitude) == (pytest.approx(-12.043333), pytest.approx(-77.028333))


@pytest.mark.parametrize(
    "change",
    [
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        {2: (91.0, 0.0, 0.0)},
        {4: (181.0, 0.0, 0.0)},
        {2: (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
        {1: "?"},
        {3: ""},
        {2: ()},
        {4: None},
    ],
)
def test_a_place_that_cannot_be_is_none(change):
    place = {tag: value for tag, value in (PARIS | change).items() if value not in (None, ())}
    photo = photo_with(place=place)
    assert (photo.latitude, photo.longitude) == (None, None)


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
def test_a_camera_is_named_once(make, model, name):
    assert camera_name(make, model) == name


def test_padding_and_control_characters_are_taken_off_a_camera():
    assert photo_with({0x010F: "OLYMPUS\0\0\0", 0x0110: "  E-M10\x07 "}).camera == "OLYMPUS E-M10"


def test_broken_exif_costs_only_itself():
    content = encoded(quarters(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x99" * 50)
    photo, _ = prepare(content, FRAMING)
    assert (photo.width_px, photo.taken_at, photo.camera) == (320, None, "")

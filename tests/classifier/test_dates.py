"""A photo's date is believed by who says it, read in every spelling met, and never surer than it was written."""

from datetime import datetime, timedelta

import pytest

from classifier.pictures.dates import Dated, Origin, Precision, parse_date, strongest
from classifier.pictures.names import date_in_name
from classifier.pictures.text import readable

NINTH = datetime(2009, 3, 9, 12, 8, 7)


@pytest.mark.parametrize(
    "written",
    [
        "2009:03:09 12:08:07",
        "2009:03:09 12:08:07\0",
        b"2009:03:09 12:08:07\0\x05\xff",
        "2009-03-09T12:08:07+01:00",
        "2009-03-09T12:08:07Z",
        "2009/03/09 12:08:07",
        "2009.03.09 12:08:07",
        "2009:03:09 12:08:07+0",
        "2009: 3: 9 12: 8: 7",
        "2009:03:09:12:08:07",
        "20090309 120807",
        "20090309T120807",
        "20090309120807",
        "2009:03:09 12:08:07 PM",
        "2009:03:09 00:08:07 pm",
        "2009:03:09 12:08:07 taken by me",
        "2009年03月09日 12時08分07秒",
    ],
)
def test_every_spelling_of_a_moment_is_read(written: object) -> None:
    assert parse_date(written) == Dated(NINTH, Origin.FILE)


@pytest.mark.parametrize(
    ("written", "moment", "precision"),
    [
        ("2009:03:09 12:08", datetime(2009, 3, 9, 12, 8), Precision.MOMENT),
        ("2009:03:09 12:08:60", datetime(2009, 3, 9, 12, 8, 59), Precision.MOMENT),
        ("2015:08:22 24:08:19", datetime(2015, 8, 22, 0, 8, 19), Precision.MOMENT),
        ("2009:03:09 12:08:07.123", NINTH.replace(microsecond=123000), Precision.MOMENT),
        ("2009:03:09", datetime(2009, 3, 9), Precision.DAY),
        ("2009:03:09 27:61:00", datetime(2009, 3, 9), Precision.DAY),
        ("2009:03:09   :  :  ", datetime(2009, 3, 9), Precision.DAY),
        ("1993:08:  :  :  :  ", datetime(1993, 8, 1), Precision.MONTH),
        ("1993:08:00 00:00:00", datetime(1993, 8, 1), Precision.MONTH),
        ("1993-08", datetime(1993, 8, 1), Precision.MONTH),
        ("1993:00:00 00:00:00", datetime(1993, 1, 1), Precision.YEAR),
        ("1993", datetime(1993, 1, 1), Precision.YEAR),
    ],
)
def test_a_date_is_as_precise_as_it_is_written(written: str, moment: datetime, precision: Precision) -> None:
    assert parse_date(written) == Dated(moment, Origin.FILE, precision)


@pytest.mark.parametrize(
    "written",
    ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2021:13:01 00:00:00", "2021:02:30 00:00:00",
     "1803:01:01 00:00:00", "9999:01:01 00:00:00", "yesterday", "123456789", None, 20210101, b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_date_is_no_date(written: object) -> None:
    assert parse_date(written) is None


def test_a_date_in_the_future_is_none_and_one_of_a_zone_ahead_is_kept() -> None:
    soon, later = datetime.now() + timedelta(hours=14), datetime.now() + timedelta(days=9)
    assert parse_date(f"{soon:%Y:%m:%d %H:%M:%S}") is not None
    assert parse_date(f"{later:%Y:%m:%d %H:%M:%S}") is None
    assert date_in_name(f"IMG_{later:%Y%m%d_%H%M%S}.jpg") is None


@pytest.mark.parametrize(("digits", "microsecond"), [("9", 900000), ("100", 100000), (" 05 ", 50000), ("x", 0)])
def test_digits_after_the_second_become_microseconds(digits: str, microsecond: int) -> None:
    date = parse_date("2009:03:09 12:08:07", subseconds=digits)
    assert date == Dated(NINTH.replace(microsecond=microsecond), Origin.FILE)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("IMG-20190714-WA0007.jpg", "2019-07-14"),
        ("WhatsApp Image 2020-08-31 at 15.41.14.jpeg", "2020-08-31T15:41:14"),
        ("WhatsApp Image 2020-08-31 at 3.41.14 PM (1).jpeg", "2020-08-31T15:41:14"),
        ("IMG_20190102_030405.jpg", "2019-01-02T03:04:05"),
        ("IMG_20190102_030405_1.jpg", "2019-01-02T03:04:05"),
        ("IMG20190102030405.jpg", "2019-01-02T03:04:05"),
        ("20190102_030405(0).jpg", "2019-01-02T03:04:05"),
        ("PXL_20230415_143022123.jpg", "2023-04-15T14:30:22.123"),
        ("PXL_20230415_143022123.PORTRAIT-01.COVER.jpg", "2023-04-15T14:30:22.123"),
        ("00000IMG_00000_BURST20190714123456789_COVER.jpg", "2019-07-14T12:34:56.789"),
        ("Screenshot_20200506-070809.png", "2020-05-06T07:08:09"),
        ("Screenshot_2021-03-04-05-06-07-123_com.app.jpg", "2021-03-04T05:06:07.123"),
        ("Screenshot 2024-01-02 at 3.04.05\u202fPM.png", "2024-01-02T15:04:05"),
        ("signal-2021-12-24-201500_001.jpeg", "2021-12-24T20:15:00"),
        ("photo_2021-12-24_20-15-00.jpg", "2021-12-24T20:15:00"),
        ("WP_20140102_12_34_56_Pro.jpg", "2014-01-02T12:34:56"),
        ("WP_20140102_001.jpg", "2014-01-02"),
        ("2014-04-02 Beijing 01.jpg", "2014-04-02"),
        ("1954-07-12 wedding.jpg", "1954-07-12"),
        ("IMG_20190102_999999.jpg", "2019-01-02"),
    ],
)
def test_the_date_in_a_name_is_read(name: str, moment: str) -> None:
    precision = Precision.MOMENT if "T" in moment else Precision.DAY
    assert date_in_name(name) == Dated(datetime.fromisoformat(moment), Origin.NAME, precision)


@pytest.mark.parametrize(
    "name",
    [
        "DSC00012.jpg",
        "IMG_2025550123.jpg",
        "+49 170 2019-07-14.jpg",
        "4917012345678.jpg",
        "FB_IMG_1563120000000.jpg",
        "20121203_10152030405060708_1234567890_n.jpg",
        "20190714-1234-4abc-8def-123456789012.jpg",
        "3fa20190714bc9e01d.jpg",
        "IMG_20191399.jpg",
        "IMG_20190230.jpg",
        "IMG_20501231_101010.jpg",
        "12345678.jpg",
        "18120715.jpg",
        "",
    ],
)
def test_a_number_that_is_no_date_gives_none(name: str) -> None:
    assert date_in_name(name) is None


def dated(text: str, origin: Origin, precision: Precision = Precision.MOMENT, is_utc: bool = False) -> Dated:
    return Dated(datetime.fromisoformat(text), origin, precision, is_utc)


def test_the_stronger_origin_is_believed_and_the_first_of_equals() -> None:
    side = dated("2011-10-10T10:10:10", Origin.SIDECAR)
    file = dated("2020-01-01T00:00:00", Origin.FILE)
    name = dated("2014-04-02", Origin.NAME, Precision.DAY)
    assert strongest(name, file, None, side) == side
    assert strongest(name, file) == file
    assert strongest(file, dated("2021-01-01", Origin.FILE)) == file
    assert strongest(None) is None


def test_a_weaker_date_that_says_the_same_lends_what_it_knows_better() -> None:
    fine = dated("2023-08-13T09:26:39.900", Origin.FILE)
    for coarse in (
        dated("2023-08-13T09:26:39", Origin.SIDECAR),
        dated("2023-08-13", Origin.SIDECAR, Precision.DAY),
        dated("2023-08-01", Origin.SIDECAR, Precision.MONTH),
        dated("2023-08-13T07:26:39", Origin.SIDECAR, is_utc=True),
    ):
        assert strongest(coarse, fine) == Dated(fine.moment, Origin.SIDECAR)
    for other in (dated("2023-08-13T09:26:40", Origin.SIDECAR), dated("2023-08-13T07:27:39", Origin.SIDECAR)):
        assert strongest(other, fine) == other


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("HD2\0\4\0pØ3ÀÀA\x7fÀ", "HD2"),
        ("HD2\xff\xff", "HD2"),
        ("HD2\4Ø", "HD2"),
        ("\0\0 E-M10\x07 ", "E-M10"),
        ("Ã©tÃ©", "été"),
        ("相机", "相机"),
        (b"OLYMPUS   \0\0", "OLYMPUS"),
        (b"abc\xff", "abc"),
        (7, ""),
        (None, ""),
    ],
)
def test_text_ends_where_garbage_begins(written: object, text: str) -> None:
    assert readable(written) == text

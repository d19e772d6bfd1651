"""What a camera, or a program after it, wrote into a photo: when, where and with what, and in which colours."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageFile, IptcImagePlugin

from classifier.pictures.dates import Dated, Origin, parse_date
from classifier.pictures.position import Position, position_in_exif
from classifier.pictures.text import readable
from classifier.pictures.xmp import LONGEST_TEXT, Notes, read_xmp

logger = logging.getLogger(__name__)

IMAGE_DESCRIPTION = 0x010E
MAKE, MODEL, DATE_TIME, ORIENTATION = 0x010F, 0x0110, 0x0132, 0x0112
DATE_TIME_ORIGINAL, DATE_TIME_DIGITIZED = 0x9003, 0x9004
SUB_SECONDS, SUB_SECONDS_ORIGINAL, SUB_SECONDS_DIGITIZED = 0x9290, 0x9291, 0x9292
COLOR_SPACE, INTEROPERABILITY_INDEX = 0xA001, 1
EXIF_IFD, GPS_IFD, INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005
GPS_TIME_STAMP, GPS_DATE_STAMP = 7, 29
IPTC_DATES = (((2, 55), (2, 60)), ((2, 62), (2, 63)))  # created, digitized: the day and its time
IPTC_CAPTION, IPTC_TITLE = (2, 120), (2, 5)
UNCALIBRATED, ADOBE_RGB = 65535, 2
XMP_TAG, IPTC_TAG = 700, 33723  # in a TIFF

CAMERA_LENGTH = 100


@dataclass(frozen=True)
class CameraNotes:
    """When and where, as far as the file itself knows, and "Make Model"; None or "" where unknown.

    `captions` are the texts that may be one, the best first; a camera may have filled them in.
    """

    date: Dated | None = None
    position: Position | None = None
    camera: str = ""
    captions: tuple[str, ...] = ()
    orientation: int = 1
    is_adobe_rgb: bool = False  # said without a profile


def read_camera_notes(image: Image.Image) -> CameraNotes:
    """Read the EXIF of an opened picture, its XMP and IPTC.

    What is broken or makes no sense counts as not written.
    """
    exif: Image.Exif = _unless_broken(image.getexif, Image.Exif())
    detail = _directory(exif, EXIF_IFD)
    gps = _directory(exif, GPS_IFD)
    orientation = exif.get(ORIENTATION)
    date = next((date for date in _dates_in_exif_detail(detail) if date is not None), None)
    position = position_in_exif(gps)
    xmp, iptc = _embedded_xmp(image), _iptc_records(image)
    date = date or _iptc_date(iptc) or xmp.date
    descriptions = (readable(exif.get(IMAGE_DESCRIPTION)), readable(iptc.get(IPTC_CAPTION)), xmp.caption)
    titles = (readable(iptc.get(IPTC_TITLE)), xmp.title)
    return CameraNotes(
        date=date or parse_date(exif.get(DATE_TIME), subseconds=detail.get(SUB_SECONDS)) or _gps_date(gps),
        position=position or xmp.position,
        captions=tuple(text[:LONGEST_TEXT] for text in (*descriptions, *titles) if text),
        camera=camera_name(readable(exif.get(MAKE)), readable(exif.get(MODEL))),
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
        is_adobe_rgb=_is_adobe_rgb(exif, detail),
    )


def camera_name(make: str, model: str) -> str:
    """Join make and model, saying the make once.

    >>> camera_name("Canon", "Canon EOS 80D"), camera_name("NIKON CORPORATION", "NIKON D40")
    ('Canon EOS 80D', 'NIKON D40')
    """
    first = make.split(maxsplit=1)[0].lower() if make else ""
    is_named = bool(model) and model.lower().split(maxsplit=1)[0] == first
    return (model if is_named else f"{make} {model}".strip())[:CAMERA_LENGTH]


def _unless_broken(read: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return read()
    except Exception as error:  # broken metadata raises nearly anything, and never costs the photo
        logger.debug("Unreadable metadata: %r", error)
        return otherwise


def _directory(exif: Image.Exif, tag: int) -> Mapping[int, Any]:
    return _unless_broken(lambda: exif.get_ifd(tag), {})


def _dates_in_exif_detail(detail: Mapping[int, Any]) -> Iterator[Dated | None]:
    yield parse_date(detail.get(DATE_TIME_ORIGINAL), subseconds=detail.get(SUB_SECONDS_ORIGINAL))
    yield parse_date(detail.get(DATE_TIME_DIGITIZED), subseconds=detail.get(SUB_SECONDS_DIGITIZED))


def _gps_date(gps: Mapping[int, Any]) -> Dated | None:
    """The day, and the time in UTC, that the satellites told."""
    day = readable(gps.get(GPS_DATE_STAMP))
    try:
        hour, minute, second = (int(float(part)) for part in gps.get(GPS_TIME_STAMP, ()))
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return parse_date(day)
    return parse_date(f"{day[:10]} {hour:02}:{minute:02}:{second:02}")


def _iptc_records(image: Image.Image) -> Mapping[tuple[int, int], Any]:
    has_records = "photoshop" in image.info or _tiff_tag(image, IPTC_TAG)
    if not has_records or not isinstance(image, ImageFile.ImageFile):
        return {}
    return _unless_broken(lambda: IptcImagePlugin.getiptcinfo(image), None) or {}


def _iptc_date(records: Mapping[tuple[int, int], Any]) -> Dated | None:
    written = (f"{readable(records.get(day))} {readable(records.get(time))}" for day, time in IPTC_DATES)
    return next((date for date in map(parse_date, written) if date is not None), None)


def _embedded_xmp(image: Image.Image) -> Notes:
    packet = image.info.get("xmp") or _tiff_tag(image, XMP_TAG)
    return read_xmp(packet, Origin.FILE) if isinstance(packet, bytes) else Notes()


def _tiff_tag(image: Image.Image, tag: int) -> object:
    return _unless_broken(lambda: getattr(image, "tag_v2", {}).get(tag), None)


def _is_adobe_rgb(exif: Image.Exif, detail: Mapping[int, Any]) -> bool:
    """What cameras write of the colours they are set to. Source: DCF 2.0, R03 is its "optional colour space"."""
    if detail.get(COLOR_SPACE) != UNCALIBRATED:
        return detail.get(COLOR_SPACE) == ADOBE_RGB
    return readable(_directory(exif, INTEROPERABILITY_IFD).get(INTEROPERABILITY_INDEX)) == "R03"

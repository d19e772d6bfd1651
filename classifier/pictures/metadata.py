"""What a camera wrote into a photo: when, where and with what."""

import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image

logger = logging.getLogger(__name__)

MAKE, MODEL, DATE_TIME, ORIENTATION = 0x010F, 0x0110, 0x0132, 0x0112
DATE_TIME_ORIGINAL, DATE_TIME_DIGITIZED = 0x9003, 0x9004
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
GPS_LATITUDE_REF, GPS_LATITUDE, GPS_LONGITUDE_REF, GPS_LONGITUDE = 1, 2, 3, 4

# The year of the oldest surviving photograph.
FIRST_YEAR = 1826
CAMERA_LENGTH = 100

_DATE = re.compile(r"(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")


@dataclass(frozen=True)
class CameraNotes:
    """The camera's wall clock without a zone, degrees north and east, and "Make Model"; None or "" where unknown."""

    taken_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str = ""
    orientation: int = 1


def read_camera_notes(image: Image.Image) -> CameraNotes:
    """Read the EXIF of an opened picture. What is broken or makes no sense counts as not written."""
    try:
        exif = image.getexif()
        detail = exif.get_ifd(EXIF_IFD)
        place = exif.get_ifd(GPS_IFD)
    except Exception as error:  # broken EXIF raises nearly anything, and never costs the photo
        logger.debug("Unreadable EXIF: %r", error)
        return CameraNotes()
    latitude, longitude = _position(place)
    dates = (detail.get(DATE_TIME_ORIGINAL), detail.get(DATE_TIME_DIGITIZED), exif.get(DATE_TIME))
    orientation = exif.get(ORIENTATION)
    return CameraNotes(
        taken_at=next((date for date in map(parse_date, dates) if date), None),
        latitude=latitude,
        longitude=longitude,
        camera=camera_name(_text(exif.get(MAKE)), _text(exif.get(MODEL))),
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
    )


def parse_date(written: object) -> datetime | None:
    """Parse `2024:05:03 14:15:16` and its near relatives; None for what is no date or no photo can have.

    >>> parse_date("2024:05:03 14:15:16")
    datetime.datetime(2024, 5, 3, 14, 15, 16)
    >>> parse_date("0000:00:00 00:00:00") is None
    True
    """
    found = _DATE.match(_text(written))
    if not found:
        return None
    try:
        date = datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None
    return date if FIRST_YEAR <= date.year <= datetime.now().year + 1 else None


def camera_name(make: str, model: str) -> str:
    """Join make and model, saying the make once.

    >>> camera_name("Canon", "Canon EOS 80D"), camera_name("NIKON CORPORATION", "NIKON D40")
    ('Canon EOS 80D', 'NIKON D40')
    """
    first = make.split(maxsplit=1)[0].lower() if make else ""
    is_named = bool(model) and model.lower().split(maxsplit=1)[0] == first
    return (model if is_named else f"{make} {model}".strip())[:CAMERA_LENGTH]


def _text(written: object) -> str:
    text = written.decode("utf-8", "replace") if isinstance(written, bytes) else written
    if not isinstance(text, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in text.replace("\0", "")).split())


def _position(place: Mapping[int, Any]) -> tuple[float, float] | tuple[None, None]:
    latitude = _degrees(place.get(GPS_LATITUDE), _text(place.get(GPS_LATITUDE_REF)), "NS", 90)
    longitude = _degrees(place.get(GPS_LONGITUDE), _text(place.get(GPS_LONGITUDE_REF)), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):  # 0, 0 is "no fix", not a place
        return None, None
    return latitude, longitude


def _degrees(parts: object, reference: str, signs: str, limit: float) -> float | None:
    """Degrees, minutes and seconds to signed degrees; `signs` are the letters of the positive and negative halves."""
    side = reference[:1].upper()
    if not isinstance(parts, Sequence) or not parts or not side or side not in signs:
        return None
    try:
        numbers = [float(part) for part in parts[:3]]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    degrees = sum(number / 60**place for place, number in enumerate(numbers))
    if not math.isfinite(degrees) or not 0 <= degrees <= limit:
        return None
    return round(-degrees if side == signs[1] else degrees, 7)

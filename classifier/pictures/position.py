"""Where a photo was taken: degrees as EXIF and XMP write them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.pictures.dates import Origin
from classifier.pictures.text import readable

GPS_LATITUDE_REF, GPS_LATITUDE, GPS_LONGITUDE_REF, GPS_LONGITUDE = 1, 2, 3, 4

# "48,51.504N", "48,51,30.24N", "48.8584", "-33.86"
_WRITTEN = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:\s*,\s*(\d+(?:\.\d+)?))?(?:\s*,\s*(\d+(?:\.\d+)?))?\s*([NSEW])?$", re.I)


@dataclass(frozen=True)
class Position:
    """Degrees north and east, and who says so."""

    latitude: float
    longitude: float
    origin: Origin


def make_position(latitude: float | None, longitude: float | None, origin: Origin) -> Position | None:
    """A place on the Earth; None where a number is missing or out of range, and for 0, 0, which means "no fix"."""
    if latitude is None or longitude is None or not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    latitude, longitude = round(latitude, 7), round(longitude, 7)
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return None
    return Position(latitude, longitude, origin)


def position_in_exif(gps: Mapping[int, Any]) -> Position | None:
    """The place in EXIF's GPS fields. Without a word for the half, the sign of the number tells it."""
    latitude = _degrees(gps.get(GPS_LATITUDE), readable(gps.get(GPS_LATITUDE_REF)), "NS")
    longitude = _degrees(gps.get(GPS_LONGITUDE), readable(gps.get(GPS_LONGITUDE_REF)), "EW")
    return make_position(latitude, longitude, Origin.FILE)


def parse_degrees(written: str) -> float | None:
    """Degrees as XMP writes them, signed: `48,51.504N`, `48,51,30.24N` or `48.8584`.

    >>> parse_degrees("48,51.504N"), parse_degrees("33,51,30W")
    (48.8584, -33.858333333333334)
    """
    found = _WRITTEN.match(written.strip())
    return _degrees([part or 0 for part in found.groups()[:3]], found[4] or "", "NESW") if found else None


def _degrees(parts: Any, reference: str, halves: str) -> float | None:
    """Degrees, minutes and seconds, or degrees alone, to signed degrees; `halves` begins with the positive ones."""
    side = reference[:1].upper()
    if side and side not in halves:
        return None
    values = parts if isinstance(parts, Sequence) and not isinstance(parts, str | bytes) else [parts]
    try:
        numbers = [float(part) for part in values[:3]]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not numbers or not math.isfinite(numbers[0]):
        return None
    finer = [number if math.isfinite(number) else 0.0 for number in numbers[1:]]  # 0/0 for what a device does not write
    size = abs(numbers[0]) + sum(abs(number) / 60**place for place, number in enumerate(finer, start=1))
    is_negative = side in halves[len(halves) // 2 :] if side else math.copysign(1, numbers[0]) < 0
    return -size if is_negative else size

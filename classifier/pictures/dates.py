"""Where a photo's date comes from: what is known of when it was taken, who says so, and who is believed.

The strongest word wins: what a person set, then a photo service or a sidecar (`sidecars.py`), then the file's own
metadata (`metadata.py`, with an order of its own), then its name (`names.py`), then its time on the disk. The first and
the last are the site's; the others are read in this folder.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from classifier.pictures.text import readable

# The year of the oldest surviving photograph.
FIRST_YEAR = 1826
# No zone is further ahead than 14 hours, and a clock may be a little fast.
_AHEAD = timedelta(days=2)
_FURTHEST_ZONE = timedelta(hours=14)
_ZONE_STEP = timedelta(minutes=15)


class Origin(StrEnum):
    """Who says when or where a photo was taken, the strongest first."""

    PERSON = "person"
    SERVICE = "service"
    SIDECAR = "sidecar"
    FILE = "file"
    NAME = "name"
    TIME = "time"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Origin).index(self)


class Precision(StrEnum):
    """Which part of a date is known."""

    MOMENT = "moment"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Dated:
    """When a photo was taken, on the wall clock and without a zone, or in UTC where nothing better is known.

    What is finer than the precision is the earliest there is: August 1993 is 1 August, 0:00.
    """

    moment: datetime
    origin: Origin
    precision: Precision = Precision.MOMENT
    is_utc: bool = False

    def agrees_with(self, other: "Dated") -> bool:
        """Whether another date says the same, and perhaps more of it."""
        mine, its = self.moment, other.moment
        if self.precision is Precision.YEAR:
            return mine.year == its.year
        if self.precision is Precision.MONTH:
            return (mine.year, mine.month) == (its.year, its.month)
        if self.precision is Precision.DAY:
            return mine.date() == its.date()
        if other.precision is not Precision.MOMENT:
            return False
        apart = abs(mine.replace(microsecond=0) - its.replace(microsecond=0))
        if self.is_utc and not other.is_utc:  # the same moment on a clock of some zone
            return apart <= _FURTHEST_ZONE and not apart % _ZONE_STEP
        return not apart and not mine.microsecond


def strongest(*dates: Dated | None) -> Dated | None:
    """The date of the strongest origin, the first of equals; in the words of a weaker one that says the same finer.

    >>> strongest(Dated(datetime(2019, 7, 14, 12), Origin.NAME), Dated(datetime(2020, 1, 1), Origin.FILE)).moment.year
    2020
    """
    known = sorted((date for date in dates if date is not None), key=lambda date: date.origin.rank)
    if not known:
        return None
    best = known[0]
    for weaker in known[1:]:
        if weaker.origin is not best.origin and best.agrees_with(weaker):
            return replace(weaker, origin=best.origin)
    return best


_SEPARATED = re.compile(r"(\d{4})(?!\d)(?:\s*[:/.年-]\s*(\d{1,2})?(?!\d)(?:\s*[:/.月-]\s*(\d{1,2})?(?!\d))?)?日?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d{1,3}(?:\D|$))")
_CLOCK = re.compile(
    r"[\s,T:_-]{0,3}(\d{1,2})\s*[:.時]\s*(\d{1,2})(?:\s*[:.分]\s*(\d{1,2})(?:\s*[.,](\d+))?)?秒?\s*([ap])?\.?m?", re.I
)
_COMPACT_CLOCK = re.compile(r"[\sT_-]?(\d\d)(\d\d)(\d\d)?(?:[.,]?(\d+))?()")


def parse_date(written: object, origin: Origin = Origin.FILE, subseconds: object = None) -> Dated | None:
    """Read `2024:05:03 14:15:16` and its many relatives; None for what is no date or no photo can have.

    `subseconds` are the digits after the point, where they stand in a field of their own.

    >>> parse_date("2024:05:03 14:15:16").moment, parse_date("1993:08:  :  :  :  ").precision
    (datetime.datetime(2024, 5, 3, 14, 15, 16), <Precision.MONTH: 'month'>)
    >>> parse_date("0000:00:00 00:00:00") is None
    True
    """
    text = readable(written)
    clock_form = _CLOCK
    found = _SEPARATED.match(text)
    if not found:
        clock_form = _COMPACT_CLOCK
        found = _COMPACT.match(text)
    if not found:
        return None
    clock = clock_form.match(text, found.end())
    parts = clock.groups() if clock else (None,) * 5
    return make_date(found.groups(), parts, origin, readable(subseconds))


def make_date(
    day: tuple[str | None, ...], clock: tuple[str | None, ...], origin: Origin, subseconds: str = ""
) -> Dated | None:
    """A date of (year, month, day) and (hour, minute, second, fraction, "a" or "p"), as far as it is written.

    A month or day that is zero or missing makes the date coarser, a time that no clock shows costs only the time, and
    a day that no calendar has all of it.
    """
    year, month, number = (int(part or 0) for part in day)
    precision = Precision.YEAR if not month else Precision.MONTH if not number else Precision.DAY
    time = _time_of_day(clock, subseconds) if precision is Precision.DAY else None
    try:
        moment = datetime(year, month or 1, (number or 1) if month else 1)
    except ValueError:
        return None
    if time is not None:
        moment, precision = moment + time, Precision.MOMENT
    return Dated(moment, origin, precision) if is_possible(moment) else None


def is_possible(moment: datetime) -> bool:
    """Whether a photo can have been taken then: neither before photography nor in the future."""
    return moment.year >= FIRST_YEAR and moment <= datetime.now() + _AHEAD


def _time_of_day(clock: tuple[str | None, ...], subseconds: str) -> timedelta | None:
    """Hour 24, as some phones count, is the hour after midnight of the same day; second 60 is the 59th."""
    if clock[0] is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if clock[4] and hour <= 12:
        hour = hour % 12 + (12 if clock[4] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60:
        return None
    digits = re.match(r"\d*", clock[3] or subseconds)
    fraction = f"{digits[0] if digits else '':0<6}"[:6]
    return timedelta(hours=hour % 24, minutes=minute, seconds=min(second, 59), microseconds=int(fraction))

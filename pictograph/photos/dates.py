"""How dates of photos are written, and which one a photo has that carries none: when its file was last changed."""

from datetime import UTC, date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from classifier.pictures.dates import FIRST_YEAR
from pictograph.photos.origin import Origin


def wall_clock(moment: datetime) -> datetime:
    """A moment on the site's wall clock, written as UTC like a camera's."""
    return timezone.localtime(moment).replace(tzinfo=UTC)


def moment_of(moment: datetime) -> str:
    """The moment on a camera's wall clock, which is written as UTC whatever the site's zone: "3 May 2024, 14:03"."""
    return f"{day_of(moment)}, {moment.astimezone(UTC):%H:%M}"


def day_of(moment: datetime) -> str:
    """The day alone: "3 May 2024"."""
    return _written_day(moment.astimezone(UTC).date(), get_language())


@lru_cache(maxsize=4096)  # a page has many photos of few days
def _written_day(day: date, language: str | None) -> str:
    return date_format(day, "DATE_FORMAT")


def month_of(moment: datetime) -> str:
    """The month alone: "May 2024"."""
    return date_format(moment.astimezone(UTC), "YEAR_MONTH_FORMAT")


def year_of(moment: datetime) -> str:
    """The year alone."""
    return date_format(moment.astimezone(UTC), "Y")


def posted_date(posted_at: datetime | None) -> tuple[datetime, Origin]:
    """When a photo was put where it comes from, likewise; what is unknown, makes no sense or is to come counts as now.

    Many programs write the first moment of the year 1 for none, which is before all moments in half of the world.
    """
    now = timezone.now()
    if posted_at is None or posted_at.year < FIRST_YEAR or posted_at > now:
        return wall_clock(now), Origin.ARRIVAL
    return wall_clock(posted_at), Origin.POSTED


def file_date(changed_s: float | None) -> tuple[datetime, Origin]:
    """When a file was changed, in seconds since 1970, as the site's wall clock written as UTC, like a camera's.

    A time that is not known, makes no sense or is still to come counts as now, when it arrived.
    """
    now = timezone.localtime()
    try:
        changed = None if changed_s is None else datetime.fromtimestamp(changed_s, tz=now.tzinfo)
    except (ValueError, OverflowError, OSError):  # file systems and browsers can say anything
        changed = None
    if changed is None or changed > now:
        return now.replace(tzinfo=UTC), Origin.ARRIVAL
    return changed.replace(tzinfo=UTC), Origin.FILE_TIME

"""The date of a photo that carries none of its own: when its file was last changed."""

from datetime import UTC, datetime

from django.utils import timezone


def file_date(changed_s: float | None) -> datetime:
    """When a file was changed, in seconds since 1970, as the site's wall clock written as UTC, like a camera's.

    A time that is not known, makes no sense or is still to come counts as now.
    """
    now = timezone.localtime()
    try:
        changed = now if changed_s is None else datetime.fromtimestamp(changed_s, tz=now.tzinfo)
    except (ValueError, OverflowError, OSError):  # file systems and browsers can say anything
        changed = now
    return min(changed, now).replace(tzinfo=UTC)

"""The date of a photo that carries none of its own: when its file was last changed."""

from datetime import UTC, datetime

from django.utils import timezone

from pictograph.photos.origin import Origin


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

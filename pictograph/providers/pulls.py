"""Since when a service is asked for what is new, where it is asked by time."""

from datetime import UTC, datetime, timedelta

_FURTHEST_CLOCK = timedelta(days=1)  # that a service's can be from ours


def begun_at(sent_at: datetime | None, overlap: timedelta) -> datetime:
    """Where the next pull begins: so long before an answer was sent, by its service's clock.

    Our clock is gone by where the service has none, or one that cannot be.
    """
    now = datetime.now(UTC)
    moment = sent_at if sent_at is not None and abs(sent_at - now) < _FURTHEST_CLOCK else now
    return moment - overlap


def begun_before(sent_at: datetime | None, overlap: timedelta) -> str:
    """The same in seconds since 1970."""
    return str(int(begun_at(sent_at, overlap).timestamp()))

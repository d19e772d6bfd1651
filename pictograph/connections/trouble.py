"""What keeps a connection from going on, as its person is told, and when it is tried again."""

import logging
import random
from datetime import datetime, timedelta

from django.utils import timezone

from pictograph.connections.models import Connection
from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError, RateLimited, ScopeMissing, ServiceError
from pictograph.pages.full_disk import is_full_disk
from pictograph.sources.quota import NoRoom

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=12)
GRAVE = 5  # what may last counts as if it had been tried so often before
GONE_AFTER = 3  # answers in a row that there is no such account: one alone may be of something before the service
MOST_FAILURES = 1000
State = Connection.State


class Later(Exception):
    """Some photos did not come, and are tried again by and by; all else is well."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("some photos are tried again")
        self.retry_at = retry_at


def back_off(failures: int) -> datetime:
    """When to try again after so many failures in a row: later each time, and never all at the same moment."""
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
    return timezone.now() + pause * random.uniform(0.75, 1.25)


def note_trouble(connection: Connection, error: Exception) -> None:
    """Write down what a sync ended with, and when it is gone on with.

    Of an error that is none of a service's, a fault of ours, its kind is told and nothing else: nobody knows what its
    text may say.
    """
    failures = connection.failures + 1
    state, resume_at = _meaning(error, failures)
    if state in (State.WAITING, State.FINE):
        failures = connection.failures
    is_known = isinstance(error, ServiceError | Later | NoRoom | OSError)
    detail = str(error) if is_known else f"a fault of this site: {type(error).__name__}"
    logger.info("%s (connection %s) is %s: %s", connection.service, connection.pk, state, detail)
    asked = Connection.objects.filter(pk=connection.pk)
    if state == State.SIGNED_OUT:  # unless they have just signed in again
        asked = asked.filter(sealed=connection.sealed)
    asked.update(state=state, resume_at=resume_at, failures=min(failures, MOST_FAILURES), detail=detail[:255])


def note_well(connection: Connection, *, is_progress: bool) -> None:
    """The service answers as it should: whatever was wrong is over.

    Only what brings something counts as an end of failures: a list that breaks off at the same page every time does
    not.
    """
    well = {"state": State.FINE, "resume_at": None, "detail": ""} | ({"failures": 0} if is_progress else {})
    Connection.objects.filter(pk=connection.pk).exclude(state__in=Connection.ENDED).update(**well)
    if is_progress:
        connection.failures = 0


def _meaning(error: Exception, failures: int) -> tuple[State, datetime | None]:
    if isinstance(error, Later):
        return State.FINE, error.retry_at
    if isinstance(error, RateLimited):
        return State.WAITING, error.retry_at
    if isinstance(error, AuthExpired | ScopeMissing):
        return State.SIGNED_OUT, None
    if isinstance(error, Gone) and failures >= GONE_AFTER:
        return State.GONE, None
    if isinstance(error, NoRoom) or is_full_disk(error):
        return State.FULL, back_off(failures + GRAVE)
    if isinstance(error, ServiceError | OSError) and not isinstance(error, ProtocolError):
        return State.TROUBLED, back_off(failures)
    return State.BROKEN, back_off(failures + GRAVE)

"""Work that can last for minutes: each piece is done by one process at a time, and never by all threads of a worker."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

# Of a worker on the queue "site": two for folders, six for photo accounts, which mostly wait for others, one for
# archives, one for the files of similar photos, one for what corrections teach, one for the audit of labels, one
# for what lasts of the sweep, one for what is short of it.
SITE_THREADS = 14
FOLDERS_AT_ONCE = 2
ACCOUNTS_AT_ONCE = 6
ARCHIVES_AT_ONCE = 1
FILES_HELD = "hold files"  # a backup's, while nobody may remove what it still has to copy
LEASE_S = 60  # a process that gave no sign of life for longer is dead

logger = logging.getLogger(__name__)


class TurnedAway:
    """Who found all slots of this process taken, in the order they came: they go before who has just had a turn.

    What a turn leaves is announced at once, what was turned away only by the next sweep, which would nearly always find
    the slot taken again.
    """

    def __init__(self) -> None:
        self._ids: dict[int, None] = {}
        self._lock = threading.Lock()

    def add(self, pk: int) -> None:
        """Have one wait; who waits already keeps their place."""
        with self._lock:
            self._ids.setdefault(pk)

    def forget(self, pk: int) -> None:
        """Have one wait no more."""
        with self._lock:
            self._ids.pop(pk, None)

    def take_first(self) -> int | None:
        """Who has waited longest, and does no more; None where nobody waits."""
        with self._lock:
            first = next(iter(self._ids), None)
            if first is not None:
                del self._ids[first]
            return first


class LeaseLost(Exception):
    """Another process took the work for given up, and may be at it: nothing more may be done of it here."""


class Lease(models.Model):
    """The right to do one piece of work, for as long as signs of life are given."""

    work = models.CharField(max_length=50, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.work

    @classmethod
    @contextmanager
    def of(cls, work: str) -> Iterator[Self | None]:
        """The right to do a piece of work, given back at the end; None where another process has it.

        Work that finds by `beat` that it has lost its lease ends there. A lease that ends much later than any could was
        given by a clock that has been set back since; it is void. One that ends a little later was given by a machine
        whose clock is ahead, or while this process waited for the database.
        """
        now = timezone.now()
        cls.objects.filter(Q(until__lt=now) | Q(until__gt=_end(_end(now))), work=work).delete()
        lease, is_ours = cls.objects.get_or_create(work=work, defaults={"until": _end(timezone.now())})
        if not is_ours:
            yield None
            return
        try:
            yield lease
        except LeaseLost:
            logger.warning("Another process has taken over to %s.", work)
        finally:
            cls.objects.filter(pk=lease.pk).delete()

    @classmethod
    def is_held(cls, work: str) -> bool:
        """Whether a living process has the right to a piece of work."""
        return bool(cls.held_among([work]))

    @classmethod
    def held_among(cls, works: Sequence[str]) -> set[str]:
        """Those of some pieces of work that a living process has the right to."""
        now = timezone.now()
        held = cls.objects.filter(work__in=works, until__gte=now, until__lte=_end(_end(now)))
        return set(held.values_list("work", flat=True))

    def beat(self) -> None:
        """Give a sign of life. Raises LeaseLost."""
        if not type(self).objects.filter(pk=self.pk).update(until=_end(timezone.now())):
            raise LeaseLost


def _end(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_S)

"""Work that can last for minutes: each piece is done by one process at a time, and never by all threads of a worker."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

# Of a worker on the queue "site": two for folders, one for the files of similar photos, one for what lasts of the
# sweep, one for what is short of it.
SITE_THREADS = 5
FOLDERS_AT_ONCE = 2
FILES_HELD = "hold files"  # a backup's, while nobody may remove what it still has to copy
LEASE_S = 60  # a process that gave no sign of life for longer is dead

logger = logging.getLogger(__name__)


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
        now = timezone.now()
        return cls.objects.filter(work=work, until__gte=now, until__lte=_end(_end(now))).exists()

    def beat(self) -> None:
        """Give a sign of life. Raises LeaseLost."""
        if not type(self).objects.filter(pk=self.pk).update(until=_end(timezone.now())):
            raise LeaseLost


def _end(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_S)

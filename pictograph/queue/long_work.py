"""Work that can last for minutes: each piece is done by one process at a time, and never by all threads of a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

# Of a worker on the queue "site": two for folders, one for what lasts of the sweep, one for what is short of it.
SITE_THREADS = 4
FOLDERS_AT_ONCE = 2
LEASE_S = 60  # a process that gave no sign of life for longer is dead


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

        A lease that ends later than any could was given by a clock that has been set back since; it is void.
        """
        now = timezone.now()
        cls.objects.filter(Q(until__lt=now) | Q(until__gt=_end()), work=work).delete()
        lease, is_ours = cls.objects.get_or_create(work=work, defaults={"until": _end()})
        if not is_ours:
            yield None
            return
        try:
            yield lease
        finally:
            cls.objects.filter(pk=lease.pk).delete()

    def beat(self) -> None:
        """Give a sign of life."""
        type(self).objects.filter(pk=self.pk).update(until=_end())


def _end() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_S)

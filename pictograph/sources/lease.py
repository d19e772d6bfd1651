"""A scan's hold on its source: one at a time, and one that was killed is over soon."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from pictograph.sources.models import SCAN_SILENT_S, Source
from pictograph.transactions import hold_people

BEAT_S = SCAN_SILENT_S / 6
LOOK_EVERY_S = 0.5


class ScanOvertaken(Exception):
    """Another scan has taken this one's place, or the source is being removed: nothing more may be written."""


class ScanLease:
    """The right to scan a source, for as long as signs of life are given."""

    def __init__(self, source: Source, held: datetime) -> None:
        self._source_id, self._owner_id = source.pk, source.owner_id
        self._held = held
        self._next = time.monotonic() + BEAT_S

    @classmethod
    def take(cls, source: Source, below: str = "", *, patience_s: float = 0.0) -> "ScanLease | None":
        """The lease of a source, None where another scan holds it for all of the `patience_s` that we wait.

        What a look at the part `below` a ref does not come to is wanted still.
        """
        part = source.scan_below
        wanted = Source.objects.filter(pk=source.pk, scan_below=part)
        until = time.monotonic() + patience_s
        while True:
            now = timezone.now()
            silent = timedelta(seconds=SCAN_SILENT_S)
            is_alive = Q(scanning_since__gte=now - silent, scanning_since__lte=now + silent)
            free = Source.objects.filter(pk=source.pk, removal="").exclude(is_alive)
            if below:
                is_ours = free.update(scanning_since=now)
                if is_ours and f"{part}/".startswith(f"{below}/"):
                    wanted.update(scan_wanted=False, scan_below="")
            else:
                is_ours = free.update(scanning_since=now, scan_wanted=False, scan_below="")
            if is_ours:
                return cls(source, now)
            if time.monotonic() >= until:
                return None
            time.sleep(LOOK_EVERY_S)

    def beat(self) -> None:
        """Give a sign of life, if it is time to. Raises ScanOvertaken."""
        if time.monotonic() >= self._next:
            self.hold()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that is through only if the source is ours to write of. Raises ScanOvertaken."""
        before = self._held
        try:
            with transaction.atomic():
                hold_people([self._owner_id])
                self.hold()
                yield
        except BaseException:
            self._held = before  # what was held in the transaction has not come to be
            raise

    def hold(self) -> None:
        """Give a sign of life. Raises ScanOvertaken."""
        now = timezone.now()
        if not self._mine().update(scanning_since=now):
            raise ScanOvertaken
        self._held = now
        self._next = time.monotonic() + BEAT_S

    def release(self, **fields: object) -> None:
        """Let go, and write down what the scan came to."""
        self._mine().update(scanning_since=None, **fields)

    def _mine(self) -> QuerySet[Source]:
        return Source.objects.filter(pk=self._source_id, scanning_since=self._held, removal="")

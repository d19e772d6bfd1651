"""Files that stay while a backup needs them: what is deleted meanwhile is noted, and goes at a later sweep."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections

from pictograph.queue.long_work import FILES_HELD, LEASE_S, Lease, LeaseLost

BEAT_S = LEASE_S / 6


class HoldLost(Exception):
    """Files may have been removed that the backup needed."""


class AnotherBackup(Exception):
    """A backup of this site is being made already."""


@contextmanager
def held_files() -> Iterator[None]:
    """Have no file removed until the end. Raises AnotherBackup, and at the end HoldLost where that was not so.

    A file is removed only after its row, and whoever removes one looks first whether files are held. So every file
    that a row names at a moment within this is still there at its end.
    """
    with Lease.of(FILES_HELD) as lease:
        if lease is None:
            raise AnotherBackup
        beating = _Beating(lease)
        beating.start()
        try:
            yield
        finally:
            beating.end()
    if beating.is_lost:
        raise HoldLost


class _Beating(threading.Thread):
    """Gives signs of life from beside: a dump of the database can take longer than a lease lasts."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(name="beating", daemon=True)
        self.is_lost = False
        self._lease = lease
        self._ending = threading.Event()

    def run(self) -> None:
        """Beat until the end; a sign that comes too late says that the hold was lost in between."""
        last = time.time()
        while not self._ending.wait(BEAT_S):
            try:
                self._lease.beat()
            except LeaseLost:
                self.is_lost = True
            except DatabaseError:  # busy; the next one may come through in time
                continue
            self.is_lost = self.is_lost or time.time() - last > LEASE_S
            last = time.time()
        self.is_lost = self.is_lost or time.time() - last > LEASE_S
        connections.close_all()

    def end(self) -> None:
        """Stop."""
        self._ending.set()
        self.join()

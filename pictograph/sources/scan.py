"""Looking at a folder again: what is there is taken over a chunk at a time, what is not is missing.

A scan may be killed between any two steps. The next one walks again from the start, passes quickly over what has been
taken over, and ends where an unbroken one would have ended.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from itertools import islice

from django.utils import timezone

from pictograph.queue.claims import announce_work
from pictograph.sources.arrivals import Arrivals
from pictograph.sources.exclusions import Exclusions
from pictograph.sources.lease import ScanLease, ScanOvertaken
from pictograph.sources.models import SCAN_SILENT_S, Import, Item, Source
from pictograph.sources.paths import ref_of
from pictograph.sources.reconcile import Reconciler, Tally
from pictograph.sources.steering import ImportCancelled, leave_out_all
from pictograph.sources.vanished import note_vanished
from pictograph.sources.walk import Found, Walk

logger = logging.getLogger(__name__)

CHUNK = 500  # files
PATIENCE_S = 2.0 * SCAN_SILENT_S


class ScanRefused(Exception):
    """Another scan of the source is at work."""


def scan(source: Source, below: str = "", *, patience_s: float = 0.0) -> tuple[Import | None, Tally]:
    """Look at a folder, or the part of it `below` a relative path; the import that what is new belongs to, if any is.

    An empty or absent folder changes nothing but the source's `problem`. Raises ScanRefused where another scan is at
    work for longer than `patience_s`.
    """
    lease = ScanLease.take(source, ref_of(below), patience_s=patience_s)
    if lease is None:
        raise ScanRefused
    arrivals, tally = Arrivals(source), Tally()
    try:
        for called_off in source.imports.filter(state=Import.State.CANCELLING):  # what it took is to be found anew
            leave_out_all(called_off, lease.beat)
        problem = _look_through(source, below, Reconciler(source, lease, arrivals, tally))
    except ScanOvertaken:
        return arrivals.batch, tally
    except ImportCancelled:
        problem = None
    except KeyboardInterrupt:  # somebody has stopped it on purpose, and may want to begin again at once
        arrivals.end()
        lease.release()
        raise
    arrivals.end()
    if below:
        lease.release()
    else:
        lease.release(scanned_at=timezone.now(), problem=problem or "")
    return arrivals.batch, tally


def _look_through(source: Source, below: str, reconciler: Reconciler) -> Source.Problem | None:
    """Take over all that a walk meets; why nothing could be, where that is so."""
    tally, arrivals = reconciler.tally, reconciler.arrivals
    walk = Walk(os.fspath(source.path), Exclusions(source.exclusions), below, beat=reconciler.lease.beat)
    try:
        device = os.stat(source.path).st_dev
        for files in _chunks(iter(walk)):
            if reconciler.take(files):
                announce_work()
        is_there = os.stat(source.path).st_dev == device
    except FileNotFoundError:
        return Source.Problem.ABSENT
    except OSError as error:
        logger.warning("%s cannot be looked at: %s", source, error)
        return Source.Problem.FORBIDDEN if isinstance(error, PermissionError) else Source.Problem.ABSENT
    tally.skipped, tally.unreadable = walk.skipped, len(walk.obstacles)
    if not is_there:  # it was unmounted meanwhile
        return Source.Problem.ABSENT
    if not tally.found and Item.objects.filter(source=source).exists():
        return Source.Problem.EMPTY
    note_vanished(reconciler, ref_of(below), walk.hidden)
    if not below:
        arrivals.name_obstacles(walk.obstacles)
    return None


def _chunks(files: Iterator[Found]) -> Iterator[Sequence[Found]]:
    while chunk := list(islice(files, CHUNK)):
        yield chunk

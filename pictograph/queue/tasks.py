"""What the site asks of its workers besides classifying: the sweep, in steps that each do a little."""

import logging
import threading
from collections.abc import Callable

from celery import shared_task

from pictograph.people.erasing import finish_erasing
from pictograph.photos.deletion import sweep_leftovers
from pictograph.queue.claims import announce_work, free_photos
from pictograph.queue.renaming import rename_stale
from pictograph.sources.receiving import sweep_broken_off
from pictograph.sources.steering import finish_cancelling
from pictograph.sources.tasks import scan_due_sources
from pictograph.store.outbox import sweep_notices

logger = logging.getLogger(__name__)


def announce_free_photos() -> None:
    """Announce photos of a lost message or a dead worker."""
    if free_photos().exists():
        announce_work()


SHORT = (announce_free_photos, sweep_leftovers, sweep_broken_off, scan_due_sources, rename_stale)
LONG = (sweep_notices, finish_cancelling, finish_erasing)  # minutes, where there is much to do
_long_steps = threading.Lock()


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take up what was left lying: photos of a lost message or a dead worker, what a killed process was doing.

    Each step is tried whatever became of the others; the first error is raised at the end. Of sweeps that overlap in a
    process, one takes the steps that last.
    """
    errors = [_attempt(step) for step in SHORT]
    if _long_steps.acquire(blocking=False):
        try:
            errors += [_attempt(step) for step in LONG]
        finally:
            _long_steps.release()
    for error in filter(None, errors):
        raise error


def _attempt(step: Callable[[], object]) -> Exception | None:
    """Take a step; what went wrong, logged here, as a later error must not hide it."""
    try:
        step()
    except Exception as error:
        logger.exception("The sweep's step %s failed.", step.__name__)
        return error
    return None

"""What the site asks of its workers besides classifying: the sweep, in steps that each do a little."""

import logging
import threading
from collections.abc import Callable

from celery import shared_task

from pictograph.archives.parts import sweep_half_sent
from pictograph.archives.placing import place_photos
from pictograph.archives.tasks import bring_due_archives
from pictograph.connections.tasks import sync_due_connections
from pictograph.corrections.learning import sweep_learning
from pictograph.explaining.models import sweep_explanations
from pictograph.people.accounts import forget_ended_sessions
from pictograph.people.erasing import finish_erasing
from pictograph.people.handles import forget_given_up
from pictograph.photos.deletion import SWEPT_AFTER, sweep_leftovers
from pictograph.photos.scoring import sweep_scores
from pictograph.places.counting import sweep_sightings
from pictograph.places.locating import locate_due
from pictograph.queue.announcing import announce
from pictograph.queue.claims import free_photos
from pictograph.queue.clock import WallClock
from pictograph.queue.files import sweep_half_written
from pictograph.queue.renaming import rename_stale
from pictograph.similar.asked import sweep_asked
from pictograph.similar.refreshing import sweep_collections
from pictograph.sources.receiving import sweep_broken_off
from pictograph.sources.steering import finish_cancelling
from pictograph.sources.tasks import scan_due_sources
from pictograph.store.outbox import sweep_notices

logger = logging.getLogger(__name__)


def announce_free_photos() -> None:
    """Announce photos of a lost message or a dead worker, by one message in the place of all that wait."""
    if free_photos().exists():
        announce("classifier.tasks.classify_pending", in_place_of="classify")


SHORT = (
    *(
        announce_free_photos,
        scan_due_sources,
        sync_due_connections,
        rename_stale,
        sweep_broken_off,
        locate_due,
        sweep_sightings,
    ),
    *(sweep_learning, sweep_asked, sweep_explanations, sweep_collections, bring_due_archives, place_photos),
    sweep_scores,
)
# What is under way is told by being young.
BY_AGE = (sweep_leftovers, sweep_half_written, sweep_half_sent, forget_ended_sessions, forget_given_up)
LONG = (sweep_notices, finish_cancelling, finish_erasing)  # minutes, where there is much to do
_long_steps = threading.Lock()
_wall_clock = WallClock()


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take up what was left lying: photos of a lost message or a dead worker, what a killed process was doing.

    Each step is tried whatever became of the others; the first error is raised at the end. Of sweeps that overlap in a
    process, one takes the steps that last. After the clock was set, nothing goes by the age of files for as long as an
    upload may take.
    """
    errors = [_attempt(step) for step in SHORT]
    if _wall_clock.even_for_s() > SWEPT_AFTER.total_seconds():
        errors += [_attempt(step) for step in BY_AGE]
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

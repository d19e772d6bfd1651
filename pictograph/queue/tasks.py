"""What the site asks of its workers besides classifying: the sweep, in steps that each do a little."""

from celery import shared_task

from pictograph.people.erasing import finish_erasing
from pictograph.photos.deletion import sweep_leftovers
from pictograph.queue.claims import announce_work, free_photos
from pictograph.queue.renaming import rename_stale
from pictograph.sources.steering import finish_cancelling
from pictograph.sources.tasks import scan_due_sources
from pictograph.sources.uploads import sweep_broken_off
from pictograph.store.outbox import sweep_notices


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take up what was left lying: photos of a lost message or a dead worker, what a killed process was doing."""
    if free_photos().exists():
        announce_work()
    sweep_notices()
    finish_cancelling()
    finish_erasing()
    sweep_leftovers()
    sweep_broken_off()
    scan_due_sources()
    rename_stale()

"""What the site asks of its workers besides classifying."""

from celery import shared_task

from pictograph.people.accounts import finish_erasing
from pictograph.photos.deletion import sweep_leftovers
from pictograph.queue.claims import announce_work, free_photos
from pictograph.sources.uploads import sweep_broken_off


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take up what was left lying: photos of a lost message or of a dead worker, what a killed process was deleting."""
    if free_photos().exists():
        announce_work()
    finish_erasing()
    sweep_leftovers()
    sweep_broken_off()

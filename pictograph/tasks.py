"""What the site asks of its workers besides classifying."""

from celery import shared_task

from pictograph.deletion import sweep_leftovers
from pictograph.work import announce_work, free_photos


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take up what was left lying: photos of a lost message or of a worker that died, files of a killed process."""
    if free_photos().exists():
        announce_work()
    sweep_leftovers()

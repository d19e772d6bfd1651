"""What the site asks of its workers besides classifying."""

from celery import shared_task

from pictograph.accounts import finish_erasing
from pictograph.deletion import sweep_leftovers
from pictograph.imports.uploads import sweep_broken_off
from pictograph.work import announce_work, free_photos


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take up what was left lying: photos of a lost message or of a dead worker, what a killed process was deleting."""
    if free_photos().exists():
        announce_work()
    finish_erasing()
    sweep_leftovers()
    sweep_broken_off()

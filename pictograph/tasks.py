"""What the site asks of its workers besides classifying."""

from celery import shared_task

from pictograph.work import announce_work, free_photos


@shared_task(ignore_result=True)
def sweep() -> None:
    """Announce photos that no worker holds: those of a lost message or of a worker that died."""
    if free_photos().exists():
        announce_work()

"""What workers do about similar photos: bringing the files up to date."""

from celery import shared_task

from pictograph.similar import refreshing
from pictograph.store.scope import library_of


@shared_task(ignore_result=True)
def refresh_public() -> None:
    """Have the files follow what was published and withdrawn."""
    refreshing.refresh_public()


@shared_task(ignore_result=True)
def refresh_library(owner_id: int, network_id: int) -> None:
    """Have the files of somebody's library follow it, where something has changed."""
    scope = library_of(owner_id)
    if refreshing.is_stale(scope, network_id):
        refreshing.refresh(scope, network_id)

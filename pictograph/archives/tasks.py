"""What the site's workers do for archives."""

import threading

from celery import shared_task
from django.db.models import Exists, OuterRef

from pictograph.archives.bringing import bring_in, work_on
from pictograph.archives.models import Archive, Part
from pictograph.archives.placing import place_photos
from pictograph.people.models import User
from pictograph.queue.announcing import announce
from pictograph.queue.long_work import ARCHIVES_AT_ONCE, Lease, TurnedAway
from pictograph.sources.models import Import
from pictograph.sources.quota import LEAST_BYTES, NoRoom, Usage, require_disk

ANNOUNCED_AT_ONCE = 20  # by one sweep
archive_slots = threading.BoundedSemaphore(ARCHIVES_AT_ONCE)  # of this process
turned_away = TurnedAway()


def announce_archive(archive_id: int) -> None:
    """Have an archive brought in by a worker. A lost message costs no more than one sweep."""
    announce("pictograph.archives.tasks.bring", [archive_id])


def bring_due_archives() -> None:
    """Announce archives that have something to bring in, and nothing that stands in the way."""
    announced = 0
    for archive in due_archives():
        if announced < ANNOUNCED_AT_ONCE and is_due(archive):
            announce_archive(archive.pk)
            announced += 1


def due_archives() -> list[Archive]:
    """Archives with parts that wait, whose imports nobody has paused."""
    here = Part.objects.filter(archive=OuterRef("pk"), state=Part.State.HERE)
    paused = Import.objects.filter(source=OuterRef("source"), state=Import.State.RECEIVING, is_paused=True)
    waiting = Archive.objects.filter(Exists(here), ~Exists(paused), owner__is_leaving=False)
    return list(waiting.exclude(stop=Archive.Stop.CANCELLED).select_related("owner").order_by("?"))


def is_due(archive: Archive) -> bool:
    """Whether nobody is at it, and there is room again where there was none."""
    if Lease.is_held(work_on(archive.pk)):
        return False
    return not archive.stop or has_room(archive.owner)


def has_room(owner: User) -> bool:
    """Whether a person may keep more, and the disk has room for it."""
    try:
        require_disk(LEAST_BYTES)
    except NoRoom:
        return False
    return Usage.of(owner).leaves_room_for(LEAST_BYTES)


@shared_task(ignore_result=True)
def bring(archive_id: int) -> None:
    """Bring in an archive for a turn, if it is still there; what that leaves comes after what others wait for.

    Where one is being brought in already, it comes after that, or a later sweep announces it again.
    """
    if not archive_slots.acquire(blocking=False):
        turned_away.add(archive_id)
        return
    has_more = False
    try:
        turned_away.forget(archive_id)
        archive = Archive.objects.filter(pk=archive_id).select_related("owner", "source").first()
        if archive is not None and not archive.owner.is_leaving:
            has_more = bring_in(archive)
            place_photos()
    finally:
        archive_slots.release()
        if (first := turned_away.take_first()) is not None:
            announce_archive(first)
    if has_more:
        announce_archive(archive_id)

"""What the site's workers do for folders: scans, and giving folders up."""

import logging
import threading
from itertools import islice

from celery import shared_task
from django.db.models import F

from pictograph.queue.announcing import announce
from pictograph.queue.long_work import FOLDERS_AT_ONCE
from pictograph.sources.folders import remove
from pictograph.sources.models import Source
from pictograph.sources.parts import part_to_look_at
from pictograph.sources.scan import ScanRefused
from pictograph.sources.scan import scan as scan_folder

logger = logging.getLogger(__name__)

ANNOUNCED_AT_ONCE = 100  # by one sweep; what has waited longest comes first, and the next sweep goes on
folder_slots = threading.BoundedSemaphore(FOLDERS_AT_ONCE)  # of this process


def announce_scan(source_id: int) -> None:
    """Have a folder seen to by a worker. A lost message costs no more than one sweep, as what is wanted is written."""
    announce("pictograph.sources.tasks.scan", [source_id])


def scan_due_sources() -> None:
    """Announce folders that are due to be looked at, or to be given up."""
    folders = Source.objects.filter(kind=Source.Kind.FOLDER, owner__is_leaving=False)
    waiting = folders.order_by(F("scanned_at").asc(nulls_first=True), "pk")
    due = (source for source in waiting.iterator() if source.is_due or source.removal)
    for source in islice(due, ANNOUNCED_AT_ONCE):
        announce_scan(source.pk)


@shared_task(ignore_result=True)
def scan(source_id: int) -> None:
    """Look at a folder, if it is still there and still due; or give it up, if that is wanted.

    Where enough of that is under way, a later sweep announces it again.
    """
    if not folder_slots.acquire(blocking=False):
        return
    try:
        _see_to(source_id)
    finally:
        folder_slots.release()


def _see_to(source_id: int) -> None:
    source = Source.objects.filter(pk=source_id).first()
    if source is not None and source.removal:
        remove(source)
    elif source is not None and source.is_due:
        part = part_to_look_at(source)
        try:
            _, tally = scan_folder(source, part)
            if part and not tally.found:  # gone, or no photos any more: only a look at all of it tells which
                scan_folder(source)
        except ScanRefused:
            logger.info("%s is being looked at already.", source)

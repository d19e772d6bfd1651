"""What the site's workers do for photo accounts: keeping them in step, and giving them up."""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from celery import shared_task
from django.db.models import F, QuerySet

from pictograph.connections.leaving import leave
from pictograph.connections.models import Connection
from pictograph.connections.sync import sync
from pictograph.queue.announcing import announce
from pictograph.queue.long_work import ACCOUNTS_AT_ONCE, TurnedAway
from pictograph.sources.models import Import

logger = logging.getLogger(__name__)

ANNOUNCED_AT_ONCE = 100  # by one sweep; what has waited longest comes first, and the next sweep goes on
account_slots = threading.BoundedSemaphore(ACCOUNTS_AT_ONCE)  # of this process
turned_away = TurnedAway()
# Seen to at once by a process, so that whoever connects many, at a server that is slow, leaves slots to others.
OF_ONE_PERSON = 2
people_at_work: Counter[int] = Counter()
_people_lock = threading.Lock()


def announce_sync(connection_id: int) -> None:
    """Have an account seen to by a worker. A lost message costs no more than one sweep: what is wanted is written."""
    announce("pictograph.connections.tasks.see_to", [connection_id])


def sync_due_connections() -> None:
    """Announce accounts that are due to be brought in step, or to be given up."""
    waiting = _connections().order_by(F("source__scanned_at").asc(nulls_first=True), "pk")
    for connection in islice(filter(_is_due, waiting.iterator()), ANNOUNCED_AT_ONCE):
        announce_sync(connection.pk)


@shared_task(ignore_result=True)
def see_to(connection_id: int) -> None:
    """Bring an account in step for a turn, if that is still due; or give it up, if that is wanted.

    Where enough of that is under way, it comes once there is a slot, or a later sweep announces it again. What a turn
    leaves comes after what others wait for.
    """
    if not account_slots.acquire(blocking=False):
        turned_away.add(connection_id)
        return
    has_more = False
    try:
        turned_away.forget(connection_id)
        connection = _connections().filter(pk=connection_id).first()
        if connection is not None:
            with _one_more_of(connection.source.owner_id) as has_slot:
                if has_slot and connection.source.removal:
                    leave(connection)
                elif has_slot and _is_due(connection):
                    has_more = sync(connection)
    finally:
        account_slots.release()
        if (first := turned_away.take_first()) is not None:
            announce_sync(first)
    if has_more:
        announce_sync(connection_id)


@contextmanager
def _one_more_of(owner_id: int) -> Iterator[bool]:
    """Whether one more account of a person may be seen to here; if not, a later sweep announces it again."""
    with _people_lock:
        has_slot = people_at_work[owner_id] < OF_ONE_PERSON
        people_at_work[owner_id] += has_slot
    try:
        yield has_slot
    finally:
        with _people_lock:
            people_at_work[owner_id] -= has_slot
            if not people_at_work[owner_id]:
                del people_at_work[owner_id]


def _connections() -> QuerySet[Connection]:
    """Those that may be seen to: nothing comes in for somebody whose account is still to be opened."""
    theirs = Connection.objects.filter(source__owner__is_leaving=False, source__owner__is_waiting=False)
    return theirs.select_related("source__owner", "service")


def _is_due(connection: Connection) -> bool:
    """Whether there is something to do, and nothing to wait for: neither the service nor the person."""
    if connection.source.removal:
        return not connection.is_early
    is_for_now = bool(connection.picked) or not connection.service.capabilities.is_picked
    if not (is_for_now and connection.source.is_due and connection.may_ask):
        return False
    return not Import.objects.filter(source=connection.source_id, state=Import.State.RECEIVING, is_paused=True).exists()

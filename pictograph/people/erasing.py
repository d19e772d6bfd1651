"""Erasing people: an account that is deleted leaves nothing behind."""

from contextlib import AbstractContextManager
from typing import Any

from django.db.models import QuerySet

from pictograph.albums.models import Album
from pictograph.archives.models import Entry, Placing, Told
from pictograph.connections.asking import no_beat
from pictograph.connections.leaving import forget_connections
from pictograph.connections.models import Remote
from pictograph.people.accounts import is_last_administrator, one_at_a_time
from pictograph.people.handles import leave_handles
from pictograph.people.models import User
from pictograph.photos.deletion import CHUNK, delete_photos, forget_removed, remove_rows
from pictograph.photos.publishing import follow_account
from pictograph.photos.taken_down import TakenDown
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Item, Rejection, Tombstone
from pictograph.store import prediction_store
from pictograph.transactions import delete_in_chunks, transacted


def leave(user: User) -> bool:
    """Shut a person's account for good, to be erased next; False where it is the last administrator's."""
    with one_at_a_time():
        if is_last_administrator(user):
            return False
        User.objects.filter(pk=user.pk).update(is_active=False, is_leaving=True)
        follow_account(user)
        return True


def erase(user: User) -> None:
    """Delete a person with every row, file, embedding and counter of theirs.

    From the first moment on nobody can sign in as them. What a killed process leaves undone, the sweep does.
    """
    with _lease(user) as lease:
        User.objects.filter(pk=user.pk).update(is_active=False, is_leaving=True)
        _erase(user, lease)


def finish_erasing() -> None:
    """Go on with erasing people where a process was killed in the middle of it."""
    for user in User.objects.filter(is_leaving=True):
        with _lease(user) as lease:
            if lease is not None:  # otherwise a living process is at it
                _erase(user, lease)


def _lease(user: User) -> AbstractContextManager[Lease | None]:
    return Lease.of(f"erase {user.pk}")


def _erase(user: User, lease: Lease | None) -> None:
    forget_connections(user, lease.beat if lease is not None else no_beat)
    while ids := list(user.photos.values_list("pk", flat=True)[:CHUNK]):
        if lease is not None:
            lease.beat()
        delete_photos(user, ids, is_remembered=False)
    for rows in _small_rows(user):
        for _count in delete_in_chunks(user.pk, rows):
            if lease is not None:
                lease.beat()
    prediction_store().forget_owner(user.pk)
    removed = _erase_rest(user)
    if removed is None:  # much has come in meanwhile
        _erase(user, lease)
    else:
        forget_removed(*removed)


def _small_rows(user: User) -> list[QuerySet[Any]]:
    """What there may be many of, besides photos."""
    return [
        Rejection.objects.filter(batch__owner=user),
        Placing.objects.filter(item__source__owner=user),
        Entry.objects.filter(part__archive__owner=user),
        Told.objects.filter(archive__owner=user),
        Remote.objects.filter(connection__source__owner=user),
        Item.objects.filter(source__owner=user, photo=None),
        Tombstone.objects.filter(owner=user),
        TakenDown.objects.filter(owner=user),
        Album.objects.filter(owner=user),
    ]


@transacted
def _erase_rest(user: User) -> tuple[list[int], list[str]] | None:
    """Erase a person with the few photos that came in since the last look: their ids and files; None if not so few."""
    # Whoever adds a photo of theirs waits for this row, and then finds no person to add it to. What the store knows of
    # these photos by now, it is told to forget like that of all others.
    leaving = User.objects.select_for_update().filter(pk=user.pk).first()
    photos = list(user.photos.select_for_update().order_by("pk")[: CHUNK + 1]) if leaving else []
    if len(photos) > CHUNK:
        return None
    files = remove_rows(photos, is_remembered=False)
    if leaving is not None:
        leave_handles(leaving)
        leaving.delete()
    return [photo.pk for photo in photos], files

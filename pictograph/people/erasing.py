"""Erasing people: an account that is deleted leaves nothing behind."""

from contextlib import AbstractContextManager

from django.db import transaction

from pictograph.people.accounts import is_last_administrator, one_at_a_time
from pictograph.people.models import User
from pictograph.photos.deletion import CHUNK, delete_photos, forget_removed, remove_rows
from pictograph.queue.long_work import Lease
from pictograph.store import prediction_store


def leave(user: User) -> bool:
    """Shut a person's account for good, to be erased next; False where it is the last administrator's."""
    with one_at_a_time():
        if is_last_administrator(user):
            return False
        User.objects.filter(pk=user.pk).update(is_active=False, is_leaving=True)
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
    while ids := list(user.photos.values_list("pk", flat=True)[:CHUNK]):
        if lease is not None:
            lease.beat()
        delete_photos(user, ids, is_remembered=False)
    with transaction.atomic():
        # Whoever adds a photo of theirs waits for this row; what came in since the last look goes now.
        leaving = User.objects.select_for_update().filter(pk=user.pk).first()
        photos = list(user.photos.select_for_update()) if leaving else []
        files = remove_rows(photos, is_remembered=False)
        prediction_store().forget_owner(user.pk)
        if leaving is not None:
            leaving.delete()
    forget_removed([photo.pk for photo in photos], files)

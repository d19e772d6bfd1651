"""Taking photos away for good: what the store knows of them, their files, their rows."""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from pictograph.models import Leftover, Photo, User
from pictograph.store import prediction_store

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

CHUNK = 500  # photos a transaction takes, so that a worker never waits long for its turn to write
SWEPT_AFTER = timedelta(hours=1)  # by then whoever noted a leftover has long finished with it, or been killed


def delete_photos(owner: User, ids: Sequence[int]) -> list[int]:
    """Delete those of someone's photos that have these ids; return the ids that were theirs and are gone.

    A file that is read where it lies stays; what the site made or was given goes once the database has let go of it.
    """
    return [photo_id for chunk in _chunks(ids) for photo_id in _delete_chunk(owner, chunk)]


def owned_among(owner: User, ids: Sequence[int]) -> list[int]:
    """Those of the ids that are photos of the owner, in the order given."""
    theirs: list[int] = []
    for chunk in _chunks(ids):
        found = set(Photo.objects.owned_by(owner).filter(pk__in=chunk).values_list("pk", flat=True))
        theirs += [photo_id for photo_id in chunk if photo_id in found]
    return theirs


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    remaining = iter(dict.fromkeys(items))
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


@transaction.atomic
def _delete_chunk(owner: User, ids: Sequence[int]) -> list[int]:
    photos = list(Photo.objects.select_for_update().owned_by(owner).filter(pk__in=ids).order_by("pk"))
    theirs = [photo.pk for photo in photos]
    files = [file for photo in photos for file in photo.stored_files]
    prediction_store().delete(theirs)
    Photo.objects.filter(pk__in=theirs).delete()
    _remove_files_after_commit(files)
    return theirs


@transaction.atomic
def remove_with_files(photo: Photo) -> None:
    """Delete one photo that the store knows nothing of, with its files."""
    files = photo.stored_files
    photo.delete()
    _remove_files_after_commit(files)


@transaction.atomic
def remove_failed(photo_id: int) -> None:
    """Delete a photo with its files if it is, still, one that could not be used."""
    for photo in Photo.objects.failed().select_for_update().filter(pk=photo_id):
        remove_with_files(photo)


def note_leftovers(files: Sequence[str]) -> None:
    """Put down that these files have no photo (any more, or yet), so that a sweep finds them if nobody else does."""
    Leftover.objects.bulk_create([Leftover(path=file) for file in files], ignore_conflicts=True)


def strike_leftovers(files: Sequence[str]) -> None:
    """These files are gone, or have their photo now."""
    for chunk in _chunks(files):
        Leftover.objects.filter(path__in=chunk).delete()


def remove_files(files: Sequence[str]) -> None:
    """Take files out of the storage, whether they are there or not; the next sweep tries again what resists."""
    gone: list[str] = []
    for file in files:
        try:
            default_storage.delete(file)
        except OSError:  # one file that resists must not keep the others
            logger.exception("%s could not be deleted.", file)
        else:
            gone.append(file)
    strike_leftovers(gone)


def sweep_leftovers() -> None:
    """Remove the files that a killed process left without a photo, a chunk at a time."""
    now = timezone.now()
    left = Leftover.objects.filter(noted_at__lt=now - SWEPT_AFTER).order_by("noted_at")
    files = list(left.values_list("path", flat=True)[:CHUNK])
    if files:
        Leftover.objects.filter(path__in=files).update(noted_at=now)  # what resists waits its turn again
        remove_files(files)


def _remove_files_after_commit(files: Sequence[str]) -> None:
    note_leftovers(files)
    transaction.on_commit(lambda: remove_files(files))

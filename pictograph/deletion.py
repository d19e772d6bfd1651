"""Taking photos away for good: what the store knows of them, their files, their rows."""

import logging
from collections.abc import Iterator, Sequence
from itertools import islice

from django.core.files.storage import default_storage
from django.db import transaction

from pictograph.models import Photo, User
from pictograph.store import prediction_store

logger = logging.getLogger(__name__)

CHUNK = 500  # photos a transaction takes, so that a worker never waits long for its turn to write


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


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(dict.fromkeys(ids))
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


@transaction.atomic
def _delete_chunk(owner: User, ids: Sequence[int]) -> list[int]:
    photos = list(Photo.objects.select_for_update().owned_by(owner).filter(pk__in=ids).order_by("pk"))
    theirs = [photo.pk for photo in photos]
    files = [file for photo in photos for file in photo.stored_files]
    prediction_store().delete(theirs)
    Photo.objects.filter(pk__in=theirs).delete()
    transaction.on_commit(lambda: remove_files(files))
    return theirs


def remove_files(files: Sequence[str]) -> None:
    """Take files out of the storage, whether they are there or not."""
    for file in files:
        try:
            default_storage.delete(file)
        except OSError:  # one file that resists must not keep the others
            logger.exception("%s could not be deleted.", file)


def remove_with_files(photo: Photo) -> None:
    """Delete one photo that the store knows nothing of, with its files."""
    files = photo.stored_files
    photo.delete()
    transaction.on_commit(lambda: remove_files(files))

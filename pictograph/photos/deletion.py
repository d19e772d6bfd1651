"""Taking photos away for good: their rows, what the store knows of them, their files."""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.queue.long_work import FILES_HELD, Lease
from pictograph.sources.models import Item, Source, Tombstone
from pictograph.sources.originals import open_original, sha256_of
from pictograph.store.outbox import note_deleted, tell_store
from pictograph.transactions import chunks, hold, hold_people, transacted

logger = logging.getLogger(__name__)

CHUNK = 500  # photos a transaction takes, so that a worker never waits long for its turn to write
SWEPT_TOGETHER = 5  # files removed while nobody else may write on SQLite: a quarter of a second on a slow disk
SWEPT_AFTER = timedelta(hours=1)  # by then whoever noted a leftover has long finished with it, or been killed


class Leftover(models.Model):
    """A file of the storage without a photo: its photo has just been deleted, or its upload is not finished.

    Noted before the photo goes or the file is made, and taken off the list once that is done: what a killed process
    leaves behind is known, and swept.
    """

    path = models.CharField(max_length=200, unique=True)
    noted_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.path


def delete_photos(owner: User, ids: Sequence[int], *, is_remembered: bool = True) -> list[int]:
    """Delete those of someone's photos that have these ids; return the ids that were theirs and are gone.

    A file that is read where it lies stays. What is deleted is remembered by its content and by its items, so that no
    scan or service brings it back, unless `is_remembered` is False. The store and the storage follow; the sweep sees to
    it that they do.
    """
    gone: list[int] = []
    for chunk in chunks(ids, CHUNK):
        unread = _digests_of_unread(owner, chunk) if is_remembered else {}
        removed, files = _delete(owner, chunk, unread, is_remembered)
        forget_removed(removed, files)
        gone += [photo_id for photo_id in chunk if photo_id in set(removed)]
    return gone


@transacted
def _delete(
    owner: User, ids: Sequence[int], unread: Mapping[int, str], is_remembered: bool
) -> tuple[list[int], list[str]]:
    """Delete the rows of some photos; the ids that were there, and their files."""
    hold_people([owner.pk])
    photos = list(Photo.objects.select_for_update().owned_by(owner).filter(pk__in=ids).order_by("pk"))
    for photo in photos:
        photo.digest = photo.digest or unread.get(photo.pk)
    return [photo.pk for photo in photos], remove_rows(photos, is_remembered=is_remembered)


def remove_rows(photos: Sequence[Photo], *, is_remembered: bool) -> list[str]:
    """Delete photos, held by the caller's transaction, and note all that has to follow; return their files.

    The caller has `forget_removed` follow once its transaction is through.
    """
    ids = [photo.pk for photo in photos]
    items = Item.objects.filter(photo__in=ids)
    files = list(items.filter(stored__gt="").values_list("stored", flat=True))
    files += [file for photo in photos for file in photo.renditions]
    items.filter(source__kind=Source.Kind.UPLOAD).delete()
    if is_remembered:
        known = [p for p in photos if p.digest]
        shown = Case(*(When(photo=p, then=Value(p.digest)) for p in known), default=Value(""))
        items.update(
            state=Item.State.DELETED, photo=None, problem="", read_wanted=False, stored="", told="", deleted_as=shown
        )
        Tombstone.objects.bulk_create(
            [Tombstone(owner_id=p.owner_id, digest=p.digest or "", picture_digest=p.picture_digest) for p in known],
            ignore_conflicts=True,
        )
    else:
        items.delete()
    Photo.objects.filter(pk__in=ids).delete()
    note_leftovers(files)
    note_deleted(ids)
    note_sightings(photo.pk for photo in photos if photo.is_public)
    return files


def _digests_of_unread(owner: User, ids: Sequence[int]) -> dict[int, str]:
    """The SHA-256 of the files of those photos that no worker has read yet: what is deleted must be known by it."""
    digests: dict[int, str] = {}
    for photo in Photo.objects.owned_by(owner).filter(pk__in=ids, digest=None):
        with contextlib.suppress(OSError), open_original(photo) as file:
            digests[photo.pk] = sha256_of(file)
    return digests


def forget_removed(photo_ids: Sequence[int], files: Sequence[str]) -> None:
    """Let store and storage follow what `remove_rows` did, once it is certain: the admin deletes in a transaction."""
    tell_store(photo_ids, again=True)
    count_sightings(photo_ids)
    transaction.on_commit(lambda: remove_files(files))


def owned_among(owner: User, ids: Sequence[int]) -> list[int]:
    """Those of the ids that are photos of the owner, in the order given."""
    theirs: list[int] = []
    for chunk in chunks(ids, CHUNK):
        found = set(Photo.objects.owned_by(owner).filter(pk__in=chunk).values_list("pk", flat=True))
        theirs += [photo_id for photo_id in chunk if photo_id in found]
    return theirs


def note_leftovers(files: Sequence[str]) -> None:
    """Put down that these files have no photo (any more, or yet), so that a sweep finds them if nobody else does.

    The hour until then begins anew for one that is on the list already.
    """
    Leftover.objects.bulk_create(
        [Leftover(path=file) for file in sorted(set(files))],
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["noted_at"],
    )


def forget_leftovers(files: Sequence[str]) -> None:
    """These files are gone, or have their photo now."""
    for chunk in chunks(files, CHUNK):
        _forget_leftovers(chunk)


@transacted
def _forget_leftovers(files: Sequence[str]) -> None:
    hold(Leftover.objects.filter(path__in=files), by="path")
    Leftover.objects.filter(path__in=files).delete()


def remove_files(files: Sequence[str]) -> None:
    """Take files out of the storage, whether they are there or not; the next sweep tries again what resists.

    While a backup holds files, they are left to a later sweep. It holds them before it looks at the rows, and the rows
    of these are gone: so it misses none, or never knew of them.
    """
    if Lease.is_held(FILES_HELD):
        note_leftovers(files)
        return
    gone: list[str] = []
    for file in files:
        try:
            default_storage.delete(file)
        except OSError:  # one file that resists must not keep the others
            logger.exception("%s could not be deleted.", file)
        else:
            gone.append(file)
    forget_leftovers(gone)


def sweep_leftovers() -> None:
    """Remove the files that a killed process left without a photo, as many as a sweep may; never one that is in use."""
    if Lease.is_held(FILES_HELD):
        return
    now = timezone.now()
    for _ in range(0, CHUNK, SWEPT_TOGETHER):
        if not _sweep_some(now):
            break


@transaction.atomic  # whoever notes one of them anew waits until it is gone, and makes it then
def _sweep_some(now: datetime) -> int:
    # One noted in the future was so before the clock was set back, and would stay for ever.
    is_old = Q(noted_at__lt=now - SWEPT_AFTER) | Q(noted_at__gt=now + SWEPT_AFTER)
    left = Leftover.objects.filter(is_old).order_by("noted_at")
    # What is locked is being noted anew: it is no longer due, and waiting for it would be out of order.
    files = list(left.select_for_update(skip_locked=True).values_list("path", flat=True)[:SWEPT_TOGETHER])
    if files:
        Leftover.objects.filter(path__in=files).update(noted_at=now)  # what resists waits its turn again
        used = _used_among(files)
        forget_leftovers(sorted(used))
        remove_files([file for file in files if file not in used])
    return len(files)


def _used_among(files: Sequence[str]) -> set[str]:
    """The pictures that photos show, and the originals that items have."""
    shown = Photo.objects.classified().filter(key__in=filter(None, map(Photo.key_in, files)))
    kept = Item.objects.filter(stored__in=files).values_list("stored", flat=True)
    return {path for photo in shown.only("key", "digest") for path in photo.renditions}.intersection(files).union(kept)

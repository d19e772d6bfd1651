"""Imports begun, gone on with, paused, and called off by the person they belong to."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.deletion import CHUNK, forget_removed, remove_rows
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Import, Item, Source
from pictograph.sources.progress import at_work, heard_of_lately

State = Import.State


class ImportCancelled(Exception):
    """The person has called the import off: nothing more may come in with it."""


def begin(source: Source, **fields: int | str) -> Import:
    """A new import of a source, told with those at work."""
    with transaction.atomic():
        first = _present(source.owner)
        return Import.objects.create(owner_id=source.owner_id, source=source, told_with_id=first, **fields)


def begin_upload(owner: User, **fields: int | str) -> Import:
    """A new import of chosen files. Bringing more in means going on with what was paused, not with what broke off."""
    settle(owner)
    batch = begin(Source.of_uploads(owner.pk), **fields)
    go_on(owner)
    return batch


def arrive(batch: Import, size_bytes: int, *, is_duplicate: bool = False) -> None:
    """Count one file in, in the transaction that keeps what became of it. Raises ImportCancelled."""
    is_open = Import.objects.filter(pk=batch.pk).exclude(state__in=Import.CALLED_OFF)
    if not is_open.update(
        arrived_files=F("arrived_files") + 1,
        arrived_bytes=F("arrived_bytes") + size_bytes,
        arrived_at=timezone.now(),
        duplicates=F("duplicates") + (1 if is_duplicate else 0),
    ):
        raise ImportCancelled


def resume(batch: Import, files: int, size_bytes: int, passed_files: int, passed_bytes: int) -> None:
    """Go on with an upload that broke off: of the files chosen now, those passed over are there already.

    The others come once more, also those that were turned away or known the first time; each is counted once.
    """
    with transaction.atomic():
        batch.rejections.all().delete()
        Import.objects.filter(pk=batch.pk).exclude(state__in=Import.CALLED_OFF).update(
            state=State.RECEIVING,
            expected_files=files,
            expected_bytes=size_bytes,
            sent_bytes=passed_bytes,
            bytes_per_s=0,
            arrived_files=passed_files,
            arrived_bytes=passed_bytes,
            arrived_at=timezone.now(),
            duplicates=0,
        )
    go_on(batch.owner)


def pause(user: User) -> None:
    """Let everything of the imports at work wait, at once: what workers have in hand is as if they had not taken it."""
    with transaction.atomic():
        batches = list(at_work(user).values_list("pk", flat=True))
        ids = hold(Photo.objects.due().filter(batch__in=batches, lease__isnull=False))
        Photo.objects.filter(pk__in=ids).update(lease=None, lease_until=None, attempts=F("attempts") - 1)
        user.imports.filter(pk__in=batches).update(is_paused=True)


def go_on(user: User) -> None:
    """Go on with what was paused."""
    paused = user.imports.filter(is_paused=True)
    with transaction.atomic():
        Photo.objects.pending().filter(batch__in=paused).update(queued_at=timezone.now())
        paused.update(is_paused=False)


def settle(user: User) -> None:
    """Take uploads that broke off for all that is to come of them."""
    uploads = user.imports.filter(source__kind=Source.Kind.UPLOAD)
    uploads.filter(state=State.BROKEN_OFF).update(state=State.RECEIVED)
    uploads.filter(state=State.RECEIVING).exclude(heard_of_lately()).update(state=State.RECEIVED)


def cancel(user: User) -> None:
    """Call off the imports at work and those broken off: what has not been looked at is not brought in.

    Photos that were looked at stay, those that failed too: one that is tried again is as failed as before, and its
    import, which may be of last week, is none of those called off for it. A folder whose import is cancelled is no
    longer looked at by itself.
    """
    with transaction.atomic():
        # In the order of scans and workers, so that none waits in a circle: folders, photos, items, imports.
        hold(Source.objects.filter(owner=user, kind=Source.Kind.FOLDER))
        hold(Photo.objects.owned_by(user).pending())
        again = Photo.objects.owned_by(user).tried_again()
        changed = Item.objects.filter(photo__in=again, source__kind=Source.Kind.FOLDER, has_changed=True)
        changed.update(modified_ns=0)  # the next scan is to find that once more, and try nothing else by itself
        again.stop_trying()
        unfinished = Q(pk__in=at_work(user).values("pk")) | Q(state__in=(State.RECEIVING, State.BROKEN_OFF))
        batches = list(user.imports.filter(unfinished).exclude(state__in=Import.CALLED_OFF))
        folders = Source.objects.filter(kind=Source.Kind.FOLDER, imports__in=batches)
        waiting = Photo.objects.filter(batch__in=batches).never_tried()
        waiting.update(lease=None, lease_until=None)  # what a worker has in hand of them comes too late
        # What was sent and is in a folder too stays with the folder, unless that one's import is called off as well.
        Item.objects.filter(photo__in=waiting, source__in=folders).exclude(source=F("photo__batch__source")).delete()
        user.imports.filter(is_paused=True).update(is_paused=False)
        called_off = Import.objects.filter(pk__in=[batch.pk for batch in batches])
        for batch in called_off.select_for_update().order_by("pk"):  # with what has come in up to this moment
            batch.left_out = batch.to_come
            batch.state = State.CANCELLING  # no worker takes what is about to go
            batch.save(update_fields=["left_out", "state"])
        folders.update(every_s=Source.Schedule.NEVER, scan_wanted=False)
    finish_cancelling(user)


def finish_cancelling(user: User | None = None) -> None:
    """Remove what cancelled imports left waiting; the sweep goes on where a process was killed at it."""
    cancelling = Import.objects.filter(state=State.CANCELLING)
    for batch in cancelling.filter(owner=user) if user else cancelling:
        with Lease.of(f"cancel {batch.pk}") as lease:
            if lease is not None:  # otherwise a living process is at it
                leave_out_all(batch, lease.beat)


def leave_out_all(batch: Import, beat: Callable[[], None]) -> None:
    """Remove what an import that is being cancelled left waiting, with signs of life; two may be at it at once."""
    while ids := list(batch.photos.never_tried().order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        beat()
        leave_out(batch, ids)
    Import.objects.filter(pk=batch.pk, state=State.CANCELLING).update(state=State.CANCELLED)


def leave_out(batch: Import, ids: Sequence[int]) -> None:
    """Remove those of these photos of a cancelled import that nobody has looked at, and count them.

    One that another source has too stays, and belongs to no import: a scan or a worker has met its content there.
    """
    with transaction.atomic():
        waiting = batch.photos.never_tried().filter(pk__in=ids)
        photos = list(waiting.select_for_update().order_by("pk"))
        present = Item.objects.filter(photo__in=photos, state=Item.State.PRESENT)
        elsewhere = set(present.exclude(source=batch.source_id).values_list("photo", flat=True))
        Photo.objects.filter(pk__in=elsewhere).update(batch=None)
        photos = [photo for photo in photos if photo.pk not in elsewhere]
        files = remove_rows(photos, is_remembered=False)
        Import.objects.filter(pk=batch.pk).update(left_out=F("left_out") + len(photos))
    forget_removed([photo.pk for photo in photos], files)


def put_back_to_work(user: User, failed: PhotoQuerySet) -> None:
    """Try failed photos again; their imports are told with those at work from now on."""
    with transaction.atomic():
        ids = hold(failed)  # first photos, then items, then imports, as workers do
        batch_ids: set[int] = set()
        first = _present(user)
        for start in range(0, len(ids), CHUNK):
            photos = Photo.objects.filter(pk__in=ids[start : start + CHUNK])
            batch_ids |= set(photos.exclude(batch=None).values_list("batch", flat=True))
            # Each of their files is tried again.
            Item.objects.filter(photo__in=photos).update(problem="", has_changed=False)
            photos.retry()
        first = first or max(batch_ids, default=0)
        user.imports.filter(pk__in=batch_ids).exclude(pk=first).update(told_with=first)
        user.imports.filter(pk__in=batch_ids, is_paused=True).update(is_paused=False)


def arrived(batch: Import) -> list[tuple[str, int]]:
    """Name and size of the uploaded files of an import that are in the library, to pass them over."""
    items = Item.objects.filter(photo__batch=batch, source__kind=Source.Kind.UPLOAD)
    return list(items.values_list("photo__name", "size_bytes"))


def _present(user: User) -> int | None:
    """The import that those at work are told with, None where none is at work."""
    batch = at_work(user).order_by("pk").first()
    return batch.told_as if batch else None


def hold(rows: QuerySet[Any]) -> list[int]:
    """Lock rows to the end of the transaction, in the order that all lock them in; their ids."""
    return list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))

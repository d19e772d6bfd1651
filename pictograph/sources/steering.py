"""Imports begun, gone on with, paused, and called off by the person they belong to."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.deletion import CHUNK, forget_removed, remove_rows
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Import, Item, Source
from pictograph.sources.progress import at_work, heard_of_lately
from pictograph.transactions import delete_in_chunks, hold, hold_people, transacted

State = Import.State
BEGUN_AT_ONCE = 10  # uploads of a person that nothing has come of yet
# A younger upload may be waiting for its first file, whatever its state: all of a plain form is here when it begins,
# and nothing more is heard of it while the first file, however large, is hashed and moved.
YOUNG = timedelta(minutes=10)


class ImportCancelled(Exception):
    """The person has called the import off: nothing more may come in with it."""


def begin(source: Source, **fields: int | str) -> Import:
    """A new import of a source, told with those at work."""
    with transaction.atomic():
        hold_people([source.owner_id])
        first = _present(source.owner)
        return Import.objects.create(owner_id=source.owner_id, source=source, told_with_id=first, **fields)


def begin_upload(owner: User, **fields: int | str) -> Import:
    """A new import of chosen files. Bringing more in means going on with what was paused.

    Whoever chooses as many files as one that broke off lacks has it brought in anew; a few others change nothing of it.
    """
    settle(owner, lacking_at_most=int(fields.get("expected_files", 0)))
    _forget_empty(owner)
    batch = begin(Source.of_uploads(owner.pk), **fields)
    go_on(owner)
    return batch


def _forget_empty(owner: User) -> None:
    """Delete uploads that nothing came of, but for those that have just begun; each makes the pages dearer."""
    empty = owner.imports.filter(source__kind=Source.Kind.UPLOAD, arrived_files=0, photos=None, rejections=None)
    now = timezone.now()
    is_young = Q(started_at__gte=now - YOUNG, started_at__lte=now + YOUNG)
    is_receiving = Q(heard_of_lately(), state=State.RECEIVING)
    just_begun = list(empty.filter(is_young | is_receiving).order_by("-pk")[:BEGUN_AT_ONCE])
    for _ in delete_in_chunks(owner.pk, empty.exclude(pk__in=[batch.pk for batch in just_begun])):
        pass


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
    for _count in delete_in_chunks(batch.owner_id, batch.rejections.all()):
        pass
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


@transacted
def pause(user: User) -> None:
    """Let everything of the imports at work wait, at once: what workers have in hand is as if they had not taken it."""
    hold_people([user.pk])
    batches = list(at_work(user).values_list("pk", flat=True))
    ids = hold(Photo.objects.due().filter(batch__in=batches, lease__isnull=False))
    Photo.objects.filter(pk__in=ids).update(lease=None, lease_until=None, attempts=F("attempts") - 1)
    user.imports.filter(pk__in=batches).update(is_paused=True)


def go_on(user: User) -> None:
    """Go on with what was paused."""
    paused = list(user.imports.filter(is_paused=True).values_list("pk", flat=True))
    waiting = Photo.objects.pending().filter(batch__in=paused)
    for photos in _chunks(waiting) if paused else ():
        _queue_anew(user, photos)
    _end_pause(user, paused)


@transacted
def _end_pause(user: User, imports: Sequence[int]) -> None:
    hold_people([user.pk])
    user.imports.filter(pk__in=imports).update(is_paused=False)


@transacted
def _queue_anew(user: User, photos: Sequence[int]) -> None:
    hold_people([user.pk])
    Photo.objects.pending().filter(pk__in=photos).update(queued_at=timezone.now())


@transacted
def settle(user: User, lacking_at_most: int | None = None) -> None:
    """Take uploads that broke off for all that is to come of them; those alone that lack so many files, if given."""
    hold_people([user.pk])
    uploads = user.imports.filter(source__kind=Source.Kind.UPLOAD)
    if lacking_at_most is not None:
        uploads = uploads.filter(expected_files__lte=F("arrived_files") + lacking_at_most)
    uploads.filter(state=State.BROKEN_OFF).update(state=State.RECEIVED)
    uploads.filter(state=State.RECEIVING).exclude(heard_of_lately()).update(state=State.RECEIVED)


def cancel(user: User) -> None:
    """Call off the imports at work and those broken off: what has not been looked at is not brought in.

    Photos that were looked at stay, those that failed too: one that is tried again is as failed as before, and its
    import, which may be of last week, is none of those called off for it. A folder or account whose import is
    cancelled is no longer looked at by itself.
    """
    unfinished = _unfinished(user)
    for photos in _chunks(Photo.objects.owned_by(user).tried_again()):
        _stop_trying(user, photos)
    # What was sent and is in a folder too stays with the folder, unless that one's import is called off as well.
    waiting = Photo.objects.filter(batch__in=unfinished).never_tried()
    for photos in _chunks(waiting.filter(items__source__in=_folders_of(unfinished))):
        _part_from(user, photos, unfinished)
    _call_off(user)
    finish_cancelling(user)


def _unfinished(user: User) -> list[int]:
    """The imports that there is something to call off of."""
    rows = user.imports.filter(Q(pk__in=at_work(user).values("pk")) | Q(state__in=(State.RECEIVING, State.BROKEN_OFF)))
    return list(rows.exclude(state__in=Import.CALLED_OFF).values_list("pk", flat=True))


def _folders_of(batches: Sequence[int]) -> QuerySet[Source]:
    return Source.objects.filter(kind=Source.Kind.FOLDER, imports__in=batches)


def _looked_at(batches: Sequence[int]) -> QuerySet[Source]:
    """The folders and accounts that some imports are of, which are looked at by themselves."""
    return Source.objects.filter(kind__in=(Source.Kind.FOLDER, Source.Kind.ACCOUNT), imports__in=batches)


@transacted
def _stop_trying(user: User, photos: Sequence[int]) -> None:
    """Let photos that are tried again be as they were."""
    hold_people([user.pk])
    again = Photo.objects.filter(pk__in=hold(Photo.objects.filter(pk__in=photos))).tried_again()
    changed = Item.objects.filter(photo__in=again, source__kind=Source.Kind.FOLDER, has_changed=True)
    changed.update(modified_ns=0)  # the next scan is to find that once more, and try nothing else by itself
    again.stop_trying()


@transacted
def _part_from(user: User, photos: Sequence[int], batches: Sequence[int]) -> None:
    """Take from photos that nobody has looked at the files in folders that they did not come from."""
    hold_people([user.pk])
    waiting = Photo.objects.filter(pk__in=hold(Photo.objects.filter(pk__in=photos))).never_tried()
    files = Item.objects.filter(photo__in=waiting, source__in=_folders_of(batches))
    files.exclude(source=F("photo__batch__source")).delete()


@transacted
def _call_off(user: User) -> None:
    """From here on nothing comes in with the imports at work, and no worker takes or keeps any of it."""
    hold_people([user.pk])
    hold(Source.objects.filter(owner=user, kind__in=(Source.Kind.FOLDER, Source.Kind.ACCOUNT)))
    batches = _unfinished(user)
    in_hand = Photo.objects.filter(batch__in=batches, lease__isnull=False).never_tried()
    in_hand.filter(pk__in=hold(in_hand)).update(lease=None, lease_until=None)  # what comes of them comes too late
    user.imports.filter(is_paused=True).update(is_paused=False)
    for batch in Import.objects.filter(pk__in=batches).select_for_update().order_by("pk"):
        batch.left_out = batch.to_come  # with what has come in up to this moment
        batch.state = State.CANCELLING  # no worker takes what is about to go
        batch.save(update_fields=["left_out", "state"])
    _looked_at(batches).update(every_s=Source.Schedule.NEVER, scan_wanted=False, scan_below="")


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
    forget_removed(*_leave_out(batch, ids))


@transacted
def _leave_out(batch: Import, ids: Sequence[int]) -> tuple[list[int], list[str]]:
    """The photos that are removed, and their files."""
    hold_people([batch.owner_id])
    waiting = batch.photos.never_tried().filter(pk__in=ids)
    photos = list(waiting.select_for_update().order_by("pk"))
    present = Item.objects.filter(photo__in=photos, state=Item.State.PRESENT)
    elsewhere = set(present.exclude(source=batch.source_id).values_list("photo", flat=True))
    Photo.objects.filter(pk__in=elsewhere).update(batch=None)
    photos = [photo for photo in photos if photo.pk not in elsewhere]
    Import.objects.filter(pk=batch.pk).update(left_out=F("left_out") + len(photos))
    return [photo.pk for photo in photos], remove_rows(photos, is_remembered=False)


def put_back_to_work(user: User, failed: PhotoQuerySet) -> None:
    """Try failed photos again; their imports are told with those at work from now on."""
    ids = list(failed.order_by("pk").values_list("pk", flat=True))
    batches = failed.exclude(batch=None).order_by()
    first = _present(user) or batches.aggregate(last=Max("batch"))["last"] or 0
    for start in range(0, len(ids), CHUNK):
        _try_again(user, failed.filter(pk__in=ids[start : start + CHUNK]), first)


@transacted
def _try_again(user: User, failed: PhotoQuerySet, first: int) -> None:
    """Try each of the files of some photos again, and tell their imports with the first."""
    hold_people([user.pk])
    photos = Photo.objects.filter(pk__in=hold(failed))
    batch_ids = set(photos.exclude(batch=None).values_list("batch", flat=True))
    Item.objects.filter(photo__in=photos).update(problem="", has_changed=False)
    photos.retry()
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


def _chunks(photos: PhotoQuerySet) -> Iterator[list[int]]:
    """Ids of photos, a few at a time, whatever becomes of those before."""
    last, rows = 0, photos.order_by("pk").values_list("pk", flat=True).distinct()
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1]
        yield chunk

"""What becomes of a worker's results: photos are described in place, recorded in the store, or given up.

In this order, so that a process may be killed between any two steps: the grid's picture is written, the store records,
the site's row says that the photo is classified. Until the last step the photo is due, and all of it is done again.
"""

import os
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from classifier.network.labels import Classification
from classifier.work import Outcome, PreparedPhoto, Reason
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.snapshot import catalogue
from pictograph.pages.full_disk import is_full_disk
from pictograph.photos.deletion import forget_leftovers, forget_removed, note_leftovers, remove_files, remove_rows
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.origin import Origin
from pictograph.sources.models import Import, Item, Source, Tombstone
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from pictograph.store.outbox import note_changed, note_deleted, tell_store

Kept = TypeVar("Kept")
Content = tuple[int, str]  # whose, and the digest

# The fields that `_describe` sets.
DESCRIBED = (
    "digest",
    "picture_digest",
    "size_bytes",
    "format",
    "width_px",
    "height_px",
    "placeholder",
    "shown_at",
    "date_origin",
    "date_precision",
    "latitude",
    "longitude",
    "place_origin",
    "camera",
    "is_missing",
    "state",
    "failure",
    "failure_detail",
    "network",
    "edition",
    "is_due",
    "finished_at",
    "lease",
    "lease_until",
)


@dataclass(frozen=True, eq=False)
class Result:
    """A photo that could be read: what is learnt of its file, and what the network says."""

    prepared: PreparedPhoto
    classification: Classification
    digest: str
    file_id: int  # the item that was read
    picture: str  # where the grid's picture has been written

    @property
    def digests(self) -> set[str]:
        """Of the file, and of its picture."""
        return {self.digest, self.prepared.picture_digest}


@dataclass
class Written:
    """What a transaction has done that the store and the storage have to follow."""

    removed: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # of photos that are gone, and of states that no longer show


def write_results(lease: uuid.UUID, outcomes: Sequence[Outcome]) -> None:
    """Keep the results of photos that are still held under the lease; what is no longer held is dropped."""
    by_photo = {outcome.job.photo_id: outcome for outcome in outcomes}  # one result each, if one was claimed twice
    held = Photo.objects.due().filter(lease=lease).in_bulk(list(by_photo))
    results: dict[int, Result] = {}
    failures: dict[int, Outcome] = {}
    pictures = {pk: _path_of_picture(photo, by_photo[pk]) for pk, photo in held.items()}
    # What a photo shows is no leftover at any moment: its picture is written beside, and takes the place in one step.
    beside = {pk: f"{path}.{uuid.uuid4().hex}" for pk, path in pictures.items() if path and _shows(held[pk], path)}
    # Known before they are there: a picture whose photo is deleted meanwhile is swept even if this process is killed.
    note_leftovers([beside.get(pk, path) for pk, path in pictures.items() if path])
    for pk, path in pictures.items():
        read = _keep_picture(held[pk], by_photo[pk], path, beside.get(pk, path))
        if isinstance(read, Result):
            results[pk] = read
        else:
            failures[pk] = read
    edition = catalogue().edition  # before anything is named by it
    records = _records(held, results)
    prediction_store().record(list(records.values()))
    try:
        written = _write(lease, results, failures, records, edition)
    except IntegrityError:  # another worker finished a copy of one of these photos a moment ago
        written = Written()
        for pk in held:
            one = _write(lease, _only(results, pk), _only(failures, pk), records, edition)
            written.removed += one.removed
            written.changed += one.changed
            written.files += one.files
    forget_removed(written.removed, written.files)
    tell_store(written.changed)
    _take_back(records, results)
    remove_files(list(beside.values()))


def give_up(photo: Photo, reason: Reason, detail: str, file_id: int) -> None:
    """Say why a photo cannot be read from the item that was tried; with another that can be read it stays due.

    Each time one item fewer is left to try. After the last one a photo fails, unless it could be read before: then it
    stays as it was, and its items carry the reasons.
    """
    others = Item.objects.filter(photo=photo, state=Item.State.PRESENT, problem="", source__problem="")
    # A disk that does not take the picture would not take it from a copy either.
    has_another = reason != Reason.DISK_FULL and others.exclude(pk=file_id).exists()
    if has_another or photo.state == Photo.State.CLASSIFIED:
        Item.objects.filter(pk=file_id, photo=photo).update(problem=reason)
    if has_another:
        _read_another(photo)
        return
    if photo.state != Photo.State.CLASSIFIED:
        photo.state, photo.failure, photo.failure_detail = Photo.State.FAILED, reason, detail
    photo.is_due, photo.lease, photo.lease_until = False, None, None
    photo.finished_at = timezone.now()
    photo.save(update_fields=["state", "failure", "failure_detail", "is_due", "lease", "lease_until", "finished_at"])


def _only(kept: Mapping[int, Kept], pk: int) -> dict[int, Kept]:
    return {pk: kept[pk]} if pk in kept else {}


def _path_of_picture(photo: Photo, outcome: Outcome) -> str:
    """Where the grid's picture of what was read belongs; empty where nothing was."""
    if outcome.photo is None:
        return ""
    return Photo(key=photo.key, digest=outcome.photo.digest or photo.digest).rendition_path(GRID_SIZE)


def _shows(photo: Photo, path: str) -> bool:
    return photo.state == Photo.State.CLASSIFIED and path in photo.renditions


def _keep_picture(photo: Photo, outcome: Outcome, path: str, first: str) -> Result | Outcome:
    """Write the grid's picture, `first` at another path if need be; a failed outcome where the disk is full."""
    if outcome.photo is None or outcome.classification is None:
        return outcome
    try:
        default_storage.save(first, ContentFile(outcome.photo.thumbnail))
        if first != path:
            _replace(path, first)
    except OSError as error:
        reason = Reason.DISK_FULL if is_full_disk(error) else Reason.UNREADABLE
        return Outcome(outcome.job, failure=reason, detail=str(error))
    digest = outcome.photo.digest or photo.digest or ""
    return Result(outcome.photo, outcome.classification, digest, outcome.job.file_id, path)


def _replace(path: str, by: str) -> None:
    """Put one file of the storage in the place of another."""
    try:
        os.replace(default_storage.path(by), default_storage.path(path))
    except NotImplementedError:  # not a folder: such a storage takes a file whole, or leaves what it has
        with default_storage.open(by, "rb") as file:
            default_storage.save(path, file)


def _records(held: Mapping[int, Photo], results: Mapping[int, Result]) -> dict[int, Record]:
    """What the store has to keep, by photo; nothing of photos whose content the owner has in another photo."""
    known = _known_content(held, results)
    classified: list[Classified] = []
    for pk, result in results.items():
        photo = held[pk]
        if known.setdefault((photo.owner_id, result.digest), pk) == pk:
            dated = Photo(shown_at=photo.shown_at, date_origin=photo.date_origin)
            _date(dated, result.prepared)
            classified.append(Classified(pk, photo.owner_id, dated.shown_at, photo.is_public, result.classification))
    return {record.photo_id: record for record in named(classified)}


@transaction.atomic
def _write(
    lease: uuid.UUID,
    results: Mapping[int, Result],
    failures: Mapping[int, Outcome],
    records: Mapping[int, Record],
    edition: int,
) -> Written:
    """Describe, merge or give up the photos that are still held."""
    held = Photo.objects.due().filter(lease=lease).select_for_update().order_by("pk").in_bulk([*results, *failures])
    results = {pk: result for pk, result in results.items() if pk in held}
    written = Written()
    known = _known_content(held, results)
    _lift_for_uploads(held, results)
    buried = _buried(held, results)
    described: list[Photo] = []
    for pk in held.keys() & failures.keys():
        failed = failures[pk]
        give_up(held[pk], failed.failure or Reason.DAMAGED, failed.detail, failed.job.file_id)
    for pk, result in results.items():
        photo, content = held[pk], (held[pk].owner_id, result.digest)
        twin = known.get(content, pk)
        if twin != pk:
            _merge(photo, twin, result, written)
        elif pk in buried:
            _bury(photo, result, written)
        elif pk in records:
            known[content] = pk
            if photo.digest and photo.digest != result.digest:
                written.files += photo.renditions
            _describe(photo, result)
            photo.network_id, photo.edition = records[pk].network or None, edition
            described.append(photo)
            if (photo.shown_at, photo.is_public) != (records[pk].shown_at, records[pk].is_public):
                written.changed.append(pk)
    _save(described, results)
    forget_leftovers([results[photo.pk].picture for photo in described])
    note_leftovers(written.files)
    note_changed(written.changed)
    return written


def _take_back(records: Mapping[int, Record], results: Mapping[int, Result]) -> None:
    """Let the store forget what it recorded of photos that were deleted meanwhile; remove pictures that none shows."""
    shown = dict(Photo.objects.filter(pk__in=results).values_list("pk", "digest"))
    if gone := sorted(records.keys() - shown.keys()):
        note_deleted(gone)
        tell_store(gone)
    remove_files([result.picture for pk, result in results.items() if shown.get(pk) != result.digest])


def _known_content(held: Mapping[int, Photo], results: Mapping[int, Result]) -> dict[Content, int]:
    """The photos that have the content just found.

    A failed one gives way, items and all: its very bytes could be read this time.
    """
    digests: dict[int, set[str]] = defaultdict(set)
    for pk, result in results.items():
        digests[held[pk].owner_id].add(result.digest)
    known: dict[Content, int] = {}
    for owner, found in digests.items():
        photos = Photo.objects.owned_by(owner).filter(digest__in=found).exclude(state=Photo.State.FAILED)
        known |= {(owner, digest or ""): pk for pk, digest in photos.values_list("pk", "digest")}
    return known


def _lift_for_uploads(held: Mapping[int, Photo], results: Mapping[int, Result]) -> None:
    """Whoever sends a file wants its picture back, also where only the words in the file are others."""
    new = [pk for pk in results if held[pk].state != Photo.State.CLASSIFIED]
    sent = Item.objects.filter(photo__in=new, source__kind=Source.Kind.UPLOAD).values_list("photo", flat=True)
    for owner, digests in _found_by_owner(held, {pk: results[pk] for pk in sent if pk is not None}).items():
        _tombstones(owner, digests).delete()


def _buried(held: Mapping[int, Photo], results: Mapping[int, Result]) -> set[int]:
    """The photos that show nothing yet and hold what their owners have deleted, by the file or by the picture."""
    buried: set[Content] = set()
    for owner, digests in _found_by_owner(held, results).items():
        for pair in _tombstones(owner, digests).values_list("digest", "picture_digest"):
            buried |= {(owner, digest) for digest in pair if digest}
    return {
        pk
        for pk, result in results.items()
        if held[pk].state != Photo.State.CLASSIFIED
        and not buried.isdisjoint((held[pk].owner_id, digest) for digest in result.digests)
    }


def _found_by_owner(held: Mapping[int, Photo], results: Mapping[int, Result]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for pk, result in results.items():
        found[held[pk].owner_id] |= result.digests
    return found


def _tombstones(owner: int, digests: set[str]) -> QuerySet[Tombstone]:
    """Those of someone's that are for one of these files or pictures."""
    return Tombstone.objects.filter(Q(digest__in=digests) | Q(picture_digest__in=digests - {""}), owner=owner)


def _is_read(item: Item, result: Result) -> bool:
    """Whether an item holds what was read. A copy seen to hold something else, on a disk that is away perhaps, has not.

    That one is read only when its turn comes.
    """
    is_copy = item.state == Item.State.PRESENT and item.digest in ("", result.digest)
    return is_copy or item.pk == result.file_id


def _read_of(photo: Photo, result: Result) -> tuple[QuerySet[Item], bool]:
    """The items of a photo that hold what was read, and whether there are others."""
    items = list(Item.objects.filter(photo=photo))
    read = [item.pk for item in items if _is_read(item, result)]
    others = [item for item in items if item.pk not in read and item.state == Item.State.PRESENT]
    Item.objects.filter(pk=result.file_id, photo=photo).update(problem="")
    return Item.objects.filter(pk__in=read), bool(others)


def _read_another(photo: Photo) -> None:
    """Let a photo be read again at once, from another of its items."""
    photo.lease, photo.lease_until, photo.attempts = None, None, 0
    photo.save(update_fields=["lease", "lease_until", "attempts"])


def _bury(photo: Photo, result: Result, written: Written) -> None:
    """Keep out what its owner has deleted: the items that hold it, and with them the photo, if it has no others."""
    read, has_others = _read_of(photo, result)
    if has_others:
        read.update(state=Item.State.DELETED, photo=None, problem="", digest=result.digest)
        _read_another(photo)
        return
    read.update(digest=result.digest)
    _describe(photo, result)
    written.removed.append(photo.pk)
    written.files += remove_rows([photo], is_remembered=True)


def _merge(photo: Photo, twin: int, result: Result, written: Written) -> None:
    """Let the items of a photo that hold what was read belong to the photo that shows it.

    With no others left, one that showed something else is missing, and one that never showed anything goes.
    """
    read, has_others = _read_of(photo, result)
    read.update(photo=twin, digest=result.digest)
    Photo.objects.filter(pk=twin).update(is_missing=False)
    if photo.state == Photo.State.CLASSIFIED:
        photo.is_due, photo.lease, photo.lease_until, photo.is_missing = False, None, None, not has_others
        photo.save(update_fields=["is_due", "lease", "lease_until", "is_missing"])
        return
    if has_others:
        _read_another(photo)
        return
    if photo.batch_id is not None:
        Import.objects.filter(pk=photo.batch_id).update(duplicates=F("duplicates") + 1)
    written.removed.append(photo.pk)
    written.files += remove_rows([photo], is_remembered=False)


def _date(photo: Photo, prepared: PreparedPhoto) -> None:
    if prepared.taken_at is not None:
        photo.date_by(_wall_clock(prepared.taken_at), Origin.of(prepared.date_origin), prepared.date_precision)


def _wall_clock(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _describe(photo: Photo, result: Result) -> None:
    """Set all that was read, in place of what an earlier state of the file said."""
    prepared = result.prepared
    photo.digest, photo.picture_digest = result.digest, prepared.picture_digest
    photo.size_bytes, photo.format = prepared.size_bytes, prepared.format
    photo.width_px, photo.height_px = prepared.width_px, prepared.height_px
    photo.placeholder, photo.camera = prepared.placeholder, prepared.camera
    _date(photo, prepared)
    photo.place_by(prepared.latitude, prepared.longitude, Origin.of(prepared.place_origin))
    photo.state, photo.failure, photo.failure_detail = Photo.State.CLASSIFIED, "", ""
    photo.is_due = photo.is_missing = False
    photo.finished_at = timezone.now()
    photo.lease = photo.lease_until = None


def _save(described: Sequence[Photo], results: Mapping[int, Result]) -> None:
    """Write what `_describe` set, all photos in one statement; `bulk_update` takes a CASE for every value, and longer.

    The rows are there and held, so that each insert meets its row and becomes an update.
    """
    if not described:
        return
    keepers = {(photo.owner_id, photo.digest): photo for photo in described}
    owners, digests = {owner for owner, _ in keepers}, {digest for _, digest in keepers}
    failed = Photo.objects.failed().filter(owner__in=owners, digest__in=digests)
    for twin in failed.exclude(pk__in=[photo.pk for photo in described]):
        keeper = keepers.get((twin.owner_id, twin.digest))
        if keeper is not None:  # another owner's photo may have the digest too
            Item.objects.filter(photo=twin).update(photo=keeper)
            twin.delete()
    Photo.objects.bulk_create(described, update_conflicts=True, unique_fields=["id"], update_fields=DESCRIBED)
    items = Item.objects.filter(photo__in=described)
    read = [item for item in items if _is_read(item, results[item.photo_id or 0])]
    for item in read:
        result = results[item.photo_id or 0]
        item.digest = result.digest
        item.problem = "" if item.pk == result.file_id else item.problem
    Item.objects.bulk_create(read, update_conflicts=True, unique_fields=["id"], update_fields=["digest", "problem"])

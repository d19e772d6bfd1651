"""What services and archives bring in: kept in the storage, and made a photo unless one shows it or it was deleted."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils import timezone

from pictograph.photos.dates import posted_date
from pictograph.photos.deletion import forget_leftovers, note_leftovers, remove_files
from pictograph.photos.models import Photo
from pictograph.search.words import index_words
from pictograph.sources.models import Import, Item, Source, Tombstone
from pictograph.sources.quota import Room, require_disk
from pictograph.sources.steering import ImportCancelled, leave_out
from pictograph.transactions import hold_people, transacted

State = Import.State


class Taken(StrEnum):
    """What became of a file that a source brought."""

    ADDED = "added"
    CHANGED = "changed"  # its photo shows what the file holds now
    DUPLICATE = "duplicate"  # a photo of theirs shows it already
    DELETED = "deleted"  # they deleted the photo, and it stays so
    SAME = "same"  # nothing but what is told of it has changed, if that


@dataclass(frozen=True)
class Brought:
    """A file as a source has it: what it calls it (`ref`), its bytes and their SHA-256, and what it tells of it.

    `posted_at` (aware) dates a photo that nothing else dates.
    """

    ref: str
    name: str
    file: "File[bytes]"
    digest: str
    size_bytes: int
    told: str = ""
    posted_at: datetime | None = None


def take(batch: Import, source: Source, brought: Sequence[Brought], room: Room) -> dict[str, Taken]:
    """Take some files into the library, all or none; what became of each, by ref.

    A file brought before under its ref is brought anew: where it holds something else, its photo shows that from now
    on, unless another source still has what the photo shows. Every ref and every digest is there once. Raises OSError
    where the disk cannot take the files, NoRoom where the person may not keep them, ImportCancelled where they have
    called the import off; nothing is kept then.
    """
    require_disk(sum(one.size_bytes for one in brought))
    digests = [one.digest for one in brought]
    for photo in Photo.objects.owned_by(source.owner_id).filter(digest__in=digests, batch__state=State.CANCELLING):
        twin_of(source.owner_id, photo.digest or "")  # lets go of what cancelling is about to remove
    # Known before they are there, so that a process killed between a file and its photo leaves nothing behind for good.
    paths = {one.ref: new_path(one.name) for one in brought}
    note_leftovers(list(paths.values()))
    try:
        for one in brought:
            default_storage.save(paths[one.ref], one.file)
        outcomes, unused = _write(batch, source, brought, paths, room)
    except (InterfaceError, OperationalError):
        raise  # whether the rows are there is not known where the connection was lost: the sweep will see
    except BaseException:
        remove_files(list(paths.values()))
        raise
    remove_files(unused)
    return outcomes


def new_path(name: str) -> str:
    """Where an original is kept: apart from every other, its name's ending kept."""
    key = uuid.uuid4().hex
    return f"originals/{key[:2]}/{key}{Path(name).suffix.lower()[:10]}"


def twin_of(owner_id: int, digest: str) -> Photo | None:
    """The photo that has this content already; one that cancelling is about to remove is removed first."""
    same = Photo.objects.owned_by(owner_id).filter(digest=digest)
    twin = same.select_related("batch").first()
    if twin is not None and twin.batch is not None and twin.batch.state == State.CANCELLING:
        leave_out(twin.batch, [twin.pk])
        twin = same.first()
    return twin


def is_lost(photo: Photo) -> bool:
    """Whether a photo has nothing to show, or nothing to show it from."""
    return photo.state == Photo.State.FAILED or photo.is_missing


def revive(photo: Photo) -> None:
    """Give a photo that failed, or whose file is missing, another chance with a file that has just come."""
    Photo.objects.filter(pk=photo.pk).retry()
    Photo.objects.filter(pk=photo.pk).update(is_missing=False)
    photo.items.update(has_changed=False)


@transacted
def _write(
    batch: Import, source: Source, brought: Sequence[Brought], paths: dict[str, str], room: Room
) -> tuple[dict[str, Taken], list[str]]:
    """Write the rows; what became of each file, and the files of the storage that no row names (any more)."""
    hold_people([source.owner_id])
    if not Source.objects.filter(pk=source.pk, removal="").exists():
        raise ImportCancelled  # it is just being given up
    arriving = Arriving(batch, source, brought)
    outcomes = {one.ref: arriving.take(one, paths[one.ref]) for one in brought}
    kept = sum(one.size_bytes for one in brought if paths[one.ref] not in arriving.unused)
    if kept:
        room.require(kept)
    arriving.save()
    forget_leftovers([path for path in paths.values() if path not in arriving.unused])
    note_leftovers(arriving.unused)
    _count(batch, brought, outcomes)
    return outcomes, arriving.unused


def _count(batch: Import, brought: Sequence[Brought], outcomes: dict[str, Taken]) -> None:
    """Count the files into their import. Raises ImportCancelled."""
    is_open = Import.objects.filter(pk=batch.pk).exclude(state__in=Import.CALLED_OFF)
    if not is_open.update(
        arrived_files=F("arrived_files") + len(brought),
        arrived_bytes=F("arrived_bytes") + sum(one.size_bytes for one in brought),
        arrived_at=timezone.now(),
        duplicates=F("duplicates") + sum(outcome is not Taken.ADDED for outcome in outcomes.values()),
    ):
        raise ImportCancelled


class Arriving:
    """The photos and items that some files concern, held by the caller's transaction, and what becomes of them."""

    def __init__(self, batch: Import, source: Source, brought: Sequence[Brought]) -> None:
        self.unused: list[str] = []
        self._batch, self._source = batch, source
        # What an account calls a photo is no other's name: an edit there does not bring back what was deleted here.
        self._is_account = source.kind == Source.Kind.ACCOUNT
        self._new: list[Photo] = []
        self._written: list[Item] = []
        refs, digests = [one.ref for one in brought], {one.digest for one in brought}
        owned = Photo.objects.owned_by(source.owner_id)
        items = Item.objects.filter(source=source, ref__in=refs)
        concerned = Q(digest__in=digests) | Q(pk__in=items.exclude(photo=None).values("photo"))
        self._photos = owned.select_for_update().filter(concerned).order_by("pk").in_bulk()
        self._by_digest = {photo.digest: photo for photo in self._photos.values() if photo.digest}
        self._items = {item.ref: item for item in items.order_by("pk")}
        stones = Tombstone.objects.filter(owner=source.owner_id, digest__in=digests)
        self._buried = set(stones.values_list("digest", flat=True))

    def take(self, one: Brought, path: str) -> Taken:
        """Take one over, whose bytes lie at `path` of the storage by now."""
        item = self._items.get(one.ref)
        if item is None:
            item = Item(source=self._source, ref=one.ref)
        elif item.state == Item.State.DELETED and (self._is_account or one.digest in {item.digest, *self._buried}):
            return self._stay_out(item, one, path)
        elif item.photo_id is not None and item.digest == one.digest and item.stored and not item.problem:
            return self._hear(item, one, path)
        twin = self._by_digest.get(one.digest)
        if twin is not None:
            return self._join(item, twin, one, path)
        if one.digest in self._buried:
            return self._stay_out(item, one, path)
        former = self._photos.get(item.photo_id or 0)
        if former is not None and not self._has_others(former, item):
            self._keep(item, former, one, path)
            self._read_anew(former)
            return Taken.CHANGED
        self._keep(item, self._new_photo(one), one, path)
        return Taken.ADDED

    def save(self) -> None:
        """Write what is new and what has changed, so far kept in memory."""
        Photo.objects.bulk_create(self._new)
        index_words([photo.pk for photo in self._new])
        for item in self._written:
            item.photo_id = item.photo.pk if item.photo is not None else None
        new, known = ([item for item in self._written if (item.pk is None) is is_new] for is_new in (True, False))
        Item.objects.bulk_create(new)
        fields = ["photo", "state", "problem", "size_bytes", "digest", "stored", "told", "has_changed"]
        if known:
            Item.objects.bulk_update(known, fields)

    def _new_photo(self, one: Brought) -> Photo:
        moment, origin = posted_date(one.posted_at)
        photo = Photo(
            owner_id=self._source.owner_id,
            batch=self._batch,
            name=one.name,
            digest=one.digest,
            size_bytes=one.size_bytes,
            shown_at=moment,
            date_origin=origin,
        )
        self._new.append(photo)
        self._by_digest[one.digest] = photo
        return photo

    def _keep(self, item: Item, photo: Photo, one: Brought, path: str) -> None:
        """Have an item be what was brought, for a photo."""
        if item.stored:
            self.unused.append(item.stored)
        item.photo, item.state, item.problem, item.has_changed = photo, Item.State.PRESENT, "", False
        item.size_bytes, item.digest, item.stored, item.told = one.size_bytes, one.digest, path, one.told
        self._written.append(item)

    def _join(self, item: Item, twin: Photo, one: Brought, path: str) -> Taken:
        """Another of their photos shows this: it has a file more."""
        former = self._photos.get(item.photo_id or 0)
        self._keep(item, twin, one, path)
        if twin.pk is not None and is_lost(twin):
            revive(twin)
        if former is not None and former.pk != twin.pk and not self._has_others(former, item):
            Photo.objects.filter(pk=former.pk).update(is_missing=True)
        return Taken.DUPLICATE

    def _hear(self, item: Item, one: Brought, path: str) -> Taken:
        """The same bytes as before, of which perhaps something else is told."""
        self.unused.append(path)
        photo = self._photos[item.photo_id or 0]
        if item.told != one.told:
            item.told = one.told
            self._written.append(item)
            self._read_anew(photo)
        return Taken.SAME

    def _stay_out(self, item: Item, one: Brought, path: str) -> Taken:
        self.unused.append(path)
        if item.stored:
            self.unused.append(item.stored)
        item.photo, item.state, item.digest, item.stored, item.told = None, Item.State.DELETED, one.digest, "", ""
        item.size_bytes = one.size_bytes
        self._written.append(item)
        return Taken.DELETED

    def _read_anew(self, photo: Photo) -> None:
        """Put a photo to work; what a worker may just be reading of it is no longer true, so it loses its hold."""
        read_anew([photo.pk])

    def _has_others(self, photo: Photo, item: Item) -> bool:
        others = Item.objects.filter(photo=photo, state=Item.State.PRESENT, problem="")
        return others.exclude(pk=item.pk or 0).exclude(digest="").exists()


def read_anew(photo_ids: Sequence[int]) -> None:
    """Put photos to work once more, out of any worker's hands; the caller holds their owner."""
    now = timezone.now()
    photos = Photo.objects.filter(pk__in=photo_ids)
    photos.filter(state=Photo.State.FAILED).update(state=Photo.State.PENDING)
    photos.update(is_due=True, attempts=0, queued_at=now, lease=None, lease_until=None)

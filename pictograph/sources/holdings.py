"""The photos and items that a chunk of files concerns, held by one transaction, and what becomes of them.

A photo is its content: one whose file lies elsewhere follows it, and one whose file has changed changes with it, unless
another file still has what it shows. Then the changed file gets a photo of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.utils import timezone

from classifier.work import Reason
from pictograph.photos.dates import file_date
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.search.words import index_words
from pictograph.sources.contents import Known, Look
from pictograph.sources.models import Import, Item, Source, Tombstone
from pictograph.sources.paths import path_of, shown_name
from pictograph.sources.reasons import PASSING
from pictograph.sources.walk import Found

PHOTO_FIELDS = (
    *("name", "size_bytes", "shown_at", "date_origin", "is_missing", "state"),
    *("is_due", "queued_at", "attempts", "lease", "lease_until"),
)
ITEM_FIELDS = (
    *("source", "ref", "photo", "state", "problem"),
    *("size_bytes", "modified_ns", "has_changed", "sidecars", "digest"),
)


class Holdings:
    """What is kept of the files looked at, changed in memory by `take_known` and `take_new` until it is saved.

    `copies` says what the photos' other files hold now, `moves` which unread items are the new files.
    """

    def __init__(
        self, source: Source, looks: Sequence[Look], copies: Mapping[int, str], moves: Mapping[str, int]
    ) -> None:
        self.source = source
        self.new_photos: list[Photo] = []
        self.new_items: list[Item] = []
        self.followed: list[int] = []
        self.counts: Counter[str] = Counter()
        self._moves = moves
        self._now = {look.known.pk: look.digest for look in looks if look.known} | dict(copies)
        self._changed_photos: dict[int, Photo] = {}
        self._changed_items: dict[int, Item] = {}
        self._load(looks)

    @property
    def has_work(self) -> bool:
        """Whether the workers have more to read than before."""
        return bool(self.new_photos) or any(photo.is_due for photo in self._changed_photos.values())

    def take_known(self, look: Look, known: Known) -> None:
        """Take over a file that the source has an item for."""
        item = self.items.get(known.pk)
        if item is None or (item.photo_id, item.state) != (known.photo, known.state):
            return  # a worker or a person has just changed it; the next scan looks again
        photo = self._photos.get(item.photo_id or 0)
        if item.state == Item.State.DELETED:
            self._take_deleted(item, look)
        elif photo is None:
            self._renew(item, look.file)
        elif photo.digest is None:
            self._take_unread(item, photo, look)
        elif look.refused or not look.file.size_bytes:
            self._keep_without(item, photo, look)
        elif not look.digest:
            return  # it was read by a worker meanwhile
        elif look.digest == photo.digest:
            self._take_same(item, photo, look, known)
        elif item.state == Item.State.PRESENT and look.digest == item.digest and (photo.is_due or item.problem):
            if item.problem in PASSING and known.has_bytes_of(look.file):
                self._read_anew(photo)
            self._renew(item, look.file, problem=item.problem, digest=item.digest)
        else:
            self._take_other(item, photo, look)

    def take_new(self, look: Look) -> None:
        """Take over a file at a path that the source has no item for."""
        moved = self.items.get(self._moves.get(look.file.ref, 0))
        item = Item(source=self.source, ref=look.file.ref)
        if look.digest in self._by_digest:
            self._belong(item, self._by_digest[look.digest], look.file)
        elif look.digest in self._buried:
            self._stay_deleted(item, look)
        elif moved is not None:
            self._follow(moved, look)
            return
        else:
            self._give_photo(item, look.file)
        self.new_items.append(item)

    def save(self, batch: Import | None) -> None:
        """Write all changes; new photos belong to the batch.

        The rows that change are there and held, so that each insert meets its row and becomes an update, which is many
        times quicker than a CASE for every value.
        """
        for photo in self.new_photos:
            photo.batch = batch
        Photo.objects.bulk_create(self.new_photos)
        if photos := list(self._changed_photos.values()):
            Photo.objects.bulk_create(photos, update_conflicts=True, unique_fields=["id"], update_fields=PHOTO_FIELDS)
        index_words([photo.pk for photo in [*self.new_photos, *photos]])
        if items := list(self._changed_items.values()):
            Item.objects.bulk_create(items, update_conflicts=True, unique_fields=["id"], update_fields=ITEM_FIELDS)
        Item.objects.bulk_create(self.new_items)

    def _load(self, looks: Sequence[Look]) -> None:
        """Fetch and hold what the files may concern: first photos, then items, as all who change both do."""
        digests = {look.digest for look in looks} - {""}
        owned = Photo.objects.owned_by(self.source.owner_id)
        pks = {look.known.photo for look in looks if look.known and look.known.photo}
        pks |= set(Item.objects.filter(pk__in=self._moves.values()).exclude(photo=None).values_list("photo", flat=True))
        pks |= set(owned.filter(digest__in=digests).values_list("pk", flat=True)) if digests else set()
        self._photos = owned.select_for_update().filter(pk__in=pks).order_by("pk").in_bulk()
        self._by_digest = {
            photo.digest: photo for photo in self._photos.values() if photo.digest and photo.state != Photo.State.FAILED
        }
        named = [look.known.pk for look in looks if look.known] + list(self._moves.values())
        held = Item.objects.filter(Q(photo__in=pks) | Q(pk__in=named)).select_related("source")
        self.items = {item.pk: item for item in held.order_by("pk")}
        self._of_photo: dict[int, list[Item]] = defaultdict(list)
        for item in self.items.values():
            if item.photo_id is not None:
                self._of_photo[item.photo_id].append(item)
        stones = Tombstone.objects.filter(owner=self.source.owner_id, digest__in=digests)
        self._buried = set(stones.values_list("digest", flat=True)) if digests else set()

    def _take_deleted(self, item: Item, look: Look) -> None:
        """A file whose photo was deleted: as long as its content is what was deleted, it stays out."""
        if look.refused:
            self.counts["deleted"] += 1
            return
        was_unread = not item.digest and item.size_bytes == look.file.size_bytes
        if look.digest in self._by_digest:
            self._belong(item, self._by_digest[look.digest], look.file)
        elif not look.digest or was_unread or look.digest in {item.digest, *self._buried}:
            self._stay_deleted(item, look)
        else:
            self._give_photo(item, look.file)

    def _take_unread(self, item: Item, photo: Photo, look: Look) -> None:
        """A file whose content has never been read: whatever it holds now is what the photo shows."""
        has_changed = (item.size_bytes, item.modified_ns) != (look.file.size_bytes, look.file.modified_ns)
        if look.refused and not has_changed:
            return
        was_unlucky = photo.state == Photo.State.FAILED and photo.failure in PASSING
        if has_changed or was_unlucky or item.state == Item.State.MISSING:
            self._read_anew(photo)
        if has_changed:
            photo.size_bytes = look.file.size_bytes
            if photo.date_origin <= Origin.FILE_TIME:
                photo.shown_at, photo.date_origin = file_date(look.file.modified_ns / 1e9)
        self._renew(item, look.file)
        self._be_here(photo)

    def _keep_without(self, item: Item, photo: Photo, look: Look) -> None:
        """A file that is empty or does not open: the photo stays as it is, and what does not open is tried again."""
        if item.state == Item.State.PRESENT:
            problem = look.refused or Reason.EMPTY
            if look.refused:
                item.problem = problem
                self._changed_items[item.pk] = item
            else:
                self._renew(item, look.file, problem=problem, digest=item.digest)

    def _take_same(self, item: Item, photo: Photo, look: Look, known: Known) -> None:
        """A file that holds what its photo shows: touched, or back, or with something new beside it."""
        was_unlucky = item.problem in PASSING and known.has_bytes_of(look.file)
        has_new_sidecars = known.sidecars != [list(sidecar) for sidecar in look.file.sidecars]
        if was_unlucky or has_new_sidecars or (photo.state == Photo.State.FAILED and photo.failure in PASSING):
            self._read_anew(photo)
        self._belong(item, photo, look.file)

    def _take_other(self, item: Item, photo: Photo, look: Look) -> None:
        """A file that holds something else than its photo shows."""
        was_missing = item.state == Item.State.MISSING
        if look.digest in self._by_digest:
            self._belong(item, self._by_digest[look.digest], look.file)
        elif look.digest in self._buried:
            self._stay_deleted(item, look)
        elif was_missing or self._others_hold(photo, item) - {look.digest}:
            self._give_photo(item, look.file, look.digest)
        else:
            self._renew(item, look.file, digest=look.digest)
            self._be_here(photo)
            self._read_anew(photo)
            self.counts["changed"] += 1
            return
        self._leave(photo)

    def _follow(self, item: Item, look: Look) -> None:
        """An item that nobody has read yet, whose file has moved."""
        self.followed.append(item.pk)
        item.source, item.ref = self.source, look.file.ref
        photo = self._photos.get(item.photo_id or 0)
        self._renew(item, look.file, state=item.state if photo is None else Item.State.PRESENT)
        if photo is None:
            self.counts["deleted"] += 1
            return
        self.counts["moved"] += 1
        self._read_anew(photo)
        self._be_here(photo)

    def _belong(self, item: Item, photo: Photo, file: Found) -> None:
        """Have an item belong to the photo that shows its content, and nothing with another content do so."""
        if item.photo_id != photo.pk:
            item.photo = photo
            self._of_photo[photo.pk].append(item)
        self._renew(item, file, digest=photo.digest or "")
        self._be_here(photo)
        for other in self._of_photo[photo.pk]:
            is_other = other.photo_id == photo.pk and other.state == Item.State.PRESENT and not other.problem
            if is_other and other.digest not in ("", photo.digest):
                version = Found(other.ref, other.size_bytes, other.modified_ns, _sidecars(other))
                self._give_photo(other, version, other.digest)
                self._leave(photo)

    def _give_photo(self, item: Item, file: Found, digest: str = "") -> None:
        """A new photo, still to be read."""
        moment, origin = file_date(file.modified_ns / 1e9)
        photo = Photo(
            owner_id=self.source.owner_id,
            name=shown_name(path_of(item.ref)),
            size_bytes=file.size_bytes,
            shown_at=moment,
            date_origin=origin,
        )
        item.photo = photo
        self._renew(item, file, digest=digest)
        self.new_photos.append(photo)
        self.counts["added"] += 1

    def _stay_deleted(self, item: Item, look: Look) -> None:
        item.photo = None
        self._renew(item, look.file, state=Item.State.DELETED, digest=look.digest or item.digest)
        self.counts["deleted"] += 1

    def _renew(
        self, item: Item, file: Found, *, state: str = Item.State.PRESENT, problem: str = "", digest: str = ""
    ) -> None:
        if item.pk is not None and (item.size_bytes, item.modified_ns) != (file.size_bytes, file.modified_ns):
            item.has_changed = True
        item.size_bytes, item.modified_ns = file.size_bytes, file.modified_ns
        item.sidecars = [list(sidecar) for sidecar in file.sidecars]
        item.state, item.problem, item.digest = state, problem, digest
        if item.pk is not None:
            self._changed_items[item.pk] = item

    def _read_anew(self, photo: Photo) -> None:
        """Put a photo to work; what a worker may just be reading of it is no longer true, so it loses its hold."""
        if photo.state == Photo.State.FAILED:
            photo.state = Photo.State.PENDING
        photo.is_due, photo.attempts, photo.queued_at = True, 0, timezone.now()
        photo.lease = photo.lease_until = None
        self._changed_photos[photo.pk] = photo

    def _be_here(self, photo: Photo) -> None:
        """The photo has a file: it is not missing, and is called as its file is, or one of them."""
        present = self._present(photo)
        names = [shown_name(path_of(item.ref)) for item in present]
        is_uploaded = any(item.source.kind == Source.Kind.UPLOAD for item in present)
        if photo.is_missing or (photo.name not in names and not is_uploaded):
            photo.is_missing = False
            photo.name = photo.name if is_uploaded or photo.name in names else names[0]
            self._changed_photos[photo.pk] = photo

    def _leave(self, photo: Photo) -> None:
        """See what a photo is without an item that belonged to it."""
        if not self._present(photo):
            photo.is_missing = True
            photo.is_due = photo.is_due and photo.state != Photo.State.CLASSIFIED
        else:
            self._be_here(photo)
        photo.lease = photo.lease_until = None
        self._changed_photos[photo.pk] = photo

    def _present(self, photo: Photo) -> list[Item]:
        items = self._of_photo[photo.pk]
        return [item for item in items if item.photo_id == photo.pk and item.state == Item.State.PRESENT]

    def _others_hold(self, photo: Photo, item: Item) -> set[str]:
        """What the other files of a photo hold, as far as they are there."""
        others = (other for other in self._of_photo[photo.pk] if other.photo_id == photo.pk and other is not item)
        return {self._now.get(other.pk, "" if other.is_lost else other.digest) for other in others} - {""}


def _sidecars(item: Item) -> tuple[tuple[str, int, int], ...]:
    return tuple((str(name), int(size), int(time)) for name, size, time in item.sidecars)

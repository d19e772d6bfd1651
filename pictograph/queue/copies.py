"""Content that is known: photos that have it already, what their owners have deleted, and items that change hands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import F, Q, QuerySet

from pictograph.photos.deletion import note_leftovers
from pictograph.photos.models import Photo
from pictograph.queue.readings import Reading
from pictograph.sources.models import Import, Item, Source, Tombstone

Content = tuple[int, str]  # whose, and the digest


def known_content(held: Mapping[int, Photo], readings: Mapping[int, Reading]) -> dict[Content, int]:
    """The photos that have the content just found.

    A failed one gives way, items and all: its very bytes could be read this time.
    """
    digests: dict[int, set[str]] = defaultdict(set)
    for pk, reading in readings.items():
        digests[held[pk].owner_id].add(reading.digest)
    known: dict[Content, int] = {}
    for owner, found in digests.items():
        photos = Photo.objects.owned_by(owner).filter(digest__in=found).exclude(state=Photo.State.FAILED)
        known |= {(owner, digest or ""): pk for pk, digest in photos.values_list("pk", "digest")}
    return known


def lift_for_uploads(held: Mapping[int, Photo], readings: Mapping[int, Reading]) -> None:
    """Whoever sends a file wants its picture back, also where only the words in the file are others."""
    for owner, digests in _found_by_owner(held, _sent(held, readings)).items():
        _tombstones(owner, digests).delete()


def buried_among(held: Mapping[int, Photo], readings: Mapping[int, Reading]) -> set[int]:
    """The photos that show nothing yet and hold what their owners have deleted, by the file or by the picture.

    What one of the uploads among them lifts is deleted no more.
    """
    buried: set[Content] = set()
    sent = _found_by_owner(held, _sent(held, readings))
    for owner, digests in _found_by_owner(held, readings).items():
        stones = _tombstones(owner, digests)
        if owner in sent:
            stones = stones.exclude(pk__in=_tombstones(owner, sent[owner]).values("pk"))
        for pair in stones.values_list("digest", "picture_digest"):
            buried |= {(owner, digest) for digest in pair if digest}
    return {
        pk
        for pk, reading in readings.items()
        if held[pk].state != Photo.State.CLASSIFIED
        and not buried.isdisjoint((held[pk].owner_id, digest) for digest in reading.digests)
    }


def _sent(held: Mapping[int, Photo], readings: Mapping[int, Reading]) -> dict[int, Reading]:
    """What was read of photos that show nothing yet and was uploaded, also where it was read from a copy of that."""
    new = {pk: reading for pk, reading in readings.items() if held[pk].state != Photo.State.CLASSIFIED}
    uploads = Item.objects.filter(photo__in=new, source__kind=Source.Kind.UPLOAD, state=Item.State.PRESENT)
    sent = {(photo, key) for pk, photo, digest in uploads.values_list("pk", "photo", "digest") for key in (pk, digest)}
    return {pk: reading for pk, reading in new.items() if {(pk, reading.file_id), (pk, reading.digest)} & sent}


def _found_by_owner(held: Mapping[int, Photo], readings: Mapping[int, Reading]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for pk, reading in readings.items():
        found[held[pk].owner_id] |= reading.digests
    return found


def _tombstones(owner: int, digests: set[str]) -> QuerySet[Tombstone]:
    """Those of someone's that are for one of these files or pictures."""
    return Tombstone.objects.filter(Q(digest__in=digests) | Q(picture_digest__in=digests - {""}), owner=owner)


def bury(photo: Photo, reading: Reading) -> bool:
    """Keep out the items that hold what the owner has deleted; whether the photo has no others, and is to go too."""
    read, has_others = _read_of(photo, reading)
    if has_others:
        note_leftovers(list(read.filter(stored__gt="").values_list("stored", flat=True)))  # swept by and by
        read.update(state=Item.State.DELETED, photo=None, problem="", digest=reading.digest, stored="", told="")
        read_another(photo)
        return False
    read.update(digest=reading.digest)
    reading.describe(photo)
    return True


def merge(photo: Photo, twin: int, reading: Reading) -> bool:
    """Let the items of a photo that hold what was read belong to the photo that shows it; whether the photo is to go.

    It goes if it has no other items and never showed anything; if it shows something else, it is missing then.
    """
    read, has_others = _read_of(photo, reading)
    read.update(photo=twin, digest=reading.digest)
    Photo.objects.filter(pk=twin).update(is_missing=False)
    if photo.state == Photo.State.CLASSIFIED:
        photo.is_due, photo.lease, photo.lease_until, photo.is_missing = False, None, None, not has_others
        photo.save(update_fields=["is_due", "lease", "lease_until", "is_missing"])
        read_what_is_wanted(Item.objects.filter(photo=photo))
        return False
    if has_others:
        read_another(photo)
        return False
    if photo.batch_id is not None:
        Import.objects.filter(pk=photo.batch_id).update(duplicates=F("duplicates") + 1)
    return True


def read_another(photo: Photo) -> None:
    """Let a photo be read again at once, from another of its items."""
    photo.lease, photo.lease_until, photo.attempts = None, None, 0
    photo.save(update_fields=["lease", "lease_until", "attempts"])


def read_what_is_wanted(items: Iterable[Item]) -> None:
    """Let photos that have just been read be due still where a person wants others of these items to be read."""
    wanted = {item.photo_id or 0 for item in items if item.read_wanted and item.state == Item.State.PRESENT}
    if wanted:
        Photo.objects.filter(pk__in=wanted).update(is_due=True, attempts=0)


def _read_of(photo: Photo, reading: Reading) -> tuple[QuerySet[Item], bool]:
    """The items of a photo that hold what was read, and whether there are others."""
    items = list(Item.objects.filter(photo=photo))
    read = [item.pk for item in items if reading.is_of(item)]
    others = [item for item in items if item.pk not in read and item.state == Item.State.PRESENT]
    Item.objects.filter(pk=reading.file_id, photo=photo).update(problem="", read_wanted=False)
    return Item.objects.filter(pk__in=read), bool(others)

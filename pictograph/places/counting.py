"""Sightings and the map's counters follow the rows: a photo counts while others may see it and about where it is from.

Whoever changes one of that notes the photo in the same transaction, and has it counted once that is through; what a
killed process left is counted by the sweep. Counting again what is counted right changes nothing.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from pictograph.catalogue.snapshot import calibration
from pictograph.many import insert_many
from pictograph.people.models import User
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.places.counters import writing
from pictograph.places.models import PersonOnMap, Sighting, Uncounted
from pictograph.store import stored_predictions
from pictograph.store.scope import NETWORK

SHOWING = {"is_active": True, "shows_places": True, "is_on_map": True}  # of people whom the map counts
CHUNK = 2500  # photos counted in a transaction: a few tenths of a second
SIGHTED = ("photo_id", "owner_id", "cell", "wnids")
AT_MOST_S = 8.0  # of one sweep; the next one goes on


@dataclass(frozen=True)
class Seen:
    """What is to be counted of a photo: whose, where, in which categories."""

    owner: int
    cell: int
    wnids: tuple[str, ...]


def counted_of(photo_ids: Sequence[int]) -> dict[int, Seen]:
    """What has been counted of photos; of those that do not count nothing."""
    rows = Sighting.objects.filter(pk__among=frozenset(photo_ids)).values_list(*SIGHTED)
    return {photo_id: Seen(owner, cell, tuple(wnids.split())) for photo_id, owner, cell, wnids in rows}


def note_sightings(photo_ids: Iterable[int]) -> None:
    """Put down that photos are to be counted anew, in the transaction that changes what counts."""
    # Whoever is counting one of them meanwhile finds that it was noted once more, or waits to see what was noted.
    table = Uncounted._meta.db_table
    once_more = f"(photo_id) DO UPDATE SET times = {table}.times + 1"
    noted = [(photo_id, 1) for photo_id in sorted(set(photo_ids))]  # the order that all lock them in
    insert_many(Uncounted, ("photo_id", "times"), noted, once_more)


def count_sightings(photo_ids: Sequence[int]) -> None:
    """Count what was noted of some photos, once the caller's transaction is through, if it is in one."""
    if photo_ids:
        transaction.on_commit(lambda: _count(photo_ids))


def sweep_sightings(at_most_s: float = AT_MOST_S) -> None:
    """Count what is noted still, let go who no longer shows places, and begin with those who have begun to."""
    began = time.monotonic()
    for owner in not_showing():
        let_go(owner)
    showing = User.objects.filter(**SHOWING).values_list("pk", flat=True)
    on_map = PersonOnMap.objects.values("owner_id")
    for owner in showing.exclude(pk__in=on_map):
        PersonOnMap.objects.get_or_create(owner_id=owner)
    while time.monotonic() - began < at_most_s:
        waiting = list(Uncounted.objects.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        _count(waiting)
        if not waiting and not _note_published():
            break


def on_map(photos: PhotoQuerySet) -> PhotoQuerySet:
    """Those of some photos that the map counts; the rows decide."""
    shown = photos.in_scope(NETWORK).showing_places().classified()
    return shown.filter(owner__is_on_map=True, cell__isnull=False)


def not_showing() -> list[int]:
    """People whom the map still counts though they have ceased to show places; it is to leave them out at once."""
    showing = User.objects.filter(**SHOWING).values("pk")
    return list(PersonOnMap.objects.exclude(owner_id__in=showing).values_list("owner_id", flat=True))


def let_go(owner: int) -> None:
    """Take all of a person off the map, in one go."""
    with writing() as changes:
        if User.objects.filter(pk=owner, **SHOWING).exists():  # they have changed their mind
            return
        changes.remove_person(owner)
        Sighting.objects.filter(owner_id=owner).delete()
        PersonOnMap.objects.filter(owner_id=owner).delete()


def seen_now(photo_ids: Sequence[int]) -> dict[int, Seen]:
    """What is to be counted of photos, in the categories that list each; nothing of those that do not count."""
    photos = on_map(Photo.objects.filter(pk__among=frozenset(photo_ids))).values_list("pk", "owner", "cell")
    there = {pk: (owner, cell or 0) for pk, owner, cell in photos}
    if not there:
        return {}
    listed = stored_predictions().categories_of(sorted(there), calibration().default)
    return {pk: Seen(*there[pk], wnids) for pk, wnids in listed.items()}


def _count(photo_ids: Sequence[int]) -> None:
    for start in range(0, len(photo_ids), CHUNK):
        waiting = Uncounted.objects.filter(pk__among=frozenset(photo_ids[start : start + CHUNK]))
        noted = dict(waiting.values_list("pk", "times"))
        if noted:
            # The store is another server perhaps, and asked while nothing is locked; the rows are asked once more then.
            count(noted, seen_now(list(noted)))


def count(noted: Mapping[int, int], seen: Mapping[int, Seen]) -> None:
    """Have photos counted as they are seen, as far as none was noted anew since."""
    with transaction.atomic():
        notes = Uncounted.objects.select_for_update().filter(pk__among=frozenset(noted)).order_by("pk")
        same = [pk for pk, times in notes.values_list("pk", "times") if times == noted[pk]]
        with writing() as changes:
            counted = counted_of(same)
            right = _still(seen, same)
            changed = [pk for pk in same if counted.get(pk) != right.get(pk)]
            for sign, photos in ((-1, counted), (1, right)):
                for photo in (photos[pk] for pk in changed if pk in photos):
                    changes.count(photo.owner, photo.cell, photo.wnids, sign)
            Sighting.objects.filter(pk__among=frozenset(changed)).delete()
            seen_anew = ((pk, right[pk]) for pk in changed if pk in right)
            rows = [(pk, photo.owner, photo.cell, " ".join(photo.wnids)) for pk, photo in seen_anew]
            insert_many(Sighting, SIGHTED, rows)
            Uncounted.objects.filter(pk__among=frozenset(same)).delete()


def _still(seen: Mapping[int, Seen], photo_ids: Sequence[int]) -> dict[int, Seen]:
    """What is still to be counted of photos by the rows as they are now."""
    photos = on_map(Photo.objects.filter(pk__among=seen.keys() & photo_ids))
    there = dict(photos.values_list("pk", "cell"))
    people = set(PersonOnMap.objects.filter(pk__in={seen[pk].owner for pk in there}).values_list("pk", flat=True))
    return {pk: seen[pk] for pk, cell in there.items() if seen[pk].cell == cell and seen[pk].owner in people}


def _note_published() -> int:
    """Note a few photos more of somebody who has just come onto the map; how many."""
    person = PersonOnMap.objects.filter(after__isnull=False).order_by("pk").first()
    if person is None or person.after is None:
        return 0
    theirs = on_map(Photo.objects.owned_by(person.owner_id)).filter(pk__gt=person.after).order_by("pk")
    ids = list(theirs.values_list("pk", flat=True)[:CHUNK])
    with transaction.atomic():
        note_sightings(ids)
        PersonOnMap.objects.filter(pk=person.pk).update(after=ids[-1] if len(ids) == CHUNK else None)
    return max(1, len(ids))

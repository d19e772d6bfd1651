"""Photos named by an earlier edition of the catalogue, or before something was said of them, are named anew.

What people say is applied at once, a few hundred photos at a time; all the rest, and what was left, by the sweep.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from pictograph.catalogue.assignments import renamed
from pictograph.catalogue.snapshot import catalogue
from pictograph.photos.flags import flag_public
from pictograph.photos.models import Photo
from pictograph.places.counting import count_sightings, note_sightings, on_map
from pictograph.store import stored_predictions
from pictograph.store.interface import Record
from pictograph.transactions import chunks, of_held_people, transacted

CHUNK = 500
AT_MOST_S = 8.0  # of one sweep; the next one goes on

State = tuple[datetime | None, int]  # when a worker finished with it, and how often people said something of it


def rename_stale(at_most_s: float = AT_MOST_S) -> int:
    """Make the categories and names of photos anew whose edition has passed; how many, until the time is over."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < at_most_s:
        edition = catalogue().naming
        stale = Photo.objects.classified().filter(edition__lt=edition).order_by("edition", "pk")
        photo_ids = list(stale.values_list("pk", flat=True)[:CHUNK])
        if not photo_ids:
            break
        done += _rename(photo_ids, edition)[1]
    return done


def rename(photo_ids: Sequence[int]) -> list[int]:
    """Make the categories and names of photos anew; those whose stored ones were different.

    What workers and people change of them meanwhile stays.
    """
    changed: list[int] = []
    for chunk in chunks(photo_ids, CHUNK):
        changed += _rename(chunk, catalogue().naming)[0]
    return changed


def _rename(photo_ids: Sequence[int], edition: int) -> tuple[list[int], int]:
    """Those of some photos whose stored names were different; how many are of this edition since."""
    read = _states(photo_ids)  # before what was said of them is read
    changed = renamed_otherwise(photo_ids)
    ids = [record.photo_id for record in changed]
    note_sightings(_on_map(ids))
    stored_predictions().rename(changed)
    sighted = _on_map(ids)
    note_sightings(sighted)  # once more, as the map may have counted meanwhile what was named before
    count_sightings(sighted)
    flag_public(ids)
    return ids, _say_named(read, edition)


def _on_map(photo_ids: Sequence[int]) -> list[int]:
    return list(on_map(Photo.objects.filter(pk__among=frozenset(photo_ids))).values_list("pk", flat=True))


def _states(photo_ids: Sequence[int]) -> dict[int, State]:
    rows = Photo.objects.classified().filter(pk__among=frozenset(photo_ids))
    return {pk: (finished_at, said) for pk, finished_at, said in rows.values_list("pk", "finished_at", "corrections")}


@transacted
def _say_named(read: Mapping[int, State], edition: int) -> int:
    """Say by which edition photos are named now, unless somebody has done or said something of them; how many."""
    photos = of_held_people(Photo.objects.filter(pk__among=read.keys()))
    held = photos.select_for_update().filter(edition__lt=edition).order_by("pk")
    # One that a worker has read meanwhile says by which edition that worker named it.
    states = {pk: (finished_at, said) for pk, finished_at, said in held.values_list("pk", "finished_at", "corrections")}
    named = frozenset(pk for pk, state in states.items() if state == read[pk])
    return Photo.objects.filter(pk__among=named).update(edition=edition)


def renamed_otherwise(photo_ids: Sequence[int]) -> list[Record]:
    """The photos, by new categories and names, whose stored ones are different; nothing is changed."""
    records = stored_predictions().find_many(photo_ids)
    return [new for old, new in zip(records, renamed(records), strict=True) if _made(old) != _made(new)]


def _made(record: Record) -> object:
    """What was made of what a network said, and how many corrections were known."""
    corrected = None if record.corrected is None else record.corrected.encode()
    return (frozenset(record.assignments), record.names, corrected, record.corrections)

"""Photos named by an earlier edition of the catalogue are named anew, a few hundred at a time, by the sweep."""

import time
from collections.abc import Mapping
from datetime import datetime

from pictograph.catalogue.assignments import renamed
from pictograph.catalogue.snapshot import catalogue
from pictograph.photos.models import Photo
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from pictograph.store.scope import NETWORK
from pictograph.transactions import hold_people, transacted

CHUNK = 200
AT_MOST_S = 8.0  # of one sweep; the next one goes on


def rename_stale(at_most_s: float = AT_MOST_S) -> int:
    """Make the categories and names of photos anew whose edition has passed; how many, until the time is over."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < at_most_s:
        edition = catalogue().edition
        stale = Photo.objects.classified().filter(edition__lt=edition).order_by("edition", "pk")
        read = dict(stale.values_list("pk", "finished_at")[:CHUNK])
        if not read:
            break
        rename(list(read))
        done += _say_named(read, edition)
    return done


@transacted
def _say_named(read: Mapping[int, datetime | None], edition: int) -> int:
    """Say by which edition photos are named now, unless a worker has read them meanwhile; how many they are."""
    photos = Photo.objects.filter(pk__in=read)
    hold_people(photos.order_by().values_list("owner", flat=True).distinct())
    held = photos.select_for_update().filter(edition__lt=edition).order_by("pk")
    # One that a worker has read meanwhile says by which edition that worker named it.
    named = [pk for pk, finished_at in held.values_list("pk", "finished_at") if finished_at == read[pk]]
    return Photo.objects.filter(pk__in=named).update(edition=edition)


def rename(photo_ids: list[int]) -> list[int]:
    """Make the categories and names of photos anew; those whose stored ones were different.

    What workers and people change of them meanwhile stays.
    """
    changed = renamed_otherwise(photo_ids)
    ids = [record.photo_id for record in changed]
    public = list(Photo.objects.in_scope(NETWORK).filter(pk__in=ids).values_list("pk", flat=True))
    note_sightings(public)
    prediction_store().rename(changed)
    note_sightings(public)  # once more, as the map may have counted meanwhile what was named before
    count_sightings(public)
    return ids


def renamed_otherwise(photo_ids: list[int]) -> list[Record]:
    """The photos, by new categories and names, whose stored ones are different; nothing is changed."""
    records = prediction_store().find_many(photo_ids)
    return [new for old, new in zip(records, renamed(records), strict=True) if _said(old) != _said(new)]


def _said(record: Record) -> object:
    return (frozenset(record.assignments), record.names)

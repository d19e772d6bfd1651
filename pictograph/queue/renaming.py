"""Photos named by an earlier edition of the catalogue are named anew, a few hundred at a time, by the sweep."""

import time

from pictograph.catalogue.assignments import renamed
from pictograph.catalogue.snapshot import catalogue
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import Record

CHUNK = 200
AT_MOST_S = 8.0  # of one sweep; the next one goes on


def rename_stale(at_most_s: float = AT_MOST_S) -> int:
    """Make the categories and names of photos anew whose edition has passed; how many, until the time is over."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < at_most_s:
        edition = catalogue().edition
        stale = Photo.objects.classified().filter(edition__lt=edition).order_by("edition", "pk")
        ids = list(stale.values_list("pk", flat=True)[:CHUNK])
        if not ids:
            break
        rename(ids)
        Photo.objects.filter(pk__in=ids, edition__lt=edition).update(edition=edition)
        done += len(ids)
    return done


def rename(photo_ids: list[int]) -> list[int]:
    """Make the categories and names of photos anew; those whose stored ones were different."""
    records = prediction_store().find_many(photo_ids)
    changed = [new for old, new in zip(records, renamed(records), strict=True) if _said(old) != _said(new)]
    prediction_store().record(changed)
    return [record.photo_id for record in changed]


def _said(record: Record) -> object:
    return (frozenset(record.assignments), record.names)

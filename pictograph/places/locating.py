"""Photos are located: of each position its town and country are found, and the cell that others may know.

A position that has just been read has no cell. So what is still to be located is known from the rows: a worker does it
after reading, the sweep does what a killed process left, what was there before, and everything anew should the size of
cells change.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from pictograph.many import update_many
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.photos.origin import Origin
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.places.gazetteer import Town, gazetteer
from pictograph.places.grid import bounds_of, distance_km
from pictograph.places.levels import numbers_of, snapped
from pictograph.transactions import hold_people, transacted

CHUNK = 500
AT_MOST_S = 4.0  # of one sweep; the next one goes on
FARTHEST_KM = 100.0  # a place farther than that from any town is in none, and perhaps at sea

Position = tuple[float, float]


@dataclass(frozen=True)
class Location:
    """What is known of a position: where it is, and what others may know of it. Towns and countries may be unknown."""

    cell: int
    town: int | None
    country: str
    near_town: int | None
    near_country: str


def locate_due(at_most_s: float = AT_MOST_S) -> int:
    """Locate photos that have a position and are not located; how many were looked at, until the time is over."""
    began, done = time.monotonic(), 0
    for reason in _reasons():
        before: list[int] = []
        while time.monotonic() - began < at_most_s:
            ids = list(_placed().filter(reason).order_by("cell").values_list("pk", flat=True)[:CHUNK])
            if not ids or ids == before:  # who is moved all the time is located another time
                break
            locate(ids)
            done, before = done + len(ids), ids
    return done


def locate(photo_ids: Sequence[int]) -> None:
    """Locate those of some photos that are to be, and have the map count what is public of them."""
    for start in range(0, len(photo_ids), CHUNK):
        due = _due().filter(pk__in=photo_ids[start : start + CHUNK])
        positions = {
            pk: (latitude or 0.0, longitude or 0.0)
            for pk, latitude, longitude in due.values_list("pk", "latitude", "longitude")
        }
        if positions:
            count_sightings(_write(positions, locations_of(set(positions.values()))))


def locations_of(positions: set[Position]) -> dict[Position, Location]:
    """What is known of each position; 0, 0 is none, as devices without a fix write it."""
    found = sorted(position for position in positions if position != (0, 0))
    if not found:
        return {}
    towns = gazetteer().nearest(found)
    cells = {position: snapped(*position) for position in found}
    near = {cell: about(cell) for cell in set(cells.values())}
    located = {}
    for position, town in zip(found, towns, strict=True):
        own, others = _within_reach(position, town), near[cells[position]]
        located[position] = Location(
            cell=cells[position],
            town=own.id if own else None,
            country=own.country.code if own else "",
            near_town=others.id if others else None,
            near_country=others.country.code if others else "",
        )
    return located


def about(cell: int) -> Town | None:
    """The best known town about the centre of a cell, which is all that others learn of a place in it."""
    centre = bounds_of(cell).centre
    return _within_reach(centre, gazetteer().best_known(*centre, settings.PLACE_KM))


def _within_reach(position: Position, town: Town) -> Town | None:
    return town if distance_km(position, (town.latitude, town.longitude)) <= FARTHEST_KM else None


def _due() -> PhotoQuerySet:
    never, smaller, larger = _reasons()
    return _placed().filter(never | smaller | larger)


def _placed() -> PhotoQuerySet:
    return Photo.objects.filter(latitude__isnull=False, longitude__isnull=False)


def _reasons() -> tuple[Q, Q, Q]:
    """Why a photo is to be located: it has no cell, or one of another size. Each alone is a stretch of an index."""
    first, last = numbers_of(settings.PLACE_KM)
    return Q(cell__isnull=True), Q(cell__lt=first), Q(cell__gt=last)


@transacted
def _write(positions: Mapping[int, Position], locations: Mapping[Position, Location]) -> list[int]:
    """Locate the photos that are still where they were; those of them that others may see."""
    photos = Photo.objects.filter(pk__in=positions)
    hold_people(photos.order_by().values_list("owner", flat=True).distinct())
    held = photos.select_for_update().order_by("pk").defer("placeholder", "failure_detail")
    there = [photo for photo in held if (photo.latitude, photo.longitude) == positions[photo.pk]]
    for photo in there:
        found = locations.get(positions[photo.pk])
        if found is None:
            photo.place_by(None, None, Origin.PERSON)
        else:
            photo.cell, photo.town, photo.country = found.cell, found.town, found.country
            photo.near_town, photo.near_country = found.near_town, found.near_country
    _save(there)
    public = [photo.pk for photo in there if photo.is_public]
    note_sightings(public)
    return public


def _save(photos: Sequence[Photo]) -> None:
    """Write what was found, one statement for all: the ORM's CASE for every value takes much longer."""
    columns = ("latitude", "longitude", "place_origin", "cell", "town", "country", "near_town", "near_country")
    update_many(
        Photo, ["id"], columns, [(photo.pk, *(getattr(photo, column) for column in columns)) for photo in photos]
    )

"""Cells of the map of everyone's photos: which are asked for, what is counted in them, what they are called.

A cell is told of only where enough people have photographed in it, and of a category only where enough have
photographed that there. What is counted of people who have ceased to show places is left out at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fathom.map.steps import nearest_step, step_at_most
from pictograph.catalogue.snapshot import catalogue
from pictograph.pages.addresses import parse_id
from pictograph.places.counting import not_showing
from pictograph.places.gazetteer import LARGE, Town, gazetteer
from pictograph.places.grid import HECTOMETRES, Bounds, around, bounds_of, distance_km, grid_of, grid_of_km
from pictograph.places.levels import numbers_of, sizes_km
from pictograph.places.locating import FARTHEST_KM
from pictograph.places.models import CellCount, PersonCell
from pictograph.places.naming import near
from pictograph.store.interface import ALL_PHOTOS

IN_CELL = 0.6  # sizes of a cell from its middle to where its towns are looked for
APART = 0.25  # sizes of a cell between two towns that it is called by
CONSIDERED = 12  # towns of a cell, most people first
REGION_CELLS = 5  # a region is that many of the cells high that led to it


@dataclass(frozen=True)
class Count:
    """Photos, and by how many people: what is counted, and in steps what of it is told.

    Every difference between two cells, categories or moments would else tell of the few that no cell tells of.
    """

    photos: int
    people: int

    @property
    def photos_told(self) -> int:
        """About how many photos."""
        return int(nearest_step(self.photos) + 0.5)

    @property
    def people_told(self) -> int:
        """How many people at least."""
        return max(step_at_most(self.people), settings.MAP_PEOPLE)

    @property
    def is_enough(self) -> bool:
        """Whether it may be told."""
        return self.people >= settings.MAP_PEOPLE


def cell_asked(query: Mapping[str, str]) -> int | None:
    """The cell whose surroundings are asked for, None for none. Raises Http404 for one that there is not."""
    text = query.get("at", "")
    if not text:
        return None
    cell = parse_id(text)
    if cell is None or size_km_of(cell) not in sizes_km()[1:]:
        raise Http404("There is no such part of the map.")
    try:
        bounds_of(cell)
    except ValueError as error:
        raise Http404("There is no such part of the map.") from error
    return cell


def told_in(size_km: int, wnid: str, bounds: Bounds | None) -> tuple[dict[int, Count], dict[int, Count]]:
    """What may be told of a category in each cell of a size, everywhere or on some ground; and of all photos there.

    A cell is in both or in neither. Of a category that others are shown as, each of them is told where it may be by
    itself: their photos are added up, and the people are those of the one with most, as some may have photos of both.
    """
    grid = grid_of_km(size_km)
    first, last = numbers_of(size_km) if bounds is None else grid.rows_between(bounds.south, bounds.north)
    parts = catalogue().showing.stored(wnid) if wnid else (ALL_PHOTOS,)
    rows = CellCount.objects.filter(wnid__in={*parts, ALL_PHOTOS}, cell__gte=first, cell__lte=last)
    found: dict[str, dict[int, Count]] = {of: {} for of in (*parts, ALL_PHOTOS)}
    for of, cell, photos, people in rows.filter(people__gte=settings.MAP_PEOPLE).values_list(
        "wnid", "cell", "photos", "people"
    ):
        found[of][cell] = Count(photos, people)
    for cell, theirs in _of_people_gone(first, last):
        for of, counts in found.items():
            if of in theirs and cell in counts:
                counts[cell] = Count(counts[cell].photos - theirs[of], counts[cell].people - 1)
    totals = found[ALL_PHOTOS]
    told = {
        cell: count
        for cell, count in added([found[part] for part in parts]).items()
        if count.is_enough
        and cell in totals
        and totals[cell].is_enough
        and (bounds is None or bounds.holds(*bounds_of(cell).centre))
    }
    return told, {cell: totals[cell] for cell in told}


def added(parts: Sequence[Mapping[int, Count]]) -> dict[int, Count]:
    """What may be told of categories that share no photo, as of one."""
    together: dict[int, Count] = {}
    for cell, count in (one for part in parts for one in part.items()):
        if count.is_enough:
            so_far = together.get(cell, Count(0, 0))
            together[cell] = Count(so_far.photos + count.photos, max(so_far.people, count.people))
    return together


def place_words(cell: int) -> str:
    """What a cell is called: "near Rome, Italy", a large one "around Osaka and Kyoto, Japan".

    It is said of the ground alone, whoever photographed where on it: the towns of a large cell lie in it, the second
    far from the first.
    """
    return _place_words(cell, get_language() or "")


def surroundings(cell: int) -> Bounds:
    """The ground that is shown where a cell was asked for."""
    return around(*bounds_of(cell).centre, size_km_of(cell) * REGION_CELLS / 2)


def size_km_of(cell: int) -> int:
    """The size of the map's cells that one is of."""
    return grid_of(cell).size_hm // HECTOMETRES


@lru_cache(maxsize=20_000)
def _place_words(cell: int, _language: str) -> str:
    size_km, bounds = size_km_of(cell), bounds_of(cell)
    towns = gazetteer().within(bounds, CONSIDERED) if size_km > sizes_km()[0] else []
    if not towns:
        town = gazetteer().best_known(*bounds.centre, size_km * IN_CELL)
        is_far = distance_km(bounds.centre, (town.latitude, town.longitude)) > size_km + FARTHEST_KM
        return _("far from any town") if is_far else near(town)
    first = towns[0]
    others = (town for town in towns[1:] if _km_between(first, town) > size_km * APART)
    second = next((town for town in others if town.population >= LARGE), None)
    if second is None:
        return _("around %(town)s") % {"town": first.words}
    is_abroad = first.country != second.country
    return _("around %(town)s and %(other)s") % {
        "town": first.words if is_abroad else first.name,
        "other": second.words,
    }


def _km_between(one: Town, other: Town) -> float:
    return distance_km((one.latitude, one.longitude), (other.latitude, other.longitude))


def _of_people_gone(first: int, last: int) -> list[tuple[int, dict[str, int]]]:
    """What counters still have of people who are no longer to be counted, by cell."""
    gone = not_showing()
    rows = PersonCell.objects.filter(owner_id__in=gone, cell__gte=first, cell__lte=last)
    return list(rows.values_list("cell", "photos")) if gone else []

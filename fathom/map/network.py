"""The map of everyone's photos: how often a category is photographed somewhere, by the counters that are kept for it.

A cell is told of only where enough people have photographed in it, and of a category only where enough have
photographed that there. What is counted of people who have ceased to show places is left out at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.db.models import Sum
from django.http import Http404
from django.utils.http import urlencode

from fathom.map.drawing import Sheet, region_sheet, sheet_around, world_sheet
from fathom.map.rates import Rate
from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.pages.addresses import parse_id
from pictograph.pages.faces import NETWORK_FACE
from pictograph.places.counting import not_showing
from pictograph.places.gazetteer import Town, gazetteer
from pictograph.places.grid import HECTOMETRES, Bounds, around, bounds_of, grid_of, grid_of_km
from pictograph.places.levels import numbers_of, sizes_km
from pictograph.places.models import CellCount, PersonCell
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from taxonomy.browsing import Category

IN_CELL = 0.6  # sizes of a cell from its middle to where its towns are looked for
CHOICES = 12  # categories to go on to
LISTED, LISTED_LESS = 12, 6  # places in the lists below the map
SMALLEST, LARGEST = 0.32, 0.85  # a dot's radius, in sizes of its cell; it grows as its area does with its photos
REGION_CELLS = 5  # a region is that many of the cells high that led to it


@dataclass(frozen=True)
class Count:
    """Photos, and by how many people."""

    photos: int
    people: int


@dataclass(frozen=True)
class Dot:
    """A cell on the map. `rate` is None on the map of all photos, `typical` what is photographed more there."""

    cell: int
    town: Town
    count: Count
    rate: Rate | None
    x: float
    y: float
    radius: float
    url: str | None
    typical: Category | None = None
    typical_rate: Rate | None = None


@dataclass(frozen=True)
class NetworkMap:
    """Where people photograph a category, or anything: in the whole world, or about one place.

    `most` are the dots where it is photographed most, `least` those where it is clearly photographed less; `wider_url`
    leads to the map that this one is a part of.
    """

    category: Category | None
    sheet: Sheet
    dots: tuple[Dot, ...]
    most: tuple[Dot, ...]
    least: tuple[Dot, ...]
    town: Town | None
    size_km: int
    wider_url: str | None
    categories: tuple[tuple[Category, str], ...]

    @property
    def least_people(self) -> int:
        """Of how many people a dot tells at least."""
        return int(settings.MAP_PEOPLE)

    @property
    def all_url(self) -> str:
        """The map of all photos, of the same part of the world."""
        return NETWORK_FACE.url("map")


def network_map(category: Category | None, query: Mapping[str, str]) -> NetworkMap:
    """The map that a query asks for: `at` a cell, whose surroundings are shown in the cells next smaller.

    Raises Http404 for a cell that cannot be.
    """
    at = cell_asked(query)
    sizes = sizes_km()
    level = len(sizes) - 1 if at is None else sizes.index(grid_of(at).size_hm // HECTOMETRES) - 1
    size_km = sizes[level]
    bounds = None if at is None else _about(at)
    counts = counts_in(size_km, category.wnid if category else ALL_PHOTOS, bounds)
    totals = counts_in(size_km, ALL_PHOTOS, bounds) if category else counts
    shown = {cell: count for cell, count in counts.items() if _is_enough(count) and _is_enough(totals.get(cell))}
    share = share_of(category) if category else 0.0
    rates = {
        cell: Rate(count.photos, totals[cell].photos * share) if category else None for cell, count in shown.items()
    }
    sheet = _sheet(list(shown), size_km, bounds)
    most = max((count.photos for count in shown.values()), default=1)
    dots = [
        _dot(cell, count, rates[cell], sheet, (count.photos / most) ** 0.5, category)
        for cell, count in sorted(shown.items(), key=lambda found: -found[1].photos)
    ]
    ranked = sorted(dots, key=_rank)
    more = [dot for dot in ranked if dot.rate and dot.rate.shade > 0] or ranked[:LISTED_LESS]
    return NetworkMap(
        category=category,
        sheet=sheet,
        dots=tuple(dots),
        most=tuple(more[:LISTED] if category else with_typical(ranked[:LISTED], totals)),
        least=tuple([dot for dot in reversed(ranked) if dot.rate and dot.rate.shade < 0][:LISTED_LESS]),
        town=about(at) if at is not None else None,
        size_km=size_km,
        wider_url=_wider(at, category),
        categories=_others(category),
    )


def cell_asked(query: Mapping[str, str]) -> int | None:
    """The cell whose surroundings are asked for, None for none. Raises Http404 for one that there is not."""
    text = query.get("at", "")
    if not text:
        return None
    cell = parse_id(text)
    if cell is None or grid_of(cell).size_hm // HECTOMETRES not in sizes_km()[1:]:
        raise Http404("There is no such part of the map.")
    try:
        bounds_of(cell)
    except ValueError as error:
        raise Http404("There is no such part of the map.") from error
    return cell


def counts_in(size_km: int, wnid: str, bounds: Bounds | None) -> dict[int, Count]:
    """What is counted of a category in each cell of a size, everywhere or in the cells of a stretch of ground."""
    grid = grid_of_km(size_km)
    first, last = numbers_of(size_km) if bounds is None else grid.rows_between(bounds.south, bounds.north)
    rows = CellCount.objects.filter(wnid=wnid, cell__gte=first, cell__lte=last).values_list("cell", "photos", "people")
    counts = {cell: Count(photos, people) for cell, photos, people in rows}
    for cell, photos in _of_people_gone(first, last, wnid):
        if cell in counts:
            counts[cell] = Count(counts[cell].photos - photos, counts[cell].people - 1)
    if bounds is None:
        return counts
    return {cell: count for cell, count in counts.items() if bounds.holds(*bounds_of(cell).centre)}


def share_of(category: Category) -> float:
    """How much of all that is published is of a category."""
    counts = prediction_store().counts(NETWORK_FACE.scope, calibration().default)
    return counts.get(category.wnid, 0) / max(1, counts.get(ALL_PHOTOS, 0))


def with_typical(dots: Sequence[Dot], totals: Mapping[int, Count]) -> list[Dot]:
    """The same dots, each with the category that is photographed most beyond what is usual there."""
    network = prediction_store().counts(NETWORK_FACE.scope, calibration().default)
    everything = max(1, network.get(ALL_PHOTOS, 0))
    rows = CellCount.objects.filter(cell__in=[dot.cell for dot in dots], people__gte=settings.MAP_PEOPLE)
    gone = {cell for cell, _ in _of_people_gone(min(totals, default=0), max(totals, default=0), ALL_PHOTOS)}
    best: dict[int, tuple[float, str, Rate]] = {}
    for cell, wnid, photos in rows.values_list("cell", "wnid", "photos"):
        if cell in gone or wnid not in browsing().categories or wnid in browsing().roots:
            continue
        rate = Rate(photos, totals[cell].photos * network.get(wnid, 0) / everything)
        if rate.shade > 0:
            best[cell] = max(best.get(cell, (0.0, "", rate)), (rate.ratio, wnid, rate), key=lambda found: found[0])
    return [
        replace(dot, typical=browsing().categories[best[dot.cell][1]], typical_rate=best[dot.cell][2])
        if dot.cell in best
        else dot
        for dot in dots
    ]


@lru_cache(maxsize=20_000)
def _town_about(cell: int) -> int:
    centre = bounds_of(cell).centre
    return gazetteer().best_known(*centre, grid_of(cell).size_hm / HECTOMETRES * IN_CELL).id


def about(cell: int) -> Town:
    """The best known town in and about a cell."""
    town = gazetteer().town(_town_about(cell))
    assert town is not None  # it came from there
    return town


def _is_enough(count: Count | None) -> bool:
    return count is not None and count.people >= settings.MAP_PEOPLE


def _of_people_gone(first: int, last: int, wnid: str) -> list[tuple[int, int]]:
    """What counters still have of people who are no longer to be counted, by cell."""
    gone = not_showing()
    if not gone:
        return []
    rows = PersonCell.objects.filter(owner_id__in=gone, cell__gte=first, cell__lte=last).values_list("cell", "photos")
    return [(cell, photos[wnid]) for cell, photos in rows if wnid in photos]


def _about(cell: int) -> Bounds:
    latitude, longitude = bounds_of(cell).centre
    return around(latitude, longitude, grid_of(cell).size_hm / HECTOMETRES * REGION_CELLS / 2)


def _sheet(cells: Sequence[int], size_km: int, bounds: Bounds | None) -> Sheet:
    if bounds is not None:
        return region_sheet(bounds)
    centres = [bounds_of(cell).centre for cell in cells]
    return sheet_around(centres, 2 * size_km) if centres else world_sheet()


def _dot(cell: int, count: Count, rate: Rate | None, sheet: Sheet, part: float, category: Category | None) -> Dot:
    latitude, longitude = bounds_of(cell).centre
    x, y = sheet.point(latitude, longitude)
    size_km = grid_of(cell).size_hm / HECTOMETRES
    size = (SMALLEST + (LARGEST - SMALLEST) * part) * size_km * sheet.km(latitude)
    is_smallest = size_km == sizes_km()[0]
    return Dot(
        cell=cell,
        town=about(cell),
        count=count,
        rate=rate,
        x=round(x, 1),
        y=round(y, 1),
        radius=round(max(size, sheet.width / 250), 1),
        url=None if is_smallest else map_url(category, cell),
    )


def map_url(category: Category | None, at: int | None = None) -> str:
    """The address of a map, of everywhere or about a cell."""
    url = NETWORK_FACE.url("category_map", category) if category else NETWORK_FACE.url("map")
    return url if at is None else f"{url}?{urlencode({'at': at})}"


def _wider(at: int | None, category: Category | None) -> str | None:
    if at is None:
        return None
    sizes = sizes_km()
    position = sizes.index(grid_of(at).size_hm // HECTOMETRES)
    if position == len(sizes) - 1:
        return map_url(category)
    return map_url(category, grid_of_km(sizes[position + 1]).cell(*bounds_of(at).centre))


def _rank(dot: Dot) -> tuple[float, int]:
    return (-(dot.rate.ratio if dot.rate else dot.count.photos), dot.cell)


def _others(category: Category | None) -> tuple[tuple[Category, str], ...]:
    """Categories to go on to, of which the map tells something: those within one, or at the top; most photos first."""
    wnids = category.children if category and category.children else browsing().roots
    first, last = numbers_of(sizes_km()[-1])
    enough = CellCount.objects.filter(wnid__in=wnids, cell__range=(first, last), people__gte=settings.MAP_PEOPLE)
    most = enough.values_list("wnid").annotate(photos=Sum("photos")).order_by("-photos", "wnid")
    found = [browsing().categories[wnid] for wnid, _ in most[:CHOICES]]
    return tuple((other, map_url(other)) for other in found if other != category)

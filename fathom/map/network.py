"""The map of everyone's photos: where people photograph most, or a category more than elsewhere, by kept counters."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from html import escape
from math import sqrt

from django.conf import settings
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from fathom.map.cells import Count, cell_asked, place_words, size_km_of, surroundings, told_in
from fathom.map.drawing import Sheet, region_sheet, sheet_around, world_sheet
from fathom.map.rates import Rate, ratio_of
from pictograph.catalogue.snapshot import browsing, calibration, catalogue
from pictograph.pages.addresses import with_query
from pictograph.pages.faces import NETWORK_FACE
from pictograph.places.grid import bounds_of, grid_of_km
from pictograph.places.levels import sizes_km
from pictograph.places.models import CellCount
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from taxonomy.browsing import Category

CHOICES = 12  # categories to go on to
LISTED, LISTED_ALL, LISTED_LESS = 12, 8, 6  # places in the lists below the map
TELLING = 12  # photos of a category in a place, from which on it may be what the place is known for
SMALLEST, LARGEST = 0.32, 0.85  # a dot's radius, in sizes of its cell; it grows as its area does with its photos
LEAST_OF_WIDTH = 170  # no dot's radius is less than this part of the map's width, or nobody sees it on a phone
AS_MANY_DOTS = 400  # that are drawn: those with most photos


@dataclass(frozen=True)
class Dot:
    """A cell on the map. On the map of all photos `rate` is None, and `typical` what is photographed more there."""

    cell: int
    count: Count
    rate: Rate | None
    x: float
    y: float
    radius: float
    url: str | None
    typical: Category | None = None
    typical_rate: Rate | None = None

    @property
    def place(self) -> str:
        """What its ground is called: "around Lyon, France"."""
        return place_words(self.cell)

    @property
    def how_much(self) -> str:
        """About how many photos, and people at least."""
        return _how_much(self.count.photos_told, self.count.people_told, get_language() or "")

    @property
    def words(self) -> str:
        """All it says: "2 times as often as elsewhere, about 30 photos by 5 people or more around Lyon, France"."""
        place = _("%(count)s %(place)s") % {"count": self.how_much, "place": self.place}
        return f"{self.rate.words}, {place}" if self.rate else place

    @property
    def drawn(self) -> str:
        """The dot in SVG; hundreds of them are more than templates can do in the time."""
        shade = f"shade{self.rate.shade}" if self.rate else "plain"
        circle = f'<circle class="dot {shade}" cx="{self.x}" cy="{self.y}" r="{self.radius}"/>'
        title = f"<title>{escape(self.words)}</title>"
        return f'<a href="{escape(self.url)}">{title}{circle}</a>' if self.url else f"<g>{title}{circle}</g>"


@dataclass(frozen=True)
class NetworkMap:
    """Where people photograph a category, or anything: in the whole world, or about one place.

    `place` is what this part of the world is called, empty for the whole of it. `most` are the dots where it is
    photographed most, `least` those where it is clearly photographed less; `wider_url` leads to the map that this one
    is a part of.
    """

    category: Category | None
    sheet: Sheet
    dots: tuple[Dot, ...]
    most: tuple[Dot, ...]
    least: tuple[Dot, ...]
    place: str
    size_km: int
    wider_url: str | None
    categories: tuple[tuple[Category, str], ...]

    @property
    def drawn(self) -> SafeString:
        """All dots in SVG."""
        return mark_safe("".join(dot.drawn for dot in self.dots[:AS_MANY_DOTS]))

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
    size_km = sizes[-1] if at is None else sizes[sizes.index(size_km_of(at)) - 1]
    told, totals = told_in(size_km, category.wnid if category else ALL_PHOTOS, surroundings(at) if at else None)
    everyones = prediction_store().counts(NETWORK_FACE.scope, calibration().default)
    sheet = _sheet(told, size_km, at)
    dots = dots_of(told, totals, everyones, sheet, category)
    ranked = sorted(dots, key=_rank)
    more = [dot for dot in ranked if dot.rate and dot.rate.shade > 0] or ranked[:LISTED_LESS]
    return NetworkMap(
        category=category,
        sheet=sheet,
        dots=tuple(dots),
        most=tuple(more[:LISTED] if category else with_typical(ranked[:LISTED_ALL], everyones)),
        least=tuple([dot for dot in reversed(ranked) if dot.rate and dot.rate.shade < 0][:LISTED_LESS]),
        place=place_words(at) if at is not None else "",
        size_km=size_km,
        wider_url=_wider(at, category),
        categories=_others(category, everyones),
    )


def dots_of(
    told: Mapping[int, Count],
    totals: Mapping[int, Count],
    everyones: Mapping[str, int],
    sheet: Sheet,
    category: Category | None,
) -> list[Dot]:
    """A dot for each cell, the largest first; of a category each with how much more often it is photographed there."""
    share = everyones.get(category.wnid, 0) / max(1, everyones.get(ALL_PHOTOS, 0)) if category else 0.0
    most = max((count.photos_told for count in told.values()), default=1)
    url = map_url(category)
    units_per_km = cache(sheet.km)  # cells of a row are as far north as each other
    dots = []
    for cell, count in sorted(told.items(), key=lambda found: (-found[1].photos_told, found[0])):
        centre = bounds_of(cell).centre
        x, y = sheet.point(*centre)
        size_km = size_km_of(cell)
        size = (SMALLEST + (LARGEST - SMALLEST) * sqrt(count.photos_told / most)) * size_km * units_per_km(centre[0])
        dots.append(
            Dot(
                cell=cell,
                count=count,
                rate=Rate(count.photos, totals[cell].photos * share) if category else None,
                x=round(x, 1),
                y=round(y, 1),
                radius=round(max(size, sheet.width / LEAST_OF_WIDTH), 1),
                url=None if size_km == sizes_km()[0] else f"{url}?at={cell}",  # hundreds of them
            )
        )
    return dots


def with_typical(dots: Sequence[Dot], everyones: Mapping[str, int]) -> list[Dot]:
    """Dots of the map of all photos, each with the category that is photographed most beyond what is usual there."""
    categories, roots = browsing().categories, browsing().roots
    everything = max(1, everyones.get(ALL_PHOTOS, 0))
    photos_in = {dot.cell: dot.count.photos for dot in dots}
    rows = CellCount.objects.filter(cell__in=photos_in, people__gte=settings.MAP_PEOPLE, photos__gte=TELLING)
    best: dict[int, tuple[float, str, Rate]] = {}
    shown: Counter[tuple[int, str]] = Counter()
    for cell, wnid, photos in rows.values_list("cell", "wnid", "photos"):
        shown[cell, catalogue().showing.listed_as(wnid)] += photos
    for (cell, wnid), photos in shown.items():
        if wnid not in categories or wnid in roots:
            continue
        expected = photos_in[cell] * everyones.get(wnid, 0) / everything
        ratio = ratio_of(photos, expected)
        if cell not in best or ratio > best[cell][0]:
            best[cell] = ratio, wnid, Rate(photos, expected)
    telling = {cell: (categories[wnid], rate) for cell, (_, wnid, rate) in best.items() if rate.shade > 0}
    return [
        replace(dot, typical=telling[dot.cell][0], typical_rate=telling[dot.cell][1]) if dot.cell in telling else dot
        for dot in dots
    ]


def map_url(category: Category | None, at: int | None = None) -> str:
    """The address of a map, of everywhere or about a cell."""
    url = NETWORK_FACE.url("category_map", category) if category else NETWORK_FACE.url("map")
    return with_query(url, {"at": at})


@lru_cache(maxsize=20_000)
def _how_much(photos: int, people: int, _language: str) -> str:
    words = ngettext(
        "about %(photos)s photo by %(people)s people or more",
        "about %(photos)s photos by %(people)s people or more",
        photos,
    )
    people_told = number_format(people, force_grouping=True)
    return words % {"photos": number_format(photos, force_grouping=True), "people": people_told}


def _sheet(cells: Iterable[int], size_km: int, at: int | None) -> Sheet:
    if at is not None:
        return region_sheet(surroundings(at))
    centres = [bounds_of(cell).centre for cell in cells]
    return sheet_around(centres, 2 * size_km) if centres else world_sheet()


def _wider(at: int | None, category: Category | None) -> str | None:
    if at is None:
        return None
    sizes = sizes_km()
    position = sizes.index(size_km_of(at))
    if position == len(sizes) - 1:
        return map_url(category)
    return map_url(category, grid_of_km(sizes[position + 1]).cell(*bounds_of(at).centre))


def _rank(dot: Dot) -> tuple[float, int]:
    return (-(dot.rate.ratio if dot.rate else dot.count.photos_told), dot.cell)


def _others(category: Category | None, everyones: Mapping[str, int]) -> tuple[tuple[Category, str], ...]:
    """Categories to go on to: those within one, or at the top, of which most is published."""
    wnids = category.children if category and category.children else browsing().roots
    shown = sorted((wnid for wnid in wnids if everyones.get(wnid)), key=lambda wnid: -everyones[wnid])[:CHOICES]
    return tuple((other, map_url(other)) for other in (browsing().categories[wnid] for wnid in shown))

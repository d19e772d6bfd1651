"""Assembling a pictograph: which categories, how large their tiles, and which photos fill them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from pictograph.models import Photo, User
from pictograph.store import prediction_store, scope_of
from pictograph.store.categories import browsing
from pictograph.store.interface import ALL_PHOTOS
from pictograph.treemap import Rect, squarify
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

# A tile must hold its name and be hit by a finger; the rest must not dwarf what the page is about. Whoever is drawn at
# another size than its share is said so on the page (`Tile.is_to_scale`).
LEAST_DRAWN = 0.02
REST_DRAWN_AT_MOST = 0.22

BURST = timedelta(minutes=1)  # photos this close in time look alike; a tile shows one of them if it can
PHOTOS_ASKED = 36  # of each tile, to choose from
MOST_CELLS = 7  # of a collage, along either side


@dataclass(frozen=True)
class Frame:
    """A page to lay a pictograph out for, in CSS pixels of a common screen; the page scales it."""

    width_px: float
    height_px: float
    cell_px: float  # photos of a collage are not wanted smaller than this

    @property
    def rect(self) -> Rect:
        """All of it."""
        return Rect(0, 0, self.width_px, self.height_px)


LANDSCAPE = Frame(1360, 765, 104)
PORTRAIT = Frame(360, 576, 60)


@dataclass(frozen=True)
class Collage:
    """A grid filled without holes by `photos` photos, the first of which covers `span` × `span` cells."""

    columns: int
    rows: int
    span: int

    @property
    def photos(self) -> int:
        """How many photos fill it."""
        return self.columns * self.rows - self.span**2 + 1


@dataclass(frozen=True)
class Place:
    """Where a tile lies in its frame (all of it in percent) and how its photos are arranged there."""

    x: float
    y: float
    width: float
    height: float
    collage: Collage


@dataclass(frozen=True)
class Tile:
    """One category of a pictograph, or with no category the photos in none of them."""

    category: Category | None
    name: str
    count: int
    share: float
    is_to_scale: bool
    landscape: Place
    portrait: Place
    photos: tuple[Photo, ...] = ()

    @property
    def percent(self) -> str:
        """The share in whole percent: "38%", "under 1%", "over 99%"."""
        return percent(self.share)

    @property
    def style(self) -> str:
        """Both places as CSS custom properties, `l…` landscape and `p…` portrait."""
        values = [
            f"--{side}{key}:{value:.4f}"
            for side, place in (("l", self.landscape), ("p", self.portrait))
            for key, value in (("x", place.x), ("y", place.y), ("w", place.width), ("h", place.height))
        ]
        for side, place in (("l", self.landscape), ("p", self.portrait)):
            collage = place.collage
            values += [f"--{side}c:{collage.columns}", f"--{side}r:{collage.rows}", f"--{side}s:{collage.span}"]
        return ";".join(values)

    @property
    def cells(self) -> list["Cell"]:
        """The photos with the layouts that show each of them."""
        return [
            Cell(photo, i < self.landscape.collage.photos, i < self.portrait.collage.photos, i == 0)
            for i, photo in enumerate(self.photos)
        ]


@dataclass(frozen=True)
class Cell:
    """A photo in a collage; the first is the largest."""

    photo: Photo
    in_landscape: bool
    in_portrait: bool
    is_first: bool


@dataclass(frozen=True)
class Pictograph:
    """Photos by what they show: the tiles, most photos first, and last the rest if there is any.

    `total` photos are shown, of the library or of `category`; with `tiles` empty, `photos` are some of them.
    """

    category: Category | None
    total: int
    tiles: tuple[Tile, ...]
    photos: tuple[Photo, ...] = ()

    @property
    def distorted(self) -> list[Tile]:
        """The tiles that are not drawn to scale."""
        return [tile for tile in self.tiles if not tile.is_to_scale]


def pictograph_of(owner: User, stop: int, counts: Mapping[str, int], wnid: str | None, year: int | None) -> Pictograph:
    """Assemble someone's pictograph of all photos or of one category: one query a tile and one for all photos.

    `counts` are the store's for the same dial and year. Raises KeyError for a wnid that is no category.
    """
    category = None if wnid is None else browsing().categories[wnid]
    total = counts.get(ALL_PHOTOS if wnid is None else wnid, 0)
    if total == 0:
        return Pictograph(category, 0, ())
    chosen = best_cut(browsing(), counts, tiles=owner.tiles, within=wnid)
    members = {c: _best_photo_ids(owner, c, stop, year) for c in (chosen or filter(None, [wnid]))}
    photos = Photo.objects.owned_by(owner).in_bulk([photo_id for ids in members.values() for photo_id in ids])
    found = {c: varied([photos[i] for i in ids if i in photos]) for c, ids in members.items()}
    if not chosen:
        return Pictograph(category, total, (), tuple(found.get(wnid or "", ())))
    return Pictograph(category, total, _tiles(category, total, {c: counts[c] for c in chosen}, found))


def percent(share: float) -> str:
    """Say a share in whole percent, never 0% of something nor 100% of less than all."""
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return f"{share:.0%}"


def drawn_areas(shares: Sequence[float], rest: float) -> list[float]:
    """Parts of the frame for tiles of these shares, and last for the rest if there is any; they sum to 1.

    In proportion, but the rest gets at most REST_DRAWN_AT_MOST and nothing less than LEAST_DRAWN:
    `drawn_areas([0.1, 0.1], 0.8)` is `[0.39, 0.39, 0.22]`.
    """
    wanted = list(shares)
    if rest > 0:
        most = REST_DRAWN_AT_MOST / (1 - REST_DRAWN_AT_MOST) * math.fsum(shares)
        wanted.append(min(rest, most) if shares else rest)
    whole = math.fsum(wanted)
    areas = [share / whole for share in wanted]
    while small := [i for i, area in enumerate(areas) if area < LEAST_DRAWN - 1e-12]:
        areas = [LEAST_DRAWN if i in small else area for i, area in enumerate(areas)]
        large = math.fsum(area for area in areas if area > LEAST_DRAWN)
        factor = (1 - LEAST_DRAWN * sum(area <= LEAST_DRAWN for area in areas)) / large
        areas = [area * factor if area > LEAST_DRAWN else area for area in areas]
    return areas


def collage_for(width_px: float, height_px: float, available: int, cell_px: float) -> Collage:
    """Choose the grid whose cells are closest to square and to a good size, using no more photos than there are.

    The larger the tile the larger its cells, so that a wall of one category does not turn into confetti.
    """
    target = max(cell_px, math.sqrt(width_px * height_px) / 3.4)

    def cost(collage: Collage) -> float:
        width, height = width_px / collage.columns, height_px / collage.rows
        odd_shape = abs(math.log(width / height / 1.1))
        odd_size = abs(math.log(math.sqrt(width * height) / target))
        # One photo larger than the others gives the eye a place to start; one that is all but the whole takes over.
        dull = 0.25 if collage.span == 1 and collage.photos > 3 else 0.0
        heavy = 0.2 if collage.span > 2 else 0.0
        return 1.4 * odd_shape + odd_size + dull + heavy

    sides = range(1, MOST_CELLS + 1)
    grids = (
        Collage(columns, rows, span)
        for columns, rows in product(sides, sides)
        for span in range(1, min(columns, rows) + 1)
        if span == 1 or span < max(columns, rows)
    )
    return min((grid for grid in grids if grid.photos <= max(available, 1)), key=cost)


def varied(photos: Sequence[Photo]) -> list[Photo]:
    """The same photos, those taken within a minute of an earlier one put last: a burst shows once if it can."""
    first: list[Photo] = []
    alike: list[Photo] = []
    for photo in photos:
        seen = any(abs(photo.shown_at - other.shown_at) < BURST for other in first)
        (alike if seen else first).append(photo)
    return first + alike


def _best_photo_ids(owner: User, wnid: str, stop: int, year: int | None) -> list[int]:
    page = prediction_store().photos_in(scope_of(owner.pk), wnid, stop, year=year, limit=PHOTOS_ASKED)
    return [member.photo_id for member in page.members]


def _tiles(
    category: Category | None, total: int, counts: Mapping[str, int], photos: Mapping[str, Sequence[Photo]]
) -> tuple[Tile, ...]:
    rest = total - sum(counts.values())
    shares = [count / total for count in counts.values()]
    areas = drawn_areas(shares, rest / total)
    categories = [browsing().categories[wnid] for wnid in counts]
    labels: list[tuple[Category | None, str, int]] = [(c, c.name, counts[c.wnid]) for c in categories]
    if rest > 0:
        labels.append((None, "everything else" if category is None else f"other {category.name}", rest))
    available = [len(photos[wnid]) for wnid in counts] + [0] * (rest > 0)
    landscape = _places(areas, available, LANDSCAPE)
    portrait = _places(areas, available, PORTRAIT)
    tiles = []
    for i, (tile_category, name, count) in enumerate(labels):
        wanted = max(landscape[i].collage.photos, portrait[i].collage.photos)
        of_tile = list(photos[tile_category.wnid])[:wanted] if tile_category else []
        tiles.append(
            Tile(
                category=tile_category,
                name=name,
                count=count,
                share=count / total,
                is_to_scale=_is_to_scale(areas, [*shares, rest / total], i),
                landscape=landscape[i],
                portrait=portrait[i],
                photos=tuple(_roomiest_first(of_tile, landscape[i].collage)),
            )
        )
    return tuple(tiles)


def _is_to_scale(areas: Sequence[float], shares: Sequence[float], i: int) -> bool:
    """Whether a tile has the size its share would give it next to the largest category's tile."""
    return math.isclose(areas[i] * shares[0], areas[0] * shares[i], rel_tol=1e-6)


def _places(areas: Sequence[float], available: Sequence[int], frame: Frame) -> list[Place]:
    return [
        Place(
            100 * rect.x / frame.width_px,
            100 * rect.y / frame.height_px,
            100 * rect.width / frame.width_px,
            100 * rect.height / frame.height_px,
            collage_for(rect.width, rect.height, photos, frame.cell_px),
        )
        for rect, photos in zip(squarify(areas, frame.width_px, frame.height_px), available, strict=True)
    ]


def _roomiest_first(photos: Sequence[Photo], collage: Collage) -> list[Photo]:
    """Put the photo first that the large square shows best: of the best half, the one that loses least when cut square."""
    if collage.span == 1 or not photos:
        return list(photos)
    best = range((len(photos) + 1) // 2)
    first = min(best, key=lambda i: (round(abs(math.log(photos[i].aspect)), 1), i))
    return [photos[first], *photos[:first], *photos[first + 1 :]]

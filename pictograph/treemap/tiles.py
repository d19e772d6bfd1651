"""Assembling a pictograph: which categories, how large their tiles, and which photos fill them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pictograph.catalogue.tree import browsing
from pictograph.models import Photo, User
from pictograph.store import prediction_store, scope_of
from pictograph.store.interface import ALL_PHOTOS, Order
from pictograph.treemap.collage import LANDSCAPE, PORTRAIT, TALL_PORTRAIT, Frame, Place, collage_for
from pictograph.treemap.squarify import Rect, squarify
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

# A tile must hold its name and be hit by a finger, and the categories, which the page is about, must keep the larger
# part of the frame whatever the rest. A tile drawn at another size than its share says so (`Tile.is_to_scale`).
LEAST_DRAWN = 0.02
REST_DRAWN_AT_MOST = 0.45
REST_STRIP_FROM = 0.08
# On a phone, more tiles than this or a larger rest get a taller frame: each tile must hold its name.
TALL_ABOVE_TILES = 7
TALL_ABOVE_REST = 0.25

BURST = timedelta(minutes=1)  # photos this close in time look alike; a tile shows one of them if it can
PHOTOS_ASKED = 36  # of each tile, to choose from
SHOWN_FIELDS = ("owner", "name", "width_px", "height_px", "placeholder", "shown_at")
LARGE_VW = 24.0  # a photo shown wider than this much of the screen may want more pixels than the grid's picture has


@dataclass(frozen=True)
class Cell:
    """A photo in a collage: which layouts show it, and `sizes` for the browser if it is shown large in one of them."""

    photo: Photo
    in_landscape: bool
    in_portrait: bool
    sizes: str


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
    def style(self) -> str:
        """Both places as CSS custom properties, `l…` landscape and `p…` portrait, and the longest word's letters."""
        values = [f"--word:{max(len(word) for word in self.name.split())}"]
        for side, place in (("l", self.landscape), ("p", self.portrait)):
            spot = {"x": place.x, "y": place.y, "w": place.width, "h": place.height}
            values += [f"--{side}{key}:{value:.4f}" for key, value in spot.items()]
            grid = {"c": place.collage.columns, "r": place.collage.rows, "s": place.collage.span}
            values += [f"--{side}{key}:{value}" for key, value in grid.items()]
        return ";".join(values)

    @property
    def cells(self) -> list[Cell]:
        """The photos as either layout needs them, the large one first."""
        places = ((self.landscape, LANDSCAPE), (self.portrait, PORTRAIT))
        return [
            Cell(
                photo,
                i < self.landscape.collage.photos,
                i < self.portrait.collage.photos,
                _sizes(photo, [place.needed_px(photo, frame, i == 0) / frame.width_px for place, frame in places]),
            )
            for i, photo in enumerate(self.photos)
        ]


@dataclass(frozen=True)
class Pictograph:
    """Photos by what they show: the tiles, most photos first, and last the rest if there is any.

    `total` photos are meant, of the library or of `category`. Where no narrower category has any, there are no tiles;
    a category's photos then make one `wall`.
    """

    category: Category | None
    total: int
    tiles: tuple[Tile, ...] = ()
    wall: Tile | None = None

    @property
    def is_tall(self) -> bool:
        """Whether a phone shows it taller."""
        return _is_tall([tile.portrait.width * tile.portrait.height / 100**2 for tile in self.tiles], self.has_rest)

    @property
    def has_rest(self) -> bool:
        """Whether the last tile is the rest."""
        return bool(self.tiles) and self.tiles[-1].category is None

    @property
    def not_to_scale(self) -> list[str]:
        """Names of the tiles that are drawn at another size than their share."""
        return [tile.name for tile in self.tiles if not tile.is_to_scale]


def pictograph_of(owner: User, stop: int, counts: Mapping[str, int], wnid: str | None, year: int | None) -> Pictograph:
    """Assemble someone's pictograph of all photos or of one category: one query a tile, the rest's too, and one for all
    photos.

    `counts` are the store's for the same dial and year. Raises KeyError for a wnid that is no category.
    """
    category = None if wnid is None else browsing().categories[wnid]
    total = counts.get(ALL_PHOTOS if wnid is None else wnid, 0)
    if total == 0:
        return Pictograph(category, 0)
    chosen = chosen_categories(owner, counts, wnid)
    shown = chosen or ((wnid,) if wnid else ())
    members: dict[str | None, list[int]] = {c: _best_photo_ids(owner, c, stop, year) for c in shown}
    if chosen and sum(counts[c] for c in chosen) < total:
        members[None] = _newest_photo_ids(owner, wnid or ALL_PHOTOS, stop, year, outside=chosen)
    mine = Photo.objects.owned_by(owner).only(*SHOWN_FIELDS)
    photos = mine.in_bulk([photo_id for ids in members.values() for photo_id in ids])
    found = {c: varied([photos[i] for i in ids if i in photos]) for c, ids in members.items()}
    if chosen:
        return Pictograph(category, total, _tiles(category, total, {c: counts[c] for c in chosen}, found))
    return Pictograph(category, total, wall=_wall(category, total, found[category.wnid]) if category else None)


def chosen_categories(owner: User, counts: Mapping[str, int], wnid: str | None) -> tuple[str, ...]:
    """The categories that get a tile, by wnid, most photos first; no photo sits in two of them."""
    return best_cut(browsing(), counts, tiles=owner.tiles, within=wnid)


def rest_name(category: Category | None) -> str:
    """What the photos in none of the tiles are called."""
    return "everything else" if category is None else f"other {category.name}"


def drawn_areas(shares: Sequence[float], rest: float) -> list[float]:
    """Parts of the frame for tiles of these shares, and last for the rest if there is any; they sum to 1.

    In proportion, but the rest gets at most REST_DRAWN_AT_MOST and nothing less than LEAST_DRAWN:
    `drawn_areas([0.1, 0.1], 0.8)` is `[0.275, 0.275, 0.45]`.
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


def _newest_photo_ids(owner: User, wnid: str, stop: int, year: int | None, outside: Sequence[str]) -> list[int]:
    page = prediction_store().photos_in(
        scope_of(owner.pk), wnid, stop, order=Order.NEWEST, year=year, outside=outside, limit=PHOTOS_ASKED
    )
    return [member.photo_id for member in page.members]


def _tiles(
    category: Category | None, total: int, counts: Mapping[str, int], photos: Mapping[str | None, Sequence[Photo]]
) -> tuple[Tile, ...]:
    rest = total - sum(counts.values())
    shares = [count / total for count in counts.values()]
    areas = drawn_areas(shares, rest / total)
    categories = [browsing().categories[wnid] for wnid in counts]
    labels: list[tuple[Category | None, str, int]] = [(c, c.name, counts[c.wnid]) for c in categories]
    if rest > 0:
        labels.append((None, rest_name(category), rest))
    of_tiles = [photos[c.wnid if c else None] for c, _, _ in labels]
    available = [len(of_tile) for of_tile in of_tiles]
    landscape = _places(areas, available, LANDSCAPE, rest > 0)
    upright = TALL_PORTRAIT if _is_tall(areas, rest > 0) else PORTRAIT
    portrait = _places(areas, available, upright, rest > 0)
    tiles = []
    for i, (tile_category, name, count) in enumerate(labels):
        wanted = max(landscape[i].collage.photos, portrait[i].collage.photos)
        tiles.append(
            Tile(
                category=tile_category,
                name=name,
                count=count,
                share=count / total,
                is_to_scale=_is_to_scale(areas, [*shares, rest / total], i),
                landscape=landscape[i],
                portrait=portrait[i],
                photos=tuple(
                    _best_framed_first(of_tiles[i][:wanted], ((landscape[i], LANDSCAPE), (portrait[i], upright)))
                ),
            )
        )
    return tuple(tiles)


def _is_tall(areas: Sequence[float], has_rest: bool) -> bool:
    return len(areas) > TALL_ABOVE_TILES or (has_rest and areas[-1] > TALL_ABOVE_REST)


def _is_to_scale(areas: Sequence[float], shares: Sequence[float], i: int) -> bool:
    """Whether a tile has the size its share would give it next to the largest category's tile."""
    return math.isclose(areas[i] * shares[0], areas[0] * shares[i], rel_tol=1e-6)


def _places(areas: Sequence[float], available: Sequence[int], frame: Frame, has_rest: bool) -> list[Place]:
    return [
        Place(
            100 * rect.x / frame.width_px,
            100 * rect.y / frame.height_px,
            100 * rect.width / frame.width_px,
            100 * rect.height / frame.height_px,
            collage_for(rect.width, rect.height, photos, frame.cell_px),
        )
        for rect, photos in zip(_rects(areas, frame, has_rest), available, strict=True)
    ]


def _rects(areas: Sequence[float], frame: Frame, has_rest: bool) -> list[Rect]:
    """Lay out the tiles, a rest of some size in a strip at the end so that it pushes none of them out of shape."""
    width, height = frame.width_px, frame.height_px
    if has_rest and len(areas) > 1 and areas[-1] >= REST_STRIP_FROM:
        if width > height:
            inner = width * (1 - areas[-1])
            return [*squarify(areas[:-1], inner, height), Rect(inner, 0, width - inner, height)]
        inner = height * (1 - areas[-1])
        return [*squarify(areas[:-1], width, inner), Rect(0, inner, width, height - inner)]
    order = sorted(range(len(areas)), key=lambda i: -areas[i])
    placed = dict(zip(order, squarify([areas[i] for i in order], width, height), strict=True))
    return [placed[i] for i in range(len(areas))]


def _wall(category: Category, total: int, photos: Sequence[Photo]) -> Tile:
    """One collage that fills the whole frame, with more and smaller photos than a tile's."""
    landscape, portrait = (
        Place(0, 0, 100, 100, collage_for(f.width_px, f.height_px, len(photos), f.cell_px, across=5))
        for f in (LANDSCAPE, PORTRAIT)
    )
    shown = photos[: max(landscape.collage.photos, portrait.collage.photos)]
    shown = _best_framed_first(shown, ((landscape, LANDSCAPE), (portrait, PORTRAIT)))
    return Tile(category, category.name, total, 1.0, True, landscape, portrait, tuple(shown))


def _sizes(photo: Photo, parts: Sequence[float]) -> str:
    """The `sizes` of a photo that covers these parts of the screen's width in landscape and portrait; empty if small.

    Stated a quarter too small, as in the library's grid: the picture made at import serves wherever it can.
    """
    landscape_vw, portrait_vw = (round(75 * part) for part in parts)
    if max(landscape_vw, portrait_vw / 2) < LARGE_VW * 0.75:
        return ""
    return f"(max-width: 60rem) and (orientation: portrait) {portrait_vw}vw, {landscape_vw}vw"


def _best_framed_first(photos: Sequence[Photo], places: Sequence[tuple[Place, Frame]]) -> list[Photo]:
    """Put first, of the first half, the photo that loses least where the first one is shown large."""
    if not photos or all(place.collage.span == 1 for place, _ in places):
        return list(photos)

    def cut_off(photo: Photo) -> float:
        return sum(abs(math.log(photo.aspect / place.cell_aspect(frame))) for place, frame in places)

    first = min(range((len(photos) + 1) // 2), key=lambda i: (round(cut_off(photos[i]), 1), i))
    return [photos[first], *photos[:first], *photos[first + 1 :]]

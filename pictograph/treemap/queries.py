"""What a pictograph shows, as dataclasses: which categories, how large their tiles, which photos fill them.

Wherever someone's dial stands, a pictograph counts at the dial's most specific stop: a tile holds the photos that more
likely than not belong there. Its links say so to the pages they lead to, which then list as many.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from pictograph.catalogue.dial import sureness
from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.categories.covers import covers_of
from pictograph.categories.hidden import hidden_from
from pictograph.categories.queries import category_url, listing_grid, typical_kind
from pictograph.pages.faces import Face
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, card_of, cards_of
from pictograph.photos.models import Photo
from pictograph.photos.walk import Walk, rest_name, rest_url
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.treemap.layout import Spot, spots
from pictograph.treemap.lettering import LONG_EM, pieces, widest_word_em
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

BURST = timedelta(minutes=1)  # photos this close in time look alike; a tile shows one of them if it can
PHOTOS_ASKED = 18  # of each tile, to choose from
PHOTOS_SHOWN = 12  # of a tile at most; the page hides what its size has no room for
FIRST_OF_SEVERAL = 3  # from so many photos on the first is drawn larger, beside the others
REST_SHOWN = 18
WALL_SHOWN = 18


@dataclass(frozen=True)
class Tile:
    """One category of a pictograph, or with no category the photos in none of them."""

    category: Category | None
    name: str
    count: int
    share: float
    url: str
    photos_url: str
    spot: Spot
    photos: tuple[PhotoCard, ...]

    @property
    def style(self) -> str:
        """Where the tile lies and how wide its name is, as CSS custom properties."""
        return f"{self.spot.style};--word:{widest_word_em(self.name)};--lines:{len(pieces(self.name))}"

    @property
    def is_long(self) -> bool:
        """Whether the name stands upright where the tile is narrow."""
        return widest_word_em(self.name) > LONG_EM

    @property
    def sizes(self) -> str:
        """The `sizes` of the tile's first photo, half as wide as the tile where others stand beside it.

        Only there may a screen of double density want more than the picture made at import.
        """
        share = self.spot.width if len(self.photos) < FIRST_OF_SEVERAL else self.spot.width / 2
        return f"(max-width: 60rem) 40vw, {share:.0f}vw"


@dataclass(frozen=True)
class Pictograph:
    """Photos by what they show: the tiles, most photos first, and last the rest if there is any.

    `total` photos are meant, of the scope or of `category`, of `everything` photos. Where no narrower category has any
    there are no tiles; a category's photos then make one `wall`.
    """

    face: Face
    category: Category | None
    path: tuple[Category, ...]
    year: int | None
    years: tuple[int, ...]
    total: int
    everything: int
    tiles: tuple[Tile, ...] = ()
    wall: tuple[PhotoCard, ...] = ()

    @property
    def share(self) -> float:
        """The part of everything that is meant."""
        return self.total / self.everything if self.everything else 0.0

    @property
    def query(self) -> str:
        """What keeps the year in an address."""
        return f"?year={self.year}" if self.year else ""

    @property
    def photos_url(self) -> str:
        """Where all the photos meant are listed: as many as `total`."""
        if self.category is None:
            return self.face.url("library") + self.query
        return category_url(self.face, self.category, Order.BEST, self.year, sure=sureness(most_specific_stop()))

    @property
    def categories(self) -> int:
        """How many of the tiles are categories."""
        return sum(tile.category is not None for tile in self.tiles)

    @property
    def not_to_scale(self) -> list[str]:
        """Names of the tiles that are drawn at another size than their share."""
        return [tile.name for tile in self.tiles if not tile.spot.is_to_scale]


@dataclass(frozen=True)
class Rest:
    """The photos in none of the tiles of a pictograph."""

    face: Face
    name: str
    category: Category | None
    path: tuple[Category, ...]
    year: int | None
    count: int
    tiles: int
    grid: Grid

    @property
    def query(self) -> str:
        """What keeps the year in an address."""
        return f"?year={self.year}" if self.year else ""

    @property
    def pictograph_url(self) -> str:
        """The pictograph that this is the rest of."""
        return pictograph_url(self.face, self.category) + self.query


def pictograph_url(face: Face, category: Category | None) -> str:
    """The address of a face's pictograph, of everything or of one category."""
    return face.url("pictograph_of", category) if category else face.url("pictograph")


def most_specific_stop() -> int:
    """The stop of the dial that pictographs count at, whatever anyone's own is."""
    return len(calibration().stops) - 1


def pictograph(face: Face, own: int, tiles: int, category: Category | None, year: int | None) -> Pictograph:
    """The pictograph of a face, or of one category of it; photos are named at someone's own stop of the dial."""
    store, stop, whole = face.lists, most_specific_stop(), category.wnid if category else ALL_PHOTOS
    counts = store.counts(face.scope, stop, year)
    empty = Pictograph(
        face=face,
        category=category,
        path=browsing().path(whole)[:-1] if category else (),
        year=year,
        years=tuple(store.years(face.scope, whole, stop)),
        total=counts.get(whole, 0),
        everything=counts.get(ALL_PHOTOS, 0),
    )
    if not empty.total:
        return empty
    hidden = hidden_from(face)
    chosen = best_cut(browsing(), counts, tiles=tiles, within=category.wnid if category else None, hidden=hidden)
    is_hidden = category is None and any(map(counts.get, hidden))  # what is hidden is in the rest, and may be all of it
    if chosen or is_hidden:
        return replace(empty, tiles=_tiles(empty, counts, chosen))
    if category is None:
        return empty
    wall = _photos_of(face, {whole: Listing(whole, stop, year=year)})[whole][:WALL_SHOWN]
    return replace(empty, wall=tuple(cards_of(wall, own, root=face.photos_root, unsaid=face.unsaid)))


def rest_of(face: Face, own: int, tiles: int, category: Category | None, year: int | None, after: str | None) -> Rest:
    """A page of the photos in none of the tiles. Raises Http404 for a point that cannot be."""
    stop, whole = most_specific_stop(), category.wnid if category else ALL_PHOTOS
    counts = face.lists.counts(face.scope, stop, year)
    within = category.wnid if category else None
    chosen = best_cut(browsing(), counts, tiles=tiles, within=within, hidden=hidden_from(face))
    grid = listing_grid(
        face,
        Listing(whole, stop, Order.NEWEST, year, chosen),
        after,
        own,
        context=Walk.through_rest(face, category, chosen, year, sureness(stop)).query,
        url=lambda at: rest_url(face, category, year, at),
        more_label=_("Older photos"),
    )
    return Rest(
        face=face,
        name=rest_name(category),
        category=category,
        path=browsing().path(whole) if category else (),
        year=year,
        count=counts.get(whole, 0) - sum(counts[c] for c in chosen),
        tiles=len(chosen),
        grid=grid,
    )


def varied(photos: Sequence[Photo]) -> list[Photo]:
    """The same photos, those taken within a minute of an earlier one put last: a burst shows once if it can."""
    first: list[Photo] = []
    alike: list[Photo] = []
    for photo in photos:
        seen = any(abs(photo.shown_at - other.shown_at) < BURST for other in first)
        (alike if seen else first).append(photo)
    return first + alike


def _tiles(of: Pictograph, counts: Mapping[str, int], chosen: Sequence[str]) -> tuple[Tile, ...]:
    """The tiles of the categories chosen, and last of the rest if there is any."""
    stop, whole = most_specific_stop(), of.category.wnid if of.category else ALL_PHOTOS
    rest = of.total - sum(counts[wnid] for wnid in chosen)
    listings = {wnid: Listing(wnid, stop, year=of.year, typical=typical_kind(wnid, counts)) for wnid in chosen}
    if rest:
        listings[ALL_PHOTOS] = Listing(whole, stop, Order.NEWEST, of.year, tuple(chosen))
    photos = _photos_of(of.face, listings, covers_of(of.face, chosen, stop, of.year))
    root = of.face.photos_root
    drawn = spots([counts[wnid] / of.total for wnid in chosen], rest / of.total)
    tiles = []
    for wnid, spot in zip(chosen, drawn, strict=False):
        category, count = browsing().categories[wnid], counts[wnid]
        url = pictograph_url(of.face, category) + of.query
        photos_url = category_url(of.face, category, Order.BEST, of.year, sure=sureness(stop))
        cards = tuple(card_of(photo, root=root, is_described=False) for photo in photos[wnid][:PHOTOS_SHOWN])
        tiles.append(Tile(category, category.name, count, count / of.total, url, photos_url, spot, cards))
    if rest:
        url = rest_url(of.face, of.category, of.year)
        cards = tuple(card_of(photo, root=root, is_described=False) for photo in photos[ALL_PHOTOS][:REST_SHOWN])
        tiles.append(Tile(None, rest_name(of.category), rest, rest / of.total, url, url, drawn[-1], cards))
    return tuple(tiles)


def _photos_of(
    face: Face, listings: Mapping[str, Listing], covers: Mapping[str, int] | None = None
) -> dict[str, list[Photo]]:
    """The first photos of each listing, varied: one query a listing, and one for all photos.

    Its cover leads, or else a typical one.
    """
    leading = covers or {}
    pages = {key: face.lists.photos_in(face.scope, listing, limit=PHOTOS_ASKED) for key, listing in listings.items()}
    members = {
        key: list(
            dict.fromkeys(filter(None, (leading.get(key), page.typical, *(member.photo_id for member in page.members))))
        )
        for key, page in pages.items()
    }
    photos = face.photos_among([pk for ids in members.values() for pk in ids]).only(*CARD_FIELDS).in_bulk()
    return {key: varied([photos[pk] for pk in ids if pk in photos]) for key, ids in members.items()}

"""What a pictograph shows, as dataclasses: which categories, how large their tiles, which photos fill them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from pictograph.catalogue.snapshot import browsing
from pictograph.categories.queries import listing_grid
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, cards_of
from pictograph.photos.models import Photo
from pictograph.photos.scopes import photos_in_scope
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.scope import Scope
from pictograph.treemap.layout import Spot, spots
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

BURST = timedelta(minutes=1)  # photos this close in time look alike; a tile shows one of them if it can
PHOTOS_ASKED = 24  # of each tile, to choose from
PHOTOS_SHOWN = 12  # of a tile at most, the page hides what its size has no room for
WALL_SHOWN = 24


@dataclass(frozen=True)
class Tile:
    """One category of a pictograph, or with no category the photos in none of them."""

    category: Category | None
    name: str
    count: int
    share: float
    spot: Spot
    photos: tuple[PhotoCard, ...]


@dataclass(frozen=True)
class Pictograph:
    """Photos by what they show: the tiles, most photos first, and last the rest if there is any.

    `total` photos are meant, of the scope or of `category`, of `everything` photos. Where no narrower category has any
    there are no tiles; a category's photos then make one `wall`.
    """

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
    def rest_url(self) -> str:
        """Where the photos in none of the tiles are."""
        return rest_url(self.category, self.year)

    @property
    def not_to_scale(self) -> list[str]:
        """Names of the tiles that are drawn at another size than their share."""
        return [tile.name for tile in self.tiles if not tile.spot.is_to_scale]


@dataclass(frozen=True)
class Rest:
    """The photos in none of the tiles of a pictograph."""

    name: str
    category: Category | None
    path: tuple[Category, ...]
    year: int | None
    count: int
    tiles: int
    grid: Grid


def pictograph(scope: Scope, stop: int, tiles: int, category: Category | None, year: int | None) -> Pictograph:
    """The pictograph of a scope at a stop of the dial, or of one category of it."""
    store, wnid = prediction_store(), category.wnid if category else None
    counts = store.counts(scope, stop, year)
    whole = wnid or ALL_PHOTOS
    total, everything = counts.get(whole, 0), counts.get(ALL_PHOTOS, 0)
    years = tuple(store.years(scope, whole, stop))
    path = browsing().path(wnid)[:-1] if wnid else ()
    chosen = best_cut(browsing(), counts, tiles=tiles, within=wnid) if total else ()
    listings = {c: Listing(c, stop, year=year) for c in chosen or ((wnid,) if wnid and total else ())}
    rest = total - sum(counts[c] for c in chosen)
    if chosen and rest:
        listings[ALL_PHOTOS] = Listing(whole, stop, Order.NEWEST, year, tuple(chosen))
    photos = _photos_of(scope, listings, stop)
    if not chosen:
        wall = photos[wnid][:WALL_SHOWN] if wnid and total else []
        return Pictograph(category, path, year, years, total, everything, wall=tuple(wall))
    drawn = spots([counts[c] / total for c in chosen], rest / total)
    made = [
        Tile(
            one := browsing().categories[c],
            one.name,
            counts[c],
            counts[c] / total,
            spot,
            tuple(photos[c][:PHOTOS_SHOWN]),
        )
        for c, spot in zip(chosen, drawn, strict=False)
    ]
    if rest:
        last = tuple(photos[ALL_PHOTOS][:PHOTOS_SHOWN])
        made.append(Tile(None, rest_name(category), rest, rest / total, drawn[-1], last))
    return Pictograph(category, path, year, years, total, everything, tiles=tuple(made))


def rest_of(
    scope: Scope, stop: int, tiles: int, category: Category | None, year: int | None, after: str | None
) -> Rest:
    """A page of the photos in none of the tiles. Raises Http404 for a place that cannot be."""
    wnid = category.wnid if category else None
    counts = prediction_store().counts(scope, stop, year)
    chosen = best_cut(browsing(), counts, tiles=tiles, within=wnid)
    whole = wnid or ALL_PHOTOS
    listing = Listing(whole, stop, Order.NEWEST, year, tuple(chosen))
    grid = listing_grid(scope, listing, after, "", _("Older photos"), lambda at: rest_url(category, year, at))
    return Rest(
        name=rest_name(category),
        category=category,
        path=browsing().path(wnid) if wnid else (),
        year=year,
        count=counts.get(whole, 0) - sum(counts[c] for c in chosen),
        tiles=len(chosen),
        grid=grid,
    )


def rest_name(category: Category | None) -> str:
    """What the photos in none of the tiles are called."""
    return _("everything else") if category is None else _("other %(name)s") % {"name": category.name}


def rest_url(category: Category | None, year: int | None, after: str | None = None) -> str:
    """The address of the photos in none of the tiles, of one year or all, from a place on."""
    url = reverse("pictograph_rest") if category is None else reverse("pictograph_rest_of", args=[category])
    query = urlencode({name: value for name, value in (("year", year), ("after", after)) if value})
    return f"{url}?{query}" if query else url


def varied(photos: Sequence[Photo]) -> list[Photo]:
    """The same photos, those taken within a minute of an earlier one put last: a burst shows once if it can."""
    first: list[Photo] = []
    alike: list[Photo] = []
    for photo in photos:
        seen = any(abs(photo.shown_at - other.shown_at) < BURST for other in first)
        (alike if seen else first).append(photo)
    return first + alike


def _photos_of(scope: Scope, listings: Mapping[str, Listing], stop: int) -> dict[str, list[PhotoCard]]:
    """Cards of the first photos of each listing: one query a listing, and one for all photos."""
    store = prediction_store()
    members = {
        key: [member.photo_id for member in store.photos_in(scope, listing, limit=PHOTOS_ASKED).members]
        for key, listing in listings.items()
    }
    photos = photos_in_scope(scope).only(*CARD_FIELDS).in_bulk([pk for ids in members.values() for pk in ids])
    chosen = {key: varied([photos[pk] for pk in ids if pk in photos]) for key, ids in members.items()}
    cards = {card.id: card for card in cards_of([photo for some in chosen.values() for photo in some], stop)}
    return {key: [cards[photo.pk] for photo in some] for key, some in chosen.items()}

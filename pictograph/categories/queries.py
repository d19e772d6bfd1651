"""What the pages of categories show, as dataclasses: the index that opens the tree, and one category."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from pictograph.catalogue.dial import stop_asked, sureness
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.covers import covers_of
from pictograph.pages.addresses import parse_id, with_query, year_asked
from pictograph.pages.faces import Face
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, card_of, cards_of, in_sections
from pictograph.photos.library import PAGE
from pictograph.photos.walk import Walk
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.listings import Standing
from taxonomy.browsing import Category

ROWS = 6  # lines of a card of the index before the others are left to the category's page
# A level whose photos nearly all lie in one category below it says nothing of its own, and is skipped.
SAME_FROM = 0.95


@dataclass(frozen=True)
class Row:
    """A category with its photos counted, in a list."""

    category: Category
    count: int


@dataclass(frozen=True)
class Card:
    """A category with its photos counted, a typical photo, and for the index the categories it opens into."""

    category: Category
    count: int
    photo: PhotoCard | None
    rows: tuple[Row, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class CategoryIndex:
    """The categories at the top, as cards; `unnamed` photos of all sit in none of them."""

    cards: tuple[Card, ...]
    total: int
    unnamed: int


@dataclass(frozen=True)
class CategoryPage:
    """One category at a stop of the dial: its photos, the path above it, the categories within it, its years.

    `sure` is how addresses call the stop where that is another than someone's own (`catalogue.dial.sureness`).
    """

    face: Face
    category: Category
    path: tuple[Category, ...]
    count: int
    below: tuple[Card, ...]
    grid: Grid
    order: Order
    year: int | None
    years: tuple[int, ...]
    sure: int | None
    counts: Mapping[str, int]  # of all categories

    def url(self, order: Order, year: int | None) -> str:
        """The address of the same category in another order, of another year."""
        return category_url(self.face, self.category, order, year, sure=self.sure)

    @property
    def own_url(self) -> str:
        """The address of the same category as someone's own dial lists it."""
        return category_url(self.face, self.category, self.order, self.year)

    @property
    def query(self) -> str:
        """What keeps year and stop in the address of another category."""
        return with_query("", {"year": self.year, "sure": self.sure})

    @property
    def orders(self) -> list[tuple[str, str]]:
        """Each order with its address."""
        return [(order.value, self.url(order, self.year)) for order in Order]

    @property
    def year_urls(self) -> list[tuple[int | None, str]]:
        """All years together, then each, with its address."""
        return [(year, self.url(self.order, year)) for year in (None, *self.years)]


def category_index(face: Face, stop: int) -> CategoryIndex:
    """Open the tree at a stop of the dial."""
    counts = face.lists.counts(face.scope, stop)
    total = counts.get(ALL_PHOTOS, 0)
    shown = opened(browsing().roots, counts, total)
    cards = []
    for card in cards_below(face, shown, counts, stop, None):
        rows = [Row(browsing().categories[w], counts[w]) for w in opened(card.category.children, counts, card.count)]
        cards.append(Card(card.category, card.count, card.photo, tuple(rows[:ROWS]), max(0, len(rows) - ROWS)))
    return CategoryIndex(tuple(cards), total, _unnamed(counts))


def category_page(face: Face, category: Category, own: int, query: Mapping[str, str]) -> CategoryPage:
    """One category in the order, of the year, from the point and at the stop a query asks for, else at someone's own.

    Raises Http404 for a point that cannot be.
    """
    store, year, stop = face.lists, year_asked(query), stop_asked(query, own)
    grid = category_grid(face, category, own, query)
    counts = store.counts(face.scope, stop, year)
    count = counts.get(category.wnid, 0)
    below = cards_below(face, opened(category.children, counts, count), counts, stop, year)
    return CategoryPage(
        face=face,
        category=category,
        path=path_shown(category, counts),
        count=count,
        below=tuple(below),
        grid=grid,
        order=_order_asked(query),
        year=year,
        years=tuple(store.years(face.scope, category.wnid, stop)),
        sure=sureness(stop) if stop != own else None,
        counts=counts,
    )


def category_grid(face: Face, category: Category, own: int, query: Mapping[str, str]) -> Grid:
    """A page of a category's photos, each with the way back to it. Raises Http404 for a point that cannot be."""
    order, year, stop = _order_asked(query), year_asked(query), stop_asked(query, own)
    sure = sureness(stop) if stop != own else None
    context = Walk.through(face, category, order, year, sure).query
    more = _("Older photos") if order is Order.NEWEST else _("More photos")
    return listing_grid(
        face,
        Listing(category.wnid, stop, order, year),
        query.get("after"),
        own,
        context=context,
        more_label=more,
        url=lambda at: category_url(face, category, order, year, at, sure),
    )


def listing_grid(
    face: Face,
    listing: Listing,
    after: str | None,
    own: int,
    *,
    url: Callable[[str | None], str],
    more_label: str,
    context: str = "",
) -> Grid:
    """A page of any listing of the store, named at someone's own stop. Raises Http404 for a point that cannot be."""
    try:
        point = None if after is None else _read_point(face, listing, after)
        page = face.lists.photos_in(face.scope, listing, after=point, limit=PAGE)
    except ValueError as error:
        raise Http404("There is no such point among the photos.") from error
    ids = [member.photo_id for member in page.members]
    photos = face.photos_among(ids).only(*CARD_FIELDS).in_order_of(ids)
    cards = cards_of(photos, own, context, face.photos_root, unsaid=face.unsaid, is_marked=face.is_own)
    sections = in_sections(cards, by_month=listing.order is Order.NEWEST)
    more, start = url(_written_point(face, listing, page.after)) if page.after else None, url(None) if after else None
    return Grid(sections, more, more_label, start_url=start, is_own=face.is_own)


def count_unnamed(face: Face, stop: int) -> int:
    """How many photos sit in no category at a stop of the dial."""
    return _unnamed(face.lists.counts(face.scope, stop))


def unnamed_grid(face: Face, stop: int, after: str | None) -> Grid:
    """A page of the photos that sit in no category at a stop of the dial, newest first."""
    listing = Listing(ALL_PHOTOS, stop, Order.NEWEST, outside=browsing().roots)
    walk = Walk(face, None, is_unnamed=True, order=Order.NEWEST, year=None)
    return listing_grid(face, listing, after, stop, context=walk.query, url=_unnamed_url, more_label=_("Older photos"))


def opened(wnids: Sequence[str], counts: Mapping[str, int], total: int) -> list[str]:
    """The categories with photos among some, most photos first; levels that only repeat another are skipped.

    Who photographs dogs and cats sees these two, not "animals", "mammals" and "carnivores" with the same photos.
    """
    filled = _filled(wnids, counts)
    while len(filled) == 1 and counts[filled[0]] >= SAME_FROM * total:
        below = _filled(browsing().categories[filled[0]].children, counts)
        if sum(counts[wnid] for wnid in below) < SAME_FROM * counts[filled[0]] or not below:
            break
        filled = below
    return [_narrowed(wnid, counts) for wnid in filled]


def path_shown(category: Category, counts: Mapping[str, int]) -> tuple[Category, ...]:
    """The path above a category, one level for all that have nearly the same photos."""
    levels: list[list[Category]] = []
    for above in browsing().path(category.wnid)[:-1]:
        if levels and counts.get(above.wnid, 0) >= SAME_FROM * counts.get(levels[-1][-1].wnid, 0):
            levels[-1].append(above)
        else:
            levels.append([above])
    return tuple(browsing().plainest(level) for level in levels)


def _unnamed(counts: Mapping[str, int]) -> int:
    return counts.get(ALL_PHOTOS, 0) - sum(counts.get(root, 0) for root in browsing().roots)


def _filled(wnids: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    return sorted((wnid for wnid in wnids if counts.get(wnid)), key=lambda wnid: -counts[wnid])


def _narrowed(wnid: str, counts: Mapping[str, int]) -> str:
    """Of a category and those below it with nearly the same photos the one with the plainest name: dogs for canines."""
    level = [browsing().categories[wnid]]
    while len(below := _filled(level[-1].children, counts)) == 1 and counts[below[0]] >= SAME_FROM * counts[wnid]:
        level.append(browsing().categories[below[0]])
    return browsing().plainest(level).wnid


def typical_kind(wnid: str, counts: Mapping[str, int]) -> str:
    """The category whose surest photo stands for another: the fullest within it, and so on as far down as there are.

    The surest photo of all clothes may be a shield; that of the most frequent kind is what someone photographs.
    """
    while below := _filled(browsing().categories[wnid].children, counts):
        wnid = below[0]
    return wnid


def cards_below(face: Face, wnids: Iterable[str], counts: Mapping[str, int], stop: int, year: int | None) -> list[Card]:
    """Cards for categories that have photos, each with the one chosen to stand for it, or else a typical one.

    To others a category is shown with a photo only: a store that lags may still count what has been withdrawn.
    """
    kinds = {wnid: typical_kind(wnid, counts) for wnid in wnids}
    best = face.lists.best_of(face.scope, list(kinds.values()), stop, year) if kinds else {}
    covers = covers_of(face, kinds, stop, year)
    ids = [*(member.photo_id for member in best.values()), *covers.values()]
    photos = face.photos_among(ids).only(*CARD_FIELDS).in_bulk()
    root = face.photos_root
    typical = {kind: photos.get(member.photo_id) for kind, member in best.items()}
    chosen = {wnid: photos.get(covers.get(wnid, 0)) or typical.get(kind) for wnid, kind in kinds.items()}
    cards = [
        Card(
            browsing().categories[wnid],
            counts[wnid],
            card_of(photo, root=root, is_described=False) if (photo := chosen[wnid]) else None,
        )
        for wnid in kinds
    ]
    return [card for card in cards if card.photo or face.is_own]


def category_url(
    face: Face, category: Category, order: Order, year: int | None, after: str | None = None, sure: int | None = None
) -> str:
    """The address of a category's photos in an order, of one year or all, from a point on, at a stop of the dial."""
    words = {"order": "" if order is Order.BEST else order.value, "year": year, "after": after, "sure": sure}
    return with_query(face.url("category", category), words)


def _order_asked(query: Mapping[str, str]) -> Order:
    return Order.NEWEST if query.get("order") == Order.NEWEST else Order.BEST


def _written_point(face: Face, listing: Listing, point: str) -> str:
    """A store's point in an address. To others than the owner it names the photo: they learn only the day of it."""
    return point if face.is_own or listing.order is Order.BEST else f"~{point.rpartition('~')[2]}"


def _read_point(face: Face, listing: Listing, text: str) -> str:
    """What `_written_point` wrote. Raises Http404 for a photo that is not in the face's scope."""
    if face.is_own or listing.order is Order.BEST:
        return text
    wanted = parse_id(text.removeprefix("~")) or 0
    photo = get_object_or_404(face.photos_among([wanted]).only("shown_at"), pk=wanted)
    return Standing(photo.shown_at, photo.pk).cursor


def _unnamed_url(after: str | None) -> str:
    return with_query(reverse("unnamed"), {"after": after})

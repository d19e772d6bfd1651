"""What the page of a search shows: how the query was understood, what goes by that name, and the photos that fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from pictograph.catalogue.snapshot import browsing
from pictograph.categories.queries import Card, cards_below, listing_grid
from pictograph.pages.addresses import with_query
from pictograph.pages.faces import EVERYONE, Face, published
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, Grid, cards_of, in_sections
from pictograph.photos.library import PAGE, Point
from pictograph.photos.models import Photo
from pictograph.photos.walk import Walk
from pictograph.search.dates import spans_of
from pictograph.search.knowledge import knowledge_of
from pictograph.search.listing import Sought, find
from pictograph.search.parsing import Knowledge, handles_in, parse
from pictograph.search.terms import AtPlace, AtTime, ByPerson, OfCategory, Query, Term, WithWord
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.scope import NETWORK, Scope, public_of

CARDS = 8
PEOPLE = 6
EXAMPLES = 6
INSTEAD = 4  # searches close by
LEFT_OUT_AT_MOST = 6  # terms without which a search that found nothing is tried again: each try is a search


@dataclass(frozen=True)
class Link:
    """Words that lead to another search."""

    words: str
    url: str


@dataclass(frozen=True)
class Chip:
    """One term as the page shows it: what it was taken for, the search without it, and what else it may mean."""

    label: str
    remove_url: str
    others: tuple[Link, ...]


@dataclass(frozen=True)
class SearchPage:
    """A search in one face. `total` is how many photos fit where that is known.

    `meant` and `typed` are words that were read in place of mistyped ones. Where nothing fits, `unknown` are the words
    that no photo has, and `instead` are searches close by that find something.
    """

    face: Face
    text: str
    chips: tuple[Chip, ...] = ()
    cards: tuple[Card, ...] = ()
    people: tuple[User, ...] = ()
    grid: Grid | None = None
    total: int | None = None
    meant: str = ""
    as_typed: Link | None = None
    unknown: tuple[str, ...] = ()
    instead: tuple[Link, ...] = ()
    examples: tuple[Card, ...] = ()

    @property
    def faces(self) -> list[tuple[str, str, bool]]:
        """One's own photos and everyone's: name, address, and whether it is this one."""
        own, everyone = (search_url(self.text, of) for of in ("", EVERYONE))
        return [(_("Yours"), own, self.face.is_own), (_("Everyone's"), everyone, not self.face.is_own)]


def search_page(face: Face, stop: int, query: Mapping[str, str]) -> SearchPage:
    """Search a face's photos for what a query says. Raises Http404 for a point that cannot be."""
    text = " ".join(query.get("q", "").split())
    known = knowledge_of(face.scope, stop)
    found = parse(text, known)
    if not found.terms:
        return SearchPage(face, text, examples=_examples(face, known.counts, stop))
    grid, total = _grid(face, stop, found, known, query.get("after"), text)
    mended = next((term for term in found.terms if isinstance(term, OfCategory) and term.meant), None)
    page = SearchPage(
        face,
        text,
        chips=tuple(_chip(face, found, term) for term in found.terms),
        cards=tuple(_cards(face, found, known.counts, stop)),
        people=tuple(_people(face, found)),
        grid=grid,
        total=total,
        meant=mended.meant if mended else "",
        as_typed=_link(face, mended.alternatives[0].label, found.replaced(mended, mended.alternatives[0].text))
        if mended
        else None,
    )
    return page if grid.sections or grid.next_url or query.get("after") else _with_advice(page, found, known, stop)


def search_grid(face: Face, stop: int, query: Mapping[str, str]) -> Grid:
    """A further page of photos alone. Raises Http404 for a point that cannot be."""
    text = " ".join(query.get("q", "").split())
    known = knowledge_of(face.scope, stop)
    return _grid(face, stop, parse(text, known), known, query.get("after"), text)[0]


def search_url(text: str, of: str = "", after: object = None) -> str:
    """The address of a search in one's own photos, or in everyone's, from a point on."""
    return with_query(reverse("search"), {"q": text, "of": of, "after": after})


def sought_by(found: Query, scope: Scope, stop: int, known: Knowledge) -> Sought:
    """What a query looks for in a scope: categories and places that exclude each other as one or another, else both."""
    times = [term.time for term in found.terms if isinstance(term, AtTime)]
    years = tuple(prediction_store().years(scope)) if times else ()
    people = [term.owner for term in found.terms if isinstance(term, ByPerson)]
    if people and scope == NETWORK:
        scope = public_of(people[0])
    others = [owner for owner in people if owner != scope.owner]
    wnids = dict.fromkeys(term.wnid for term in found.terms if isinstance(term, OfCategory))
    above = {category.wnid for wnid in wnids for category in browsing().path(wnid)[:-1]}
    return Sought(
        scope=scope,
        stop=stop,
        wnids=tuple(wnid for wnid in wnids if wnid not in above),
        places=tuple(dict.fromkeys(term.place for term in found.terms if isinstance(term, AtPlace))),
        # A photo is by one person: of two there is none.
        spans=() if others else tuple(spans_of(times, years)) if times else None,
        words=tuple(dict.fromkeys(w for term in found.terms if isinstance(term, WithWord) for w in term.words)),
    )


def _grid(
    face: Face, stop: int, found: Query, known: Knowledge, after: str | None, text: str
) -> tuple[Grid, int | None]:
    """A page of the photos that fit, and how many there are in all where that is known."""
    url: Callable[[object], str] = lambda at: search_url(text, face.called, at)  # noqa: E731
    only = found.terms[0] if len(found.terms) == 1 else None
    if isinstance(only, OfCategory):
        listing = Listing(only.wnid, stop, Order.BEST)
        walk = Walk.through(face, browsing().categories[only.wnid], Order.BEST, None, None)
        grid = listing_grid(face, listing, after, stop, url=url, more_label=_("More photos"), context=walk.query)
        return grid, known.counts.get(only.wnid, 0)
    sought = sought_by(found, face.scope, stop, known)
    page = find(sought, _counts_in(sought, known), Point.parse(after, face) if after else None, PAGE)
    walk = Walk(face, None, is_unnamed=False, order=Order.NEWEST, year=None)
    photos = Photo.objects.in_scope(face.scope).only(*CARD_FIELDS).in_order_of(page.ids)
    cards = cards_of(photos, stop, walk.query, face.photos_root, is_marked=face.is_own)
    sections = in_sections(cards, by_month=True)
    more = _("Older photos") if len(page.ids) == PAGE else _("Go on looking")
    next_url, start_url = url(page.after.written(face)) if page.after else None, url(None) if after else None
    total = len(photos) if page.after is None and not after else None
    return Grid(sections, next_url, more, start_url=start_url, is_own=face.is_own), total


def _counts_in(sought: Sought, known: Knowledge) -> Callable[[str], int]:
    return lambda wnid: known.counts.get(wnid, 0)


def _chip(face: Face, found: Query, term: Term) -> Chip:
    others = tuple(_link(face, other.label, found.replaced(term, other.text)) for other in term.alternatives)
    return Chip(_label(term), search_url(found.without(term), face.called), others)


def _label(term: Term) -> str:
    if isinstance(term, OfCategory):
        return browsing().categories[term.wnid].name
    if isinstance(term, AtTime):
        return term.time.label
    if isinstance(term, AtPlace):
        return _("in %(place)s") % {"place": term.place.words}
    if isinstance(term, ByPerson):
        return _("by %(person)s") % {"person": term.handle}
    return _("“%(words)s”") % {"words": term.shown} if isinstance(term, WithWord) else term.text


def _cards(face: Face, found: Query, counts: Mapping[str, int], stop: int) -> list[Card]:
    """The categories that words of the query mean and that have photos, in the query's order."""
    wnids = [w for term in found.terms if isinstance(term, OfCategory) for w in (term.wnid, *term.others)]
    filled = [wnid for wnid in dict.fromkeys(wnids) if counts.get(wnid)]
    return cards_below(face, filled[:CARDS], counts, stop, None)


def _people(face: Face, found: Query) -> list[User]:
    """People whose page others see and whose handle is what a word says, or begins so."""
    if face.is_own:
        return []
    named = [term.handle for term in found.terms if isinstance(term, ByPerson)]
    words = [word for term in found.terms if not isinstance(term, AtTime) for word in handles_in(term.text)]
    people: dict[int, User] = {}
    for name in (*named, *words):
        for person in published().filter(handle__startswith=name).order_by("handle").only("handle")[:PEOPLE]:
            people[person.pk] = person
    return list(people.values())[:PEOPLE]


def _with_advice(page: SearchPage, found: Query, known: Knowledge, stop: int) -> SearchPage:
    """Say of a search that found nothing which words no photo has, and what close by finds something."""
    unknown = [t for t in found.terms if isinstance(t, WithWord) and not all(known.is_found(w) for w in t.words)]
    instead: list[Link] = []
    for term in found.terms[:LEFT_OUT_AT_MOST] if len(found.terms) > 1 else ():
        text = found.without(term)
        if _finds(page.face, text, known, stop):
            instead.append(_link(page.face, text, text))
    for term in unknown:
        near = next((word for word, wnid in known.lexicon.beginning_with(term.shown) if known.counts.get(wnid)), "")
        if near:
            instead.append(_link(page.face, near, found.replaced(term, near)))
    for term in found.terms:
        if isinstance(term, OfCategory) and not known.counts.get(term.wnid):
            above = [c for c in reversed(browsing().path(term.wnid)[:-1]) if known.counts.get(c.wnid)]
            instead += [_link(page.face, c.name, found.replaced(term, c.name)) for c in above[:1]]
    links = tuple({link.url: link for link in instead}.values())
    return replace(page, unknown=tuple(term.shown for term in unknown), instead=links[:INSTEAD])


def _finds(face: Face, text: str, known: Knowledge, stop: int) -> bool:
    found = parse(text, known)
    sought = sought_by(found, face.scope, stop, known)
    return bool(found.terms) and bool(find(sought, _counts_in(sought, known), None, 1).ids)


def _link(face: Face, words: str, text: str) -> Link:
    return Link(words, search_url(text, face.called))


def _examples(face: Face, counts: Mapping[str, int], stop: int) -> tuple[Card, ...]:
    """Categories that someone who does not know what to look for can begin with."""
    everyday = [wnid for wnid in browsing().categories if wnid in browsing().everyday and counts.get(wnid)]
    chosen = sorted(everyday, key=lambda wnid: -counts[wnid]) or [w for w in browsing().roots if counts.get(w)]
    return tuple(cards_below(face, chosen[:EXAMPLES], counts, stop, None)) if counts.get(ALL_PHOTOS) else ()

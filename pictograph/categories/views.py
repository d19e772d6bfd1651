"""Categories: the index that opens the tree, and a page for each with its photos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from pictograph.catalogue.certainty import words_for
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.tree import browsing
from pictograph.models import Photo, User
from pictograph.pages.addresses import year_asked
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.photos.library import PAGE
from pictograph.photos.tags import url_of
from pictograph.store import Order, prediction_store, scope_of
from pictograph.store.interface import ALL_PHOTOS
from taxonomy.browsing import Category

TOP_ROWS = 6  # lines of a card before the others are folded away


@dataclass(frozen=True)
class Row:
    """One line of the opened tree. `closes` are the levels that end after it, as many as it has items.

    `hides` is how many lines of the top level are folded away from this one on, 0 for most.
    """

    category: Category
    count: int
    opens: bool
    closes: range
    hides: int = 0


@dataclass(frozen=True)
class Card:
    """A category with its photos counted, its best photo, and for a card of the index the tree below it."""

    category: Category
    count: int
    photo: Photo | None
    rows: tuple[Row, ...] = ()


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Open the tree: a card for each category at the top that has photos."""
    user = signed_in(request)
    stop = stop_of(user)
    counts = prediction_store().counts(scope_of(user.pk), stop)
    cards = [
        Card(card.category, card.count, card.photo, tuple(rows_below(card.category, counts)))
        for card in cards_of(user, browsing().roots, counts, stop, None)
    ]
    total = counts.get(ALL_PHOTOS, 0)
    context = {
        "cards": cards,
        "total": total,
        "unnamed": total - sum(card.count for card in cards),
    }
    return render_page(request, "categories/index.html", context)


@login_required
@require_safe
def category(request: HttpRequest, wnid: str) -> HttpResponse:
    """Show someone's photos in a category, the categories within it and the path above it."""
    user = signed_in(request)
    category = browsing().categories.get(wnid)
    if category is None:
        raise Http404("There is no such category.")
    if request.path != url_of(category):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{url_of(category)}?{query}" if query else url_of(category), permanent=True)
    stop = stop_of(user)
    order, year = _order(request.GET.get("order", "")), year_asked(request.GET)
    store, scope = prediction_store(), scope_of(user.pk)
    try:
        page = store.photos_in(scope, wnid, stop, order=order, year=year, after=request.GET.get("after"), limit=PAGE)
    except ValueError as error:
        raise Http404("There is no such place in the category.") from error
    photos = Photo.objects.owned_by(user).in_order_of([member.photo_id for member in page.members])
    context = {
        "category": category,
        "photos": photos,
        "words": words_for(photos, stop),
        "by_month": order is Order.NEWEST,
        "selectable": True,
        "more_label": "Older photos" if order is Order.NEWEST else "More photos",
        "next_url": page_url(category, order, year, page.after) if page.after else None,
    }
    if asked_by_htmx(request) and "after" in request.GET:
        return render_page(request, "categories/category.html", context, part="library/_grid.html")
    counts = store.counts(scope, stop, year)
    below = cards_of(user, category.children, counts, stop, year)
    context |= {
        "path": browsing().path(wnid)[:-1],
        "count": counts.get(wnid, 0),
        "below": below,
        "empty_below": len(category.children) - len(below),
        "order": order.value,
        "orders": [(o.value, page_url(category, o, year)) for o in Order],
        "year": year,
        "years": [(None, page_url(category, order, None))]
        + [(y, page_url(category, order, y)) for y in store.years(scope, wnid, stop)],
        "start_url": page_url(category, order, year) if "after" in request.GET else None,
    }
    return render_page(request, "categories/category.html", context)


def cards_of(owner: User, wnids: Iterable[str], counts: Mapping[str, int], stop: int, year: int | None) -> list[Card]:
    """Cards for the categories that have photos, most photos first, each with its best photo."""
    filled = sorted((wnid for wnid in wnids if counts.get(wnid)), key=lambda wnid: -counts[wnid])
    best = prediction_store().best_of(scope_of(owner.pk), filled, stop, year) if filled else {}
    photos = Photo.objects.owned_by(owner).in_bulk([member.photo_id for member in best.values()])
    chosen = {wnid: photos.get(member.photo_id) for wnid, member in best.items()}
    return [Card(browsing().categories[wnid], counts[wnid], chosen.get(wnid)) for wnid in filled]


def rows_below(category: Category, counts: Mapping[str, int]) -> list[Row]:
    """The opened tree below a category as lines in reading order, most photos first among siblings.

    Lines that say what to open and close keep the template a single loop: hundreds of nested includes take too long.
    """
    rows: list[Row] = []
    _add_rows(category, counts, rows)
    top = [i for i, row in enumerate(rows) if row.category.parent == category.wnid]
    if len(top) > TOP_ROWS + 1:  # folding a single line away saves nothing
        first = top[TOP_ROWS]
        rows[first] = replace(rows[first], hides=len(top) - TOP_ROWS)
        rows[-1] = replace(rows[-1], closes=range(len(rows[-1].closes) + 1))
    return rows


def page_url(category: Category, order: Order, year: int | None, after: str | None = None) -> str:
    """The address of a category's photos in an order, of one year or all, from a place on."""
    chosen = {"order": "" if order is Order.BEST else order.value, "year": year or "", "after": after or ""}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{url_of(category)}?{query}" if query else url_of(category)


def _add_rows(category: Category, counts: Mapping[str, int], rows: list[Row]) -> None:
    below = _with_photos(category.children, counts)
    for child in below:
        opens = bool(_with_photos(child.children, counts))
        rows.append(Row(child, counts[child.wnid], opens, range(0)))
        if opens:
            _add_rows(child, counts, rows)
            rows[-1] = replace(rows[-1], closes=range(len(rows[-1].closes) + 1))


def _with_photos(wnids: Sequence[str], counts: Mapping[str, int]) -> list[Category]:
    filled = [browsing().categories[wnid] for wnid in wnids if counts.get(wnid)]
    return sorted(filled, key=lambda category: -counts[category.wnid])


def _order(text: str) -> Order:
    return Order(text) if text in set(Order) else Order.BEST

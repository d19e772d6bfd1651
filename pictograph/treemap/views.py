"""The pictograph: one's photos, or those of one category, as a treemap, and the photos in none of its tiles."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from pictograph.catalogue.certainty import words_for
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.tree import browsing
from pictograph.models import Photo
from pictograph.pages.addresses import year_asked
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import MAX_TILES, MIN_TILES
from pictograph.photos.library import PAGE
from pictograph.photos.tags import pictograph_url_of
from pictograph.store import Order, prediction_store, scope_of
from pictograph.store.interface import ALL_PHOTOS
from pictograph.treemap.tiles import chosen_categories, pictograph_of, rest_name
from taxonomy.browsing import Category


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pictograph(request: HttpRequest, wnid: str | None = None) -> HttpResponse:
    """Show someone's pictograph, of all photos or within a category; a POST chooses the number of tiles."""
    user = signed_in(request)
    category = _category(wnid)
    if category is not None and request.path != pictograph_url_of(category):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{pictograph_url_of(category)}{'?' if query else ''}{query}", permanent=True)
    is_refused = False
    if request.method == "POST":
        tiles = _tiles(request.POST.get("tiles", ""))
        if tiles is not None:
            # The browser focuses what a fragment names, here the button that was pressed.
            pressed = "fewer" if tiles < user.tiles or tiles == MIN_TILES else "more"
            user.tiles = tiles
            user.save(update_fields=["tiles"])
            return redirect(f"{request.get_full_path()}#{pressed}")
        is_refused = True
    year = year_asked(request.GET)
    scope, stop = scope_of(user.pk), stop_of(user)
    counts = prediction_store().counts(scope, stop, year)
    picture = pictograph_of(user, stop, counts, wnid, year)
    everything = counts.get(ALL_PHOTOS, 0)
    context = {
        "pictograph": picture,
        "category": category,
        "path": browsing().path(wnid)[:-1] if wnid else (),
        "share": picture.total / everything if everything else 0,
        "words": words_for(picture.wall.photos, stop) if picture.wall else {},
        "year": year,
        "years": prediction_store().years(scope, wnid or ALL_PHOTOS, stop),
        "query": f"?year={year}" if year else "",
        "rest_url": rest_url(category, year),
        "has_photos": everything > 0,
        "is_waiting": not everything and user.photos.pending().exists(),
        "fewer": max(user.tiles - 1, MIN_TILES),
        "more": min(user.tiles + 1, MAX_TILES),
        "is_refused": is_refused,
        "tile_limits": (MIN_TILES, MAX_TILES),
    }
    return render_page(request, "pictograph/pictograph.html", context, status=422 if is_refused else 200)


@login_required
@require_safe
def rest(request: HttpRequest, wnid: str | None = None) -> HttpResponse:
    """Show the photos that are in none of the pictograph's tiles, at the same dial and number of tiles."""
    user = signed_in(request)
    category, year = _category(wnid), year_asked(request.GET)
    if request.path != rest_url(category, None):
        return redirect(rest_url(category, year, request.GET.get("after")), permanent=True)
    store, scope, stop = prediction_store(), scope_of(user.pk), stop_of(user)
    counts = store.counts(scope, stop, year)
    tiles = chosen_categories(user, counts, wnid)
    whole, after = wnid or ALL_PHOTOS, request.GET.get("after")
    try:
        page = store.photos_in(
            scope, whole, stop, order=Order.NEWEST, year=year, after=after, limit=PAGE, outside=tiles
        )
    except ValueError as error:
        raise Http404("There is no such place among the photos.") from error
    photos = Photo.objects.owned_by(user).in_order_of([member.photo_id for member in page.members])
    context = {
        "name": rest_name(category),
        "category": category,
        "path": browsing().path(wnid) if wnid else (),
        "year": year,
        "query": f"?year={year}" if year else "",
        "count": counts.get(whole, 0) - sum(counts[tile] for tile in tiles),
        "tiles": len(tiles),
        "photos": photos,
        "words": words_for(photos, stop),
        "by_month": True,
        "selectable": True,
        "more_label": "Older photos",
        "next_url": rest_url(category, year, page.after) if page.after else None,
        "start_url": rest_url(category, year) if after else None,
    }
    part = "library/_grid.html" if after else ""
    return render_page(request, "pictograph/rest.html", context, part=part)


def rest_url(category: Category | None, year: int | None, after: str | None = None) -> str:
    """The address of the photos in none of the tiles, of one year or all, from a place on."""
    url = reverse("pictograph_rest")
    if category is not None:
        url = reverse("pictograph_rest_of", args=[f"{category.slug}-{category.wnid}"])
    query = urlencode({name: value for name, value in (("year", year), ("after", after)) if value})
    return f"{url}?{query}" if query else url


def _category(wnid: str | None) -> Category | None:
    """The category an address names, None where it names none. Raises Http404 for one there is not."""
    if wnid is None:
        return None
    if wnid not in browsing().categories:
        raise Http404("There is no such category.")
    return browsing().categories[wnid]


def _tiles(text: str) -> int | None:
    """The number of tiles asked for, None where it is not one that can be had."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 2
    return int(text) if is_number and MIN_TILES <= int(text) <= MAX_TILES else None

"""The pictograph page: one's photos, or those of one category, as a treemap."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from pictograph.certainty import words_for
from pictograph.dial import stop_of
from pictograph.models import User
from pictograph.models.user import MAX_TILES, MIN_TILES
from pictograph.partials import render_page
from pictograph.store import prediction_store, scope_of
from pictograph.store.categories import browsing
from pictograph.store.interface import ALL_PHOTOS
from pictograph.templatetags.photos import pictograph_url_of
from pictograph.tiles import pictograph_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pictograph(request: HttpRequest, wnid: str | None = None) -> HttpResponse:
    """Show someone's pictograph, of all photos or within a category; a POST chooses the number of tiles."""
    user = cast(User, request.user)
    category = browsing().categories.get(wnid or "")
    if wnid is not None and category is None:
        raise Http404("There is no such category.")
    if category is not None and request.path != pictograph_url_of(category):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{pictograph_url_of(category)}{'?' if query else ''}{query}", permanent=True)
    is_refused = False
    if request.method == "POST":
        tiles = _tiles(request.POST.get("tiles", ""))
        if tiles is not None:
            user.tiles = tiles
            user.save(update_fields=["tiles"])
            return redirect(request.get_full_path())
        is_refused = True
    year = _year(request.GET.get("year", ""))
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
        "years": prediction_store().years(scope),
        "query": f"?year={year}" if year else "",
        "is_waiting": not everything and user.photos.pending().exists(),
        "fewer": user.tiles - 1 if user.tiles > MIN_TILES else None,
        "more": user.tiles + 1 if user.tiles < MAX_TILES else None,
        "is_refused": is_refused,
        "tile_limits": (MIN_TILES, MAX_TILES),
    }
    return render_page(request, "pictograph/pictograph.html", context, status=422 if is_refused else 200)


def _tiles(text: str) -> int | None:
    """The number of tiles asked for, None where it is not one that can be had."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 2
    return int(text) if is_number and MIN_TILES <= int(text) <= MAX_TILES else None


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 9999):
        raise Http404("There is no such year.")
    return int(text)

"""The pages of the pictograph: the treemap, of everything or of one category, and the photos in none of its tiles."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import category_or_404, moved_to, year_asked
from pictograph.pages.faces import own_face
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import MAX_TILES, MIN_TILES, User
from pictograph.photos.walk import rest_url
from pictograph.treemap.queries import pictograph, rest_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def poster(request: HttpRequest, wnid: str | None = None) -> HttpResponse:
    """Show someone's pictograph, of all photos or within a category; a POST chooses the number of tiles."""
    user, category = signed_in(request), category_or_404(wnid) if wnid else None
    if category is not None and (moved := moved_to(request, reverse("pictograph_of", args=[category]))):
        return moved
    is_refused = False
    if request.method == "POST":
        is_refused = not _choose_tiles(user, request.POST.get("tiles", ""))
        if not is_refused:
            return redirect(request.get_full_path())
    picture = pictograph(own_face(user.pk), stop_of(user), user.tiles, category, year_asked(request.GET))
    context: dict[str, Any] = {
        "pictograph": picture,
        "category": category,
        "is_waiting": not picture.everything and user.photos.pending().exists(),
        "fewer": max(picture.categories - 1, MIN_TILES),
        "more": min(user.tiles + 1, MAX_TILES),
        "is_fewest": picture.categories <= MIN_TILES,
        "is_most": picture.categories < user.tiles or user.tiles == MAX_TILES,
        "is_refused": is_refused,
        "tile_limits": {"least": MIN_TILES, "most": MAX_TILES},
    }
    return render_page(request, "pictograph/pictograph.html", context, status=422 if is_refused else 200)


@login_required
@require_safe
def rest(request: HttpRequest, wnid: str | None = None) -> HttpResponse:
    """Show the photos that are in none of the pictograph's tiles, at the same number of tiles."""
    user, category = signed_in(request), category_or_404(wnid) if wnid else None
    face, year, after = own_face(user.pk), year_asked(request.GET), request.GET.get("after")
    if moved := moved_to(request, rest_url(face, category, None)):
        return moved
    page = rest_of(face, stop_of(user), user.tiles, category, year, after)
    part = "library/_grid.html" if after else ""
    return render_page(request, "pictograph/rest.html", {"rest": page, "grid": page.grid}, part=part)


def _choose_tiles(user: User, text: str) -> bool:
    """Keep the number of tiles asked for; whether it is one that can be had."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 2
    if not (is_number and MIN_TILES <= int(text) <= MAX_TILES):
        return False
    user.tiles = int(text)
    user.save(update_fields=["tiles"])
    return True

"""The pages of maps: everyone's photos, one's own, and one's photos of a place."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fathom.map.clusters import About
from fathom.map.network import map_url, network_map
from fathom.map.own import own_map, place_page
from pictograph.pages.addresses import category_or_404, moved_to
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in


@require_safe
def everyones(request: HttpRequest, wnid: str | None = None) -> HttpResponse:
    """Show where people photograph most, or where they photograph a category more than elsewhere."""
    category = category_or_404(wnid) if wnid else None
    if moved := moved_to(request, map_url(category)):
        return moved
    return render_page(request, "map/network.html", {"map": network_map(category, request.GET), "category": category})


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """Show where someone's own photos were taken."""
    return render_page(request, "map/own.html", {"map": own_map(signed_in(request), request.GET)})


@login_required
@require_safe
def own_place(request: HttpRequest, about: str) -> HttpResponse:
    """Show someone's own photos about a place."""
    return _place(request, at=About.parse(about))


@login_required
@require_safe
def own_town(request: HttpRequest, town: int) -> HttpResponse:
    """Show someone's own photos of a town."""
    return _place(request, town=town)


def _place(request: HttpRequest, *, at: About | None = None, town: int | None = None) -> HttpResponse:
    page = place_page(signed_in(request), request.GET, at=at, town=town)
    part = "library/_grid.html" if "before" in request.GET else ""
    return render_page(request, "map/place.html", {"page": page, "grid": page.grid}, part=part)

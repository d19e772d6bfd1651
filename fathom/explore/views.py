"""The pages of what has been published, by everyone or by one person: where it begins, people, photos, categories."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from fathom.explore import network
from fathom.explore.crumbs import crumbs
from fathom.explore.network import TILES
from fathom.explore.people import people_page, person_page
from pictograph.catalogue.dial import stop_asked, stop_of
from pictograph.categories.queries import category_grid, category_page
from pictograph.pages.addresses import category_or_404, moved_to, year_asked
from pictograph.pages.faces import NETWORK_FACE, Face, person_face, published
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.models import User
from pictograph.photos.library import library_page
from pictograph.photos.walk import rest_url
from pictograph.posters.answers import poster, title_of
from pictograph.treemap.queries import pictograph, pictograph_url, rest_of

GRID = "library/_grid.html"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show where the network begins."""
    explore = network.explore(stop_of(request.user))
    return _render(request, "explore/home.html", NETWORK_FACE, {"explore": explore, "pictograph": explore.pictograph})


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the people who have published, a page at a time."""
    page = people_page(stop_of(request.user), request.GET)
    return _render(request, "explore/people.html", NETWORK_FACE, {"page": page})


@require_safe
def person(request: HttpRequest, handle: str) -> HttpResponse:
    """Show what somebody has published, and what sets them apart; where it is nothing, tell them alone why."""
    viewer = request.user if isinstance(request.user, User) else None
    if viewer and viewer.handle == handle and not published().filter(pk=viewer.pk).exists():
        return render_page(request, "explore/unpublished.html", {}, status=404)
    somebody, stop = _person_or_404(handle), stop_of(request.user)
    page = person_page(somebody, viewer, stop)
    picture = pictograph(page.face, stop, TILES, None, None)
    return _render(request, "explore/person.html", page.face, {"page": page, "pictograph": picture})


@require_safe
def library(request: HttpRequest, handle: str | None = None) -> HttpResponse:
    """Show published photos by date, a page at a time."""
    face = face_or_404(handle)
    page = library_page(face, stop_of(request.user), request.GET)
    part = GRID if {"before", "after", "at"} & request.GET.keys() else ""
    return _render(request, "explore/library.html", face, {"page": page, "grid": page.grid}, part=part)


@require_safe
def category(request: HttpRequest, wnid: str, handle: str | None = None) -> HttpResponse:
    """Show the published photos of a category, the categories within it and the path above it."""
    face, category, own = face_or_404(handle), category_or_404(wnid), stop_of(request.user)
    if moved := moved_to(request, face.url("category", category)):
        return moved
    if asked_by_htmx(request) and "after" in request.GET:
        return render_page(request, GRID, {"grid": category_grid(face, category, own, request.GET)})
    page = category_page(face, category, own, request.GET)
    context = {"page": page, "category": category, "grid": page.grid}
    if face == NETWORK_FACE:
        context["around"] = network.around(category, page.counts, stop_asked(request.GET, own))
    return _render(request, "explore/category.html", face, context)


@require_safe
def treemap(request: HttpRequest, wnid: str | None = None, handle: str | None = None) -> HttpResponse:
    """Show the pictograph of what has been published, or of one category of it."""
    face, category = face_or_404(handle), category_or_404(wnid) if wnid else None
    if moved := moved_to(request, pictograph_url(face, category)):
        return moved
    picture = pictograph(face, stop_of(request.user), TILES, category, year_asked(request.GET))
    return _render(request, "explore/pictograph.html", face, {"pictograph": picture, "category": category})


@require_safe
def image(
    request: HttpRequest, size: str, kind: str, wnid: str | None = None, handle: str | None = None
) -> HttpResponse:
    """The pictograph of what has been published as an image to save."""
    face, category = face_or_404(handle), category_or_404(wnid) if wnid else None
    picture = pictograph(face, stop_of(request.user), TILES, category, year_asked(request.GET))
    return poster(request, picture, title_of(picture), size, kind)


@require_safe
def rest(request: HttpRequest, wnid: str | None = None, handle: str | None = None) -> HttpResponse:
    """Show the published photos that are in none of the pictograph's tiles."""
    face, category = face_or_404(handle), category_or_404(wnid) if wnid else None
    if moved := moved_to(request, rest_url(face, category, None)):
        return moved
    year, after = year_asked(request.GET), request.GET.get("after")
    page = rest_of(face, stop_of(request.user), TILES, category, year, after)
    context = {"rest": page, "grid": page.grid, "category": category}
    return _render(request, "explore/rest.html", face, context, part=GRID if after else "")


def face_or_404(handle: str | None) -> Face:
    """The network, or the person of a handle. Raises Http404 for one who has published nothing."""
    return NETWORK_FACE if handle is None else person_face(_person_or_404(handle))


def _person_or_404(handle: str) -> User:
    return get_object_or_404(published(), handle=handle)


def _render(
    request: HttpRequest, template: str, face: Face, context: dict[str, Any], *, part: str = ""
) -> HttpResponse:
    """A page for everyone, which says by itself where it lies and which address is its own."""
    canonical = request.build_absolute_uri(request.path)
    return render_page(
        request, template, {"face": face, "crumbs": crumbs(face), "canonical": canonical} | context, part=part
    )

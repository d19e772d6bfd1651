"""The pages of what has been published, by everyone or by one person: photos, a category, the pictograph."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.categories.queries import category_grid, category_page
from pictograph.pages.addresses import category_or_404, moved_to, year_asked
from pictograph.pages.faces import NETWORK_FACE, Face, face_called
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.models import DEFAULT_TILES
from pictograph.photos.library import library_page
from pictograph.photos.models import Photo
from pictograph.treemap.queries import pictograph, pictograph_url, rest_of


@require_safe
def library(request: HttpRequest, handle: str | None = None) -> HttpResponse:
    """Show published photos by date, a page at a time."""
    page = library_page(face_or_404(request, handle), stop_of(request.user), request.GET)
    part = "library/_grid.html" if {"before", "after", "at"} & request.GET.keys() else ""
    return render_page(request, "library/library.html", {"page": page, "grid": page.grid}, part=part)


@require_safe
def category(request: HttpRequest, wnid: str, handle: str | None = None) -> HttpResponse:
    """Show the published photos of a category, the categories within it and the path above it."""
    face, category, own = face_or_404(request, handle), category_or_404(wnid), stop_of(request.user)
    if moved := moved_to(request, face.url("category", category)):
        return moved
    if asked_by_htmx(request) and "after" in request.GET:
        return render_page(request, "library/_grid.html", {"grid": category_grid(face, category, own, request.GET)})
    page = category_page(face, category, own, request.GET)
    return render_page(request, "categories/category.html", {"page": page, "category": category, "grid": page.grid})


@require_safe
def treemap(request: HttpRequest, wnid: str | None = None, handle: str | None = None) -> HttpResponse:
    """Show the pictograph of what has been published, or of one category of it."""
    face, category = face_or_404(request, handle), category_or_404(wnid) if wnid else None
    if moved := moved_to(request, pictograph_url(face, category)):
        return moved
    picture = pictograph(face, stop_of(request.user), DEFAULT_TILES, category, year_asked(request.GET))
    return render_page(request, "pictograph/pictograph.html", {"pictograph": picture, "category": category})


@require_safe
def rest(request: HttpRequest, wnid: str | None = None, handle: str | None = None) -> HttpResponse:
    """Show the published photos that are in none of the pictograph's tiles."""
    face, category = face_or_404(request, handle), category_or_404(wnid) if wnid else None
    year, after = year_asked(request.GET), request.GET.get("after")
    page = rest_of(face, stop_of(request.user), DEFAULT_TILES, category, year, after)
    part = "library/_grid.html" if after else ""
    return render_page(request, "pictograph/rest.html", {"rest": page, "grid": page.grid}, part=part)


def face_or_404(request: HttpRequest, handle: str | None) -> Face:
    """The network, or the person of a handle. Raises Http404 for one who has published nothing."""
    if handle is None:
        return NETWORK_FACE
    face = face_called(handle, request.user)
    if face is None or not Photo.objects.in_scope(face.scope).classified().exists():
        raise Http404("There is no such person.")
    return face

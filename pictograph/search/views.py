"""The page of a search, and what its field proposes."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.pages.faces import EVERYONE, NETWORK_FACE, Face, own_face
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.models import User
from pictograph.search.completions import completions
from pictograph.search.queries import search_grid, search_page


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search one's own photos, or everyone's: who has not signed in sees only these."""
    face, stop = _face(request), stop_of(request.user)
    if asked_by_htmx(request) and "after" in request.GET:
        return render_page(request, "library/_grid.html", {"grid": search_grid(face, stop, request.GET)})
    page = search_page(face, stop, request.GET)
    return render_page(request, "search/search.html", {"page": page, "grid": page.grid, "face": face})


@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """Propose how a query may go on, as the options of a list."""
    proposed = completions(_face(request), stop_of(request.user), request.GET.get("q", ""))
    return render_page(request, "search/_options.html", {"completions": proposed})


def _face(request: HttpRequest) -> Face:
    if isinstance(request.user, User) and request.GET.get("of") != EVERYONE:
        return own_face(request.user.pk)
    return NETWORK_FACE

"""The page of the look back at a year."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.lookback import queries
from pictograph.pages.faces import own_face
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in


@login_required
@require_safe
def look_back(request: HttpRequest, year: int) -> HttpResponse:
    """Show someone a year of their photos, beside the years before."""
    user = signed_in(request)
    page = queries.look_back(own_face(user.pk), stop_of(user), user.tiles, year)
    return render_page(request, "lookback/year.html", {"page": page, "pictograph": page.picture})

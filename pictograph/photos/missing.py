"""Photos whose files are no longer where they were: what was kept of them, and the choice to let them go."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import parse_id
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, Grid, cards_of, in_sections
from pictograph.photos.models import Photo

PAGE = 60  # photos


@dataclass(frozen=True)
class MissingPage:
    """A stretch of someone's missing photos, those that came in last first, and how many there are in all."""

    grid: Grid
    count: int


def missing_page(owner: User, stop: int, before: str) -> MissingPage:
    """The photos that come after the one of the id `before`, all where it is empty. Raises Http404 for no such id."""
    missing = Photo.objects.owned_by(owner).missing().classified()
    stretch = missing
    if before:
        last = parse_id(before)
        if last is None:
            raise Http404("There is no such place in the list.")
        stretch = missing.filter(pk__lt=last)
    found = list(stretch.only(*CARD_FIELDS).order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    more = f"{reverse('missing')}?before={shown[-1].pk}" if len(found) > PAGE else None
    return MissingPage(
        Grid(in_sections(cards_of(shown, stop), by_month=False), more, _("More photos")), missing.count()
    )


@login_required
@require_safe
def missing_photos(request: HttpRequest) -> HttpResponse:
    """Show the photos that have lost their files."""
    user = signed_in(request)
    page = missing_page(user, stop_of(user), request.GET.get("before", ""))
    part = "library/_grid.html" if "before" in request.GET else ""
    return render_page(request, "library/missing.html", {"page": page, "grid": page.grid}, part=part)

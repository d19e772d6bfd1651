"""The dial, "safer … more specific": how sure a name has to be, one setting of each person for the whole site."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from pictograph.catalogue.snapshot import calibration
from pictograph.pages.addresses import way_back
from pictograph.people.accounts import signed_in
from pictograph.people.models import User

WORDS = {98: _("Careful"), 95: _("Balanced"), 90: _("Daring")}
PROMISE = _("About %(right)s of 100 names are right.")
AIM = _("Aims at %(right)s right names of 100, and falls a little short.")
NO_PROMISE = _("How often its names are right has not been measured.")


@dataclass(frozen=True)
class ShownStop:
    """One stop as it is shown, with a sentence that promises no more than what was measured.

    `right` of a hundred names should be right.
    """

    right: int
    words: str | Promise
    sentence: str


def stop_of(user: AbstractBaseUser | AnonymousUser) -> int:
    """The stop someone's dial stands at, an index into `Calibration.stops`; the default for a visitor."""
    return calibration().nearest(user.target / 100) if isinstance(user, User) else calibration().default


def shown_stops() -> list[ShownStop]:
    """The stops of the dial, safest first."""
    dial, shown = calibration(), []
    for stop in dial.stops:
        right = round(stop.target * 100)
        promise = (PROMISE if stop.is_reached else AIM) if dial.is_measured else NO_PROMISE
        shown.append(ShownStop(right, WORDS.get(right, f"{right} / 100"), str(promise) % {"right": right}))
    return shown


def sureness(stop: int) -> int:
    """How addresses call a stop: of a hundred photos named there, so many should be named rightly."""
    return round(calibration().stops[stop].target * 100)


def stop_asked(query: Mapping[str, str], own: int) -> int:
    """The stop that an address asks for as `sure`; someone's own where it asks for none, or for one there is not."""
    stops = {str(sureness(stop)): stop for stop in range(len(calibration().stops))}
    return stops.get(query.get("sure", ""), own)


@login_required
@require_POST
def turn(request: HttpRequest) -> HttpResponse:
    """Set the dial and go back to the page it was turned on."""
    user = signed_in(request)
    wanted = request.POST.get("target", "")
    if wanted not in {str(stop.right) for stop in shown_stops()}:
        return HttpResponseBadRequest(str(_("The dial has no such position.")))
    user.target = int(wanted)
    user.save(update_fields=["target"])
    response = redirect(way_back(request, reverse("categories")))
    response.status_code = 303  # whatever the page, it is fetched with GET
    return response

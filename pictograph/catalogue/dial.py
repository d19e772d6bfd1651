"""The dial, "safer … more specific": how many of a hundred names should be right, one setting for the whole site."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pictograph.catalogue.tree import calibration
from pictograph.models import User
from pictograph.people.accounts import signed_in


def stop_of(user: AbstractBaseUser | AnonymousUser) -> int:
    """The stop someone's dial stands at, an index into `Calibration.stops`; the default for a visitor."""
    return calibration().nearest(user.target / 100) if isinstance(user, User) else calibration().default


def targets() -> list[int]:
    """How many of a hundred names are right at each stop, safest first."""
    return [round(stop.target * 100) for stop in calibration().stops]


@login_required
@require_POST
def turn(request: HttpRequest) -> HttpResponse:
    """Set the dial and go back to the page it was turned on."""
    user = signed_in(request)
    wanted = request.POST.get("target", "")
    if wanted not in map(str, targets()):
        return HttpResponseBadRequest("The dial has no such position.")
    user.target = int(wanted)
    user.save(update_fields=["target"])
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if is_ours else reverse("categories"))
    response.status_code = 303  # whatever the page, it is fetched with GET
    return response

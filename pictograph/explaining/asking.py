"""What the request for a photo's page asks of why the photo is said to be something."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from pictograph.explaining.pages import Why, why_asked
from pictograph.pages.rendering import asked_by_htmx
from pictograph.people.models import User
from pictograph.photos.detail import PhotoDetail

RATES = {"why": "60/m/ip,600/h/ip"}  # each takes a tenth of a second of a worker. Behind one address may be a school
PART = "why"  # of the page: what htmx asks for where it shows or takes off a map


def why_of(request: HttpRequest, detail: PhotoDetail) -> Why | None:
    """Why the photo of a page is said to be what the address asks about, None where it asks about nothing."""
    person = request.user if isinstance(request.user, User) else None
    found = why_asked(person, detail, request.GET.dict(), may_ask=False) if "why" in request.GET else None
    if found is None or found.state != "crowded" or request.method != "GET":
        return found
    if ratelimit.consume(request, app="pictograph", action="why", config=RATES, limit_get=True) is None:
        return found
    return why_asked(person, detail, request.GET.dict(), may_ask=True)


def is_part(request: HttpRequest) -> bool:
    """Whether only what is said of why is asked for."""
    return asked_by_htmx(request) and request.headers.get("HX-Target") == PART


def is_as_before(request: HttpRequest, why: Why | None) -> bool:
    """Whether a page that waits has nothing new to show."""
    return (
        why is not None
        and why.is_waiting
        and "wait" in request.GET
        and (why.state == "late") == ("late" in request.GET)
    )

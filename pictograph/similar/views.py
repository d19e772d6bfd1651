"""The pages of similar photos: of a photo, and of an image that is not kept."""

from pathlib import Path

from allauth.core.internal import ratelimit
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from classifier.work import UnreadablePhoto
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.models import Network
from pictograph.gate import refusals
from pictograph.gate.images import MOST_MB
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.similar.asked import AskedImage, Crowded
from pictograph.similar.images import image_answer
from pictograph.similar.pages import State, similar_page
from pictograph.similar.preparing import Busy, views_of_image
from pictograph.sources.reasons import explain
from pictograph.sources.receiving import ReceivedFile

# Each costs a second of the server's time. Behind one address there may be a school.
RATES = {"image": "30/m/ip,300/h/ip"}
STILL_WAITING = 204  # htmx leaves the page as it is, and asks again


@require_safe
def similar(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show the photos most like one that the viewer may see.

    Whoever is not signed in may be its owner, and is asked to sign in, whether there is such a photo or not.
    """
    address = reverse("similar", args=[photo_id])
    try:
        page = similar_page(request.user, photo_id, stop_of(request.user), request.GET.get("of", ""), address)
    except Http404:
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    if asked_by_htmx(request) and "wait" in request.GET and page.found.state == State.PREPARING:
        return HttpResponse(status=STILL_WAITING)
    context = {"page": page, "found": page.found, "grid": page.found.grid, "tabs": page.tabs, "wait_url": page.wait_url}
    part = "similar/_found.html" if "wait" in request.GET else ""
    return render_page(request, "similar/similar.html", context, part=part)


@require_http_methods(["GET", "HEAD", "POST"])
def similar_to_image(request: HttpRequest) -> HttpResponse:
    """Take an image that is not kept, and have a worker look at it; by GET, ask for one."""
    if request.method != "POST":
        return _ask_for_image(request)
    if ratelimit.consume(request, app="pictograph", action="image", config=RATES) is None:
        return render(request, "429.html", status=429)
    sent = request.FILES.get("image")
    network = Network.objects.filter(is_current=True).first()
    if not isinstance(sent, ReceivedFile) or not sent.size:
        return _ask_for_image(request, problem="none", status=422)
    if network is None or network.way_of_looking is None:
        return _ask_for_image(request, problem="nobody", status=503)
    try:
        views = views_of_image(Path(sent.temporary_file_path()), network.way_of_looking)
        asked = AskedImage.ask(network, views)
    except UnreadablePhoto as error:
        return _ask_for_image(request, advice=explain(error.reason), status=422)
    except (Busy, Crowded):
        return refusals.answer(request, refusals.BUSY)
    finally:
        sent.close()  # and with that it is gone
    return redirect("similar_image_answer", asked.token)


@require_safe
def similar_image_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an image is called and the photos most like it, once a worker has looked."""
    asked = get_object_or_404(AskedImage.objects.defer("views").select_related("network"), token=token)
    is_polling = asked_by_htmx(request) and "wait" in request.GET
    address = reverse("similar_image_answer", args=[token])
    page = image_answer(asked, request.user, stop_of(request.user), request.GET.get("of", ""), address)
    if is_polling and page.is_to_wait and page.is_late == ("late" in request.GET):
        return HttpResponse(status=STILL_WAITING)
    context = {"page": page, "found": page.found, "grid": page.found.grid if page.found else None}
    return render_page(request, "similar/image.html", context, part="similar/_answer.html" if is_polling else "")


def _ask_for_image(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    return render_page(request, "similar/ask.html", {"most_mb": MOST_MB, **context}, status=status)

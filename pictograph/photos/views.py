"""The pages of the library: its photos, one photo, deleting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.corrections.questions import Offer, offer_to
from pictograph.explaining.asking import is_as_before, is_part, why_of
from pictograph.pages.addresses import chosen_ids, way_back
from pictograph.pages.faces import own_face
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.photos import deletion
from pictograph.photos.cards import CARD_FIELDS, card_of
from pictograph.photos.detail import photo_detail
from pictograph.photos.library import library_page
from pictograph.photos.models import Photo

STILL_WAITING = 204  # htmx leaves the page as it is, and asks again
PREVIEWED = 12  # photos shown where deleting is confirmed


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Show someone's photos by date, a page at a time."""
    user = signed_in(request)
    page = library_page(own_face(user.pk), stop_of(user), request.GET)
    part = "library/_grid.html" if {"before", "after", "at"} & request.GET.keys() else ""
    offer = Offer() if request.GET else offer_to(request, user)
    context = {"page": page, "grid": page.grid, "question": offer.asked, "next": request.path}
    return offer.remember(render_page(request, "library/library.html", context, part=part))


@require_safe
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show one photo that its viewer may see: what it is and what the network saw, its owner also what its file says.

    Whoever is not signed in may be its owner, and is asked to sign in, whether there is such a photo or not.
    """
    try:
        detail = photo_detail(request.user, photo_id, stop_of(request.user), request.GET)
    except Http404:
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    why = why_of(request, detail)
    if is_as_before(request, why):
        return HttpResponse(status=STILL_WAITING)
    part = "library/_why.html" if is_part(request) else ""
    context = {"detail": detail, "photo": detail.photo, "why": why, "part": part}
    response = render_page(request, "library/photo.html", context, part=part)
    patch_vary_headers(response, ["HX-Target"])
    return response


@login_required
@require_POST
def delete_photos(request: HttpRequest) -> HttpResponse:
    """Ask whether to delete the chosen photos, and once that is `confirmed` do it."""
    user = signed_in(request)
    ids, back = chosen_ids(request.POST), way_back(request, reverse("library"))
    if not ids:
        return render_page(request, "library/delete.html", {"count": 0, "next": back}, status=422)
    if "confirmed" not in request.POST:
        theirs = deletion.owned_among(user, ids)
        if not theirs:
            raise Http404("None of these photos is here.")
        shown = Photo.objects.owned_by(user).classified().only(*CARD_FIELDS).in_order_of(theirs[:PREVIEWED])
        cards = [card_of(photo) for photo in shown]
        context = {"count": len(theirs), "ids": theirs, "photos": cards, "next": back}
        return render_page(request, "library/delete.html", context | {"beyond": len(theirs) - len(cards)})
    count = len(deletion.delete_photos(user, ids))
    if not count:
        raise Http404("None of these photos is here.")
    words = ngettext("%(count)s photo was deleted.", "%(count)s photos were deleted.", count)
    messages.success(request, words % {"count": number_format(count, force_grouping=True)})
    if asked_by_htmx(request):
        return render_page(request, "_messages.html", {"oob": True})
    return redirect(back)

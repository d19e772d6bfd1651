"""The pages on which people publish photos, take them back, and say what others see of them."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import parse_id, way_back
from pictograph.pages.faces import Face, published
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos import publishing
from pictograph.photos.detail import photo_detail
from pictograph.photos.library import library_page
from pictograph.publishing.forms import HandleForm, ProfileForm
from pictograph.publishing.queries import Proposal, overview_of, proposal_of
from pictograph.publishing.selection import Selection, selection_asked
from pictograph.shares.queries import links_showing
from pictograph.store.scope import public_of


@login_required
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """Let someone choose photos, show them what will be seen, and once that is `confirmed` publish or withdraw."""
    user, is_post = signed_in(request), request.method == "POST"
    asked = request.POST if is_post else request.GET
    selection = selection_asked(user, asked)
    if selection is None:
        is_wrong = is_post or "what" in asked
        context = {"overview": overview_of(user), "is_wrong": is_wrong}
        return render_page(request, "publishing/publish.html", context, status=422 if is_wrong else 200)
    confirmed = request.POST.get("confirmed", "")
    if confirmed == "withdraw":
        return _withdraw(request, selection)
    proposal = proposal_of(user, selection)
    form = None if user.handle else HandleForm(user, request.POST if confirmed else None)
    if confirmed == "publish":
        return _publish(request, user, proposal, form)
    return _ask(request, proposal, form)


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show what others may know of someone, and change it."""
    user = signed_in(request)
    form = ProfileForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.keep():
        messages.success(request, _("Saved."))
        return redirect("profile")
    context = {"form": form, "overview": overview_of(user), "place_km": settings.PLACE_KM, "page_url": _page_url(user)}
    return render_page(request, "publishing/profile.html", context, status=422 if form.is_bound else 200)


@login_required
@require_safe
def as_stranger(request: HttpRequest) -> HttpResponse:
    """Show someone their photos as people see them who are not signed in."""
    user, stranger = signed_in(request), AnonymousUser()
    if photo_id := parse_id(request.GET.get("photo", "")):
        detail = photo_detail(stranger, photo_id, stop_of(stranger), {})
        return render_page(request, "library/photo.html", {"detail": detail, "photo": detail.photo})
    grid = library_page(Face(public_of(user.pk), "network_"), stop_of(stranger), request.GET).grid
    newer, older = (url and f"?{url.partition('?')[2]}" for url in (grid.newer_url, grid.next_url))
    context = {"grid": grid, "newer": newer, "older": older, "page_url": _page_url(user)}
    return render_page(request, "publishing/as_stranger.html", context)


def _ask(request: HttpRequest, proposal: Proposal, form: HandleForm | None, *, status: int = 200) -> HttpResponse:
    way = way_back(request, reverse("publish"))
    links = links_showing(signed_in(request), proposal.public_ids)
    context = {"proposal": proposal, "links": links, "form": form, "next": way, "place_km": settings.PLACE_KM}
    return render_page(request, "publishing/confirm.html", context | {"has_changed": status == 409}, status=status)


def _publish(request: HttpRequest, user: User, proposal: Proposal, form: HandleForm | None) -> HttpResponse:
    """Publish exactly what was shown: where it has become something else meanwhile, it is shown again."""
    if request.POST.get("seal", "") != proposal.seal:
        return _ask(request, proposal, form, status=409)
    if form is not None and not form.keep():
        return _ask(request, proposal, form, status=422)
    count = publishing.publish_exactly(user.pk, proposal.private_ids)
    words = ngettext("%(count)s photo is public now.", "%(count)s photos are public now.", count)
    return _answer(request, words % {"count": number_format(count, force_grouping=True)})


def _withdraw(request: HttpRequest, selection: Selection) -> HttpResponse:
    """Take photos back, which nobody has to be asked about twice, and say which links still show them."""
    photos = selection.photos()
    public_ids = list(photos.filter(is_public=True).values_list("pk", flat=True))
    count = publishing.publish(photos, is_public=False)
    if links := links_showing(signed_in(request), public_ids).words:
        messages.info(request, links)
    words = ngettext("%(count)s photo is private again.", "%(count)s photos are private again.", count)
    return _answer(request, words % {"count": number_format(count, force_grouping=True)})


def _answer(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    if asked_by_htmx(request):
        return render_page(request, "_messages.html", {"oob": True})
    return redirect(way_back(request, reverse("publish")))


def _page_url(user: User) -> str:
    """Where others see a person; empty where they do not, nothing being published yet perhaps."""
    return reverse("person", args=[user.handle]) if published().filter(pk=user.pk).exists() else ""

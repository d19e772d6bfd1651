"""The pages on which people publish photos, take them back, and say what others see of them."""

from collections.abc import Iterator

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
from pictograph.photos import holds, publishing
from pictograph.photos.detail import photo_detail
from pictograph.photos.library import library_page
from pictograph.photos.models import Photo
from pictograph.publishing.forms import HandleForm, ProfileForm
from pictograph.publishing.held import held_page
from pictograph.publishing.queries import Proposal, held_among, overview_of, proposal_of, publishable, seal_of
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
    form = None if user.handle else HandleForm(user, request.POST if confirmed else None)
    if confirmed == "publish":
        return _publish(request, user, selection, form)
    return _ask(request, proposal_of(user, selection), form)


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
        context = {"detail": detail, "photo": detail.photo, "is_preview": True}
        return render_page(request, "library/photo.html", context)
    grid = library_page(Face(public_of(user.pk), "network_"), stop_of(stranger), request.GET).grid
    newer, older = (url and f"?{url.partition('?')[2]}" for url in (grid.newer_url, grid.next_url))
    held = held_among(Photo.objects.owned_by(user))
    context = {"grid": grid, "newer": newer, "older": older, "page_url": _page_url(user), "held": held}
    return render_page(request, "publishing/as_stranger.html", context)


@login_required
@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """Show someone their photos that they have published and that others do not see, and why."""
    user = signed_in(request)
    page = held_page(user, stop_of(user), request.GET.get("before", ""))
    return render_page(request, "publishing/held.html", {"page": page})


def _ask(request: HttpRequest, proposal: Proposal, form: HandleForm | None, *, status: int = 200) -> HttpResponse:
    way = way_back(request, reverse("publish"))
    links = links_showing(signed_in(request), proposal.public_ids)
    context = {"proposal": proposal, "links": links, "form": form, "next": way, "place_km": settings.PLACE_KM}
    return render_page(request, "publishing/confirm.html", context | {"has_changed": status == 409}, status=status)


def _publish(request: HttpRequest, user: User, selection: Selection, form: HandleForm | None) -> HttpResponse:
    """Publish exactly what was shown: where it has become something else meanwhile, it is shown again."""
    photo_ids = publishable(selection)
    if request.POST.get("seal", "") != seal_of(photo_ids):
        return _ask(request, proposal_of(user, selection), form, status=409)
    if form is not None and not form.keep():
        return _ask(request, proposal_of(user, selection), form, status=422)
    return _answer(request, *_became(publishing.publish_exactly(user.pk, photo_ids)))


def _became(done: publishing.Published) -> Iterator[str]:
    """What became of photos that somebody published, a sentence each."""
    public, reviewed, scored, refused = map(len, (done.public, done.reviewed, done.scored, done.refused))
    if public or not (reviewed or scored or refused):
        yield _counted(ngettext("%(count)s photo is public now.", "%(count)s photos are public now.", public), public)
    if reviewed:
        words = ngettext(
            "A moderator looks at %(count)s photo first. You see here what becomes of it.",
            "A moderator looks at %(count)s photos first. You see here what becomes of them.",
            reviewed,
        )
        yield _counted(words, reviewed)
    if scored:
        words = ngettext(
            "%(count)s photo is on its way: the site looks at it first, which takes a moment.",
            "%(count)s photos are on their way: the site looks at them first, which takes a moment.",
            scored,
        )
        yield _counted(words, scored)
    if refused:
        words = ngettext(
            "%(count)s photo stays private: a moderator has taken it down.",
            "%(count)s photos stay private: a moderator has taken them down.",
            refused,
        )
        yield _counted(words, refused)


def _counted(words: str, count: int) -> str:
    return words % {"count": number_format(count, force_grouping=True)}


def _withdraw(request: HttpRequest, selection: Selection) -> HttpResponse:
    """Take photos back, which nobody has to be asked about twice, and say which links still show them."""
    user, photos = signed_in(request), selection.photos()
    public_ids = list(photos.filter(is_public=True).values_list("pk", flat=True))
    ended = holds.take_back(photos, user)
    count = publishing.withdraw(photos)
    if links := links_showing(user, public_ids).words:
        messages.info(request, links)
    said = []
    if count or not ended:
        again = ngettext("%(count)s photo is private again.", "%(count)s photos are private again.", count)
        said.append(_counted(again, count))
    if ended:
        waits = ngettext("%(count)s photo waits no longer.", "%(count)s photos wait no longer.", ended)
        said.append(_counted(waits, ended))
    return _answer(request, *said)


def _answer(request: HttpRequest, *said: str) -> HttpResponse:
    for words in said:
        messages.success(request, words)
    if asked_by_htmx(request):
        return render_page(request, "_messages.html", {"oob": True})
    return redirect(way_back(request, reverse("publish")))


def _page_url(user: User) -> str:
    """Where others see a person; empty where they do not, nothing being published yet perhaps."""
    return reverse("person", args=[user.handle]) if published().filter(pk=user.pk).exists() else ""

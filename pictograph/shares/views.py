"""The owner's pages of links: which there are, making one, changing it, ending it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pictograph.albums.models import Album
from pictograph.pages.addresses import category_asked, parse_id, year_asked
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.shares.forms import ShareForm
from pictograph.shares.models import Share
from pictograph.shares.queries import links_of, title_of

LINKS_AT_MOST = 200


@login_required
@require_safe
def shares(request: HttpRequest) -> HttpResponse:
    """List someone's links with what has become of each."""
    user = signed_in(request)
    links = links_of(user, request)
    context = {"links": links, "has_photos": bool(links) or _has_photos(user)}
    return render_page(request, "shares/shares.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a link to a pictograph, a category, an album or a year; it may be looked at before others can."""
    user = signed_in(request)
    share = _begun(user, request.POST if request.method == "POST" else request.GET)
    if not _has_photos(user):
        return redirect("shares")
    if request.method != "POST":
        return _form(request, ShareForm.of(share))
    if Share.objects.owned_by(user).count() >= LINKS_AT_MOST:
        messages.error(request, _("You have as many links as there can be. End one that is no longer needed."))
        return redirect("shares")
    form = ShareForm(share, request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    share = form.save()
    if "open" not in request.POST:
        return redirect(share)
    share.open()
    messages.success(request, _("The link is ready: give it to whom you like."))
    return redirect("shares")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, share_id: int) -> HttpResponse:
    """Change what a link shows and to whom; it stays the same link."""
    share = _own(request, share_id)
    if request.method != "POST":
        return _form(request, ShareForm.of(share))
    form = ShareForm(share, request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    form.save()
    return redirect(share)


@login_required
@require_POST
def open_to_others(request: HttpRequest, share_id: int) -> HttpResponse:
    """Let others open a link that only its owner has seen."""
    _own(request, share_id).open()
    messages.success(request, _("The link is ready: give it to whom you like."))
    return redirect("shares")


@login_required
@require_POST
def revoke(request: HttpRequest, share_id: int) -> HttpResponse:
    """End a link for good."""
    _own(request, share_id).revoke()
    messages.success(request, _("The link has ended. Nobody sees anything through it any more."))
    return redirect("shares")


def _has_photos(user: User) -> bool:
    return Photo.objects.owned_by(user).exists()


def _own(request: HttpRequest, share_id: int) -> Share:
    """A link of whoever asks that has not been revoked. Raises Http404 for another's."""
    links = Share.objects.owned_by(signed_in(request)).filter(revoked_at=None).select_related("owner", "album")
    return get_object_or_404(links, pk=share_id)


def _begun(user: User, query: QueryDict) -> Share:
    """An unsaved link to what a query names: a `category`, an `album`, a `year`, or all there is.

    Raises Http404 for one that is not there, or another's.
    """
    share = Share(owner=user, kind=Share.Kind.PICTOGRAPH, tiles=user.tiles)
    year, named = year_asked(query), query.get("category", "")
    if named:
        category = category_asked(named)
        if category is None:
            raise Http404("There is no such category.")
        share.kind, share.wnid = Share.Kind.CATEGORY, category.wnid
    elif album_named := query.get("album", ""):
        share.kind = Share.Kind.ALBUM
        share.album = get_object_or_404(Album, owner=user, pk=parse_id(album_named) or 0)
    elif year:
        share.kind = Share.Kind.YEAR
    if year:
        share.begins, share.ends = date(year, 1, 1), date(year, 12, 31)
    return share


def _form(request: HttpRequest, form: ShareForm, status: int = 200) -> HttpResponse:
    share = form.share
    context: dict[str, Any] = {"form": form, "share": share, "title": title_of(share)}
    return render_page(request, "shares/form.html", context, status=status)

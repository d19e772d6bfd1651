"""The pages of albums: all of them, one, putting photos in and taking them out, renaming, deleting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pictograph.albums import contents
from pictograph.albums.models import NAME_LENGTH, Album, AlbumPhoto
from pictograph.albums.queries import album_page, albums_page
from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import chosen_ids, parse_id, way_back
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos.deletion import owned_among


@login_required
@require_safe
def albums(request: HttpRequest) -> HttpResponse:
    """Show someone's albums, the newest first."""
    page = albums_page(signed_in(request), request.GET.get("before", ""))
    return render_page(request, "albums/albums.html", {"page": page})


@login_required
@require_safe
def album(request: HttpRequest, album_id: int) -> HttpResponse:
    """Show the photos of one of one's own albums, newest first."""
    user = signed_in(request)
    page = album_page(_own_album(user, album_id), stop_of(user), request.GET)
    part = "library/_grid.html" if {"before", "after", "at"} & request.GET.keys() else ""
    return render_page(request, "albums/album.html", {"page": page, "album": page.album, "grid": page.grid}, part=part)


@login_required
@require_POST
def add_to_album(request: HttpRequest) -> HttpResponse:
    """Ask which album the chosen photos go to; once one is named, by id or by name, put them there."""
    user, ids = signed_in(request), chosen_ids(request.POST)
    theirs = owned_among(user, ids)
    if ids and not theirs:
        raise Http404("None of these photos is here.")
    context = {
        "ids": theirs,
        "count": len(theirs),
        "next": way_back(request, reverse("library")),
        "longest": NAME_LENGTH,
    }
    wanted = request.POST.get("album") or request.POST.get("name")
    if not theirs or wanted is None:
        context["page"] = albums_page(user)
        status = 200 if theirs else 422
        return render_page(request, "albums/add.html", context, part="albums/_choose.html", status=status)
    album, error = _album_wanted(user, request.POST.get("album", ""), request.POST.get("name", ""))
    if album is None:
        context |= {"page": albums_page(user), "error": error, "name": request.POST.get("name", "")}
        return render_page(request, "albums/add.html", context, part="albums/_choose.html", status=422)
    _tell_added(request, album, contents.add_photos(album, theirs), len(theirs))
    if asked_by_htmx(request):
        return render_page(request, "albums/_added.html", {"album": album})
    return redirect(album)


@login_required
@require_POST
def remove_from_album(request: HttpRequest, album_id: int) -> HttpResponse:
    """Take the chosen photos out of an album; they stay in the library."""
    album = _own_album(signed_in(request), album_id)
    count = contents.remove_photos(album, chosen_ids(request.POST))
    words = ngettext(
        "%(count)s photo was taken out of the album. It is still in your library.",
        "%(count)s photos were taken out of the album. They are still in your library.",
        count,
    )
    told = words % {"count": number_format(count, force_grouping=True)}
    messages.success(request, told if count else _("Tick the photos to take out first."))
    if asked_by_htmx(request):
        return render_page(request, "_messages.html", {"oob": True})
    return redirect(album)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_album(request: HttpRequest, album_id: int) -> HttpResponse:
    """Give an album another name, or go on to delete it."""
    album = _own_album(signed_in(request), album_id)
    context = {"album": album, "name": request.POST.get("name", album.name), "longest": NAME_LENGTH}
    if request.method != "POST":
        return render_page(request, "albums/edit.html", context)
    name = contents.plain_album_name(request.POST.get("name", ""))
    try:
        if name:
            contents.rename_album(album, name)
            return redirect(album)
        error = _name_refused()
    except contents.NameTaken:
        error = _("You have another album of this name.")
    return render_page(request, "albums/edit.html", context | {"error": error}, status=422)


@login_required
@require_POST
def delete_album(request: HttpRequest, album_id: int) -> HttpResponse:
    """Ask whether to delete an album, and once that is `confirmed` do it; its photos stay in the library."""
    album = _own_album(signed_in(request), album_id)
    if "confirmed" not in request.POST:
        count = AlbumPhoto.objects.filter(album=album).count()
        return render_page(request, "albums/delete.html", {"album": album, "count": count})
    contents.delete_album(album)
    messages.success(request, _("The album “%(name)s” was deleted.") % {"name": album.name})
    return redirect("albums")


def _own_album(user: User, album_id: int) -> Album:
    return get_object_or_404(Album, pk=album_id, owner=user)


def _album_wanted(user: User, id_text: str, name_text: str) -> tuple[Album | None, str]:
    """The album that a form names, a new one for a new name; or why there can be none. Raises Http404."""
    if id_text:
        return _own_album(user, parse_id(id_text) or 0), ""
    name = contents.plain_album_name(name_text)
    if not name:
        return None, _name_refused()
    try:
        return contents.album_named(user, name), ""
    except contents.TooManyAlbums:
        return None, _("You have as many albums as fit here. Delete one, or add to one of them.")


def _name_refused() -> str:
    return _("Give the album a name of up to %(count)s letters.") % {"count": NAME_LENGTH}


def _tell_added(request: HttpRequest, album: Album, added: int, chosen: int) -> None:
    if not added:
        words = ngettext("It is in “%(name)s” already.", "They are in “%(name)s” already.", chosen)
    else:
        words = ngettext(
            "%(count)s photo was added to “%(name)s”.", "%(count)s photos were added to “%(name)s”.", added
        )
    messages.success(request, words % {"count": number_format(added, force_grouping=True), "name": album.name})

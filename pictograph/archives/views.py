"""Parts sent in pieces by a script or whole by a form, and what is done with archives on the import page."""

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pictograph.archives import server, steering
from pictograph.archives.models import Archive, Part
from pictograph.archives.pages import SHOWN, archive_list, archive_rows
from pictograph.archives.parts import PartTooLarge, TooMany, WrongPlace, append, begin_part, have, require_room
from pictograph.archives.tasks import announce_archive
from pictograph.pages import full_disk
from pictograph.pages.addresses import parse_id
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import administrator, signed_in
from pictograph.people.models import User
from pictograph.sources.quota import NoRoom

CONFLICT = 409
PIECE_BYTES = 16_000_000  # what a slow line sends in a minute or two, and a fast one in a second
READ_BYTES = 1 << 18


class PartForm(forms.Form):
    """What a browser says of a file that was chosen."""

    name = forms.CharField(max_length=1000)
    size = forms.IntegerField(min_value=1, max_value=2**53)
    modified = forms.IntegerField(min_value=-(2**53), max_value=2**53, required=False)


@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Begin to send a part, or go on with one; the answer says how much of it is here."""
    if not request.user.is_authenticated:
        return _signed_out()
    said = PartForm(request.POST)
    if not said.is_valid():
        return JsonResponse({"message": gettext("This does not say which file is to come.")}, status=400)
    told = said.cleaned_data
    try:
        part = begin_part(signed_in(request), told["name"], told["size"], told["modified"] or 0)
    except NoRoom as full:
        return _full(str(full.words), can_wait=not isinstance(full, PartTooLarge))
    except TooMany:
        return _full(gettext("Very many parts are under way. Wait until some have been brought in."))
    if part.state == Part.State.HERE:
        announce_archive(part.archive_id)
    offset = part.size_bytes if part.has_come else have(part)
    return JsonResponse({"part": part.pk, "offset": offset, "piece": PIECE_BYTES, "has_come": part.has_come})


@require_POST
def send(request: HttpRequest) -> JsonResponse:
    """Take a piece of a part: the request's body, which belongs at `offset`."""
    if not request.user.is_authenticated:
        return _signed_out()
    parts = Part.objects.filter(archive__owner=signed_in(request), path="").select_related("archive__owner")
    part = get_object_or_404(parts, pk=parse_id(request.GET.get("part", "")) or 0)
    try:
        require_room(part.archive.owner, int(request.headers.get("Content-Length") or 0))
        offset = append(part, parse_id(request.GET.get("offset", "")) or 0, _pieces(request))
    except NoRoom as full:
        return _full(str(full.words))
    except WrongPlace as other:
        return JsonResponse({"offset": other.size_bytes}, status=CONFLICT)
    except (OSError, OperationalError) as error:
        if not full_disk.is_full_disk(error):
            raise
        return _full(str(full_disk.WORDS))
    has_come = offset >= part.size_bytes
    if has_come:
        announce_archive(part.archive_id)
    return JsonResponse({"offset": offset, "has_come": has_come})


@login_required
@require_POST
def form(request: HttpRequest) -> HttpResponse:
    """Take whole parts from a browser without scripts."""
    user = signed_in(request)
    files = request.FILES.getlist("archives")
    if not files:
        messages.warning(request, gettext("No files came along. Choose some archives first."))
    for file in files:
        try:
            part = begin_part(user, file.name or "", file.size or 0, 0)
            if not part.has_come:
                append(part, have(part), _from(file.chunks(), have(part)))
            announce_archive(part.archive_id)
        except NoRoom as full:
            messages.error(request, f"{file.name}: {full.words}")
        except (TooMany, WrongPlace):
            messages.error(request, gettext("%(name)s was not taken. Try again in a moment.") % {"name": file.name})
    return redirect("import")


@login_required
@require_safe
def archives(request: HttpRequest) -> HttpResponse:
    """The block of the import page, for the page to keep it up to date."""
    if not asked_by_htmx(request):
        return redirect("import")
    return _show(request)


@login_required
@require_POST
def go_on(request: HttpRequest, archive_id: int) -> HttpResponse:
    """Go on with an archive that stopped."""
    steering.go_on(get_object_or_404(_own(signed_in(request)), pk=archive_id))
    return _show(request) if asked_by_htmx(request) else redirect("import")


@login_required
@require_POST
def remove(request: HttpRequest, archive_id: int) -> HttpResponse:
    """Take an archive off the list; its photos stay."""
    if not steering.remove(get_object_or_404(_own(signed_in(request)), pk=archive_id)):
        messages.warning(request, gettext("It is just being brought in. Cancel the import first, then remove it."))
    return _show(request) if asked_by_htmx(request) else redirect("import")


class ServerForm(forms.Form):
    """Archives on the server, and whose photos are in them."""

    path = forms.CharField(
        label=gettext_lazy("Zip on the server, or a folder with its parts"),
        max_length=4096,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Whose photos"),
        queryset=User.objects.filter(is_active=True).order_by("username"),
        empty_label=None,
    )

    def add(self) -> list[Archive]:
        """Have them brought in; none where the form says what is wrong."""
        if not self.is_valid():
            return []
        try:
            files = server.find_parts(self.cleaned_data["path"].strip())
        except ValidationError as error:
            self.add_error("path", error)
            return []
        return server.add_parts(self.cleaned_data["owner"], files)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def on_server(request: HttpRequest) -> HttpResponse:
    """Name archives that lie on the server, for an administrator."""
    user = administrator(request)
    server_form = ServerForm(request.POST or None, initial={"owner": user})
    if request.method == "POST" and (added := server_form.add()):
        for archive in added:
            announce_archive(archive.pk)
        messages.success(request, gettext("The photos in it are being brought in."))
        return redirect("import")
    latest = Archive.objects.filter(is_on_server=True).order_by("-pk")[:SHOWN]
    context = {"form": server_form, "rows": archive_rows(latest)}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "archives/server.html", context, status=status)


def _own(user: User) -> QuerySet[Archive]:
    return Archive.objects.filter(owner=user).select_related("owner", "source")


def _show(request: HttpRequest) -> HttpResponse:
    return render_page(request, "archives/_archives.html", {"archives": archive_list(signed_in(request))})


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(READ_BYTES):
        yield piece


def _from(pieces: Iterator[bytes], offset: int) -> Iterator[bytes]:
    """Pieces from a place on."""
    for piece in pieces:
        if offset < len(piece):
            yield piece[offset:]
        offset = max(offset - len(piece), 0)


def _signed_out() -> JsonResponse:
    words = gettext("Your session has ended. Sign in again and go on; what was sent of it is kept.")
    return JsonResponse({"message": words}, status=401)


def _full(words: str, *, can_wait: bool = True) -> JsonResponse:
    return JsonResponse({"message": words, "can_wait": can_wait}, status=full_disk.INSUFFICIENT_STORAGE)

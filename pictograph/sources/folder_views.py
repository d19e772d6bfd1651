"""The pages on which administrators add folders of the server, look at them, and give them up."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import administrator
from pictograph.people.models import User
from pictograph.photos.dates import moment_of, wall_clock
from pictograph.photos.models import Photo
from pictograph.sources.folders import open_folder, register
from pictograph.sources.models import Item, Rejection, Source
from pictograph.sources.reasons import FOLDER_ADVICE, Advice, explain
from pictograph.sources.tasks import announce_scan

OBSTACLES_NAMED = 20  # of each folder
OBSTACLES_READ = 1000  # of all


class SettingsForm(forms.Form):
    """How often a folder is looked at, and what in it is left out."""

    every_s = forms.TypedChoiceField(
        label=gettext_lazy("Look for changes"),
        choices=Source.Schedule.choices,
        coerce=int,
        help_text=gettext_lazy(
            "A folder that is looked at as soon as something changes is also looked at every hour: network disks do "
            "not tell of what is changed on them from elsewhere."
        ),
    )
    exclusions = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        label=gettext_lazy("Leave out"),
        required=False,
        max_length=10_000,
        help_text=gettext_lazy(
            "Names of folders or files, or patterns such as raw/*.tif, one a line. Hidden files, thumbnails and bins "
            "that NAS and systems make are left out anyway."
        ),
    )


class FolderForm(SettingsForm):
    """A folder to be added, and whose photos are in it."""

    path = forms.CharField(
        label=gettext_lazy("Folder on the server"),
        max_length=4096,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Whose photos"),
        queryset=User.objects.filter(is_active=True).order_by("username"),
        empty_label=None,
    )

    field_order = ("path", "owner", "every_s", "exclusions")

    def add(self) -> Source | None:
        """Register the folder; None where the form says what is wrong."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        try:
            folder = open_folder(chosen["path"].strip())
            return register(chosen["owner"], folder, every_s=chosen["every_s"], exclusions=chosen["exclusions"])
        except ValidationError as error:
            self.add_error("path", error)
            return None


@dataclass(frozen=True)
class FolderRow:
    """A folder as the page lists it: its photos, its files that are missing, what stands in the way.

    `to_look_at` of its files could not be read. `obstacles` are the first of `beyond` more.
    """

    source: Source
    photos: int
    to_look_at: int
    missing: int
    advice: Advice | None
    obstacles: Sequence[tuple[str, Advice]]
    beyond: int

    @property
    def is_busy(self) -> bool:
        """Whether it is being looked at, or is about to be."""
        return self.source.scan_wanted or self.source.is_scanning

    @property
    def looked_at(self) -> str:
        """When it was last looked at, by the site's clock: "3 May 2024, 14:03"; empty where it never was."""
        return moment_of(wall_clock(self.source.scanned_at)) if self.source.scanned_at else ""


def folder_rows(sources: Sequence[Source]) -> list[FolderRow]:
    """The folders with their figures, in three questions however many they are."""
    items = Item.objects.filter(source__in=sources).values_list("source")
    is_here = Q(state=Item.State.PRESENT)
    photos = Count("photo", filter=is_here & ~Q(photo__state=Photo.State.FAILED), distinct=True)
    unread = Count("pk", filter=is_here & (Q(photo__state=Photo.State.FAILED) | Q(photo__isnull=False, problem__gt="")))
    missing = Count("pk", filter=Q(state=Item.State.MISSING))
    counted = items.annotate(here=photos, unread=unread, gone=missing).order_by()
    figures = {pk: (here, unread, gone) for pk, here, unread, gone in counted}
    rejections = Rejection.objects.filter(batch__source__in=sources)
    counts = dict(rejections.values_list("batch__source").annotate(Count("pk")).order_by())
    named: dict[int, list[tuple[str, Advice]]] = {source.pk: [] for source in sources}
    for pk, name, reason in rejections.order_by("name").values_list("batch__source", "name", "reason")[:OBSTACLES_READ]:
        if len(named[pk]) < OBSTACLES_NAMED:
            named[pk].append((name, explain(reason)))
    return [
        FolderRow(
            source,
            *figures.get(source.pk, (0, 0, 0)),
            advice=FOLDER_ADVICE.get(source.problem),
            obstacles=named[source.pk],
            beyond=counts.get(source.pk, 0) - len(named[source.pk]),
        )
        for source in sources
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def folders(request: HttpRequest) -> HttpResponse:
    """List the folders that photos are read from, and add one."""
    user = administrator(request)
    form = FolderForm(request.POST or None, initial={"owner": user, "every_s": Source.Schedule.WATCHED})
    if request.method == "POST" and (source := form.add()) is not None:
        want_scan(source)
        messages.success(request, gettext("%(folder)s was added and is being looked through.") % {"folder": source})
        return HttpResponseClientRedirect(reverse("folders")) if asked_by_htmx(request) else redirect("folders")
    context = {"rows": folder_rows(_folders()), "form": form}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "sources/folders.html", context, part="sources/_folder_form.html", status=status)


@login_required
@require_safe
def folder(request: HttpRequest, source_id: int) -> HttpResponse:
    """Show how one folder is coming along, for the page that lists it."""
    administrator(request)
    return _show(request, _folder_or_404(source_id))


@login_required
@require_POST
def scan_folder(request: HttpRequest, source_id: int) -> HttpResponse:
    """Have a folder looked at now."""
    administrator(request)
    source = _folder_or_404(source_id)
    want_scan(source)
    return _show(request, source)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_folder(request: HttpRequest, source_id: int) -> HttpResponse:
    """Change how often a folder is looked at, and what in it is left out."""
    administrator(request)
    source = _folder_or_404(source_id)
    form = SettingsForm(request.POST or None, initial={"every_s": source.every_s, "exclusions": source.exclusions})
    if request.method == "POST" and form.is_valid():
        source.every_s, source.exclusions = form.cleaned_data["every_s"], form.cleaned_data["exclusions"]
        source.save(update_fields=["every_s", "exclusions"])
        if "exclusions" in form.changed_data:
            want_scan(source)
        messages.success(request, gettext("The settings of %(folder)s were changed.") % {"folder": source})
        return redirect("folders")
    status = 422 if request.method == "POST" else 200
    return render_page(request, "sources/folder_settings.html", {"source": source, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_folder(request: HttpRequest, source_id: int) -> HttpResponse:
    """Ask what becomes of the photos of a folder, then give it up."""
    administrator(request)
    source = _folder_or_404(source_id)
    removal = request.POST.get("photos", "")
    if removal in Source.Removal.values:
        Source.objects.filter(pk=source.pk).update(removal=removal)
        announce_scan(source.pk)
        messages.success(request, gettext("%(folder)s is being removed.") % {"folder": source})
        return redirect("folders")
    (row,) = folder_rows([source])
    context = {"row": row, "source": source, "choices": Source.Removal.choices}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "sources/folder_remove.html", context, status=status)


def want_scan(source: Source) -> None:
    """Have a folder looked at as soon as a worker is free."""
    source.scan_wanted, source.scan_below = True, ""
    source.save(update_fields=["scan_wanted", "scan_below"])
    announce_scan(source.pk)


def _show(request: HttpRequest, source: Source) -> HttpResponse:
    """The folder's row where htmx asks, the page with all of them otherwise."""
    if not asked_by_htmx(request):
        return redirect("folders")
    (row,) = folder_rows([source])
    return render_page(request, "sources/_folder.html", {"row": row})


def _folders() -> list[Source]:
    folders = Source.objects.filter(kind=Source.Kind.FOLDER, removal="").select_related("owner")
    return list(folders.order_by("owner__username", "folder"))


def _folder_or_404(source_id: int) -> Source:
    folders = Source.objects.filter(kind=Source.Kind.FOLDER, removal="").select_related("owner")
    return get_object_or_404(folders, pk=source_id)

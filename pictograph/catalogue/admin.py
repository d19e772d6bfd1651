"""The catalogue in the admin: networks, and what moderators change in the tree."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from pictograph.catalogue.changing import (
    Counted,
    Effect,
    Kind,
    Refused,
    Wanted,
    change,
    counted,
    effect_of,
    found,
    mergeable,
    require_possible,
    said_of,
    take_back,
)
from pictograph.catalogue.models import NAME_LENGTH, REASON_LENGTH, Network, Override
from pictograph.catalogue.snapshot import catalogue
from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.people.accounts import signed_in
from taxonomy.browsing import Category

MAY = "fathom.change_labels"


@admin.register(Network)
class NetworkAdmin(ReadOnlyAdmin):
    """Networks that classify or have classified."""

    list_display = ("version", "label_set", "is_current", "created_at")


class ChangeForm(forms.Form):
    """What to do with a category, and why."""

    kind = forms.ChoiceField(label=_("What to do"), choices=Kind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name for many, as in “dogs”"), max_length=NAME_LENGTH, required=False)
    singular = forms.CharField(label=_("Name for one, as in “a dog”"), max_length=NAME_LENGTH, required=False)
    into = forms.ChoiceField(label=_("Show it as"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=REASON_LENGTH)

    def __init__(self, category: Category, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wnid = category.wnid
        into = self.fields["into"]
        assert isinstance(into, forms.ChoiceField)
        into.choices = [("", "—"), *((other.wnid, other.name) for other in mergeable(category.wnid))]

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                require_possible(self.wanted)
            except Refused as refused:
                raise forms.ValidationError(refused.args[0]) from refused
        return cleaned

    @property
    def wanted(self) -> Wanted:
        """The change that the form asks for."""
        said = self.cleaned_data
        return Wanted(self._wnid, Kind(said["kind"]), said["name"], said["singular"], said["into"])


@admin.register(Override)
class OverrideAdmin(admin.ModelAdmin):
    """Changes to the tree, each of which every process goes by within a moment: found by name, made, taken back."""

    def get_urls(self) -> list[URLPattern]:
        """The pages of labels in the place of a table's."""
        return [
            path("", self.admin_site.admin_view(self.labels), name="pictograph_override_changelist"),
            path("c/<category:wnid>/", self.admin_site.admin_view(self.category), name="pictograph_override_category"),
            path("back/<category:wnid>/", self.admin_site.admin_view(self.take_back), name="pictograph_override_back"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may change labels."""
        return request.user.has_perm(MAY)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever may change labels."""
        return request.user.has_perm(MAY)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only by the page of a category."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever may change labels."""
        return request.user.has_perm(MAY)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Only by taking it back."""
        return False

    def labels(self, request: HttpRequest) -> HttpResponse:
        """List what is changed, and find categories by name or from the top of the tree."""
        _require(request)
        words = request.GET.get("q", "").strip()
        changes = Override.objects.order_by("-changed_at").values_list("wnid", flat=True)
        structure = catalogue().structure
        shown = {
            "words": words,
            "found": found(words),
            "tops": counted(structure.roots),
            "changes": [_row(row) for row in _in_order([w for w in changes if w in structure.categories])],
            "others": Override.objects.exclude(wnid__in=structure.categories).order_by("wnid"),
            "title": _("Labels"),
        }
        return self._page(request, "catalogue/labels.html", shown)

    def category(self, request: HttpRequest, wnid: str) -> HttpResponse:
        """One category: where it lies, what is changed of it, and a form that says what it would do before it does."""
        _require(request)
        structure = catalogue().structure
        if wnid not in structure.categories:
            raise Http404("There is no such category.")
        category, effect = structure.categories[wnid], None
        form = ChangeForm(category, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            if "sure" in request.POST:
                change(signed_in(request), form.wanted, form.cleaned_data["reason"])
                messages.success(request, _("Every page shows it so within two seconds."))
                return redirect("admin:pictograph_override_changelist")
            effect = effect_of(form.wanted)
        (row,) = counted([wnid])
        shown = {
            "row": _row(row),
            "path": structure.path(wnid)[:-1],
            "below": counted(category.children),
            "form": form,
            "effect": effect and _said(effect, form.wanted),
            "title": category.name,
        }
        return self._page(request, "catalogue/label.html", shown, status=422 if form.is_bound and form.errors else 200)

    def take_back(self, request: HttpRequest, wnid: str) -> HttpResponse:
        """Take back what is changed of a category."""
        _require(request)
        override = get_object_or_404(Override, wnid=wnid)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        take_back(signed_in(request), override, request.POST.get("reason", "")[:REASON_LENGTH])
        messages.success(request, _("It is as shipped again."))
        return redirect(reverse("admin:pictograph_override_changelist"))

    def _page(self, request: HttpRequest, template: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        return TemplateResponse(request, template, context, status=status)


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY):
        raise PermissionDenied


def _in_order(wnids: list[str]) -> list[Counted]:
    rows = {row.category.wnid: row for row in counted(wnids)}
    return [rows[wnid] for wnid in wnids]


def _row(row: Counted) -> dict[str, Any]:
    """A category as the page of labels tells of it, with what is changed of it in words."""
    override = row.change
    said = said_of(override) if override is not None else []
    return {"counted": row, "category": row.category, "change": override, "said": said}


def _said(effect: Effect, wanted: Wanted) -> dict[str, Any]:
    """What a change would do, with the words of what is wanted."""
    return {"is": str(wanted.kind), "wanted": wanted, "effect": effect, "kind": Kind(wanted.kind).label}

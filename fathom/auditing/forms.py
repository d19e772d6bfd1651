"""What operators say of a group."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from fathom.auditing.models import NAME_LENGTH, AuditGroup
from pictograph.albums.models import Album
from pictograph.audit.noting import note
from pictograph.people.models import User
from pictograph.places.gazetteer import gazetteer
from pictograph.sources.models import Import

GROUPS_AT_MOST = 30  # each is asked about with every chunk of photos, and widens the intervals of all
HANDLES_AT_MOST = 500
OWN_IMPORTS = 100  # of an operator's imports, the latest ones

Kind = AuditGroup.Kind
NEEDS = {
    Kind.CAMERA: ("camera",),
    Kind.COUNTRY: ("country",),
    Kind.IMPORT: ("batch",),
    Kind.ALBUM: ("album",),
    Kind.PEOPLE: ("handles",),
    Kind.DATES: ("first_day", "last_day"),
}


def _of_import(batch: Any) -> str:
    return _("%(date)s, %(count)s files") % {"date": f"{batch.started_at:%Y-%m-%d %H:%M}", "count": batch.arrived_files}


class GroupForm(forms.ModelForm):
    """A group: only what its kind needs is kept of the rest."""

    camera = forms.CharField(label=gettext_lazy("Words in the camera's name"), max_length=NAME_LENGTH, required=False)
    country = forms.CharField(
        label=gettext_lazy("Country, by its two letters"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("Only photos of people who show places count."),
    )
    batch = forms.ModelChoiceField(Import.objects.none(), label=gettext_lazy("Import of yours"), required=False)
    album = forms.ModelChoiceField(Album.objects.none(), label=gettext_lazy("Album of yours"), required=False)
    handles = forms.CharField(
        label=gettext_lazy("Handles"), required=False, widget=forms.Textarea(attrs={"rows": 3, "cols": 40})
    )
    first_day = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    class Meta:
        model = AuditGroup
        fields = ("name", "note", "kind")
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, by: User, *args: Any, **options: Any) -> None:
        """Offer what is the operator's own, and show what the group is made of."""
        super().__init__(*args, **options)
        self.by = by
        cast(forms.ChoiceField, self.fields["kind"]).choices = Kind.choices
        batch = cast("forms.ModelChoiceField[Import]", self.fields["batch"])
        latest = Import.objects.filter(owner=by).order_by("-pk").values("pk")[:OWN_IMPORTS]
        batch.queryset = Import.objects.filter(pk__in=list(latest.values_list("pk", flat=True))).order_by("-pk")
        batch.label_from_instance = _of_import  # type: ignore[method-assign, assignment]
        cast("forms.ModelChoiceField[Album]", self.fields["album"]).queryset = Album.objects.filter(owner=by).order_by(
            "folded"
        )
        group = self.instance
        if group.pk and not self.is_bound:
            self.initial["camera" if group.kind == Kind.CAMERA else "country"] = group.words
            for name in ("batch", "album", "first_day", "last_day"):
                self.initial[name] = getattr(group, name)
            self.initial["handles"] = " ".join(sorted(filter(None, group.people.values_list("handle", flat=True))))

    def clean_country(self) -> str:
        """A country that there is."""
        code: str = self.cleaned_data["country"].strip().upper()
        if code and gazetteer().country(code) is None:
            raise forms.ValidationError(_("There is no such country."))
        return code

    def clean_handles(self) -> list[User]:
        """The people who have these handles, more than two of them."""
        handles = {handle.lstrip("@") for handle in self.cleaned_data["handles"].replace(",", " ").split()}
        if not handles:
            return []
        if len(handles) > HANDLES_AT_MOST:
            raise forms.ValidationError(_("At most %(count)s handles make a group.") % {"count": HANDLES_AT_MOST})
        people = {person.handle: person for person in User.objects.filter(handle__in=handles)}
        if unknown := sorted(handles - people.keys()):
            raise forms.ValidationError(_("Nobody is called %(handles)s.") % {"handles": ", ".join(unknown[:5])})
        if len(people) < settings.MAP_PEOPLE:
            words = ngettext(
                "A group has %(count)s person at least.", "A group has %(count)s people at least.", settings.MAP_PEOPLE
            )
            raise forms.ValidationError(words % {"count": settings.MAP_PEOPLE})
        return list(people.values())

    def clean(self) -> dict[str, Any]:
        """Ask for what the kind needs."""
        cleaned = super().clean() or self.cleaned_data
        for name in NEEDS.get(cleaned.get("kind", ""), ()):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("This is what makes the group."))
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if cleaned.get("kind") == Kind.DATES and first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        if not self.instance.pk and AuditGroup.objects.count() >= GROUPS_AT_MOST:
            self.add_error(None, _("There are %(count)s groups, and no more fit.") % {"count": GROUPS_AT_MOST})
        return cleaned

    def keep(self) -> AuditGroup:
        """Keep the group and put it down in the log, in the caller's transaction; what was worked out of it goes."""
        group, said, is_new = self.instance, self.cleaned_data, not self.instance.pk
        needs = NEEDS[Kind(group.kind)]
        group.words = said[needs[0]] if group.kind in (Kind.CAMERA, Kind.COUNTRY) else ""
        for name in ("batch", "album", "first_day", "last_day"):
            setattr(group, name, said[name] if name in needs else None)
        if is_new:
            group.made_by = self.by
        group.save()
        people = said["handles"] if group.kind == Kind.PEOPLE else []
        group.people.set(people)
        group.audited.all().delete()
        action = "audit_group.make" if is_new else "audit_group.change"
        made_of: dict[str, Any] = {name: getattr(group, f"{name}_id") for name in ("batch", "album") if name in needs}
        made_of |= {name: str(said[name]) for name in ("camera", "country", "first_day", "last_day") if name in needs}
        made_of |= {"people": [person.pk for person in people]} if people else {}
        note(self.by, action, f"audit group {group.pk}", reason=group.note, name=group.name, kind=group.kind, **made_of)
        return group

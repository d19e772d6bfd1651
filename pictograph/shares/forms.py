"""The form of a link: its title, what it leaves out, between which days, until when, and behind which password."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.categories.hidden import hidden_by_owner
from pictograph.categories.queries import opened
from pictograph.people.models import MAX_TILES
from pictograph.photos.models import Photo
from pictograph.shares.doors import LONGEST_PASSWORD
from pictograph.shares.faces import ShareWindow
from pictograph.shares.models import LEFT_OUT_AT_MOST, TITLE_LENGTH, Share
from pictograph.shares.picked import MOST_PICKED
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import library_of
from pictograph.treemap.queries import most_specific_stop
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

SHORTEST_PASSWORD = 6
OTHERS_OFFERED = 60


class Expiry(models.TextChoices):
    """When a link ends, seen from now."""

    NEVER = "never", _("It stays until I end it")
    DAY = "1", _("In a day")
    WEEK = "7", _("In a week")
    MONTH = "30", _("In 30 days")
    KEEP = "keep", _("As it is set now")


class ShareForm(forms.Form):
    """What the owner says of a link. The form of one that is there offers to keep its end and its password."""

    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        required=False,
        help_text=_("Others see this. Left empty, it says what the photos show."),
    )
    left_out = forms.MultipleChoiceField(label=_("Leave out"), required=False)
    begins = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    ends = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    expiry = forms.ChoiceField(label=_("The link ends"), choices=Expiry.choices, initial=Expiry.NEVER)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    drops_password = forms.BooleanField(label=_("Ask for no password any more"), required=False)
    is_listed = forms.BooleanField(label=_("Search engines may list this page"), required=False)

    def __init__(self, share: Share, *args: Any, **options: Any) -> None:
        self.share = share
        super().__init__(*args, **options)
        self.offered, self.others = offered_of(share)
        # Any category may be named, not only those that are offered; a link may leave out what the tree has lost.
        choices = {*browsing().categories, *share.left_out}
        self.fields["left_out"].choices = [(wnid, wnid) for wnid in sorted(choices)]  # type: ignore[attr-defined]
        if share.expires_at is None:
            self.fields["expiry"].choices = [c for c in Expiry.choices if c[0] != Expiry.KEEP]  # type: ignore[attr-defined]
        if share.kind == Share.Kind.YEAR:
            del self.fields["begins"], self.fields["ends"]
        if not share.password:
            del self.fields["drops_password"]
            self.fields["password"].help_text = _("Left empty, everyone who has the link may look.")
        else:
            self.fields["password"].help_text = _("Left empty, the password stays as it is.")

    def clean_left_out(self) -> list[str]:
        """Not more than anyone would choose."""
        wnids: list[str] = self.cleaned_data["left_out"]
        if len(wnids) > LEFT_OUT_AT_MOST:
            raise forms.ValidationError(gettext("These are too many. Leave out the categories above them instead."))
        if self.share.wnid and any(above.wnid in wnids for above in browsing().path(self.share.wnid)):
            raise forms.ValidationError(gettext("Nothing would be left of this category."))
        return wnids

    def clean(self) -> dict[str, Any]:
        """Refuse days that run backwards."""
        cleaned: dict[str, Any] = super().clean() or {}
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and begins > ends:
            self.add_error("ends", gettext("This day is before the first one."))
        elif _photos_picked(self.share, begins, ends) > MOST_PICKED:
            words = gettext("These are more than %(most)s photos. Choose fewer days, or share a whole year.")
            raise forms.ValidationError(words % {"most": number_format(MOST_PICKED, force_grouping=True)})
        return cleaned

    def save(self) -> Share:
        """Write it into the link."""
        share, said = self.share, self.cleaned_data
        share.title, share.is_listed = said["title"].strip(), said["is_listed"]
        share.left_out = left_out_as_stored(said["left_out"], share.left_out)
        if "begins" in said:
            share.begins, share.ends = said["begins"], said["ends"]
        if said["expiry"] == Expiry.NEVER:
            share.expires_at = None
        elif said["expiry"] != Expiry.KEEP:
            share.expires_at = timezone.now() + timedelta(days=int(said["expiry"]))
        if said["password"]:
            share.protect(said["password"])
        elif said.get("drops_password"):
            share.protect("")
        share.save()
        return share

    @classmethod
    def of(cls, share: Share) -> "ShareForm":
        """The form filled with what a link is now."""
        said = {name: getattr(share, name) for name in ("title", "left_out", "begins", "ends", "is_listed")}
        return cls(share, initial=said | {"expiry": Expiry.KEEP if share.expires_at else Expiry.NEVER})

    @property
    def chosen(self) -> set[str]:
        """The categories ticked."""
        return set(self["left_out"].value() or ())


def _photos_picked(share: Share, begins: date | None, ends: date | None) -> int:
    """How many photos have to be asked for one by one to count what a link of these days shows; 0 where none have."""
    begins, ends = (share.begins, share.ends) if share.kind == Share.Kind.YEAR else (begins, ends)
    meant = Share(owner=share.owner, wnid=share.wnid, album=share.album, begins=begins, ends=ends)
    return 0 if meant.is_counted else meant.rows(Photo.objects.all()).count()


def offered_of(share: Share) -> tuple[list[Category], list[Category]]:
    """The categories that can be left out: the tiles of its pictograph, then wider and narrower ones."""
    tree = browsing()
    span = {"begins": share.begins, "ends": share.ends}
    all_of_it = Share(owner=share.owner, wnid=share.wnid, album=share.album, **span)
    counts = ShareWindow(all_of_it).lists.counts(library_of(share.owner_id), most_specific_stop())
    whole = share.category
    within = whole.wnid if whole else None
    hidden = hidden_by_owner(share.owner_id)
    most, finer = best_cut(tree, counts, share.tiles, within, hidden), best_cut(tree, counts, MAX_TILES, within)
    first = dict.fromkeys((*most, *(wnid for wnid in share.left_out if wnid in tree.categories)))
    total = counts.get(whole.wnid if whole else ALL_PHOTOS, 0)
    tops = opened(whole.children if whole else tree.roots, counts, total)
    below = (inside for top in tops for inside in opened(tree.categories[top].children, counts, counts[top]))
    others = dict.fromkeys(wnid for wnid in (*tops, *finer, *below) if wnid not in first)
    return _by_name(first), _by_name(others)[:OTHERS_OFFERED]


def left_out_as_stored(chosen: Sequence[str], before: Sequence[str]) -> list[str]:
    """What a link leaves out that was to leave out something else before.

    Of each category all that is shown as it, so that none of it comes back when moderators tell it apart again; and
    what they have taken out of the tree meanwhile, which could not be chosen.
    """
    shown = catalogue().showing
    parts = (part for wnid in chosen for part in shown.stored(wnid) or (wnid,))
    lost = (wnid for wnid in before if wnid in shown.stands_for and not shown.listed_as(wnid))
    return list(dict.fromkeys((*parts, *lost)))


def _by_name(wnids: Iterable[str]) -> list[Category]:
    return sorted((browsing().categories[wnid] for wnid in wnids), key=lambda category: category.name)

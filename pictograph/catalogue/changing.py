"""Changing what is shown of the tree: renaming, hiding, blocking and merging categories, what that does, undoing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from pictograph.audit.noting import note
from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import calibration, catalogue, look_again
from pictograph.people.models import User
from pictograph.store import prediction_store, stored_predictions
from pictograph.store.interface import ALL_PEOPLE
from pictograph.store.scope import NETWORK
from taxonomy.browsing import BrowsingTree, Category
from taxonomy.hedging import LEAST_BITS
from taxonomy.lexicon import folded
from taxonomy.showing import Change, Showing, merge_problem, show

FOUND_AT_MOST = 60


class Kind(models.TextChoices):
    """What may be done to a category."""

    RENAME = "rename", _("Rename it")
    HIDE = "hide", _("Hide it: what lies below it moves up, and searches still know its name")
    MERGE = "merge", _("Merge it: show it as another one")
    BLOCK = "block", _("Block it with all that lies below it: no search knows them either")
    BLOCK_ALONE = "block_alone", _("Block it alone: what lies below it moves up, and no search knows its name")


PROBLEMS = {
    "gone": _("One of the two is not shown at present."),
    "self": _("A category cannot be shown as itself."),
    "below": _("A category cannot be shown as one that lies below it."),
    "apart": _("A category can be shown as one beside it or as the one above it. These two lie apart."),
}


class Refused(ValueError):
    """A change that cannot be; the message is for whoever wanted it."""


@dataclass(frozen=True)
class Wanted:
    """A change that somebody wants to make to a category."""

    wnid: str
    kind: Kind
    name: str = ""
    singular: str = ""
    into: str = ""


@dataclass(frozen=True)
class Effect:
    """What a change does to what everybody sees, in published photos as most pages list them.

    `photos` of `people` are in the category; `only` of them are in no category below it. `below` categories go with it.
    `becomes` is what these photos are called then, None where they have no name or keep the one below.
    """

    category: Category
    photos: int
    people: int
    only: int
    below: int
    becomes: Category | None
    becomes_photos: int


@dataclass(frozen=True)
class Counted:
    """A category of the shipped tree, what it is shown as now, and how much there is of it."""

    category: Category
    shown: Category | None
    photos: int
    change: Override | None

    @property
    def is_itself(self) -> bool:
        """Whether it is shown as what it is."""
        return self.shown is not None and self.shown.wnid == self.category.wnid


def change(by: User, wanted: Wanted, reason: str) -> Override:
    """Make a change, at once and everywhere. Raises Refused where it cannot be."""
    require_possible(wanted)
    with transaction.atomic():
        override, _is_new = Override.objects.select_for_update().get_or_create(wnid=wanted.wnid)
        was = _words_of(override)
        _apply(override, wanted)
        override.reason, override.by = reason, by
        override.save()
        note(by, f"label.{wanted.kind}", f"category {wanted.wnid}", reason=reason, was=was, now=_words_of(override))
    look_again()
    return override


def take_back(by: User, override: Override, reason: str = "") -> None:
    """Take all that was changed of a category back, at once and everywhere."""
    with transaction.atomic():
        present = Override.objects.select_for_update().filter(pk=override.pk).first()
        if present is not None:  # else somebody was faster
            was = _words_of(present)
            present.delete()
            note(by, "label.take_back", f"category {override.wnid}", reason=reason, was=was)
    look_again()


def require_possible(wanted: Wanted) -> None:
    """Raise Refused where a change cannot be made to the tree as it is."""
    showing = catalogue().showing
    if wanted.wnid not in showing.structure.categories:
        raise Refused(_("There is no such category."))
    if wanted.kind == Kind.RENAME:
        if not (wanted.name and wanted.singular):
            raise Refused(_("A name needs both: for many, as in “dogs”, and for one, as in “a dog”."))
        for category in showing.tree.categories.values():
            if category.wnid != wanted.wnid and folded(category.name) == folded(wanted.name):
                raise Refused(_("Another category is called so."))
    elif wanted.kind == Kind.MERGE:
        before = show(showing.structure, [one for one in catalogue().changes if one.wnid != wanted.wnid])
        if problem := merge_problem(before, wanted.wnid, wanted.into):
            raise Refused(PROBLEMS[problem])
        if wanted.wnid in showing_with(wanted).ineffective:
            raise Refused(_("These two would each be shown as the other."))


def showing_with(wanted: Wanted) -> Showing:
    """What would be shown with a change."""
    present, others = catalogue(), [one for one in catalogue().changes if one.wnid != wanted.wnid]
    override = Override.objects.filter(wnid=wanted.wnid).first() or Override(wnid=wanted.wnid)
    _apply(override, wanted)
    return show(present.structure, [*others, override.change])


def effect_of(wanted: Wanted) -> Effect:
    """What a change would do."""
    present, after = catalogue(), showing_with(wanted)
    category, stop = present.structure.categories[wanted.wnid], calibration().default
    counts, store = prediction_store().counts(NETWORK, stop), prediction_store()
    shown = present.tree.categories.get(wanted.wnid)
    photos = counts.get(wanted.wnid, 0)
    inside = sum(counts.get(child, 0) for child in shown.children) if shown else 0
    becomes = after.tree.categories.get(after.shown(wanted.wnid))
    if wanted.kind not in (Kind.RENAME, Kind.MERGE):
        becomes = _nameable(after.tree, becomes)
    goes = wanted.kind == Kind.BLOCK
    newly = [wnid for wnid in present.tree.order if wnid in after.stands_for and wnid != wanted.wnid]
    return Effect(
        category=shown or category,
        photos=photos,
        people=len(store.people_in(wanted.wnid, stop, ALL_PEOPLE)) if photos else 0,
        only=max(0, photos - inside) if wanted.kind in (Kind.HIDE, Kind.BLOCK_ALONE) else photos,
        below=len(newly) if goes else 0,
        becomes=becomes,
        becomes_photos=counts.get(becomes.wnid, 0) + (photos if wanted.kind == Kind.MERGE else 0) if becomes else 0,
    )


def mergeable(wnid: str) -> list[Category]:
    """What a category may be shown as: those beside it, and the one above."""
    others = [one for one in catalogue().changes if one.wnid != wnid]
    tree = show(catalogue().structure, others).tree
    if wnid not in tree.categories:
        return []
    parent = tree.categories[wnid].parent
    beside = tree.categories[parent].children if parent else tree.roots
    near = [tree.categories[other] for other in beside if other != wnid]
    return ([tree.categories[parent]] if parent else []) + near


def found(words: str) -> list[Counted]:
    """The categories that words name, as they are shipped or as they are shown; those with most photos first."""
    wanted, structure, tree = folded(words), catalogue().structure, catalogue().tree
    if not wanted:
        return []
    hit: list[str] = []
    for wnid, category in structure.categories.items():
        shown = tree.categories.get(wnid)
        lemmas = structure.hierarchy.synsets[structure.hierarchy.index[wnid]].lemmas
        names = (category.name, *lemmas, shown.name if shown else "")
        if any(wanted in folded(name) for name in names):
            hit.append(wnid)
    return counted(hit)[:FOUND_AT_MOST]


def counted(wnids: Sequence[str]) -> list[Counted]:
    """Categories of the shipped tree with what they are shown as, those with most photos first."""
    present = catalogue()
    counts = stored_predictions().counts(NETWORK, calibration().default)
    changes = Override.objects.select_related("by").in_bulk(list(wnids), field_name="wnid")
    rows = [
        Counted(
            present.structure.categories[wnid],
            present.tree.categories.get(present.showing.shown(wnid)),
            counts.get(wnid, 0),
            changes.get(wnid),
        )
        for wnid in wnids
    ]
    return sorted(rows, key=lambda row: (-row.photos, row.category.name))


def _apply(override: Override, wanted: Wanted) -> None:
    """Have a row say what is wanted, and still what it said otherwise, as far as both can be."""
    if wanted.kind == Kind.RENAME:
        override.name, override.singular = wanted.name, wanted.singular
        return
    override.is_hidden = wanted.kind == Kind.HIDE
    override.is_blocked = wanted.kind in (Kind.BLOCK, Kind.BLOCK_ALONE)
    override.is_alone = wanted.kind == Kind.BLOCK_ALONE
    override.merged_into = wanted.into if wanted.kind == Kind.MERGE else ""


def _nameable(tree: BrowsingTree, category: Category | None) -> Category | None:
    while category is not None and category.information < LEAST_BITS:
        category = tree.categories.get(category.parent or "")
    return category


def said_of(override: Override) -> list[object]:
    """What is changed of a category, in words: called otherwise, hidden, blocked, shown as another one."""
    into = catalogue().structure.categories.get(override.merged_into)
    said: list[object] = [_("called “%(name)s”") % {"name": override.name}] if override.name else []
    said += [_("hidden")] if override.is_hidden else []
    if override.is_blocked:
        said.append(_("blocked") if override.is_alone else _("blocked with all that lies below it"))
    if into is not None:
        said.append(_("shown as “%(name)s”") % {"name": into.name})
    if override.wnid in catalogue().showing.ineffective:
        said.append(_("which means nothing at present, as the two no longer lie together"))
    return said


def _words_of(override: Override) -> dict[str, object]:
    """What a row says, for the log."""
    change: Change = replace(override.change, wnid="")
    return {name: value for name, value in vars(change).items() if value}

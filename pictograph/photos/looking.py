"""What of photos has to be looked at before others see them: what they show, and whether it looks like nudity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.catalogue.assignments import listed_alone
from pictograph.catalogue.snapshot import calibration, catalogue
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.announcing import announce
from pictograph.store import stored_predictions
from taxonomy.browsing import BrowsingTree
from taxonomy.sensitivity import covered, load_sensitivity

CATEGORY = "category"  # a reason, with a wnid behind a colon: it is in that category
UNSAFE = "unsafe"  # a reason: the score is at or above UNSAFE_HOLD
MODERATOR = "moderator"  # a reason: one has taken it down
UNSCORED = "unscored"  # a reason: no worker could look
# What changes where a photo has to be looked at once more.
SEEN = ("finished_at", "corrections", "unsafe", "is_cleared")
SCORE, CLEARED = SEEN.index("unsafe"), SEEN.index("is_cleared")
SAID_AT_MOST = 4  # reasons in a sentence
WORDS = {
    UNSAFE: gettext_lazy("perhaps nudity"),
    UNSCORED: gettext_lazy("something nobody has looked at yet"),
    MODERATOR: gettext_lazy("something that a moderator has taken down"),
}


@dataclass(frozen=True)
class Look:
    """What was found in a photo: why a moderator has to look first, and whether the network has to.

    `seen` is what SEEN said then.
    """

    reasons: tuple[str, ...]
    waits_for_score: bool
    seen: tuple[object, ...]


def trusted_among(owners: Iterable[int]) -> frozenset[int]:
    """Those people at whose photos nobody else need look: they are who would look."""
    people = User.objects.with_perm("fathom.moderate").filter(pk__in=set(owners))
    return frozenset(people.values_list("pk", flat=True))


def look_at(photo_ids: Sequence[int]) -> dict[int, Look]:
    """What is found in each of some photos; those that are gone are left out."""
    found = Photo.objects.filter(pk__among=frozenset(photo_ids)).order_by("pk")
    rows = {pk: (owner, tuple(seen)) for pk, owner, *seen in found.values_list("pk", "owner", *SEEN)}
    trusted = trusted_among(owner for owner, _ in rows.values())
    open_ = {pk for pk, (owner, seen) in rows.items() if owner not in trusted and not seen[CLEARED]}
    shows = _shows(list(open_)) if settings.REVIEW_CATEGORIES else {}
    return {
        pk: Look(
            reasons=(*shows.get(pk, ()), *([UNSAFE] if is_unsafe(seen[SCORE]) else [])) if pk in open_ else (),
            waits_for_score=pk in open_ and seen[SCORE] is None and waits_for_scores(),
            seen=seen,
        )
        for pk, (_, seen) in rows.items()
    }


def waits_for_scores() -> bool:
    """Whether nothing is public here before it has a score."""
    return settings.UNSAFE_HOLD is not None and settings.UNSAFE_WAIT


def announce_scoring() -> None:
    """Tell the workers that photos wait for their scores. One that is at an import looks by itself."""
    announce("classifier.tasks.score_waiting")


def in_words(reasons: Sequence[str]) -> str:
    """What reasons say to people, the first of them: "weapons, bras or perhaps nudity"."""
    said = list(dict.fromkeys(words_of(reason) for reason in reasons))
    if len(said) > SAID_AT_MOST:
        said = [*said[: SAID_AT_MOST - 1], _("other things")]
    *first, last = said or [""]
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def words_of(reason: str) -> str:
    """What a reason says to people, as a part of a sentence: "weapons"."""
    kind, _sign, wnid = reason.partition(":")
    if kind == CATEGORY:
        category = catalogue().structure.categories.get(wnid)
        return category.name if category else _("something that not everyone likes to see")
    return str(WORDS.get(kind, kind))


def _shows(photo_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The categories that photos are in and that are looked at first, the general one of each line of the list.

    What people say of their own photos takes none of them past that: photos of which anything was ever said, or learnt
    from similar ones, are read as the network alone would. What was taken back counts too, as the store follows later.
    """
    store, stop = stored_predictions(), len(calibration().stops) - 1
    listed = {pk: list(wnids) for pk, wnids in store.categories_of(photo_ids, stop).items()}
    spoken = Photo.objects.filter(pk__among=frozenset(photo_ids), corrections__gt=0).order_by("pk")
    records = store.find_many(list(spoken.values_list("pk", flat=True)))
    for record, assignments in zip(records, listed_alone(records), strict=True):
        listed[record.photo_id] += [a.wnid for a in assignments if a.stop <= stop]
    lines = _lines(catalogue().structure)
    first = {pk: {lines[wnid]: wnid for wnid in reversed(wnids) if wnid in lines} for pk, wnids in listed.items()}
    return {pk: tuple(f"{CATEGORY}:{wnid}" for wnid in sorted(found.values())) for pk, found in first.items() if found}


@lru_cache(maxsize=4)
def _lines(tree: BrowsingTree) -> Mapping[str, str]:
    """The categories of a tree that are looked at first, each with the line of the list that says so."""
    return covered(tree, load_sensitivity().review)


def is_unsafe(score: object) -> bool:
    """Whether a score says that a moderator has to look first; None says nothing."""
    return settings.UNSAFE_HOLD is not None and isinstance(score, float) and score >= settings.UNSAFE_HOLD

"""Holds: why a photo may not be public now. It waits to be looked at first, or a moderator has taken it down.

A photo that is held is not public, which the database sees to; the row of its photo says that it is held, in the same
transaction as the hold comes or goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from pictograph.audit.noting import note_many
from pictograph.people.models import User
from pictograph.photos.flags import Flag
from pictograph.photos.looking import MODERATOR, in_words
from pictograph.photos.models import Photo
from pictograph.photos.taken_down import (
    WORDS_LENGTH,
    Content,
    TakenDown,
    contents_of,
    forget,
    known_among,
    remember,
    same_among,
)
from pictograph.photos.visibility import hide, show, tell
from pictograph.transactions import chunks, hold, hold_people, of_held_people, transacted

CHUNK = 500  # photos a transaction holds


class Hold(models.Model):
    """Why a photo may not be public now: `reasons` are words of the code, `words` what a moderator said to its owner.

    `was_wanted` of one that was taken down: its owner had it public, or waiting to be, and has not taken it back since.
    """

    class Kind(models.TextChoices):
        """What it waits for."""

        SCORING = "scoring"  # for the network that looks; then it is published by itself, or waits for a moderator
        REVIEW = "review"  # for a moderator
        TAKEN_DOWN = "taken_down"  # for nothing: its owner cannot publish it again

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="hold")
    kind = models.CharField(max_length=10, choices=Kind)
    reasons = models.JSONField(default=list)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    was_wanted = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(was_wanted=True) | Q(kind="taken_down"), name="hold_ends_when_not_wanted"
            ),
            models.CheckConstraint(condition=Q(words="") | Q(kind="taken_down"), name="hold_words_of_moderators"),
        ]
        indexes = [models.Index(fields=["kind", "since", "photo"], name="hold_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} of photo {self.photo_id}"


@dataclass(frozen=True)
class Disagreement:
    """What an owner can say, or has said, to their photo being taken down: "", "open" or "upheld", and where."""

    url: str = ""
    state: str = ""


@dataclass(frozen=True)
class HoldSaid:
    """A hold as the photo's owner reads of it: what the photo may show, or what a moderator said of it."""

    kind: str
    shows: str
    words: str
    appeal: Disagreement

    @property
    def is_taken_down(self) -> bool:
        """Whether it cannot be published again; else it waits."""
        return self.kind == Hold.Kind.TAKEN_DOWN


def said_of(photos: Iterable[Photo]) -> dict[int, HoldSaid]:
    """Why photos are held, for their owners; those that are not are left out."""
    holds = Hold.objects.filter(photo__pk__among=frozenset(photo.pk for photo in photos if photo.is_held))
    down = [hold.photo_id for hold in holds if hold.kind == Hold.Kind.TAKEN_DOWN]
    appeals: Mapping[int, Disagreement] = import_string(settings.APPEALS)(down) if down else {}
    nothing = Disagreement()
    return {
        hold.photo_id: HoldSaid(hold.kind, in_words(hold.reasons), hold.words, appeals.get(hold.photo_id, nothing))
        for hold in holds
    }


def taken_down(owner: int) -> QuerySet[Hold, int]:
    """The ids of someone's photos that nobody else may see by any way, links included."""
    held = Hold.objects.filter(photo__owner=owner, photo__is_held=True, kind=Hold.Kind.TAKEN_DOWN)
    return held.values_list("photo", flat=True)


def waiting() -> QuerySet[Hold]:
    """What waits for a moderator, the most doubtful first, then those that have waited longest."""
    score = models.F("photo__unsafe").desc(nulls_last=True)
    return Hold.objects.filter(kind=Hold.Kind.REVIEW).order_by(score, "since", "photo")


def put_on_hold(reasons: Mapping[int, Sequence[str]], kind: Hold.Kind) -> None:
    """Have private photos wait, each for its reasons, in the caller's transaction, which holds them.

    That one waits for a moderator is put down in the log.
    """
    if not reasons:
        return
    Hold.objects.bulk_create(
        [Hold(photo_id=pk, kind=kind, reasons=list(why)) for pk, why in reasons.items()],
        update_conflicts=True,
        unique_fields=["photo"],
        update_fields=["kind", "reasons"],
    )
    Photo.objects.filter(pk__among=frozenset(reasons)).update(is_held=True)
    if kind == Hold.Kind.REVIEW:
        note_many(None, "photo.hold", _subjects(reasons), reasons={pk: list(why) for pk, why in reasons.items()})


def end_holds(photo_ids: Sequence[int]) -> None:
    """Have photos held no longer, in the caller's transaction, which holds them; they stay private."""
    if not photo_ids:
        return
    Hold.objects.filter(photo__pk__among=frozenset(photo_ids)).delete()
    Photo.objects.filter(pk__among=frozenset(photo_ids)).update(is_held=False)


def take_back(photos: QuerySet[Photo], by: User | None) -> int:
    """Have those of some photos wait no longer that wait to be published; how many. They were private all the time.

    Of those that were taken down it is remembered that their owner does not want them public any more.
    """
    ids = list(photos.filter(is_held=True).order_by("pk").values_list("pk", flat=True))
    return sum(_take_back(some, by) for some in chunks(ids, CHUNK))


@transacted
def _take_back(photo_ids: Sequence[int], by: User | None) -> int:
    held = _hold(photo_ids)
    holds = Hold.objects.filter(photo__pk__among=frozenset(held))
    holds.filter(kind=Hold.Kind.TAKEN_DOWN).update(was_wanted=False)
    ended = dict(holds.exclude(kind=Hold.Kind.TAKEN_DOWN).values_list("pk", "kind"))
    end_holds(list(ended))
    note_many(by, "photo.take_back", _subjects([pk for pk, kind in ended.items() if kind == Hold.Kind.REVIEW]))
    return len(ended)


def take_down(photo_ids: Sequence[int], by: User | None, reason: str) -> list[int]:
    """Let nobody but their owners see photos any more, and have these not publish them again; those it was not so of.

    `reason` is told to the owners. `release` lifts it.
    """
    return _in_chunks(photo_ids, partial(_take_down, by=by, reason=reason[:WORDS_LENGTH]))


@transacted
def _take_down(photo_ids: Sequence[int], by: User | None, reason: str) -> tuple[list[int], list[int]]:
    found = Photo.objects.filter(pk__among=frozenset(_hold(photo_ids))).exclude(hold__kind=Hold.Kind.TAKEN_DOWN)
    down = list(found.order_by("pk").values_list("pk", flat=True))
    public = _hide_for_good(dict.fromkeys(down, (reason, None if by is None else by.pk)))
    note_many(by, "photo.take_down", _subjects(down), reason=reason)
    return down, public


def take_down_again(photo_ids: Iterable[int], *, is_wanted: bool) -> tuple[set[int], list[int]]:
    """Take down those of some photos that show what was taken down before, in the caller's transaction.

    It holds them and their people. Returned are those that it was not so of, and which of them were public, of which
    `tell` is to follow.
    """
    known = known_among(photo_ids)
    if not known:
        return set(), []
    down = Hold.objects.filter(photo__pk__among=frozenset(known), kind=Hold.Kind.TAKEN_DOWN)
    for pk in down.values_list("pk", flat=True):
        del known[pk]
    public = _hide_for_good({pk: (one.words, one.by_id) for pk, one in known.items()}, is_wanted=is_wanted)
    note_many(None, "photo.take_down_again", _subjects(known))
    return set(known), public


def _hide_for_good(said: Mapping[int, tuple[str, int | None]], *, is_wanted: bool = False) -> list[int]:
    """Hold photos, each with the words for its owner and who said them, and know them again; which were public.

    Their owner wants them public (`is_wanted`), or had them so or waiting to be.
    """
    photos = Photo.objects.filter(pk__among=frozenset(said)).order_by("pk")
    states = {pk: (is_public, is_held) for pk, is_public, is_held in photos.values_list("pk", "is_public", "is_held")}
    public = [pk for pk, (is_public, _) in states.items() if is_public]
    hide(public)
    remember(said)
    holds = [
        Hold(photo_id=pk, kind=Hold.Kind.TAKEN_DOWN, reasons=[MODERATOR], words=words, by_id=by)
        for pk, (words, by) in said.items()
    ]
    for one in holds:
        one.was_wanted = is_wanted or any(states[one.photo_id])
    Hold.objects.bulk_create(
        holds,
        update_conflicts=True,
        unique_fields=["photo"],
        update_fields=["kind", "reasons", "words", "was_wanted", "since", "by"],
    )
    Photo.objects.filter(pk__among=frozenset(states)).update(is_held=True, is_cleared=False)
    return public


def release(photo_ids: Sequence[int], by: User | None) -> list[int]:
    """Publish photos that wait, and let those be as they were before that were taken down; those that were held.

    They are looked at no more, until their picture changes. What was taken down of the same content is so no longer.
    """
    return _in_chunks(photo_ids, partial(_release, by=by))


@transacted
def _release(photo_ids: Sequence[int], by: User | None) -> tuple[list[int], list[int]]:
    contents = list(contents_of(Photo.objects.filter(pk__among=frozenset(_hold(photo_ids)), is_held=True)).values())
    holds = Hold.objects.filter(photo__pk__among=frozenset([*photo_ids, *_hold_same(contents)]))
    forget(contents)
    known = dict(holds.order_by("pk").values_list("pk", "was_wanted"))
    wanted = [pk for pk, was_wanted in known.items() if was_wanted]
    end_holds(list(known))
    Photo.objects.filter(pk__among=frozenset(known)).update(is_cleared=True)
    Flag.objects.filter(photo__pk__among=frozenset(known)).delete()
    show(wanted)
    note_many(by, "photo.release", _subjects(known))
    return list(known), wanted


@transacted
def lift(number: int, by: User | None) -> bool:
    """Let what was taken down as the photo of this id be public again, in other photos too; whether it was known.

    That photo itself stays as it is, if it is there: `release` lets it go.
    """
    known = TakenDown.objects.filter(number=number)
    hold_people(known.order_by().values_list("owner", flat=True).distinct())
    contents = list(known.order_by("pk").values_list("owner", "digest", "picture_digest"))
    others = [pk for pk in _hold_same(contents) if pk != number]
    forget(contents)
    release(others, by)
    return bool(contents)


def _hold_same(contents: Sequence[Content]) -> list[int]:
    """Lock the photos that are taken down and have one of the contents; the caller holds their people."""
    if not contents:
        return []
    down = Photo.objects.filter(is_held=True, hold__kind=Hold.Kind.TAKEN_DOWN)
    return hold(same_among(down, contents))


def _in_chunks(photo_ids: Sequence[int], act: "partial[tuple[list[int], list[int]]]") -> list[int]:
    """Do something with photos, a chunk a transaction, and have all follow of those that others see differently."""
    done: list[int] = []
    seen: list[int] = []
    for some in chunks(sorted(photo_ids), CHUNK):
        acted, changed = act(some)
        done += acted
        seen += changed
    if seen:
        transaction.on_commit(partial(tell, seen))
    return done


def _hold(photo_ids: Sequence[int]) -> list[int]:
    """Lock some photos to the end of the transaction, their people first; those that are there."""
    return hold(of_held_people(Photo.objects.filter(pk__among=frozenset(photo_ids))))


def _subjects(photo_ids: "Sequence[int] | Mapping[int, object]") -> dict[int, tuple[str, int]]:
    """What the log calls photos, and whose they are."""
    owners = Photo.objects.filter(pk__among=frozenset(photo_ids)).order_by("pk").values_list("pk", "owner")
    return {pk: (f"photo {pk}", owner) for pk, owner in owners}

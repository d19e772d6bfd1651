"""The verbs of corrections: saying something of photos, and taking it back.

What is said is written first, in the transaction that makes the photos' names out of date; then they are named anew.
Killed between the two, the sweep names them.
"""

from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pictograph.catalogue.snapshot import catalogue
from pictograph.corrections.lessons import announce_learning, ask_to_learn
from pictograph.corrections.models import Correction, Judgement, Likeness, Verdict
from pictograph.corrections.standing import Statement, bars, columns_of, enders, ends, is_nested, statement_of
from pictograph.many import insert_many
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.renaming import rename
from pictograph.transactions import chunks, hold_people, transacted
from taxonomy.showing import Showing

TOGETHER = 2500  # photos of which a transaction says something: a fraction of a second


class CannotBeSaid(ValueError):
    """Something that makes no sense of these photos, or that a moderator has ruled out; it says why."""


@dataclass(frozen=True)
class Said:
    """A judgement that is not over, as its photo has it."""

    judgement: int
    statement: Statement
    ended_by: int | None

    @property
    def stands(self) -> bool:
        """Whether nothing that was said since has ended it."""
        return self.ended_by is None


def correct(
    owner: User,
    photo_ids: Sequence[int],
    verdict: Verdict,
    wnid: str,
    *,
    by: User | None = None,
    was_asked: bool = False,
) -> Correction | None:
    """Say something of someone's photos, and have every page say so; None where none of them is theirs.

    What cannot stand beside it ends (`pictograph.corrections.standing`). `by` is the owner unless a moderator says it.
    Photos of which the same stands already are left alone; where these are all, it is the correction that said so.
    Raises CannotBeSaid, a ValueError, where `wnid` is no category, or has none above it to be kept; where a moderator
    has taken it off one of the photos; and where a person and a verdict do not go together.
    """
    made = _correction(owner, verdict, wnid, by, was_asked)
    ids = list(dict.fromkeys(photo_ids))
    for chunk in chunks(ids, TOGETHER):
        _require_unbarred(made, chunk)
    spoken = _Spoken(None, [])
    for chunk in chunks(ids, TOGETHER):
        spoken = _say(made, chunk, spoken)
    if spoken.correction is None:
        return _said_before(made, ids)
    _follow(owner.pk, spoken.photos)
    return Correction.objects.get(pk=spoken.correction)


def undo(correction: Correction) -> list[int]:
    """Take a correction back, so that each photo is as if it had never been said; the photos that it was of.

    Who may do so is for the caller to know: what a moderator said is not the owner's to take back.
    """
    left = correction.judgements.filter(is_over=False).order_by("photo").values_list("photo", flat=True)
    ids: list[int] = []
    while not _end(correction):  # it may be said of more photos meanwhile
        for chunk in chunks(list(left), TOGETHER):
            _undo(correction, chunk)
            ids += chunk
    _follow(correction.owner_id, ids)
    return ids


def end_all(photo: Photo) -> bool:
    """End what was said of a photo that shows another picture by now, in the transaction that says so; if anything was.

    It is kept, for whoever said it to see. The caller holds the photo, and has it named anew.
    """
    said = Judgement.objects.filter(photo=photo, is_over=False).update(stands=False, ended_by=None, is_over=True)
    likened, _ = Likeness.objects.filter(photo=photo).delete()
    if said or likened:
        outdate([photo.pk])
        ask_to_learn(photo.owner_id)
    return bool(said or likened)


def _follow(owner_id: int, photo_ids: Sequence[int]) -> None:
    """Have the store follow, and what was learnt, once the caller's transaction is through, if it is in one."""
    if photo_ids:
        transaction.on_commit(lambda: rename(photo_ids))
    transaction.on_commit(lambda: announce_learning(owner_id))


def _correction(owner: User, verdict: Verdict, wnid: str, by: User | None, was_asked: bool) -> Correction:
    showing = catalogue().showing
    # People name what they see; what a moderator takes off a photo may have stopped being shown since it was reported.
    categories = showing.structure.categories if verdict == Verdict.BLOCKED else showing.tree.categories
    category = categories.get(wnid)
    if category is None:
        raise CannotBeSaid(f"{wnid!r} is no category")
    if verdict == Verdict.TOO_SPECIFIC and category.parent is None:
        raise CannotBeSaid(f"there is no category above {category.name} that could be kept")
    if by is None if verdict == Verdict.BLOCKED else by not in (None, owner):
        raise CannotBeSaid("moderators take categories off photos, and owners say all the rest")
    kept = _stored_above(wnid, category.parent, showing) if verdict == Verdict.TOO_SPECIFIC and category.parent else ""
    also = list(showing.stored(wnid)[1:])
    return Correction(
        owner=owner, by=by or owner, verdict=verdict, wnid=wnid, also=also, kept=kept, was_asked=was_asked
    )


def _stored_above(wnid: str, parent: str, showing: Showing) -> str:
    """Of the stored categories that are shown as the parent of a category the one that it lies in."""
    return next((part for part in showing.stored(parent) if is_nested([wnid], [part], showing.structure)), parent)


@dataclass(frozen=True)
class _Spoken:
    """The correction, once there is a photo that it says something new of, and these photos."""

    correction: int | None
    photos: list[int]


@transacted
def _say(made: Correction, photo_ids: Sequence[int], before: _Spoken) -> _Spoken:
    hold_people([made.owner_id])
    if Correction.objects.filter(pk=before.correction or 0, undone_at__isnull=False).exists():
        return before  # taken back before all of it was said
    theirs = Photo.objects.owned_by(made.owner_id).classified().filter(pk__among=frozenset(photo_ids)).order_by("pk")
    ids = list(theirs.values_list("pk", flat=True))
    new, tree = statement_of(made), catalogue().structure
    ending = cache(lambda old: ends(new, old, tree))
    barring = cache(lambda old: bars(old, new, tree))
    ended: list[int] = []
    spoken: list[int] = []
    said = _said_of(ids)
    for photo_id in ids:
        standing = [one for one in said[photo_id] if one.stands]
        over = [one for one in standing if ending(one.statement)]
        is_known = any(one.statement.is_same_as(new) for one in standing)
        if any(barring(one.statement) for one in standing) or (
            is_known and all(one.statement.is_same_as(new) for one in over)
        ):
            continue
        spoken.append(photo_id)
        ended += [one.judgement for one in over]
    if not spoken:
        return before
    pk = before.correction or _save(made)
    Judgement.objects.filter(pk__among=frozenset(ended)).update(stands=False, ended_by=pk)
    columns = ("photo_id", "correction_id", "stands", "is_over")
    insert_many(Judgement, columns, [(photo_id, pk, True, False) for photo_id in spoken])
    outdate(spoken)
    ask_to_learn(made.owner_id)
    return _Spoken(pk, [*before.photos, *spoken])


def _save(made: Correction) -> int:
    """Make a row of what is said; `made` stays without one, as its transaction may be tried again."""
    row = copy(made)
    row.save()
    return int(row.pk)


@transacted
def _end(correction: Correction) -> bool:
    """Say that a correction was taken back, if it is said of no photo any more; whether it is so."""
    hold_people([correction.owner_id])
    if correction.judgements.filter(is_over=False).exists():
        return False
    Correction.objects.filter(pk=correction.pk, undone_at=None).update(undone_at=timezone.now())
    return True


@transacted
def _undo(correction: Correction, photo_ids: Sequence[int]) -> None:
    hold_people([correction.owner_id])
    of_them = frozenset(photo_ids)
    correction.judgements.filter(photo__pk__among=of_them).update(stands=False, ended_by=None, is_over=True)
    _settle(photo_ids)
    outdate(photo_ids)
    ask_to_learn(correction.owner_id)


def _settle(photo_ids: Sequence[int]) -> None:
    """Work out anew what stands of photos."""
    tree = catalogue().structure
    ended_anew = cache(lambda statements: enders(statements, tree))
    changes: dict[int | None, list[int]] = defaultdict(list)
    for said in _said_of(photo_ids).values():
        for one, ender in zip(said, ended_anew(tuple(one.statement for one in said)), strict=True):
            if one.ended_by != ender:
                changes[ender].append(one.judgement)
    for ender, judgements in changes.items():
        Judgement.objects.filter(pk__among=frozenset(judgements)).update(stands=ender is None, ended_by=ender)


def outdate(photo_ids: Sequence[int]) -> None:
    """Have photos named anew, by the sweep if by nobody else."""
    Photo.objects.filter(pk__among=frozenset(photo_ids)).update(corrections=F("corrections") + 1, edition=0)


def _said_of(photo_ids: Sequence[int]) -> dict[int, list[Said]]:
    """What was said of photos and is not over; earlier statements first."""
    rows = Judgement.objects.filter(photo__pk__among=frozenset(photo_ids), is_over=False).order_by("pk")
    columns = ("photo_id", "pk", "ended_by", *columns_of("correction"))
    said: dict[int, list[Said]] = {photo_id: [] for photo_id in photo_ids}
    known: dict[int, Statement] = {}
    for photo_id, judgement, ended_by, correction, *of_it in rows.values_list(*columns):
        if correction not in known:
            known[correction] = Statement.read(correction, *of_it)
        said[photo_id].append(Said(judgement, known[correction], ended_by))
    return said


def _require_unbarred(made: Correction, photo_ids: Sequence[int]) -> None:
    """Raise CannotBeSaid where a moderator has taken off a photo what it is to be."""
    new, tree = statement_of(made), catalogue().structure
    if not new.affirms:
        return
    blocks = Judgement.objects.filter(correction__verdict=Verdict.BLOCKED, stands=True, photo__owner=made.owner_id)
    of_them = blocks.filter(photo__pk__among=frozenset(photo_ids)).select_related("correction")
    barred = {one.photo_id for one in of_them if bars(statement_of(one.correction), new, tree)}
    if barred:
        raise CannotBeSaid(
            f"a moderator has taken {tree.categories[new.affirms[0]].name} off {len(barred)} of the photos"
        )


def _said_before(made: Correction, photo_ids: Sequence[int]) -> Correction | None:
    """The latest correction that says the same of photos already."""
    same = Correction.objects.filter(owner=made.owner_id, verdict=made.verdict, wnid=made.wnid, undone_at=None)
    same = same.filter(also=made.also, kept=made.kept)
    standing = Judgement.objects.filter(photo__pk__among=frozenset(photo_ids), stands=True, correction__in=same)
    latest = standing.order_by("-correction").select_related("correction").first()
    return None if latest is None else latest.correction

"""What a decision does, and how all of it is undone: each is a pair of functions in `EFFECTS`.

The first does it and gives what it takes to undo it, of JSON's types; the second undoes it. Both run in the transaction
that writes the decision, which holds the person whom it concerns.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fathom.moderation.models import Appeal, Case, Decision
from fathom.moderation.queue import priority_of
from pictograph.corrections import correcting
from pictograph.corrections.models import Correction, Verdict
from pictograph.people.models import User
from pictograph.photos.flags import Flag, flag_again, let_stand
from pictograph.photos.holds import Hold, end_holds, lift, put_on_hold, release, take_down
from pictograph.photos.models import Photo
from pictograph.photos.publishing import follow_account
from pictograph.photos.visibility import hide, tell

Undo = dict[str, Any]
Action = Decision.Action


class CannotUndo(Exception):
    """Something has happened since that cannot be undone, or has to be undone first; the message says what."""


def keep(decision: Decision) -> Undo:
    """Leave it as it is; publish what had to be looked at first, and flag what is public no more."""
    photo = decision.photo
    if photo is None:
        return {}
    if decision.case.kind != Case.Kind.HELD:
        flag = Flag.objects.filter(pk=photo.pk).first()
        is_let_stand = flag is not None and let_stand([photo.pk], decision.by)
        return {"flagged_for": flag.reasons, "is_cleared": photo.is_cleared} if flag and is_let_stand else {}
    held = Hold.objects.filter(pk=photo.pk, kind=Hold.Kind.REVIEW).first()
    if held is None:  # its owner does not want it public any more
        return {}
    release([photo.pk], decision.by)
    return {"reasons": held.reasons, "is_cleared": photo.is_cleared}


def wait_again(decision: Decision) -> None:
    """Have it wait to be looked at as before; not where its owner has withdrawn it since."""
    photo = _photo_now(decision)
    if photo is None or "is_cleared" not in decision.undo:
        return
    if flagged_for := decision.undo.get("flagged_for"):
        flag_again(photo.pk, flagged_for)
    else:
        _put_back(photo, decision.undo, is_wanted=photo.is_public)


def unpublish(decision: Decision) -> Undo:
    """Take the photo down: its owner has it still, and cannot publish it. Raises CannotUndo once it is gone."""
    photo = _photo_of(decision)
    held = Hold.objects.filter(pk=photo.pk).first()
    since = photo.published_at and photo.published_at.isoformat()
    undo: Undo = {"photo": photo.pk, "published_at": since, "is_cleared": photo.is_cleared}
    if held is not None and held.kind != Hold.Kind.TAKEN_DOWN:
        undo |= {"reasons": held.reasons, "kind": held.kind}
    return undo if take_down([photo.pk], decision.by, decision.reason) else {"was_down": True}


def remove(decision: Decision) -> Undo:
    """Take it down, to be deleted for good after a while in which that can be undone."""
    decision.final_at = timezone.now() + timedelta(days=settings.REMOVED_DAYS)
    return unpublish(decision)


def put_up_again(decision: Decision) -> None:
    """Have the photo as it was: public since when it was, or waiting, or private.

    Of one that is gone another copy may be published again. Raises CannotUndo where nothing is known of it any more.
    """
    decision.final_at = None
    if decision.undo.get("was_down"):
        return
    photo = _photo_now(decision)
    was_known = lift(decision.undo.get("photo", decision.photo_id or 0), decision.undone_by)
    if photo is None:
        if not was_known:
            raise CannotUndo(_("The photo has been deleted."))
        return
    if "reasons" in decision.undo:
        _put_back(photo, decision.undo, is_wanted=Hold.objects.filter(pk=photo.pk, was_wanted=True).exists())
        return
    release([photo.pk], decision.undone_by)
    photos = Photo.objects.filter(pk=photo.pk)
    photos.update(is_cleared=decision.undo["is_cleared"])
    if since := decision.undo["published_at"]:
        photos.filter(is_public=True).update(published_at=datetime.fromisoformat(since))


def block_label(decision: Decision) -> Undo:
    """Take a category, with all below it, off the photo. Raises CannotUndo once that is gone."""
    photo = _photo_of(decision)
    owner, wnid = decision.person, decision.wnid
    blocked = Correction.objects.filter(owner=owner, verdict=Verdict.BLOCKED, wnid=wnid)
    before = set(blocked.values_list("pk", flat=True))
    made = correcting.correct(owner, [photo.pk], Verdict.BLOCKED, wnid, by=decision.by)
    is_new = made is not None and made.pk not in before  # another decision may have said so, and stands by itself
    return {"correction": made.pk} if made is not None and is_new else {}


def allow_label(decision: Decision) -> None:
    """Let it be called so again."""
    number = decision.undo.get("correction")
    made = Correction.objects.filter(pk=number, undone_at=None).first() if number else None
    if made is not None:
        correcting.undo(made)


def propose_suspension(decision: Decision) -> Undo:
    """Take the photo down, if it is about one, and have somebody else look at whether to suspend its owner."""
    taken_down = unpublish(decision) if decision.photo is not None else {"was_down": True}
    subject = f"{Case.Kind.SUSPENSION} {decision.person_id}"
    if not Case.objects.filter(subject=subject, state=Case.State.OPEN).exists():
        fields = {"person": decision.person, "photo": decision.photo, "proposal": decision}
        priority = priority_of(Case.Kind.SUSPENSION, None, 0)
        Case.objects.create(kind=Case.Kind.SUSPENSION, subject=subject, priority=priority, **fields)
    return taken_down


def take_back_proposal(decision: Decision) -> None:
    """Have nobody decide on the suspension any more. Raises CannotUndo where somebody has confirmed it."""
    case = Case.objects.filter(proposal=decision).first()
    if case is not None:
        if case.decisions.standing().filter(action=Action.CONFIRM).exists():
            raise CannotUndo(_("The suspension has been confirmed; undo that first."))
        if case.state == Case.State.OPEN:
            Case.objects.filter(pk=case.pk).update(state=Case.State.GONE)
    put_up_again(decision)


def suspend(decision: Decision) -> Undo:
    """Shut the account: nobody can sign in to it, who has ends, and nothing that it published shows."""
    person = User.objects.get(pk=decision.person_id)
    undo = {"was_active": person.is_active}
    _open_account(person, is_active=False)
    return undo


def let_in_again(decision: Decision) -> None:
    """Open the account again, if it was open."""
    person = User.objects.get(pk=decision.person_id)
    if not person.is_leaving:
        _open_account(person, is_active=decision.undo["was_active"])


def uphold(decision: Decision) -> Undo:
    """Leave what was decided as it is."""
    _end_appeal(decision, Appeal.State.UPHELD)
    return {}


def hear_again(decision: Decision) -> None:
    """Have the appeal wait again."""
    assert decision.case.appeal_id is not None
    Appeal.objects.filter(pk=decision.case.appeal_id).update(state=Appeal.State.OPEN, decided_at=None)


def nothing(decision: Decision) -> Undo:
    """Do nothing but say so."""
    return {}


def undo_nothing(decision: Decision) -> None:
    """Likewise."""


# What reverses a decision on appeal undoes that decision, so it is in `deciding`.
EFFECTS: Mapping[str, tuple[Callable[[Decision], Undo], Callable[[Decision], None]]] = {
    Action.KEEP: (keep, wait_again),
    Action.UNPUBLISH: (unpublish, put_up_again),
    Action.REMOVE: (remove, put_up_again),
    Action.BLOCK_LABEL: (block_label, allow_label),
    Action.WARN: (nothing, undo_nothing),
    Action.SUSPEND: (propose_suspension, take_back_proposal),
    Action.CONFIRM: (suspend, let_in_again),
    Action.DECLINE: (nothing, undo_nothing),
    Action.UPHOLD: (uphold, hear_again),
}


def end_appeal(appeal_id: int, state: Appeal.State) -> None:
    """Say what came of an appeal."""
    Appeal.objects.filter(pk=appeal_id).update(state=state, decided_at=timezone.now())


def _end_appeal(decision: Decision, state: Appeal.State) -> None:
    assert decision.case.appeal_id is not None
    end_appeal(decision.case.appeal_id, state)


def _open_account(person: User, *, is_active: bool) -> None:
    User.objects.filter(pk=person.pk).update(is_active=is_active)
    person.is_active = is_active
    follow_account(person)


def _put_back(photo: Photo, undo: Undo, *, is_wanted: bool) -> None:
    """Have a photo wait for a moderator, or for the network to look, as it did; private where no more is wanted."""
    if photo.is_public:
        hide([photo.pk])
        transaction.on_commit(partial(tell, [photo.pk]))
    end_holds([photo.pk])
    if is_wanted:
        put_on_hold({photo.pk: undo["reasons"]}, Hold.Kind(undo.get("kind", Hold.Kind.REVIEW)))
    Photo.objects.filter(pk=photo.pk).update(is_cleared=undo["is_cleared"])


def _photo_of(decision: Decision) -> Photo:
    """The photo of a decision, which its owner may have deleted before that is undone, or done once more."""
    photo = _photo_now(decision)
    if photo is None:
        raise CannotUndo(_("The photo has been deleted."))
    return photo


def _photo_now(decision: Decision) -> Photo | None:
    return None if decision.photo_id is None else Photo.objects.filter(pk=decision.photo_id).first()

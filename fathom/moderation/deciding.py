"""Deciding on a case, and undoing that: once each, whoever else is at it.

A moderator says which version of a case they saw. Whatever was decided or undone since has raised it, and then nothing
happens but that they are told. Each decision is one transaction with its effects, its line in the audit log and what
the person is told; it holds that person's row, so that all about them happens one after the other.
"""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from fathom.moderation.effects import EFFECTS, CannotUndo, end_appeal
from fathom.moderation.models import Appeal, Case, Decision, Notification
from fathom.moderation.queue import may_decide
from fathom.moderation.telling import take_back, tell
from pictograph.audit.noting import note
from pictograph.people.models import User
from pictograph.people.roles import is_administrator
from pictograph.transactions import hold_people, transacted

Action = Decision.Action
ACTIONS: Mapping[str, tuple[Decision.Action, ...]] = {
    Case.Kind.PHOTO: (
        *(Action.KEEP, Action.UNPUBLISH, Action.REMOVE, Action.BLOCK_LABEL, Action.WARN, Action.SUSPEND),
    ),
    Case.Kind.LABEL: (
        *(Action.KEEP, Action.BLOCK_LABEL, Action.UNPUBLISH, Action.REMOVE, Action.WARN, Action.SUSPEND),
    ),
    Case.Kind.PERSON: (Action.KEEP, Action.WARN, Action.SUSPEND),
    Case.Kind.HELD: (Action.KEEP, Action.UNPUBLISH, Action.REMOVE, Action.SUSPEND),
    Case.Kind.SUSPENSION: (Action.CONFIRM, Action.DECLINE),
    Case.Kind.APPEAL: (Action.UPHOLD, Action.REVERSE),
}
NEEDS_SUSPEND = (Action.SUSPEND, Action.CONFIRM, Action.DECLINE)
OF_PERSON = (Action.CONFIRM,)  # what others than the photo are changed by


class DecidedMeanwhile(Exception):
    """Somebody else has decided on the case, or undone that, since it was looked at."""

    def __init__(self, case: Case) -> None:
        super().__init__(str(case))
        self.case = case
        self.decision = case.decisions.select_related("by").order_by("-pk").first()


def actions_for(moderator: User, case: Case) -> tuple[Decision.Action, ...]:
    """What somebody may decide on a case."""
    may_suspend = moderator.has_perm("fathom.suspend")
    return tuple(action for action in ACTIONS[case.kind] if may_suspend or action not in NEEDS_SUSPEND)


def decide(
    case_id: int,
    version: int,
    action: Decision.Action,
    by: User,
    *,
    reason: str = "",
    wnid: str = "",
    picture: str | None = None,
) -> Decision:
    """Decide on a case as it was seen in a version, and with the picture that it had then, if that is told.

    Raises DecidedMeanwhile, PermissionDenied for what somebody may not decide, ValueError for what cannot be decided on
    such a case, and CannotUndo where an appeal is to reverse what cannot be undone.
    """
    concerned = Case.objects.values_list("person", flat=True).get(pk=case_id)
    wnid = wnid if action == Action.BLOCK_LABEL else ""
    return _decide(concerned, case_id, version, action, by, reason, wnid, picture)


@transacted
def _decide(
    concerned: int,
    case_id: int,
    version: int,
    action: Decision.Action,
    by: User,
    reason: str,
    wnid: str,
    picture: str | None,
) -> Decision:
    hold_people([concerned])
    case = _held(case_id)
    is_seen = picture is None or picture == case.picture  # its owner may put another into the file
    if case.state != Case.State.OPEN or case.version != version or not is_seen:
        raise DecidedMeanwhile(case)
    if action not in actions_for(by, case) or not may_decide(by, case):
        raise PermissionDenied
    if action == Action.BLOCK_LABEL and not wnid:
        raise ValueError(_("Choose the name that is to be blocked."))
    photo = case.photo if case.kind in Case.OF_PHOTOS else None
    decision = Decision(case=case, photo=photo, person=case.person, action=action, wnid=wnid, by=by, reason=reason)
    decision.save()
    _change(case, Case.State.DECIDED)
    note(by, f"case.{action}", case.subject, person=concerned, reason=reason, case=case.pk, **_label(wnid))
    tell(decision)
    _do(decision)
    return decision


def undo(decision_id: int, by: User) -> Decision:
    """Have all as it was before a decision; its case waits again, for whoever undoes it.

    Raises CannotUndo where something newer was decided or cannot be undone, and PermissionDenied.
    """
    concerned = Decision.objects.values_list("person", flat=True).get(pk=decision_id)
    return _undo(concerned, decision_id, by)


@transacted
def _undo(concerned: int, decision_id: int, by: User) -> Decision:
    hold_people([concerned])
    decision = Decision.objects.select_related("case__photo", "photo", "person", "by").get(pk=decision_id)
    case = _held(decision.case_id)
    decision.case = case
    _check_may_undo(decision, by)
    note(by, "case.undo", case.subject, person=concerned, case=case.pk, undone=decision.action, **_label(decision.wnid))
    _take_back(decision, by)
    appeal = Appeal.objects.filter(notification__decision=decision, state=Appeal.State.OPEN).first()
    if appeal is not None:  # there is nothing left to decide
        end_appeal(appeal.pk, Appeal.State.REVERSED)
        Case.objects.filter(appeal=appeal).update(state=Case.State.GONE, version=F("version") + 1)
    return decision


def last_of(moderator: User) -> Decision | None:
    """What somebody decided last and has not been undone."""
    theirs = Decision.objects.standing().filter(by=moderator).select_related("case")
    return theirs.order_by("-pk").first()


def _check_may_undo(decision: Decision, by: User) -> None:
    person = decision.person
    is_others = person.pk != by.pk and (is_administrator(by) or not is_administrator(person))
    needed = "fathom.suspend" if decision.action in NEEDS_SUSPEND else "fathom.moderate"
    if not is_others or not by.has_perm(needed) or _is_judged_by(decision, by):
        raise PermissionDenied
    if decision.undone_at is not None:
        raise CannotUndo(_("It has been undone already."))
    newer = Decision.objects.standing().filter(pk__gt=decision.pk, person=decision.person_id)
    in_the_way = newer.filter(case=decision.case_id)
    if decision.photo_id is not None:
        in_the_way = in_the_way | newer.filter(photo=decision.photo_id)
    elif decision.action in OF_PERSON:
        in_the_way = in_the_way | newer.filter(action__in=OF_PERSON)
    if in_the_way.exists():
        raise CannotUndo(_("Something newer was decided about the same; undo that first."))


def _is_judged_by(decision: Decision, by: User) -> bool:
    """Whether it was decided on what somebody decided or proposed themselves, so that its undoing is not theirs."""
    if decision.action in (Action.UPHOLD, Action.REVERSE):
        return _appealed(decision).by_id == by.pk
    proposal = decision.case.proposal if decision.action == Action.DECLINE else None
    return proposal is not None and proposal.by_id == by.pk


def _take_back(decision: Decision, by: User) -> None:
    """Undo what a decision did, and have its case wait again unless there is another one of the same."""
    decision.undone_at, decision.undone_by = timezone.now(), by
    case = decision.case
    if decision.action == Action.REVERSE:
        _redo(decision)
    else:
        EFFECTS[decision.action][1](decision)
    decision.save(update_fields=["undone_at", "undone_by", "final_at"])
    take_back(decision)
    is_again = Case.objects.filter(subject=case.subject, state=Case.State.OPEN).exclude(pk=case.pk).exists()
    _change(case, Case.State.GONE if is_again else Case.State.OPEN)


def _do(decision: Decision) -> None:
    if decision.action == Action.REVERSE:
        _reverse(decision)
    else:
        decision.undo = EFFECTS[decision.action][0](decision)
    decision.save(update_fields=["undo", "final_at"])


def _reverse(decision: Decision) -> None:
    """Undo, on appeal, what was decided at first; its case stays decided. Raises CannotUndo."""
    first = _appealed(decision)
    if first.undone_at is None:
        first.undone_at, first.undone_by = timezone.now(), decision.by
        EFFECTS[first.action][1](first)
        first.save(update_fields=["undone_at", "undone_by", "final_at"])
    assert decision.case.appeal_id is not None
    end_appeal(decision.case.appeal_id, Appeal.State.REVERSED)
    decision.undo = {"first": first.pk}


def _redo(decision: Decision) -> None:
    """Do once more what an appeal had reversed, and have the appeal wait again. Raises CannotUndo."""
    first = _appealed(decision)
    first.by = first.by or decision.undone_by  # where whoever decided has left
    if first.photo_id is None and "published_at" in first.undo:
        raise CannotUndo(_("The photo has been deleted."))
    first.undone_at = first.undone_by = None
    first.undo = EFFECTS[first.action][0](first)
    first.save(update_fields=["undone_at", "undone_by", "undo", "final_at"])
    assert decision.case.appeal_id is not None
    Appeal.objects.filter(pk=decision.case.appeal_id).update(state=Appeal.State.OPEN, decided_at=None)


def _appealed(decision: Decision) -> Decision:
    """What an appeal is against."""
    found = Decision.objects.select_related("case__photo", "photo", "person", "by")
    return found.get(notifications__appeal=decision.case.appeal_id, notifications__kind=Notification.Kind.DECIDED)


def _held(case_id: int) -> Case:
    """A case to change, with what it is about."""
    Case.objects.select_for_update().get(pk=case_id)
    return Case.objects.select_related("photo__owner", "person", "appeal").get(pk=case_id)


def _change(case: Case, state: Case.State) -> None:
    """Have a case be in another state, in nobody's hands."""
    case.state, case.version = state, case.version + 1
    case.decided_at = timezone.now() if state == Case.State.DECIDED else None
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["state", "version", "decided_at", "claimed_by", "claimed_until"])


def _label(wnid: str) -> dict[str, str]:
    return {"wnid": wnid} if wnid else {}

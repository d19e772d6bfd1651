"""What people are told of decisions about what is theirs: on their pages, and by mail at an address that they proved.

Who reported something is told to nobody. The words are in `told`.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from fathom.moderation.models import Case, Decision, Notification
from fathom.moderation.told import DOWN, RELATED, Told, is_told, number_of, token_of, told_of
from pictograph.people.models import User
from pictograph.photos.holds import Disagreement
from pictograph.transactions import hold_people, transacted

Action, Kind = Decision.Action, Notification.Kind


def tell(decision: Decision) -> None:
    """Have the person know what was decided, in the transaction that decides it."""
    kind = {Action.UPHOLD: Kind.UPHELD, Action.REVERSE: Kind.REVERSED}.get(Action(decision.action), Kind.DECIDED)
    is_theirs_to_know = kind != Kind.DECIDED or is_told(decision.action)
    if decision.action == Action.KEEP:
        is_theirs_to_know = decision.case.kind == Case.Kind.HELD
    elif decision.action == Action.SUSPEND:  # what is only proposed is nobody's business yet
        is_theirs_to_know = decision.photo_id is not None
    if is_theirs_to_know:
        _notify(decision, kind)


def take_back(decision: Decision) -> None:
    """Have the person know that a decision was undone, or nothing of either if they know of none yet."""
    told = decision.notifications.exclude(kind=Kind.UNDONE)
    told.filter(read_at=None, mailed_at=None, appeal=None).delete()
    if told.exists():
        _notify(decision, Kind.UNDONE)


def told_to(person: User) -> list[Told]:
    """All that somebody was told, the latest first."""
    return [
        told_of(notification) for notification in _found(Notification.objects.filter(person=person).order_by("-pk"))
    ]


@transacted
def note_read(person: User) -> None:
    """They have seen all of it."""
    hold_people([person.pk])
    Notification.objects.filter(person=person, read_at=None).update(read_at=timezone.now())
    User.objects.filter(pk=person.pk).update(is_notified=False)


@transacted
def told_of_suspension(person: User) -> list[Told]:
    """What somebody whose account is shut is told of that, and of the photo it began with; it counts as read.

    Empty where no moderator has shut it.
    """
    hold_people([person.pk])
    confirmed = Decision.objects.standing().filter(person=person, action=Action.CONFIRM)
    confirmation = confirmed.select_related("case").order_by("-pk").first()
    if confirmation is None:
        return []
    about = Q(decision=confirmation) | Q(decision=confirmation.case.proposal_id)
    notifications = Notification.objects.filter(about, person=person, kind=Kind.DECIDED)
    told = [told_of(notification) for notification in _found(notifications.order_by("-pk"))]
    notifications.filter(read_at=None).update(read_at=timezone.now())
    return told


def disagreements(photo_ids: Iterable[int]) -> dict[int, Disagreement]:
    """Where the owners of photos that were taken down say that they disagree, and how far that has come."""
    notifications = Notification.objects.filter(
        kind=Kind.DECIDED,
        decision__photo__in=list(photo_ids),
        decision__action__in=DOWN,
        decision__undone_at=None,
    )
    found = notifications.select_related("decision", "appeal").order_by("pk")  # of several the last
    return {
        one.decision.photo_id: Disagreement(
            url=reverse("appeal", args=[token_of(one)]), state=getattr(getattr(one, "appeal", None), "state", "")
        )
        for one in found
        if one.decision.photo_id
    }


def notification_of(token: str) -> Notification | None:
    """The notification that an address names, None for what this site never wrote."""
    number = number_of(token)
    return None if number is None else _found(Notification.objects.filter(pk=number)).first()


def _notify(decision: Decision, kind: Notification.Kind) -> None:
    """Tell the person, who is held by the caller's transaction; every page of theirs says that there is something."""
    Notification.objects.create(person=decision.person, decision=decision, kind=kind)
    User.objects.filter(pk=decision.person_id).update(is_notified=True)


def _found(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    return notifications.select_related(*RELATED)

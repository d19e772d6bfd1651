"""Appeals: what somebody says to a decision, once; the case that it makes is for somebody else than who decided."""

from fathom.moderation.models import Appeal, Case, Notification
from fathom.moderation.queue import priority_of
from fathom.moderation.told import RELATED, told_of
from pictograph.transactions import hold_people, transacted


class CannotAppeal(Exception):
    """There is nothing to appeal against (any more), or somebody has."""


@transacted
def appeal(notification: Notification, words: str) -> Appeal:
    """Have somebody else look at a decision. Raises CannotAppeal."""
    hold_people([notification.person_id])
    current = Notification.objects.select_related(*RELATED).get(pk=notification.pk)
    if not told_of(current).can_appeal:
        raise CannotAppeal
    made = Appeal.objects.create(notification=current, words=words)
    Case.objects.create(
        kind=Case.Kind.APPEAL,
        subject=f"{Case.Kind.APPEAL} {made.pk}",
        photo=current.decision.photo,
        person=current.person,
        appeal=made,
        priority=priority_of(Case.Kind.APPEAL, None, 0),
    )
    return made

"""Putting something down in the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any

from pictograph.audit.models import AuditEntry
from pictograph.people.models import User


def note(
    actor: User | None, action: str, subject: str, *, person: int | None = None, reason: str = "", **detail: Any
) -> AuditEntry:
    """Put down what was done, in the transaction that does it; `actor` None is the site itself."""
    actor_id = None if actor is None else actor.pk
    return AuditEntry.objects.create(
        actor=actor_id, action=action, subject=subject, person=person, reason=reason, detail=detail
    )


def note_many(
    actor: User | None,
    action: str,
    subjects: Mapping[int, tuple[str, int]],
    *,
    reason: str = "",
    reasons: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Put down that the same was done to many things: of each, by its number, what it is called and whose it is.

    `reasons` are words of the code, for each of them.
    """
    if not subjects:
        return
    actor_id, told = None if actor is None else actor.pk, reasons or {}
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor_id,
            action=action,
            subject=subject,
            person=person,
            reason=reason,
            detail={"reasons": list(told[key])} if key in told else {},
        )
        for key, (subject, person) in subjects.items()
    )

"""What somebody takes along of what they reported, were told and said to it; named in the settings as EXPORTED."""

from typing import Any

from fathom.moderation.models import Report
from fathom.moderation.telling import told_to
from fathom.moderation.told import Told
from pictograph.people.models import User


def exported(user: User) -> dict[str, Any]:
    """It, as JSON has it."""
    reports = Report.objects.filter(reporter=user).select_related("case").order_by("pk")
    return {
        "reports": [
            {
                "of": report.case.kind,
                "reason": report.reason,
                "words": report.words or None,
                "made_at": report.made_at.isoformat(timespec="seconds"),
            }
            for report in reports
        ],
        "notifications": [_told(told) for told in reversed(told_to(user))],
    }


def _told(told: Told) -> dict[str, Any]:
    return {
        "title": told.title,
        "words": told.words,
        "reason": told.reason or None,
        "made_at": told.notification.made_at.isoformat(timespec="seconds"),
        "your_appeal": told.appeal.words if told.appeal else None,
        "came_of_it": told.appeal.state if told.appeal else None,
    }

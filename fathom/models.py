"""Every model of the network, for Django to find; each is defined in its room."""

from fathom.auditing.models import AuditedFigure, AuditedGroup, AuditedLabel, AuditGroup, LabelAudit
from fathom.moderation.models import Appeal, Case, Decision, Notification, Report

__all__ = [
    "Appeal",
    "AuditGroup",
    "AuditedFigure",
    "AuditedGroup",
    "AuditedLabel",
    "Case",
    "Decision",
    "LabelAudit",
    "Notification",
    "Report",
]

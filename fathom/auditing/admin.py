"""Audits and groups in the admin: their rows as they are; they are read and made on pages of their own."""

from django.contrib import admin

from fathom.auditing.models import AuditedFigure, AuditedGroup, AuditedLabel, AuditGroup, LabelAudit
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(LabelAudit)
class LabelAuditAdmin(ReadOnlyAdmin):
    """The audit that is kept, and the one under way."""

    list_display = ("id", "state", "asked_by", "asked_at", "finished_at", "photos", "total", "network", "before")
    list_select_related = ("asked_by",)


@admin.register(AuditedLabel)
class AuditedLabelAdmin(ReadOnlyAdmin):
    """What was found of categories."""

    list_display = ("wnid", "name", "photos", "answers", "right", "wrong", "reports", "upheld", "now", "before")
    search_fields = ("name", "wnid")


@admin.register(AuditGroup)
class AuditGroupAdmin(ReadOnlyAdmin):
    """Groups of the bias check."""

    list_display = ("id", "name", "kind", "words", "note", "made_by", "made_at")
    list_select_related = ("made_by",)


@admin.register(AuditedGroup)
class AuditedGroupAdmin(ReadOnlyAdmin):
    """How large they were."""

    list_display = ("id", "group", "audit", "is_told", "photos", "people")
    list_select_related = ("group", "audit")


@admin.register(AuditedFigure)
class AuditedFigureAdmin(ReadOnlyAdmin):
    """Their figures beside the rest's."""

    list_display = (
        "id",
        "group",
        "measure",
        "photos",
        "hits",
        "low",
        "high",
        "rest_photos",
        "rest_hits",
        "is_different",
    )
    list_select_related = ("group__group", "group__audit")

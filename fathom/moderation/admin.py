"""Cases and what belongs to them in the admin: looked up here, decided on in the queue."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from fathom.moderation.models import Appeal, Case, Decision, Notification, Report
from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.people.accounts import signed_in
from pictograph.people.roles import administrators, is_administrator


class OfCases(ReadOnlyAdmin):
    """What moderators look up, but for what concerns themselves: nobody reads who has reported them.

    `concerns` leads to the person.
    """

    seen_by = "fathom.moderate"
    concerns = "person"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What concerns others, and of administrators only where one of them asks."""
        rows: QuerySet[Any] = super().get_queryset(request).exclude(**{self.concerns: request.user.pk})
        if not is_administrator(signed_in(request)):
            rows = rows.exclude(**{f"{self.concerns}__in": administrators()})
        return rows


@admin.register(Case)
class CaseAdmin(OfCases):
    """Cases of every state."""

    list_display = ("id", "kind", "subject", "person", "state", "priority", "report_count", "claimed_by", "made_at")
    list_filter = ("kind", "state")
    list_select_related = ("person", "claimed_by")
    search_fields = ("subject", "person__username", "person__handle")


@admin.register(Report)
class ReportAdmin(OfCases):
    """What people said, and who."""

    concerns = "case__person"
    list_display = ("id", "case", "reporter", "reason", "words", "made_at")
    list_filter = ("reason",)
    list_select_related = ("case", "reporter")
    search_fields = ("words", "reporter__username")


@admin.register(Decision)
class DecisionAdmin(OfCases):
    """What was decided, and what of it was undone."""

    list_display = ("id", "case", "action", "person", "by", "reason", "at", "undone_at", "undone_by", "final_at")
    list_filter = ("action",)
    list_select_related = ("case", "person", "by", "undone_by")
    search_fields = ("case__subject", "person__username", "by__username")


@admin.register(Notification)
class NotificationAdmin(OfCases):
    """What people were told."""

    list_display = ("id", "person", "decision", "kind", "made_at", "read_at", "mailed_at")
    list_filter = ("kind",)
    list_select_related = ("person", "decision__case")


@admin.register(Appeal)
class AppealAdmin(OfCases):
    """What they said to that."""

    concerns = "notification__person"
    list_display = ("id", "notification", "words", "state", "made_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("notification__decision__case",)

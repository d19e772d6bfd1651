"""Admin pages whose changes are put down in the audit log, not only in Django's own, which can be edited."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from pictograph.audit.noting import note
from pictograph.people.models import User


class Noted(ModelAdmin):
    """`kind` is what the log calls a row: "person", with its number."""

    kind = ""

    def state_of(self, obj: Any) -> dict[str, Any]:
        """What the log says of a row beside that it was changed, of JSON's types."""
        return {}

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Put down that somebody added one."""
        self._note(request, "add", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Put down that somebody changed one."""
        self._note(request, "change", obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Put down that somebody deletes some, before they do."""
        for obj in queryset:
            self._note(request, "delete", obj, "")
        return super().log_deletions(request, queryset)

    def _note(self, request: HttpRequest, what: str, obj: Model, message: Any) -> None:
        actor = request.user if isinstance(request.user, User) else None
        person = obj.pk if isinstance(obj, User) else None
        told = {"changes": message} if message else {}
        note(actor, f"{self.kind}.{what}", f"{self.kind} {obj.pk}", person=person, **told, **self.state_of(obj))

"""What the admin pages of all rooms share."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the workers and the store write.

    They are looked up by whoever has `seen_by`, so that a new page of a room needs no word in any group, and by whoever
    has Django's own permission to view them.
    """

    show_full_result_count = False
    seen_by = "fathom.operate"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever may look up rows of this kind."""
        return request.user.has_perm(self.seen_by) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Likewise; another row of the same application opens no page of this kind."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never by hand; deleting a photo or an account takes these along."""
        return False


class TakesAllAlong(admin.ModelAdmin):
    """Deleting takes along rows that may not be deleted by themselves, hundreds of thousands perhaps."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Name what was chosen and count what goes with it, asking no permission for that."""
        return [str(obj) for obj in objs], self.count_all(list(objs)), set(), []

    def count_all(self, objs: Sequence[Any]) -> dict[str, int]:
        """How much goes, by what it is."""
        return {str(self.opts.verbose_name_plural): len(objs)}

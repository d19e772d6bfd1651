"""Links in the admin."""

from django.contrib import admin

from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.shares.models import Share


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    """Whose links there are; their addresses stay between the owners and whom they give them to."""

    list_display = ("id", "owner", "kind", "created_at", "is_open", "is_listed", "expires_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("owner__username",)
    exclude = ("token", "password")

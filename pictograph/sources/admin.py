"""Sources, items and imports in the admin."""

from django.contrib import admin

from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.sources.models import Import, Item, Rejection, Source, Tombstone


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    """Where photos come from."""

    list_display = ("id", "owner", "kind", "folder", "scanned_at", "problem")
    list_filter = ("kind", "problem")
    list_select_related = ("owner",)


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """Photos as their sources have them."""

    list_display = ("ref", "source", "state", "problem", "size_bytes", "photo")
    list_filter = ("state", "problem")
    list_select_related = ("source", "photo")
    search_fields = ("ref",)


@admin.register(Tombstone)
class TombstoneAdmin(admin.ModelAdmin):
    """Content that people have deleted; taking a line out lets the next scan bring its photo back."""

    list_display = ("owner", "digest")
    list_select_related = ("owner",)
    search_fields = ("=digest",)
    readonly_fields = ("owner", "digest", "picture_digest")


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    """Imports and what came of them."""

    list_display = ("id", "owner", "source", "state", "started_at", "arrived_files", "duplicates")
    list_filter = ("state", "is_paused")
    list_select_related = ("owner", "source")
    date_hierarchy = "started_at"


@admin.register(Rejection)
class RejectionAdmin(ReadOnlyAdmin):
    """Files that were turned away."""

    list_display = ("id", "batch", "name", "reason", "created_at")
    list_filter = ("reason",)
    list_select_related = ("batch",)

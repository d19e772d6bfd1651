"""Sources, items and imports in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

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
    """Content that people have deleted; taking a line out lets the next scan bring in what shows the same picture."""

    list_display = ("owner", "digest")
    list_select_related = ("owner",)
    search_fields = ("=digest",)
    readonly_fields = ("owner", "digest", "picture_digest")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Deleting a photo makes them."""
        return False

    def delete_model(self, request: HttpRequest, obj: Tombstone) -> None:
        """Take one out, with all that keeps its content out."""
        Tombstone.objects.filter(pk=obj.pk).take_out()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tombstone]) -> None:
        """Take several out likewise."""
        Tombstone.objects.filter(pk__in=queryset.values("pk")).take_out()


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

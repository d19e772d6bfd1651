"""The catalogue in the admin: networks, and what moderators change in the tree."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from pictograph.catalogue.models import Network, Override
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(Network)
class NetworkAdmin(ReadOnlyAdmin):
    """Networks that classify or have classified."""

    list_display = ("version", "label_set", "is_current", "created_at")


@admin.register(Override)
class OverrideAdmin(admin.ModelAdmin):
    """Changes to the tree; every process goes by them within a moment, and photos are named anew by the sweep."""

    list_display = ("wnid", "name", "singular", "is_hidden", "is_blocked")
    list_filter = ("is_hidden", "is_blocked")
    search_fields = ("wnid", "name")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Override]) -> None:
        """Take several changes back, each as its own edition."""
        for override in queryset:
            override.delete()
        messages.info(request, "The tree is as shipped there again.")

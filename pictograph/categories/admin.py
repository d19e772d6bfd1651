"""What people chose about categories, in the admin."""

from django.contrib import admin

from pictograph.categories.models import Cover, HiddenCategory
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(HiddenCategory)
class HiddenCategoryAdmin(ReadOnlyAdmin):
    """Who hides what from their pictograph."""

    list_display = ("id", "owner", "wnid")
    list_select_related = ("owner",)
    search_fields = ("wnid", "owner__username")


@admin.register(Cover)
class CoverAdmin(ReadOnlyAdmin):
    """Which photo stands for what."""

    list_display = ("id", "owner", "wnid", "photo_id")
    list_select_related = ("owner",)
    search_fields = ("wnid", "owner__username")

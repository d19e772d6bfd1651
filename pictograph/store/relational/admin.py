"""The relational store's tables in the admin, to look up only."""

from django.contrib import admin
from django.http import HttpRequest

from pictograph.store.relational.models import CategoryCount, ClassifiedPhoto, LeafSum, PhotoCategory, Prediction


class StoreAdmin(admin.ModelAdmin):
    """Rows that only the store writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never by hand; deleting a photo or an account takes these along."""
        return False


@admin.register(ClassifiedPhoto)
class ClassifiedPhotoAdmin(StoreAdmin):
    """By which network each photo is listed."""

    list_display = ("photo_id", "owner_id", "network", "shown_at", "is_public")
    list_filter = ("is_public",)
    search_fields = ("=photo_id", "=owner_id")


@admin.register(Prediction)
class PredictionAdmin(StoreAdmin):
    """Which network classified which photo."""

    list_display = ("photo_id", "network", "model")
    search_fields = ("=photo_id",)


@admin.register(PhotoCategory)
class PhotoCategoryAdmin(StoreAdmin):
    """Which photo is listed where."""

    list_display = ("photo_id", "owner_id", "wnid", "confidence", "stop")
    list_filter = ("stop",)
    search_fields = ("=wnid", "=photo_id")


@admin.register(CategoryCount)
class CategoryCountAdmin(StoreAdmin):
    """The counters behind every page."""

    list_display = ("scope", "wnid", "year", "stop", "photos")
    list_filter = ("stop", "year")
    search_fields = ("=scope", "=wnid")


@admin.register(LeafSum)
class LeafSumAdmin(StoreAdmin):
    """The sums comparisons are made from."""

    list_display = ("scope", "network", "photos")

"""The relational store's tables in the admin, to look up only."""

from django.contrib import admin

from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.store.relational.models import (
    CategoryCount,
    ClassifiedPhoto,
    Growth,
    LeafSum,
    PhotoCategory,
    Prediction,
)


@admin.register(ClassifiedPhoto)
class ClassifiedPhotoAdmin(ReadOnlyAdmin):
    """By which network each photo is listed."""

    list_display = ("photo_id", "owner_id", "network", "shown_at", "published_at")
    list_filter = ("is_public",)
    search_fields = ("=photo_id", "=owner_id")


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    """Which network classified which photo."""

    list_display = ("photo_id", "network", "model")
    search_fields = ("=photo_id",)


@admin.register(PhotoCategory)
class PhotoCategoryAdmin(ReadOnlyAdmin):
    """Which photo is listed where."""

    list_display = ("photo_id", "owner_id", "wnid", "confidence", "stop")
    list_filter = ("stop",)
    search_fields = ("=wnid", "=photo_id")


@admin.register(CategoryCount)
class CategoryCountAdmin(ReadOnlyAdmin):
    """The counters behind every page."""

    list_display = ("scope", "wnid", "year", "stop", "photos")
    list_filter = ("stop", "year")
    search_fields = ("=scope", "=wnid")


@admin.register(Growth)
class GrowthAdmin(ReadOnlyAdmin):
    """How the network grew."""

    list_display = ("month", "wnid", "stop", "photos")
    list_filter = ("stop",)
    search_fields = ("=wnid",)


@admin.register(LeafSum)
class LeafSumAdmin(ReadOnlyAdmin):
    """The sums comparisons are made from."""

    list_display = ("scope", "network", "photos")

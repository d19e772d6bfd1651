"""Photos in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from pictograph.pages.admin import ReadOnlyAdmin, TakesAllAlong
from pictograph.photos.deletion import Leftover, delete_photos
from pictograph.photos.flags import Flag
from pictograph.photos.holds import Hold
from pictograph.photos.models import Photo
from pictograph.photos.taken_down import TakenDown
from pictograph.queue.claims import announce_work


@admin.register(Photo)
class PhotoAdmin(TakesAllAlong):
    """Photos and how far the work on them is. The pictures themselves stay private to their owners."""

    list_display = (
        "id",
        "owner",
        "name",
        "state",
        "failure",
        "format",
        "width_px",
        "height_px",
        "shown_at",
        "attempts",
    )
    list_filter = ("state", "failure", "is_public")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username", "digest")
    raw_id_fields = ("owner", "batch")
    readonly_fields = tuple(field.name for field in Photo._meta.fields)
    show_full_result_count = False
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Photos come in by imports."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Also whoever looks after the work on them."""
        return self.has_operate_permission(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Likewise."""
        return self.has_view_permission(request)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may have the work on photos done again."""
        return request.user.has_perm("fathom.operate")

    @admin.action(description="Try failed photos again", permissions=["operate"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        """Put the failed ones among the chosen photos back to work."""
        retried = Photo.objects.filter(pk__in=queryset.values("pk")).retry()
        announce_work()
        self.message_user(request, f"{retried} photos are being tried again.")

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        """Delete a photo with its files and its part in every count."""
        delete_photos(obj.owner, [obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        """Delete several photos likewise."""
        for photo in queryset.select_related("owner"):
            delete_photos(photo.owner, [photo.pk])


@admin.register(Leftover)
class LeftoverAdmin(ReadOnlyAdmin):
    """Files that wait to be removed."""

    list_display = ("path", "noted_at")


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Photos that may not be public now, and why."""

    seen_by = "fathom.moderate"
    list_display = ("photo_id", "kind", "reasons", "words", "since", "by")
    list_filter = ("kind",)
    list_select_related = ("by",)
    search_fields = ("=photo__id",)


@admin.register(TakenDown)
class TakenDownAdmin(ReadOnlyAdmin):
    """Pictures that their owners may not publish, whatever file they are in."""

    seen_by = "fathom.moderate"
    list_display = ("number", "owner", "words", "at", "by")
    list_select_related = ("owner", "by")
    search_fields = ("=number", "owner__username", "digest")


@admin.register(Flag)
class FlagAdmin(ReadOnlyAdmin):
    """Public photos that are to be looked at, and why."""

    seen_by = "fathom.moderate"
    list_display = ("photo_id", "reasons", "since")
    search_fields = ("=photo__id",)

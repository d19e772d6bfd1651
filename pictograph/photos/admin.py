"""Photos in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from pictograph.pages.admin import ReadOnlyAdmin, TakesAllAlong
from pictograph.photos.deletion import Leftover, delete_photos
from pictograph.photos.models import Photo
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

    @admin.action(description="Try failed photos again")
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

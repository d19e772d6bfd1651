"""The admin: what moderators and operators look up."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from pictograph.models import (
    Import,
    Leftover,
    Photo,
    Rejection,
    SourceFile,
    User,
)
from pictograph.people.accounts import erase
from pictograph.photos.deletion import delete_photos
from pictograph.queue.claims import announce_work

admin.site.site_header = admin.site.site_title = "Pictograph & Fathom"


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the workers and the store write."""

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


class TakesAllAlong(admin.ModelAdmin):
    """Deleting takes along rows that may not be deleted by themselves, hundreds of thousands perhaps."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Name what was chosen and count what goes with it, asking no permission for that."""
        return [str(obj) for obj in objs], self.count_all(list(objs)), set(), []

    def count_all(self, objs: Sequence[Any]) -> dict[str, int]:
        """How much goes, by what it is."""
        return {str(self.opts.verbose_name_plural): len(objs)}


@admin.register(User)
class PersonAdmin(TakesAllAlong, UserAdmin):
    """People, with how much they have."""

    list_display = ("username", "email", "photo_count", "pending_count", "is_staff", "date_joined", "last_login")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Library", {"fields": ("target", "tiles")}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Everyone with their numbers of photos."""
        # Counted for the rows shown, one by one; joined to their photos, everyone's would be gone through.
        theirs = (
            Photo.objects.filter(owner=OuterRef("pk")).order_by().values("owner").annotate(n=Count("pk")).values("n")
        )
        pending = theirs.filter(state=Photo.State.PENDING)
        return (
            super()
            .get_queryset(request)
            .annotate(photo_count=Coalesce(Subquery(theirs), 0), pending_count=Coalesce(Subquery(pending), 0))
        )

    @admin.display(description="photos", ordering="photo_count")
    def photo_count(self, user: User) -> int:
        """Photos of any state."""
        return int(user.photo_count)  # type: ignore[attr-defined]

    @admin.display(description="pending", ordering="pending_count")
    def pending_count(self, user: User) -> int:
        """Photos still to be classified."""
        return int(user.pending_count)  # type: ignore[attr-defined]

    def count_all(self, objs: Sequence[User]) -> dict[str, int]:
        """The accounts and their photos."""
        return super().count_all(objs) | {"photos": Photo.objects.filter(owner__in=objs).count()}

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete the account with its files and all that was learnt from them."""
        erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete several accounts likewise."""
        for person in queryset:
            erase(person)


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


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    """Imports and what came of them."""

    list_display = ("id", "owner", "kind", "folder", "started_at", "duplicates")
    list_filter = ("kind",)
    list_select_related = ("owner",)
    date_hierarchy = "started_at"


@admin.register(Rejection)
class RejectionAdmin(ReadOnlyAdmin):
    """Files that were turned away."""

    list_display = ("id", "batch", "name", "reason", "created_at")
    list_filter = ("reason",)
    list_select_related = ("batch",)


@admin.register(SourceFile)
class SourceFileAdmin(ReadOnlyAdmin):
    """Files of the server that have been imported."""

    list_display = ("path", "owner", "size_bytes", "photo")
    list_select_related = ("owner", "photo")
    search_fields = ("path",)


@admin.register(Leftover)
class LeftoverAdmin(ReadOnlyAdmin):
    """Files that wait to be removed."""

    list_display = ("path", "noted_at")

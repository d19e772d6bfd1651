"""People in the admin."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from pictograph.pages.admin import TakesAllAlong
from pictograph.people.accounts import is_last_administrator
from pictograph.people.erasing import erase, leave
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import follow_account


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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Refuse to delete the last administrator."""
        chosen, counts, permissions, _protected = super().get_deleted_objects(objs, request)
        return chosen, counts, permissions, [str(person) for person in objs if is_last_administrator(person)]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save the account; what it has published shows while it is open."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            follow_account(obj)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete the account with its files and all that was learnt from them."""
        self._delete(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete several accounts likewise."""
        self._delete(request, queryset)

    def _delete(self, request: HttpRequest, people: Iterable[User]) -> None:
        for person in people:
            if leave(person):
                erase(person)
            else:
                words = f"{person} is the last administrator and stays. Make someone else one first."
                self.message_user(request, words, messages.ERROR)

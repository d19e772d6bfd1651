"""People in the admin."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import allauth.mfa.admin  # noqa: F401 - to take back what it registers
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from pictograph.audit.noted import Noted
from pictograph.pages.admin import TakesAllAlong
from pictograph.people.accounts import is_last_administrator, signed_in
from pictograph.people.erasing import erase, leave
from pictograph.people.models import User
from pictograph.people.roles import (
    ADMINISTRATORS,
    GIVES_ROLES,
    MODERATORS,
    OPERATORS,
    RoleRefused,
    give_role,
    may_change,
    take_roles,
)
from pictograph.people.second_step import remove_second_step
from pictograph.photos.models import Photo
from pictograph.photos.publishing import follow_account

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")

admin.site.unregister(Authenticator)  # allauth's page shows what is sealed, and lets it be changed


@admin.register(User)
class PersonAdmin(Noted, TakesAllAlong, UserAdmin):
    """People, with how much they have."""

    kind = "person"
    list_display = (
        "username",
        "email",
        "photo_count",
        "pending_count",
        "second_step",
        "roles",
        "date_joined",
        "last_login",
    )
    actions = ("make_moderators", "make_operators", "make_administrators", "take_all_roles", "remove_second_step")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Library", {"fields": ("target", "tiles")}))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Leave rights to superusers here: all others give roles, which is put down in the log and has its rules."""
        fields = super().get_readonly_fields(request, obj)
        return fields if is_superuser(request) else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Also of this person: nobody changes those who may do more than they, or as much."""
        return super().has_change_permission(request, obj) and _may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Likewise."""
        return super().has_delete_permission(request, obj) and _may_change(request, obj)

    def has_roles_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may give roles and take them."""
        return request.user.has_perm(GIVES_ROLES)

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
            .prefetch_related("groups")
            .annotate(has_second_step=Exists(Authenticator.objects.filter(user=OuterRef("pk"))))
        )

    def state_of(self, obj: User) -> dict[str, Any]:
        """What they may do from now on, and whether they may come in."""
        permissions = obj.user_permissions.values_list("content_type__app_label", "codename")
        return {
            "is_active": obj.is_active,
            "is_staff": obj.is_staff,
            "is_superuser": obj.is_superuser,
            "groups": sorted(obj.groups.values_list("name", flat=True)),
            "permissions": sorted(f"{app}.{name}" for app, name in permissions),
        }

    @admin.display(description="photos", ordering="photo_count")
    def photo_count(self, user: User) -> int:
        """Photos of any state."""
        return int(user.photo_count)  # type: ignore[attr-defined]

    @admin.display(description="pending", ordering="pending_count")
    def pending_count(self, user: User) -> int:
        """Photos still to be classified."""
        return int(user.pending_count)  # type: ignore[attr-defined]

    @admin.display(description="second step", boolean=True)
    def second_step(self, user: User) -> bool:
        """Whether signing in by a password asks for more."""
        return bool(user.has_second_step)  # type: ignore[attr-defined]

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        """What they may do beyond their own photos."""
        named = [group.name for group in user.groups.all()]
        return ", ".join([*(["superuser"] if user.is_superuser else []), *sorted(named)])

    @admin.action(description="Make moderators", permissions=["roles"])
    def make_moderators(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have people decide on what others report."""
        self._give(request, queryset, MODERATORS)

    @admin.action(description="Make operators", permissions=["roles"])
    def make_operators(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have people look after the work on photos and the services."""
        self._give(request, queryset, OPERATORS)

    @admin.action(description="Make administrators", permissions=["roles"])
    def make_administrators(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have people do all of that, and look after people."""
        self._give(request, queryset, ADMINISTRATORS)

    @admin.action(description="Take all roles", permissions=["roles"])
    def take_all_roles(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have people be nobody in particular again."""
        self._each(request, queryset, "has no role any more", take_roles)

    def _give(self, request: HttpRequest, people: Iterable[User], role: str) -> None:
        self._each(request, people, f"is one of the {role} now", lambda person, by: give_role(person, role, by))

    def _each(
        self, request: HttpRequest, people: Iterable[User], done: str, change: Callable[[User, User], None]
    ) -> None:
        for person in people:
            try:
                change(person, signed_in(request))
            except RoleRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{person} {done}.", messages.SUCCESS)

    @admin.action(
        description="Remove the second step of signing in (for whoever has lost phone and codes)", permissions=["roles"]
    )
    def remove_second_step(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people sign in by their password alone, until they set up another second step."""
        for person in queryset:
            if not _may_change(request, person):  # it is half of what keeps others out of an account
                self.message_user(request, f"{person} is an administrator too.", messages.ERROR)
                continue
            if remove_second_step(person):
                self.log_change(request, person, "Removed the second step of signing in.")
                self.message_user(request, f"{person} is asked for a password alone from now on.")

    def count_all(self, objs: Sequence[User]) -> dict[str, int]:
        """The accounts and their photos."""
        return super().count_all(objs) | {"photos": Photo.objects.filter(owner__in=objs).count()}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """Refuse to delete the last administrator, and whoever may do as much as who asks."""
        chosen, counts, permissions, _protected = super().get_deleted_objects(objs, request)
        kept = [person for person in objs if is_last_administrator(person) or not _may_change(request, person)]
        return chosen, counts, permissions, [str(person) for person in kept]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save the account; what it has published shows while it is open, and nobody of the staff waits."""
        obj.is_waiting = obj.is_waiting and not (obj.is_staff or obj.is_superuser)
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
            if not _may_change(request, person):
                self.message_user(request, f"{person} is an administrator too, and stays.", messages.ERROR)
            elif leave(person):
                erase(person)
            else:
                words = f"{person} is the last administrator and stays. Make someone else one first."
                self.message_user(request, words, messages.ERROR)


def is_superuser(request: HttpRequest) -> bool:
    """Whether whoever asks may do everything."""
    return signed_in(request).is_superuser


def _may_change(request: HttpRequest, person: User | None) -> bool:
    """Whether whoever asks may change this account; whoever has no role to give, none of the staff's."""
    by = signed_in(request)
    if person is None or by.has_perm(GIVES_ROLES):
        return person is None or may_change(by, person)
    return not (person.is_staff or person.is_superuser)


def _permissions_of(person: User) -> QuerySet[Permission]:
    """What somebody may do, by themselves or by their groups."""
    theirs = Permission.objects.filter(Q(user=person) | Q(group__user=person))
    return Permission.objects.filter(pk__in=theirs.values("pk"))


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(Noted, GroupAdmin):
    """Groups of people, and what each may do."""

    kind = "group"

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Also to give roles: whoever changes a group gives them."""
        return request.user.has_perm(GIVES_ROLES) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Likewise."""
        return request.user.has_perm(GIVES_ROLES) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Likewise."""
        return request.user.has_perm(GIVES_ROLES) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Likewise."""
        return request.user.has_perm(GIVES_ROLES) and super().has_delete_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **options: Any) -> Any:
        """Offer permissions that whoever asks has: nobody gives more to a group, their own perhaps, than is theirs."""
        if db_field.name == "permissions" and request is not None and not is_superuser(request):
            options["queryset"] = _permissions_of(signed_in(request)).order_by(
                "content_type__app_label", "content_type__model", "codename"
            )
        return super().formfield_for_manytomany(db_field, request, **options)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep what the group holds beyond that: it was not offered to be taken away either."""
        kept = (
            []
            if is_superuser(request)
            else list(form.instance.permissions.exclude(pk__in=_permissions_of(signed_in(request))))
        )
        super().save_related(request, form, formsets, change)
        form.instance.permissions.add(*kept)

    def state_of(self, obj: Group) -> dict[str, Any]:
        """What whoever is in it may do from now on."""
        permissions = obj.permissions.values_list("content_type__app_label", "codename")
        return {"name": obj.name, "permissions": sorted(f"{app}.{name}" for app, name in permissions)}

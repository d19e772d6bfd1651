"""Roles: groups of rights that administrators give to people. What each may do is in the migration that makes them.

Code asks for permissions, never for roles: a site may have other groups, and change what these hold.
"""

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from pictograph.audit.noting import note
from pictograph.people.accounts import one_at_a_time
from pictograph.people.models import User

MODERATORS, OPERATORS, ADMINISTRATORS = ROLES = ("Moderators", "Operators", "Administrators")
GIVES_ROLES = "pictograph.give_roles"


class RoleRefused(Exception):
    """Why somebody's roles stay as they are, in words."""


def administrators() -> QuerySet[User]:
    """All who may give roles, superusers among them, whether they may come in at present or not."""
    return User.objects.with_perm(GIVES_ROLES, is_active=None)


def is_administrator(person: User) -> bool:
    """Whether somebody is one of them."""
    return administrators().filter(pk=person.pk).exists()


def may_change(by: User, person: User) -> bool:
    """Whether somebody may change the account of another: superusers all, administrators all that are none."""
    if by.is_superuser:
        return True
    return by.has_perm(GIVES_ROLES) and not is_administrator(person)


def give_role(person: User, role: str, by: User) -> None:
    """Put somebody into a group, which makes them one of the staff. Raises PermissionDenied and RoleRefused."""
    with one_at_a_time():
        person = _to_change(person, by)
        if person.is_waiting or not person.is_active:
            raise RoleRefused(f"{person} is not let in.")
        person.groups.add(Group.objects.get_or_create(name=role)[0])
        _set_staff(person, is_staff=True)
        note(by, "person.give_role", f"person {person.pk}", person=person.pk, role=role)


def take_roles(person: User, by: User) -> None:
    """Take somebody out of all roles, and off the staff. Raises PermissionDenied and RoleRefused."""
    with one_at_a_time():
        person = _to_change(person, by)
        others = administrators().filter(is_active=True, is_leaving=False).exclude(pk=person.pk)
        if is_administrator(person) and not others.exists():
            raise RoleRefused(f"{person} is the last administrator.")
        roles = sorted(person.groups.filter(name__in=ROLES).values_list("name", flat=True))
        person.groups.remove(*Group.objects.filter(name__in=ROLES))
        _set_staff(person, is_staff=False)
        note(by, "person.take_roles", f"person {person.pk}", person=person.pk, roles=roles)


def _to_change(person: User, by: User) -> User:
    """The person as they are now, if `by` still may give roles to them and take them away."""
    by, person = User.objects.get(pk=by.pk), User.objects.get(pk=person.pk)
    if not (by.is_active and by.is_staff and by.has_perm(GIVES_ROLES)):
        raise PermissionDenied
    if person.pk == by.pk:
        raise RoleRefused("Nobody changes their own roles.")
    if person.is_superuser:
        raise RoleRefused(f"{person} is a superuser, who may do everything.")
    return person


def _set_staff(person: User, *, is_staff: bool) -> None:
    person.is_staff = is_staff
    person.save(update_fields=["is_staff"])

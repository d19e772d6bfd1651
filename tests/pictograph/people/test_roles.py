"""Roles are given and taken by administrators alone, and nobody raises themselves by any address."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from fathom.moderation.queue import for_moderator
from pictograph.audit.models import AuditEntry
from pictograph.people.models import User
from pictograph.people.roles import ADMINISTRATORS, MODERATORS, OPERATORS, RoleRefused, give_role, take_roles
from tests.factories import UserFactory
from tests.fathom.moderation.making import case_of_person, client_of

PEOPLE = reverse("admin:pictograph_user_changelist")
ACTIONS = {"make_moderators": MODERATORS, "make_operators": OPERATORS, "make_administrators": ADMINISTRATORS}


def one_of(role: str) -> User:
    """Somebody who has a role."""
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=person.pk)


def act(client: Client, action: str, person: User) -> None:
    """Choose a person in the list, and an action."""
    client.post(PEOPLE, {"action": action, "_selected_action": [person.pk]})
    person.refresh_from_db()


@pytest.fixture
def root(db: None) -> User:
    """A superuser."""
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.mark.parametrize(("action", "role"), ACTIONS.items())
def test_administrators_give_roles_and_take_them(action: str, role: str, root: User) -> None:
    for by in (root, one_of(ADMINISTRATORS)):
        person = UserFactory()
        act(client_of(by), action, person)
        assert (person.is_staff, person.groups.get().name) == (True, role)
        act(client_of(by), "take_all_roles", person)
        assert (person.is_staff, person.groups.count()) == (False, 0)
        said = AuditEntry.objects.filter(person=person.pk).order_by("pk").values_list("action", "actor")
        assert list(said) == [("person.give_role", by.pk), ("person.take_roles", by.pk)]


@pytest.mark.parametrize("role", [MODERATORS, OPERATORS])
def test_no_other_of_the_staff_does_even_with_django_s_permission_to_change_people(role: str, root: User) -> None:
    by, other = one_of(role), UserFactory()
    by.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user", "change_group")))
    client = client_of(by)
    for person in (by, other):
        before = (person.is_staff, list(person.groups.values_list("pk", flat=True)))
        for action in (*ACTIONS, "take_all_roles"):
            act(client, action, person)
        form = {"username": person.username, "is_staff": "on", "is_superuser": "on", "groups": ["1", "2", "3"]}
        form |= {"user_permissions": ["1"], "target": "95", "tiles": "4", "date_joined_0": "2024-01-01"}
        client.post(reverse("admin:pictograph_user_change", args=[person.pk]), form | {"date_joined_1": "00:00:00"})
        person.refresh_from_db()
        assert not person.is_superuser
        assert (person.is_staff, list(person.groups.values_list("pk", flat=True))) == before
    group = Group.objects.get(name=role)
    assert client.get(reverse("admin:auth_group_change", args=[group.pk])).status_code == 403
    for above in (root, one_of(ADMINISTRATORS), one_of(MODERATORS)):
        assert client.post(reverse("admin:auth_user_password_change", args=[above.pk])).status_code == 403


def test_an_administrator_changes_no_superuser_and_no_other_administrator(root: User) -> None:
    client, other = client_of(one_of(ADMINISTRATORS)), one_of(ADMINISTRATORS)
    for above in (root, other):
        assert client.post(reverse("admin:auth_user_password_change", args=[above.pk])).status_code == 403
        assert client.post(reverse("admin:pictograph_user_delete", args=[above.pk]), {"post": "yes"}).status_code == 403
        client.post(PEOPLE, {"action": "delete_selected", "_selected_action": [above.pk], "post": "yes"})
        assert User.objects.filter(pk=above.pk, is_active=True).exists()


def test_nobody_changes_their_own_nor_a_superuser_s_and_nobody_who_waits_is_raised(root: User) -> None:
    by = one_of(ADMINISTRATORS)
    for person in (by, root, UserFactory(is_waiting=True)):
        with pytest.raises(RoleRefused):
            give_role(person, MODERATORS, by)
    with pytest.raises(RoleRefused):
        take_roles(by, by)


def test_moderators_decide_on_nothing_that_concerns_an_administrator(root: User) -> None:
    case_of_person(one_of(ADMINISTRATORS))
    case_of_person(root)
    assert not for_moderator(one_of(MODERATORS)).exists()
    assert for_moderator(one_of(ADMINISTRATORS)).count() == 2


def test_moderators_read_of_the_log_what_they_did_and_what_became_of_their_cases(root: User) -> None:
    by = one_of(MODERATORS)
    for actor, action, subject in (
        (by.pk, "case.keep", "photo 1"),
        (root.pk, "case.undo", "photo 1"),
        (root.pk, "case.keep", "photo 2"),
        (root.pk, "person.give_role", "photo 1"),
    ):
        AuditEntry.objects.create(actor=actor, action=action, subject=subject)
    page = client_of(by).get(reverse("admin:pictograph_auditentry_changelist"))
    shown = {(entry.actor, entry.action, entry.subject) for entry in page.context["cl"].result_list}
    assert shown == {(by.pk, "case.keep", "photo 1"), (root.pk, "case.undo", "photo 1")}


def test_an_administrator_gives_a_group_nothing_that_is_not_theirs_and_takes_nothing_of_that(root: User) -> None:
    by = one_of(ADMINISTRATORS)
    group = Group.objects.get(name=ADMINISTRATORS)
    mails = Permission.objects.get(codename="change_emailaddress")  # by which a superuser's password is asked anew
    address = reverse("admin:auth_group_change", args=[group.pk])
    held = set(group.permissions.values_list("pk", flat=True))
    client_of(by).post(address, {"name": group.name, "permissions": [*held, mails.pk]})
    assert set(group.permissions.values_list("pk", flat=True)) == held
    client_of(root).post(address, {"name": group.name, "permissions": [*held, mails.pk]})
    assert mails in group.permissions.all()
    other = Group.objects.create(name="Postmen")
    other.permissions.add(mails)
    client_of(one_of(OPERATORS)).post(reverse("admin:auth_group_change", args=[other.pk]), {"name": "Postmen"})
    assert other.permissions.get() == mails
    group.permissions.remove(mails)
    let_in = Permission.objects.get(codename="let_in")
    client_of(by).post(reverse("admin:auth_group_change", args=[other.pk]), {"name": "All", "permissions": [let_in.pk]})
    other.refresh_from_db()
    assert (other.name, set(other.permissions.all())) == ("All", {mails, let_in})

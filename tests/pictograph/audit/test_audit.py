"""The audit log stays as it was written, whoever asks; those who may see it find what they look for."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from fathom.moderation.models import Decision
from pictograph.audit.guarding import TABLE
from pictograph.audit.models import AuditEntry
from pictograph.audit.noting import note
from pictograph.audit.words import action_in_words
from pictograph.catalogue.changing import Kind
from pictograph.people.models import User
from tests.factories import LABRADOR, UserFactory, classified_photo

LIST = "/admin/pictograph/auditentry/"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def put_another_in_its_place() -> None:
    entry = AuditEntry.objects.get()
    if connection.vendor == "postgresql":
        AuditEntry.objects.bulk_create(
            [AuditEntry(pk=entry.pk, action="b", subject="b")],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=["action"],
        )
    else:
        run(f"REPLACE INTO {TABLE} SELECT id, at, 1, 'b', 'b', 1, '', '{{}}' FROM {TABLE}")


WAYS: dict[str, Callable[[], object]] = {
    "update": lambda: AuditEntry.objects.update(reason="another"),
    "update in SQL": lambda: run(f"UPDATE {TABLE} SET actor = 2"),
    "delete": lambda: AuditEntry.objects.all().delete(),
    "delete in SQL": lambda: run(f"DELETE FROM {TABLE}"),
    "replace": put_another_in_its_place,
    "empty": lambda: run(f"TRUNCATE {TABLE}" if connection.vendor == "postgresql" else f"DELETE FROM {TABLE}"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_database_refuses_to_change_an_entry(way: str, db: None) -> None:
    note(None, "photo.unpublish", "photo 12", person=3, reason="so it is")
    before = list(AuditEntry.objects.values())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        WAYS[way]()
    assert list(AuditEntry.objects.values()) == before


def test_entries_are_added_all_the_same(db: None) -> None:
    for _ in range(3):
        note(None, "photo.unpublish", "photo 12")
    assert AuditEntry.objects.count() == 3


@pytest.fixture
def reader(db: None) -> Client:
    """Somebody who may see the log and nothing else."""
    user = UserFactory(username="rita", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="see_audit"))
    client = Client()
    client.force_login(user)
    return client


def test_only_who_may_see_the_log_sees_it(reader: Client, client: Client) -> None:
    assert reader.get(LIST).status_code == 200
    entry = note(None, "photo.unpublish", "photo 12")
    assert reader.get(f"{LIST}{entry.pk}/change/").status_code == 200
    assert reader.get(f"{LIST}add/").status_code == 403
    assert reader.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    client.force_login(UserFactory(is_staff=True))
    assert client.get(LIST).status_code == 403


def test_people_and_photos_are_named_while_they_are_here(reader: Client) -> None:
    actor, person = UserFactory(username="u-anna"), UserFactory(username="u-ben")
    photo = classified_photo(LABRADOR, owner=person)
    note(actor, "photo.unpublish", f"photo {photo.pk}", person=person.pk)
    note(None, "photo.unpublish", "photo 987654", person=876543)
    page = reader.get(LIST).content.decode()
    assert "u-anna" in page
    assert "u-ben" in page
    assert reverse("admin:pictograph_photo_change", args=[photo.pk]) in page
    assert "the site itself" in page
    assert "number 876543, who is gone" in page
    assert reverse("admin:pictograph_photo_change", args=[987654]) not in page


def test_the_log_is_found_by_who_what_whom_and_since(reader: Client) -> None:
    actor, person = UserFactory(username="u-anna"), UserFactory(username="u-ben", handle="ben")
    note(actor, "photo.unpublish", "photo 12", person=person.pk, reason="the first one")
    note(None, "case.keep", "case 7", reason="the second one")
    for query, shown in {
        f"who={actor.pk}": "the first one",
        "who=0": "the second one",
        "action=case.keep": "the second one",
        "q=photo+12": "the first one",
        "q=ben": "the first one",
        f"q={person.pk}": "the first one",
    }.items():
        page = reader.get(f"{LIST}?{query}").content.decode()
        others = {"the first one", "the second one"} - {shown}
        assert shown in page, query
        assert not any(other in page for other in others), query
    assert "the first one" not in reader.get(f"{LIST}?at__lt=2020-01-01T00:00:00Z").content.decode()


def test_what_is_done_to_people_in_the_admin_is_in_the_log(client: Client, db: None) -> None:
    by = UserFactory(is_staff=True, is_superuser=True)
    person, group = UserFactory(username="u-anna"), Group.objects.create(name="Helpers")
    client.force_login(by)
    joined = {"date_joined_0": "2024-01-01", "date_joined_1": "00:00:00"}
    fields = {"username": person.username, "target": 95, "tiles": 4, "is_active": "on", "is_staff": "on"}
    address = f"/admin/pictograph/user/{person.pk}/change/"
    assert client.post(address, fields | joined | {"groups": [group.pk]}).status_code == 302
    entry = AuditEntry.objects.get(action="person.change")
    assert (entry.actor, entry.person, entry.subject) == (by.pk, person.pk, f"person {person.pk}")
    assert (entry.detail["is_staff"], entry.detail["groups"]) == (True, ["Helpers"])
    permission = Permission.objects.get(codename="moderate")
    client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Helpers", "permissions": [permission.pk]})
    assert AuditEntry.objects.get(action="group.change").detail["permissions"] == ["fathom.moderate"]
    client.post(
        f"/admin/pictograph/user/{person.pk}/password/", {"password1": "a new one 42", "password2": "a new one 42"}
    )
    assert AuditEntry.objects.filter(action="person.change").count() == 2
    client.post(f"/admin/pictograph/user/{person.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=person.pk).exists()
    assert AuditEntry.objects.get(action="person.delete").person == person.pk


def test_the_log_is_read_in_words_with_names_beside_numbers(reader: Client) -> None:
    by, photo = UserFactory(), classified_photo(LABRADOR)
    was, now = {"name": "pets", "singular": "a pet"}, {"name": "good dogs", "singular": "a good dog"}
    note(by, "label.rename", f"category {LABRADOR}", was=was, now=now)
    note(by, "case.keep", f"held {photo.pk}")
    note(by, "case.block_label", f"label {photo.pk} {LABRADOR}", wnid=LABRADOR)
    note(by, "case.undo", "suspension 4", undone="confirm")
    note(None, "photo.hold", f"photo {photo.pk}", reasons=["unsafe"])
    note(by, "made.up", "something else")
    page = reader.get(LIST).content.decode()
    for words in (
        f"the category “Labrador retrievers” ({LABRADOR})",
        "renamed a category",
        "it was: called “pets”; now: called “good dogs”",
        f"photo {photo.pk}, before it was public",
        f"“Labrador retrievers” ({LABRADOR}) on photo {photo.pk}",
        "the suspension of person 4",
        "what was undone: suspended",
        "perhaps nudity",
        "made.up",
        "something else",
    ):
        assert words in page, words
    assert f"held {photo.pk}" not in page


def test_everything_that_is_noted_has_words() -> None:
    """What the code puts down by a name of its own; what it makes of choices is below."""
    code = [file.read_text() for room in ("pictograph", "fathom") for file in Path(room).rglob("*.py")]
    noted = {action for text in code for action in re.findall(r"note(?:_many)?\([^()]*?\"([a-z_]+\.[a-z_]+)\"", text)}
    assert {"photo.look", "label.take_back"} <= noted
    noted |= {f"case.{action}" for action in Decision.Action} | {f"label.{kind}" for kind in Kind}
    noted |= {f"{kind}.{what}" for kind in ("person", "group", "invitation") for what in ("add", "change", "delete")}
    assert {action for action in noted if action_in_words(action) == action} == set()

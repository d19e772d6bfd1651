"""Names that differ in case, form or what is not seen are one person's."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from pictograph.people.models import User
from pictograph.people.names import kept_apart
from tests.conftest import REPOSITORY
from tests.factories import UserFactory
from tests.pictograph.people.signing import is_in, sign_in

SIGNUP = reverse("account_signup")
FORM = {"password1": "correct horse battery"}
SAME = [
    ("Müller", "MÜLLER"),
    ("Анна", "АННА"),
    ("Jürgen", "Ju\u0308rgen"),
    ("Strauß", "STRAUSS"),
    ("Σωκράτης", "ΣΩΚΡΆΤΗΣ"),
    ("한글", "한\u3164글"),
    ("anna", "a\u200bnna"),
    ("anna", "ＡＮＮＡ"),
]

# Names are folded by one step of the database.
FOLDING = """
import json

import django

django.setup()
from django.core.management import call_command
from django.db import connection

COLUMNS = "username, password, first_name, last_name, email, is_superuser, is_staff, is_active, is_leaving"
call_command("migrate", "pictograph", "0003", verbosity=0)
with connection.cursor() as cursor:
    for name in ("Müller", "MÜLLER", "müller", "anna"):
        cursor.execute(
            f"INSERT INTO pictograph_user ({COLUMNS}, target, tiles, date_joined)"
            " VALUES (%s, '', '', '', '', false, false, true, false, 95, 4, '2026-01-01 00:00:00+00:00')",
            [name],
        )
    call_command("migrate", "pictograph", "0004", verbosity=0)
    cursor.execute("SELECT id, folded FROM pictograph_user ORDER BY id")
    print(json.dumps(cursor.fetchall()))
"""


def names() -> list[str]:
    """Everyone's, in the order that they came."""
    return list(User.objects.order_by("pk").values_list("username", flat=True))


@pytest.mark.parametrize(("first", "second"), SAME)
def test_a_name_in_other_letters_is_taken(first: str, second: str, user: User) -> None:
    UserFactory(username=first)
    answer = Client().post(SIGNUP, FORM | {"username": second})
    assert answer.status_code == 200
    assert "A user with that username already exists." in answer.content.decode()
    assert names() == [user.username, first]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_whoever_types_their_name_in_other_letters_gets_in(first: str, second: str, user: User) -> None:
    UserFactory(username=first)
    assert is_in(sign_in(Client(), first))
    assert is_in(sign_in(Client(), second))


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_database_holds_names_apart(first: str, second: str, db: None) -> None:
    UserFactory(username=first)
    other = UserFactory(username="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username=second)
    other.username = second
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save(update_fields=["username"])


@pytest.mark.django_db(transaction=True)
def test_of_people_who_take_one_name_at_once_one_gets_it() -> None:
    UserFactory(username="first")
    together = threading.Barrier(4)

    def sign_up(name: str) -> int:
        together.wait()
        try:
            return Client().post(SIGNUP, FORM | {"username": name}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(sign_up, ["Müller", "MÜLLER", "müller", "mÜLLER"]))
    assert set(answers) <= {200, 302}
    assert User.objects.count() == 2


def test_an_administrator_is_told_that_a_name_is_taken(admin_client: Client) -> None:
    """In the form, for a new account and for one that is renamed; other changes go through."""
    UserFactory(username="Müller")
    other = UserFactory(username="other")
    page = admin_client.post(
        reverse("admin:pictograph_user_add"),
        {"username": "MÜLLER", "usable_password": "false", "password1": "", "password2": ""},
    )
    assert "already exists" in page.content.decode()
    form = {"target": "95", "tiles": "4", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    address = reverse("admin:pictograph_user_change", args=[other.pk])
    assert "already exists" in admin_client.post(address, form | {"username": "mÜLLER"}).content.decode()
    assert admin_client.post(address, form | {"username": "Other"}).status_code == 302
    assert User.objects.get(pk=other.pk).username == "Other"


def test_the_first_account_may_be_called_admin_and_no_further_one(db: None) -> None:
    UserFactory(username="demo")
    Client().post(SIGNUP, FORM | {"username": "admin"})
    assert User.objects.get(username="admin").is_superuser
    answer = Client().post(SIGNUP, FORM | {"username": "root"})
    assert "kept for something else" in answer.content.decode()
    assert names() == ["demo", "admin"]


def test_people_whose_names_had_been_two_keep_them(new_url: str, tmp_path: Path) -> None:
    """An older database is brought up to date: who came first has the name, and the others are kept apart."""
    surroundings = os.environ | {"DATABASE_URL": new_url, "DATA_DIR": str(tmp_path / "var")}
    printed = subprocess.check_output([sys.executable, "-c", FOLDING], cwd=REPOSITORY, env=surroundings, text=True)
    first, second, third, anna = json.loads(printed)
    assert (first[1], anna[1]) == ("müller", "anna")
    assert [folded for _, folded in (second, third)] == [kept_apart("müller", pk) for pk, _ in (second, third)]


def test_people_whose_names_had_been_two_sign_in_as_they_did(db: None) -> None:
    people = [UserFactory(username="Müller")]
    for name in ("MÜLLER", "müller"):
        person = UserFactory()
        User.objects.filter(pk=person.pk).update(username=name, folded=kept_apart("müller", person.pk))
        people.append(person)
    for person, name in zip(people, ("Müller", "MÜLLER", "müller"), strict=True):
        answer = sign_in(client := Client(), name)
        assert is_in(answer)
        assert client.session["_auth_user_id"] == str(person.pk)
    sign_in(client := Client(), "MüllER")
    assert client.session["_auth_user_id"] == str(people[0].pk), "others it is by their very spelling"


@pytest.mark.django_db(transaction=True)
def test_someone_kept_apart_takes_a_name_of_their_own_by_being_renamed() -> None:
    first, second = UserFactory(username="Müller"), UserFactory(username="other")
    User.objects.filter(pk=second.pk).update(username="MÜLLER", folded=kept_apart("müller", second.pk))
    second.refresh_from_db()
    second.full_clean(exclude=["password"])
    second.username = "Meier"
    second.save(update_fields=["username"])
    second.refresh_from_db()
    assert (first.folded, second.folded) == ("müller", "meier")

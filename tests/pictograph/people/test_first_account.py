"""However many make the first account at once, one of them administers the site."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.people import accounts
from pictograph.people.accounts import make_account
from pictograph.people.erasing import leave
from pictograph.people.models import User
from tests.factories import UserFactory

FORM = {"username": "first", "password1": "correct horse battery"}


@pytest.fixture
def another_is_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking at a form that signs somebody up and making the account, "First" is made."""
    save_user = DefaultAccountAdapter.save_user

    def late(*about: Any, **more: Any) -> Any:
        make_account("First")
        return save_user(*about, **more)

    monkeypatch.setattr(DefaultAccountAdapter, "save_user", late)


@pytest.mark.django_db(transaction=True)
def test_of_people_who_come_first_at_once_one_administers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits, having looked whether there is anyone, for the others to have looked too: who is alone goes on."""
    all_have_looked = threading.Barrier(6)
    has_people = accounts.has_people

    def look_and_wait() -> bool:
        answer = has_people()
        with contextlib.suppress(threading.BrokenBarrierError):
            all_have_looked.wait(0.5)
        return answer

    monkeypatch.setattr("pictograph.people.accounts.has_people", look_and_wait)

    def sign_up(n: int) -> None:
        if n % 3:
            Client().post(reverse("account_signup"), FORM | {"username": f"person{n}"})
        else:
            make_account(f"person{n}")
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sign_up, range(6)))
    assert User.objects.count() == 6
    assert User.objects.filter(is_superuser=True).count() == 1


def test_who_was_overtaken_does_not_administer(client: Client, db: None, another_is_quicker: None) -> None:
    client.post(reverse("account_signup"), FORM | {"username": "second"})
    assert list(User.objects.order_by("pk").values_list("username", "is_superuser")) == [
        ("First", True),
        ("second", False),
    ]


def test_signing_up_that_was_closed_meanwhile_makes_no_account(
    client: Client, db: None, settings: Settings, another_is_quicker: None
) -> None:
    settings.SIGNUP = "closed"
    answer = client.post(reverse("account_signup"), FORM | {"username": "second"}, follow=True)
    assert "No new accounts" in answer.content.decode()
    assert User.objects.get().username == "First"


def test_a_name_that_was_taken_meanwhile_is_not_taken_twice(client: Client, db: None, another_is_quicker: None) -> None:
    answer = client.post(reverse("account_signup"), FORM, follow=True)
    assert "Somebody took that name a moment ago." in answer.content.decode()
    assert User.objects.get().username == "First"


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_leave_at_once_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactory()
    people = UserFactory.create_batch(2, is_superuser=True)
    both_have_looked = threading.Barrier(2)
    is_last = accounts.is_last_administrator

    def look_and_wait(user: User) -> bool:
        answer = is_last(user)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_looked.wait(0.5)
        return answer

    monkeypatch.setattr("pictograph.people.erasing.is_last_administrator", look_and_wait)

    def go(person: User) -> bool:
        try:
            return leave(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, people)) == [False, True]

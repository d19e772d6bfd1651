"""Nobody guesses passwords for long, and guessing keeps no owner out."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from pictograph.people.guesses import RATES
from pictograph.people.models import User
from tests.factories import UserFactory
from tests.pictograph.people.signing import NO_MATCH, OUT_OF_TOUCH, PASSWORD, guess, is_in, sign_in


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches soon: 3 about a person from one address, 6 from everywhere."""
    monkeypatch.setitem(RATES, "person_there", "3/d/key")
    monkeypatch.setitem(RATES, "person", "6/d/key")


def test_an_address_that_guessed_too_often_is_told_and_not_looked_at(user: User) -> None:
    assert NO_MATCH in guess(Client(), user.username, 10)
    assert OUT_OF_TOUCH in guess(Client(), user.username, 1)
    page = sign_in(Client(), user.username)
    assert not is_in(page)
    assert OUT_OF_TOUCH in page.content.decode()
    assert OUT_OF_TOUCH in sign_in(Client(), "somebody else").content.decode(), "whoever it is about"
    assert is_in(sign_in(Client(), user.username, address="192.0.2.2"))


def test_right_passwords_are_not_counted(user: User) -> None:
    for _ in range(12):
        assert is_in(sign_in(Client(), user.username))


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_addresses_of_one_network_count_as_one(first: str, second: str, is_one: bool, user: User) -> None:
    guess(Client(), user.username, 10, first)
    assert is_in(sign_in(Client(), user.username, address=second)) is not is_one


def test_the_host_that_is_asked_starts_no_new_count(user: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    guess(Client(), user.username, 10)
    sent = {"login": user.username, "password": PASSWORD}
    page = Client().post(reverse("account_login"), sent, REMOTE_ADDR="192.0.2.1", HTTP_HOST="other.example")
    assert not is_in(page)


@pytest.mark.parametrize(
    "spelling", ["ANNA", "Anna", "ａｎｎａ", " anna ", "anna@example.org", "ANNA@example.org", "anna@EXAMPLE.org"]
)
def test_every_spelling_of_a_person_shares_one_count(spelling: str, few: None, db: None) -> None:
    anna = UserFactory(username="anna")
    EmailAddress.objects.create(user=anna, email="anna@example.org")
    guess(Client(), spelling, 3)
    assert not is_in(sign_in(Client(), "anna"))
    assert is_in(sign_in(Client(), "anna", address="192.0.2.2"))


def test_a_person_who_is_guessed_at_says_nothing_of_names_and_addresses(few: None, db: None) -> None:
    """Were the limit told, guessing at a name and then at an address would tell that both are one person's."""
    EmailAddress.objects.create(user=UserFactory(username="anna"), email="anna@example.org")
    guess(Client(), "anna", 3)
    ours, nobodys = (sign_in(Client(), login, "wrong") for login in ("anna@example.org", "nobody@example.org"))
    assert NO_MATCH in ours.content.decode()
    assert (ours.status_code, "Too many" in ours.content.decode()) == (nobodys.status_code, False)


def test_guesses_from_many_addresses_are_looked_at_so_often_a_day(few: None, user: User) -> None:
    for n in range(1, 7):
        guess(Client(), user.username, 1, f"198.51.100.{n}")
    assert not is_in(sign_in(Client(), user.username, address="198.51.100.99"))


def test_the_owner_gets_in_from_a_browser_they_have_signed_in_from_whatever_strangers_do(few: None, user: User) -> None:
    home = Client()
    sign_in(home, user.username)
    home.post(reverse("account_logout"))
    for n in range(1, 9):
        guess(Client(), user.username, 1, f"198.51.100.{n}")
    guess(Client(), "whoever", 10)
    assert not is_in(sign_in(Client(), user.username)), "their address and they themselves were guessed at too often"
    assert is_in(sign_in(home, user.username))


def test_a_browser_somebody_signed_in_from_guesses_no_longer_than_others(user: User) -> None:
    home = Client()
    sign_in(home, user.username)
    home.post(reverse("account_logout"))
    guess(home, user.username, 20)
    assert not is_in(sign_in(home, user.username))


def test_a_browser_is_known_for_its_own_person_alone(few: None, user: User, stranger: User) -> None:
    theirs = Client()
    sign_in(theirs, stranger.username)
    theirs.post(reverse("account_logout"))
    mark = theirs.cookies[f"device-{stranger.pk}"]
    assert mark["httponly"]
    assert mark["path"] == "/accounts/"
    theirs.cookies[f"device-{user.pk}"] = mark.value
    guess(theirs, user.username, 3)
    assert not is_in(sign_in(theirs, user.username))


def test_a_mail_lets_in_who_is_kept_out(few: None, user: User, mailoutbox: list[Any]) -> None:
    EmailAddress.objects.create(user=user, email="anna@example.org")
    for n in range(1, 9):
        guess(Client(), user.username, 1, f"198.51.100.{n}")
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "anna@example.org"})
    (link,) = (word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    new = {"password1": "correct horse battery", "password2": "correct horse battery"}
    client.post(form.request["PATH_INFO"], new)
    assert client.get(reverse("library")).status_code == 200
    client.post(reverse("account_logout"))
    assert is_in(sign_in(client, user.username, "correct horse battery"))


@pytest.mark.parametrize(
    "login", ["anna", "ANNA", "anna@example.org", "nobody", "nobody@example.org", "shared@example.org"]
)
@pytest.mark.parametrize("is_guessed_at", [False, True])
def test_one_password_is_hashed_whoever_is_asked_for(
    login: str, is_guessed_at: bool, few: None, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [UserFactory(username=name) for name in ("anna", "bob", "cleo")]
    EmailAddress.objects.create(user=people[0], email="anna@example.org")
    for person in people[1:]:
        EmailAddress.objects.create(user=person, email="shared@example.org")
    if is_guessed_at:
        guess(Client(), login, 4)
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def count_and_encode(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count_and_encode)
    assert not is_in(sign_in(Client(), login, "wrong"))
    assert len(hashed) == 1


def test_counts_stay_though_strangers_make_up_names(user: User) -> None:
    guess(Client(), user.username, 10)
    for n in range(400):  # more than the cache keeps unless told
        cache.set(f"another-{n}", n)
    assert OUT_OF_TOUCH in guess(Client(), user.username, 1)

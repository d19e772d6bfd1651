"""What the site sends by mail, and what it says of mails that it cannot send."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.people.models import User
from tests.factories import UserFactory
from tests.pictograph.people.signing import PASSWORD

GERMAN = {"Accept-Language": "de"}
FORMAL = re.compile(r"\b(Sie|Ihnen|Ihre?[nmrs]?)\b")
EMAIL, RESET = reverse("account_email"), reverse("account_reset_password")


@pytest.fixture
def anna(db: None) -> User:
    return UserFactory(username="anna")


def signed_in(user: User, **about: Any) -> Client:
    """A browser in which somebody has just given the password."""
    client = Client(**about)
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def mails(mailoutbox: list[EmailMessage], anna: User, **about: Any) -> list[EmailMessage]:
    """One of every kind: to a new address of an account, for one new password, for two, and to no account's address."""
    signed_in(anna, **about).post(EMAIL, {"email": "anna@example.org", "action_add": ""})
    Client(**about).post(RESET, {"email": "anna@example.org"})
    EmailAddress.objects.create(user=UserFactory(username="bob"), email="anna@example.org")
    for email in ("anna@example.org", "nobody@example.org"):
        Client(**about).post(RESET, {"email": email})
    assert len(mailoutbox) == 4
    return mailoutbox


def test_every_mail_says_what_it_is_for_in_plain_words(anna: User, mailoutbox: list[EmailMessage]) -> None:
    sent = mails(mailoutbox, anna)
    assert [mail.subject for mail in sent] == [
        "Is this your email address? · Pictograph",
        "Choose a new password · Pictograph",
        "Choose a new password · Pictograph",
        "No account has this email address · Pictograph",
    ]
    said = [str(mail.body) for mail in sent]
    assert 'for the account "anna" at testserver' in said[0]
    assert len(re.findall(r"http://testserver/accounts/confirm-email/\S+", said[0])) == 1
    assert [len(re.findall(r"http://testserver/accounts/password/reset/key/\S+", one)) for one in said] == [0, 1, 2, 0]
    assert "anna: http" in said[1]
    assert "Several accounts" in said[2]
    assert "bob: http" in said[2]
    assert all("there is nothing to do" in one for one in said)
    assert not [one for one in said if re.search("&quot;|sign up|register|example\\.com", one)]


def test_every_mail_is_german_for_a_german_browser_and_says_du(anna: User, mailoutbox: list[EmailMessage]) -> None:
    for mail in mails(mailoutbox, anna, headers=GERMAN):
        said = f"{mail.subject}\n{mail.body}"
        assert "Wenn du es nicht warst" in said
        assert not FORMAL.search(said)
        assert not re.search(r"\b(the|you|account|this)\b", re.sub(r"http\S+", "", said))


def test_adding_an_address_says_that_a_link_is_on_its_way(anna: User) -> None:
    page = signed_in(anna).post(EMAIL, {"email": "anna@example.org", "action_add": ""}, follow=True).content.decode()
    assert "A link to confirm anna@example.org is on its way." in page
    assert "(not confirmed yet)" in page


def test_an_address_whose_mail_was_lost_is_sent_another(anna: User, mailoutbox: list[EmailMessage]) -> None:
    EmailAddress.objects.create(user=anna, email="anna@example.org", primary=True)
    client = signed_in(anna)
    assert 'name="action_send"' in client.get(EMAIL).content.decode()
    client.post(EMAIL, {"email": "anna@example.org", "action_send": ""})
    assert len(mailoutbox) == 1
    EmailAddress.objects.update(verified=True)
    assert 'name="action_send"' not in client.get(EMAIL).content.decode()


def test_where_no_mail_goes_out_no_link_is_promised(anna: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    client = signed_in(anna)
    added = client.post(EMAIL, {"email": "anna@example.org", "action_add": ""}, follow=True).content.decode()
    assert "anna@example.org is added. This site sends no mail yet" in added
    for page in (added, client.get(reverse("account_email_verification_sent")).content.decode()):
        assert "This site sends no mail yet" in page
        assert "is on its way" not in page
        assert "not confirmed yet" not in page
        assert "action_send" not in page


def test_what_is_said_of_addresses_is_german_too(anna: User) -> None:
    client = signed_in(anna, headers=GERMAN)
    for number in (1, 2):
        client.post(EMAIL, {"email": f"{number}@example.org", "action_add": ""})
    said = []
    for action, email in (("primary", "1"), ("remove", "1"), ("remove", "2")):
        page = client.post(EMAIL, {"email": f"{email}@example.org", f"action_{action}": ""}, follow=True)
        said += [str(message) for message in page.context["messages"]]
    assert [one for one in said if "Link" not in one] == [
        "Diese E-Mail-Adresse wird ab jetzt verwendet.",
        "1@example.org wird verwendet. Verwende erst eine andere, dann lässt sie sich entfernen.",
        "2@example.org ist entfernt.",
    ]
    assert not [one for one in said if FORMAL.search(one)]


def test_signing_in_says_username_everywhere(anna: User) -> None:
    client = Client(headers=GERMAN)
    wrong = client.post(reverse("account_login"), {"login": "anna", "password": "wrong"}).content.decode()
    taken = client.post(reverse("account_signup"), {"username": "demo", "password1": PASSWORD}).content.decode()
    for page in (wrong, taken):
        assert "Benutzername" in page
        assert "Anmeldename" not in page
    assert "Der Benutzername oder das Passwort stimmt nicht." in wrong
    assert "Dieser Benutzername ist für etwas anderes vorgesehen." in taken

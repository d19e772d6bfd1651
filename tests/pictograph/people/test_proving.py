"""Before what changes an account, people show that it is still them, in a way that they have."""

import time

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from pictograph.people.models import User
from tests.pictograph.people.codes import app_of, code_of, recovery_codes_of, stop_the_clock

CHANGES = ("mfa_activate_totp", "account_set_password", "account_email")


@pytest.fixture
def elsewhere(user: User) -> User:
    """Somebody who signs in by a photo service, and has no password here."""
    user.set_unusable_password()
    user.save()
    return user


def signed_in(user: User, seconds_ago: float) -> Client:
    """A browser in which somebody signed in by a photo service so long ago."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "service", "at": time.time() - seconds_ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


@pytest.mark.parametrize("name", CHANGES)
def test_an_open_browser_changes_nothing_of_someone_without_a_password(name: str, elsewhere: User) -> None:
    client = signed_in(elsewhere, seconds_ago=3600)
    address = reverse(name)
    sent = {"password1": "correct horse battery", "password2": "correct horse battery", "email": "thief@example.org"}
    answer = client.post(address, sent | {"action_add": "", "code": "1"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("prove"))
    page = client.get(answer.headers["Location"]).content.decode()
    assert "sign out, and in again" in page
    assert f"{reverse('account_logout')}?next=%2Faccounts%2Flogin%2F" in page
    elsewhere.refresh_from_db()
    assert not elsewhere.has_usable_password()
    assert not EmailAddress.objects.exists()


@pytest.mark.parametrize("name", CHANGES)
def test_having_just_signed_in_elsewhere_is_proof_enough(name: str, elsewhere: User) -> None:
    assert signed_in(elsewhere, seconds_ago=10).get(reverse(name)).status_code == 200


def test_the_page_to_confirm_by_a_password_leads_on_who_has_none(elsewhere: User) -> None:
    client = signed_in(elsewhere, seconds_ago=3600)
    answer = client.get(reverse("account_reauthenticate") + "?next=/albums/")
    assert answer.headers["Location"] == reverse("prove") + "?next=%2Falbums%2F"


def test_nobody_is_led_to_another_site_from_there(elsewhere: User) -> None:
    page = signed_in(elsewhere, 3600).get(reverse("prove") + "?next=https://evil.example/").content.decode()
    assert "evil" not in page


def test_a_code_will_do_where_there_is_no_password(elsewhere: User, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_the_clock(monkeypatch)
    secret = app_of(elsewhere)
    client = signed_in(elsewhere, seconds_ago=3600)
    answer = client.get(reverse("account_set_password"))
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    answer = client.post(answer.headers["Location"], {"code": code_of(secret)})
    assert answer.headers["Location"] == reverse("account_set_password")
    assert client.get(reverse("account_set_password")).status_code == 200


def test_who_has_several_ways_chooses(client: Client, user: User) -> None:
    app_of(user)
    client.force_login(user)
    for name, others in (("account_reauthenticate", {"Use a code"}), ("mfa_reauthenticate", {"Use your password"})):
        page = client.get(reverse(name) + "?next=/albums/").content.decode()
        ways = {"Use a code", "Use your password", "Use a passkey"}
        assert {way for way in ways if f">{way}</a>" in page} == others


def test_leaving_is_proved_by_a_code_too(elsewhere: User, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_the_clock(monkeypatch)
    app_of(elsewhere)
    client = signed_in(elsewhere, seconds_ago=3600)
    proof = client.post(reverse("delete_account")).headers["Location"]
    assert proof.startswith(reverse("mfa_reauthenticate"))
    client.post(proof, {"code": recovery_codes_of(elsewhere)[0]})
    client.post(reverse("delete_account"))
    assert not User.objects.filter(pk=elsewhere.pk).exists()
    assert not Authenticator.objects.exists()

"""Leaving takes a proof of who one is, as throttled as signing in, and is open to those without a password too."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client
from django.urls import reverse

from pictograph.people.models import User
from tests.pictograph.people.signing import PASSWORD, guess, sign_in

DELETE = reverse("delete_account")


def has_signed_in(client: Client, user: User, seconds_ago: float) -> None:
    """Sign somebody in as another service does, whose password this site does not know."""
    client.force_login(user)
    session = client.session
    shown = [{"method": "socialaccount", "at": time.time() - seconds_ago, "provider": "elsewhere", "uid": "1"}]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = shown
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def test_an_open_browser_does_not_erase_an_account_without_the_password(client: Client, user: User) -> None:
    client.force_login(user)
    for sent in ({}, {"password": "wrong"}, {"password": PASSWORD}):
        assert client.post(DELETE, sent).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert User.objects.filter(pk=user.pk).exists()


def test_guessing_the_password_to_erase_an_account_ends_soon(client: Client, user: User) -> None:
    client.force_login(user)
    for n in range(12):
        client.post(f"{reverse('account_reauthenticate')}?next={DELETE}", {"password": f"wrong {n}"})
    client.post(f"{reverse('account_reauthenticate')}?next={DELETE}", {"password": PASSWORD})
    client.post(DELETE)
    assert User.objects.filter(pk=user.pk).exists()


def test_someone_without_a_password_leaves_after_signing_in(client: Client, user: User) -> None:
    user.set_unusable_password()
    user.save()
    has_signed_in(client, user, seconds_ago=3600)
    page = client.get(DELETE).content.decode()
    assert "sign out, and in again" in page
    again = client.post(DELETE).headers["Location"]
    assert again.startswith(reverse("account_logout"))
    assert User.objects.filter(pk=user.pk).exists()
    assert client.post(again).headers["Location"] == f"{reverse('account_login')}?next=%2Faccounts%2Fdelete%2F"
    has_signed_in(client, user, seconds_ago=10)
    assert "Delete everything" in client.get(DELETE).content.decode()
    assert client.get(DELETE).status_code == 200
    assert User.objects.filter(pk=user.pk).exists(), "looking at the page erases nothing"
    assert client.post(DELETE).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()


def test_having_just_signed_in_is_proof_enough(client: Client, user: User) -> None:
    sign_in(client, user.username)
    assert client.post(DELETE).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()


def test_a_wrong_present_password_counts_as_a_guess_when_it_is_changed(client: Client, user: User) -> None:
    client.force_login(user)
    change = {"password1": "correct horse battery", "password2": "correct horse battery"}
    for n in range(5):
        client.post(reverse("account_change_password"), change | {"oldpassword": f"wrong {n}"}, REMOTE_ADDR="192.0.2.1")
    page = guess(Client(), user.username, 6)
    assert "Too many wrong guesses came from here." in page
    user.refresh_from_db()
    assert user.check_password(PASSWORD)

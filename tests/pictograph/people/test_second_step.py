"""Who has a second step gets in by both steps alone, whichever way the first one was taken."""

import json
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections.rotation import rotate
from pictograph.connections.sealing import unseal
from pictograph.people.models import User
from pictograph.people.second_step import SecondStep
from tests.pictograph.people.codes import SECOND, app_of, code_of, recovery_codes_of, stop_the_clock, wrong_code
from tests.pictograph.people.signing import PASSWORD, sign_in

SECURITY, SET_UP = reverse("mfa_index"), reverse("mfa_activate_totp")
NOT_RIGHT, TOO_MANY = "This code is not right", "Too many wrong codes were tried"


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No code grows old."""
    stop_the_clock(monkeypatch)


@pytest.fixture
def secret(user: User) -> str:
    """Of the app that `user` has set up."""
    return app_of(user)


def is_inside(client: Client) -> bool:
    return "_auth_user_id" in client.session


def give(client: Client, code: str, address: str = SECOND) -> str:
    """Send a code; the page that came of it, empty where it led on."""
    answer = client.post(address, {"code": code}, REMOTE_ADDR="192.0.2.1")
    return "" if answer.status_code == 302 else str(answer.content.decode())


def give_anew(user: User, code: str) -> str:
    """Sign in in another browser."""
    client = Client()
    sign_in(client, user.username)
    return give(client, code)


def prove(client: Client) -> None:
    """Give the password again."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def test_a_password_alone_lets_nobody_in(client: Client, user: User, secret: str) -> None:
    answer = sign_in(client, user.username)
    assert answer.headers["Location"] == SECOND
    assert not is_inside(client)
    for address in ("/photos/", "/admin/", SECURITY):
        assert client.get(address).headers["Location"].startswith(("/accounts/login/", "/admin/login/"))
    page = client.get(SECOND).content.decode()
    assert "One more step" in page
    assert give(client, code_of(secret)) == ""
    assert is_inside(client)


def test_a_reset_password_alone_lets_nobody_in(client: Client, user: User, secret: str) -> None:
    EmailAddress.objects.create(user=user, email="anna@example.org", primary=True, verified=True)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _, token = key.partition("-")
    form = client.get(reverse("account_reset_password_from_key", args=[uid, token])).headers["Location"]
    answer = client.post(form, {"password1": "correct horse battery", "password2": "correct horse battery"})
    assert answer.headers["Location"] == SECOND
    assert not is_inside(client)


def test_the_administration_asks_for_the_second_step_too(client: Client, user: User, secret: str) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    client.post("/accounts/login/?next=/admin/", {"login": user.username, "password": PASSWORD})
    assert client.get("/admin/").status_code == 302
    answer = client.post(SECOND, {"code": code_of(secret)})
    assert answer.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_of_the_app_is_good_once(user: User, secret: str) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, user.username)
    code = code_of(secret)
    assert give(here, code) == ""
    assert NOT_RIGHT in give(there, code)
    assert NOT_RIGHT in give(there, code_of(secret, -1)), "nor one that is older"
    assert give(there, code_of(secret, 1)) == ""


def test_a_code_is_good_once_even_if_the_cache_is_lost(user: User, secret: str) -> None:
    from django.core.cache import cache

    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, user.username)
    code = code_of(secret)
    give(here, code)
    cache.clear()
    assert NOT_RIGHT in give(there, code)


def test_a_recovery_code_is_good_once_with_or_without_its_space(user: User, secret: str) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, user.username)
    first, second, *others = recovery_codes_of(user)
    assert give(here, f"{first[:4]} {first[4:]}") == ""
    assert NOT_RIGHT in give(there, first)
    assert give(there, second) == ""
    assert recovery_codes_of(user) == others


def test_codes_cannot_be_guessed_however_often_the_password_is_right(user: User, secret: str) -> None:
    last = ""
    for n in range(8):
        client = Client()
        client.post("/accounts/login/", {"login": user.username, "password": PASSWORD}, REMOTE_ADDR=f"192.0.2.{n}")
        last = client.post(SECOND, {"code": wrong_code(secret)}, REMOTE_ADDR=f"192.0.2.{n}").content.decode()
    assert TOO_MANY in last
    client = Client()
    sign_in(client, user.username)
    assert TOO_MANY in give(client, code_of(secret)), "nor does a right one get through then"
    assert not is_inside(client)


def test_a_browser_that_is_known_is_not_kept_out_by_others_guesses(user: User, secret: str) -> None:
    own = Client()
    sign_in(own, user.username)
    give(own, code_of(secret))
    own.post(reverse("account_logout"))
    thief = Client()
    sign_in(thief, user.username)
    assert TOO_MANY in [give(thief, wrong_code(secret)) for _ in range(8)][-1]
    sign_in(own, user.username)
    assert give(own, code_of(secret, 1)) == ""


def test_confirming_by_a_code_counts_and_uses_it_up(client: Client, user: User, secret: str) -> None:
    client.force_login(user)
    again = reverse("mfa_reauthenticate")
    assert NOT_RIGHT in give(client, wrong_code(secret), again)
    assert give(client, code_of(secret), again) == ""
    assert NOT_RIGHT in give(client, code_of(secret), again)
    for _ in range(6):
        said = give(client, wrong_code(secret), again)
    assert TOO_MANY in said


def test_setting_up_an_app_takes_the_password_and_a_first_code(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get(SET_UP).headers["Location"].startswith(reverse("account_reauthenticate"))
    prove(client)
    page = client.get(SET_UP).content.decode()
    assert "<svg" in page
    secret = unseal(client.session["mfa.totp.secret"])
    assert secret in page
    assert NOT_RIGHT in give(client, wrong_code(secret), SET_UP)
    answer = client.post(SET_UP, {"code": code_of(secret)})
    assert answer.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert SecondStep.of(user).is_on
    page = client.get(answer.headers["Location"]).content.decode()
    for code in recovery_codes_of(user):
        assert f"{code[:4]} {code[4:]}" in page
    stranger = Client()
    sign_in(stranger, user.username)
    assert NOT_RIGHT in give(stranger, code_of(secret)), "the code that set it up signs nobody in"


def test_nothing_that_is_secret_is_kept_as_it_is(client: Client, user: User) -> None:
    client.force_login(user)
    prove(client)
    client.get(SET_UP)
    secret = unseal(client.session["mfa.totp.secret"])
    sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert secret not in sessions
    client.post(SET_UP, {"code": code_of(secret)})
    kept = json.dumps([row.data for row in Authenticator.objects.all()])
    assert secret not in kept
    seed = unseal(Authenticator.objects.get(type="recovery_codes").data["seed"])
    assert seed not in kept


def test_turning_it_off_takes_a_proof_and_the_recovery_codes_with_it(client: Client, user: User, secret: str) -> None:
    client.force_login(user)
    off = reverse("mfa_deactivate_totp")
    assert client.post(off).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert SecondStep.of(user).is_on
    prove(client)
    assert "Turn off codes from an app?" in client.get(off).content.decode()
    assert client.post(off).headers["Location"] == SECURITY
    assert not Authenticator.objects.exists()


def test_secrets_of_a_lost_key_are_an_error_and_no_way_in(
    client: Client, user: User, secret: str, settings: Settings
) -> None:
    from cryptography.fernet import Fernet

    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    sign_in(client, user.username)
    assert "Codes cannot be checked here" in give(client, code_of(secret))
    assert not is_inside(client)
    client.force_login(user)
    page = client.get(SECURITY).content.decode()
    assert "Make new codes" in page
    prove(client)
    make = reverse("mfa_generate_recovery_codes")
    for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        assert client.get(reverse(name)).headers["Location"] == make
    assert client.get(make).status_code == 200
    client.post(make)
    assert len(recovery_codes_of(user)) == 10


def test_a_new_key_still_opens_what_the_old_one_sealed(
    client: Client, user: User, secret: str, settings: Settings
) -> None:
    from cryptography.fernet import Fernet

    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_KEYS]
    sign_in(client, user.username)
    assert give(client, code_of(secret)) == ""
    codes = recovery_codes_of(user)
    assert [done.unreadable for done in rotate() if done.resealed] == [0]
    settings.TOKEN_KEYS = settings.TOKEN_KEYS[:1]  # the old one may go then
    assert recovery_codes_of(user) == codes
    assert give_anew(user, code_of(secret, 1)) == ""
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert sum(done.unreadable for done in rotate()) == 2


def test_the_page_says_in_words_what_is_on(client: Client, user: User) -> None:
    client.force_login(user)
    page = client.get(SECURITY).content.decode()
    assert "Whoever knows your password can sign in." in page
    assert "Recovery codes" not in page
    app_of(user)
    page = client.get(SECURITY).content.decode()
    assert "Signing in asks for a code from your app too." in page
    assert "10 are left." in page


@pytest.mark.parametrize("code", ["", " ", "１２３４５６", "0" * 10_000, "\x00", "١٢٣٤٥٦", "-", "12345"])
def test_what_is_no_code_is_refused(code: str, client: Client, user: User, secret: str) -> None:
    sign_in(client, user.username)
    assert "errorlist" in give(client, code)
    assert not is_inside(client)


def test_another_persons_code_is_no_use(client: Client, user: User, stranger: User, secret: str) -> None:
    theirs = app_of(stranger)
    sign_in(client, user.username)
    assert NOT_RIGHT in give(client, code_of(theirs))
    assert NOT_RIGHT in give(client, recovery_codes_of(stranger)[0])


def test_an_administrator_turns_it_off_for_whoever_has_lost_everything(
    admin_client: Client, user: User, stranger: User, secret: str
) -> None:
    from django.contrib.admin.models import LogEntry

    app_of(stranger)
    form: dict[str, Any] = {"action": "remove_second_step", "_selected_action": [user.pk]}
    page = admin_client.post("/admin/pictograph/user/", form, follow=True).content.decode()
    assert "is asked for a password alone" in page
    assert not SecondStep.of(user).is_on
    assert SecondStep.of(stranger).is_on
    entry = LogEntry.objects.get()
    assert entry.object_id == str(user.pk)
    assert "second step" in entry.change_message


def test_whoever_only_works_in_the_administration_does_not(client: Client, user: User, secret: str) -> None:
    from django.contrib.auth.models import Permission

    from tests.factories import UserFactory

    clerk = UserFactory(is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(clerk)
    client.post("/admin/pictograph/user/", {"action": "remove_second_step", "_selected_action": [user.pk]})
    assert SecondStep.of(user).is_on


def test_no_page_of_the_administration_shows_secrets(admin_client: Client, user: User, secret: str) -> None:
    assert admin_client.get("/admin/mfa/authenticator/").status_code == 404
    page = admin_client.get(f"/admin/pictograph/user/{user.pk}/change/").content.decode()
    assert all(row.data.get("secret", row.data.get("seed")) not in page for row in Authenticator.objects.all())

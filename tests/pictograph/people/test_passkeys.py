"""A passkey lets in whom it belongs to, at this very site, once for each challenge."""

import json
import threading
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections.joining import can_sign_in_without
from pictograph.people import security
from pictograph.people.models import User
from pictograph.people.passkeys import AT_MOST
from pictograph.people.second_step import SecondStep
from tests.pictograph.people.devices import PRESENT, Device
from tests.pictograph.people.signing import PASSWORD, sign_in

SIGN_IN, ADD, SECOND = reverse("mfa_login_webauthn"), reverse("mfa_add_webauthn"), reverse("mfa_authenticate")
AGAIN, LOGIN = reverse("mfa_reauthenticate_webauthn"), reverse("account_login")


def browser(**headers: str) -> Client:
    return Client(HTTP_HOST="localhost", **headers)  # type: ignore[arg-type]


def is_inside(client: Client) -> bool:
    return "_auth_user_id" in client.session


def asked(client: Client) -> dict[str, Any]:
    """The challenge that a browser is given."""
    answer = client.get(SIGN_IN, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return dict(answer.json())


def add(user: User, device: Device, **how: Any) -> Any:
    """Add a passkey, as a person does who has just given the password."""
    client = browser()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    options = client.get(ADD).context["js_data"]["creation_options"]
    return client.post(ADD, {"name": "Laptop", "credential": device.create(options, **how)})


@pytest.fixture
def device(user: User) -> Device:
    """With a passkey of `user`."""
    device = Device()
    assert add(user, device).headers["Location"] == reverse("mfa_view_recovery_codes")
    return device


def show(client: Client, device: Device, options: dict[str, Any], **how: Any) -> Any:
    return client.post(SIGN_IN, {"credential": device.get(options, **how)})


def test_a_passkey_alone_signs_in(device: Device, user: User) -> None:
    client = browser()
    answer = show(client, device, asked(client))
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert SecondStep.of(user).passkeys[0].used


def test_it_leads_on_to_where_one_wanted_to_go_and_nowhere_else(device: Device) -> None:
    for wanted, led in (("/albums/", "/albums/"), ("https://evil.example/", "/"), ("http://[", "/")):
        client = browser()
        said = device.get(asked(client))
        assert client.post(SIGN_IN, {"credential": said, "next": wanted}).headers["Location"] == led


def test_a_challenge_is_answered_once(device: Device) -> None:
    client = browser()
    options = asked(client)
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    said = device.get(options)
    client.post(SIGN_IN, {"credential": said})
    thief = browser()
    thief.cookies.load(cookies)
    assert thief.post(SIGN_IN, {"credential": said}).headers["Location"] == LOGIN
    assert not is_inside(thief)


def test_an_answer_to_another_challenge_is_none(device: Device) -> None:
    client, other = browser(), browser()
    asked(client)
    show(client, device, asked(other))
    assert not is_inside(client)
    client = browser()
    show(client, device, asked(other))  # that was given none
    assert not is_inside(client)


@pytest.mark.parametrize(
    "origin",
    ["https://localhost", "http://localhost:9", "http://evil.localhost", "http://evil.example", "", "null", "http://["],
)
def test_another_site_is_refused_even_by_the_same_name(origin: str, device: Device, user: User) -> None:
    client = browser()
    show(client, device, asked(client), origin=origin)
    assert not is_inside(client)
    answer = add(user, Device(), origin=origin)
    assert answer.status_code == 200
    assert len(SecondStep.of(user).passkeys) == 1


def test_a_device_that_has_not_asked_who_is_there_is_refused(device: Device, user: User) -> None:
    client = browser()
    show(client, device, asked(client), flags=PRESENT)
    assert not is_inside(client)
    assert add(user, Device(), flags=PRESENT).status_code == 200


def test_nobody_signs_in_as_somebody_else(device: Device, user: User, stranger: User) -> None:
    theirs = Device()
    add(stranger, theirs)
    theirs.person = device.person
    client = browser()
    show(client, theirs, asked(client))
    assert not is_inside(client)


def test_whoever_was_shut_out_stays_out(device: Device, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    client = browser()
    show(client, device, asked(client))
    assert not is_inside(client)


def test_a_password_asks_for_the_passkey_too(device: Device, user: User) -> None:
    client = browser()
    answer = client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    assert answer.headers["Location"] == SECOND
    page = client.get(SECOND)
    assert "Show your passkey" in page.content.decode()
    client.post(SECOND, {"credential": device.get(page.context["js_data"]["request_options"])})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_confirming_by_a_passkey_may_be_tried_again(device: Device, user: User) -> None:
    client = browser()
    client.force_login(user)
    edit = reverse("mfa_edit_webauthn", args=[SecondStep.of(user).passkeys[0].id])
    again = f"{AGAIN}?next={edit}"
    options = client.get(again).context["js_data"]["request_options"]
    answer = client.post(again, {"credential": Device().get(options), "next": edit})
    assert answer.status_code == 422
    options = answer.context["js_data"]["request_options"]
    assert client.post(again, {"credential": device.get(options), "next": edit}).headers["Location"] == edit
    client.post(edit, {"name": "Desk"})
    assert SecondStep.of(user).passkeys[0].name == "Desk"


def test_strangers_leave_no_session_behind(user: User) -> None:
    for credential in ("", "{}", Device().get({"publicKey": {"rpId": "localhost", "challenge": "YQ"}})):
        client = browser()
        asked(client)
        assert client.post(SIGN_IN, {"credential": credential}).headers["Location"] == LOGIN
    assert not Session.objects.exists()


def odd_credentials(whole: str) -> list[str]:
    """Something else in each place of what a browser says."""
    odd: list[Any] = [None, "", "x", 0, -1, 1e300, [], {}, [[]], {"x": 1}, "é", "A" * 5000, True]
    found = ["", "x", "null", "[]", "1", '"x"', "{", whole[:-1], "A" * 100_000]
    for value in odd:
        for path in (("id",), ("rawId",), ("type",), ("response",), ("clientExtensionResults",)):
            found.append(json.dumps(json.loads(whole) | {path[0]: value}))
        for part in json.loads(whole)["response"]:
            said = json.loads(whole)
            said["response"][part] = value
            said["id"] = said["rawId"]
            found.append(json.dumps(said))
    return found


def test_whatever_a_browser_says_the_site_stays_whole(device: Device, user: User) -> None:
    client = browser()
    for n, credential in enumerate(odd_credentials(device.get(asked(client)))):
        answer = client.post(SIGN_IN, {"credential": credential}, REMOTE_ADDR=f"10.0.{n // 250}.{n % 250}")
        assert (answer.status_code, answer.headers["Location"]) == (302, LOGIN)
    inside = browser()
    inside.force_login(user)
    inside.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    other = Device()
    for credential in odd_credentials(other.create(inside.get(ADD).context["js_data"]["creation_options"])):
        inside.post(ADD, {"name": "x", "credential": credential})
    for passkey in SecondStep.of(user).passkeys:
        assert passkey.name
    assert inside.get(reverse("mfa_index")).status_code == 200


def test_there_is_an_end_of_passkeys_and_of_their_names(device: Device, user: User) -> None:
    kept = Authenticator.objects.get(user=user, type="webauthn")
    rows = [Authenticator(user=user, type="webauthn", data=kept.data) for _ in range(AT_MOST - 1)]
    Authenticator.objects.bulk_create(rows)
    assert "There is no room for another passkey" in add(user, Device()).content.decode()
    client = browser()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("mfa_edit_webauthn", args=[kept.pk]), {"name": "n" * 51}).status_code == 200
    assert SecondStep.of(user).passkeys[0].name == "Laptop"


def test_nobody_touches_anothers_passkey(device: Device, user: User, stranger: User) -> None:
    passkey = SecondStep.of(user).passkeys[0].id
    client = browser()
    client.force_login(stranger)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[passkey])).status_code == 404
        assert client.post(reverse(name, args=[passkey]), {"name": "mine"}).status_code == 404
    assert SecondStep.of(user).passkeys[0].name == "Laptop"


def test_the_only_way_in_is_not_removed(device: Device, user: User) -> None:
    User.objects.filter(pk=user.pk).update(password=make_password(None))
    user.refresh_from_db()
    client = browser()
    client.force_login(user)
    options = client.get(AGAIN).context["js_data"]["request_options"]
    client.post(AGAIN, {"credential": device.get(options)})
    remove = reverse("mfa_remove_webauthn", args=[SecondStep.of(user).passkeys[0].id])
    assert client.post(remove).headers["Location"] == reverse("mfa_index")
    assert len(SecondStep.of(user).passkeys) == 1
    kept = Authenticator.objects.get(user=user, type="webauthn")
    Authenticator.objects.create(user=user, type="webauthn", data=kept.data)
    client.post(remove)
    assert len(SecondStep.of(user).passkeys) == 1
    assert not Authenticator.objects.filter(pk=kept.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_last_ways_in_that_are_removed_at_once_one_stays(
    device: Device, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=user.pk).update(password=make_password(None))
    user.refresh_from_db()
    kept = Authenticator.objects.get(user=user, type="webauthn")
    other = Authenticator.objects.create(user=user, type="webauthn", data=kept.data)
    clients = [browser(), browser()]
    for client in clients:
        client.force_login(user)
        options = client.get(AGAIN).context["js_data"]["request_options"]
        assert client.post(AGAIN, {"credential": device.get(options)}).status_code == 302

    def slowly(*asked: Any) -> bool:
        can = can_sign_in_without(*asked)
        time.sleep(0.5)
        return can

    def remove(client: Client, passkey: Authenticator) -> None:
        client.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))
        connection.close()

    monkeypatch.setattr(security, "can_sign_in_without", slowly)
    removing: list[Any] = [
        threading.Thread(target=remove, args=each) for each in zip(clients, (kept, other), strict=True)
    ]
    for thread in removing:
        thread.start()
    for thread in removing:
        thread.join()
    assert len(SecondStep.of(user).passkeys) == 1


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "192.168.1.5", "photos.example.org"])
def test_where_browsers_give_none_the_site_asks_for_none(host: str, user: User, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(HTTP_HOST=host)
    assert "passkey" not in client.get(LOGIN).content.decode().replace("passkeys.js", "")
    assert client.get(SIGN_IN, headers={"Accept": "application/json"}).headers["Location"] == LOGIN
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(ADD).headers["Location"] == reverse("mfa_index")
    page = client.get(reverse("mfa_index")).content.decode()
    assert ("http://localhost:8000/accounts/security/" in page) is host.startswith("127.0.0.1")


def test_behind_https_a_site_of_any_name_takes_them(user: User, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(HTTP_HOST="photos.example.org")
    assert "Sign in with a passkey" in client.get(LOGIN, secure=True).content.decode()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, secure=True)
    options = client.get(ADD, secure=True).context["js_data"]["creation_options"]
    assert options["publicKey"]["rp"] == {"id": "photos.example.org", "name": "Pictograph"}
    said = Device().create(options, origin="https://photos.example.org")
    assert client.post(ADD, {"name": "", "credential": said}, secure=True).status_code == 302
    assert SecondStep.of(user).passkeys[0].name == "Passkey"


def test_signing_in_by_a_password_is_as_before_without_one(user: User) -> None:
    assert sign_in(Client(), user.username).headers["Location"] == "/"

"""Ways into an account here: nobody adds one at an open browser, nobody loses the last one, and each is asked after."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from pictograph.connections.models import Connection, Service
from pictograph.people.models import User
from pictograph.sources.models import Source
from tests.pictograph.connections.browsing import be, come_back, consent, set_out
from tests.pictograph.people.codes import app_of, code_of, stop_the_clock
from tests.pictograph.people.signing import PASSWORD, sign_in
from tests.pictograph.providers.peers.mastodon import MastodonBench

KEEP = {"photos": Source.Removal.KEEP.value}


@pytest.fixture
def newcomer(client: Client, bench: MastodonBench, service: Service, user: User) -> User:
    """Somebody who has signed in by their photo account, and has nothing else to sign in with."""
    come_back(client, bench, service)
    return User.objects.get(pk=client.session["_auth_user_id"])


def account(person: User) -> Connection:
    """The account they have."""
    return Connection.objects.select_related("source").get(source__owner=person)


def settings_of(connection: Connection, **changed: Any) -> dict[str, Any]:
    """What the form of its settings sends."""
    sent = {"every_s": "86400", "follows_edits": "on", "signs_in": "on"} | changed
    return {name: value for name, value in sent.items() if value}


def said(answer: Any) -> str:
    """What the page that comes next would say."""
    return " ".join(map(str, get_messages(answer.wsgi_request)))


def test_an_account_that_is_connected_at_an_open_browser_signs_nobody_in(
    client: Client, bench: MastodonBench, service: Service, user: User
) -> None:
    client.force_login(user)  # long ago, that is
    answer = come_back(client, bench, service)
    assert "turn that on in its settings" in said(answer)
    assert not account(user).signs_in
    thief = Client()
    come_back(thief, bench, service)
    assert "_auth_user_id" not in thief.session


def test_nor_does_a_setting_make_it(client: Client, connection: Connection, user: User) -> None:
    Connection.objects.update(signs_in=False)
    client.force_login(user)
    address = reverse("connection_settings", args=[connection.pk])
    answer = client.post(address, settings_of(connection))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not account(user).signs_in
    answer = client.post(answer.headers["Location"], {"password": PASSWORD})
    assert answer.headers["Location"] == address
    assert client.post(address, settings_of(connection)).headers["Location"] == reverse("import")
    assert account(user).signs_in


def test_who_has_just_signed_in_connects_a_way_in(
    client: Client, bench: MastodonBench, service: Service, user: User
) -> None:
    sign_in(client, user.username)
    come_back(client, bench, service)
    assert account(user).signs_in


def test_the_only_way_in_is_neither_given_up_nor_turned_off(client: Client, newcomer: User) -> None:
    own = account(newcomer)
    page = client.get(reverse("disconnect", args=[own.pk])).content.decode()
    assert "your only way to sign in here" in page
    assert reverse("account_set_password") in page
    assert client.post(reverse("disconnect", args=[own.pk]), KEEP).status_code == 422
    answer = client.post(reverse("connection_settings", args=[own.pk]), settings_of(own, signs_in=""))
    assert answer.status_code == 422
    assert "Set a password first" in answer.content.decode()
    assert account(newcomer).signs_in
    assert account(newcomer).source.removal == ""


def test_with_a_password_it_may_go(client: Client, newcomer: User) -> None:
    own = account(newcomer)
    page = client.get(reverse("account_set_password"))
    assert page.status_code == 200
    words = {"password1": "correct horse battery", "password2": "correct horse battery"}
    assert client.post(reverse("account_set_password"), words).status_code == 302
    assert client.post(reverse("disconnect", args=[own.pk]), KEEP).headers["Location"] == reverse("import")
    assert account(newcomer).source.removal == Source.Removal.KEEP
    assert sign_in(Client(), newcomer.username, "correct horse battery").status_code == 302


def test_another_account_that_is_still_there_is_a_way_in(
    client: Client, bench: MastodonBench, service: Service, newcomer: User
) -> None:
    own = account(newcomer)
    be(bench, "2")
    come_back(client, bench, service)
    Connection.objects.exclude(pk=own.pk).update(state=Connection.State.GONE)
    assert client.post(reverse("disconnect", args=[own.pk]), KEEP).status_code == 422
    Connection.objects.exclude(pk=own.pk).update(state=Connection.State.SIGNED_OUT)
    assert client.post(reverse("disconnect", args=[own.pk]), KEEP).status_code == 302
    other = Connection.objects.exclude(pk=own.pk).get()
    assert client.post(reverse("disconnect", args=[other.pk]), KEEP).status_code == 422


def test_a_passkey_is_a_way_in(client: Client, newcomer: User) -> None:
    Authenticator.objects.create(user=newcomer, type=Authenticator.Type.WEBAUTHN, data={})
    assert client.post(reverse("disconnect", args=[account(newcomer).pk]), KEEP).status_code == 302


def test_giving_up_twice_changes_nothing_more(client: Client, connection: Connection, user: User) -> None:
    client.force_login(user)
    address = reverse("disconnect", args=[connection.pk])
    client.post(address, KEEP)
    assert client.post(address, {"photos": "delete"}).headers["Location"] == reverse("import")
    assert account(user).source.removal == Source.Removal.KEEP


def test_a_second_step_is_asked_after_an_account_too(
    client: Client, bench: MastodonBench, connection: Connection, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_the_clock(monkeypatch)
    secret = app_of(user)
    answer = come_back(client, bench, connection.service)
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("import")).status_code == 302
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert answer.headers["Location"] == reverse("home")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_deleting_ones_account_takes_signing_in_by_it_again(
    client: Client, bench: MastodonBench, service: Service, newcomer: User
) -> None:
    session = client.session
    session["account_authentication_methods"] = [{"method": "connection", "at": 0}]
    session.save()
    goodbye = reverse("delete_account")
    assert "Delete everything" not in client.get(goodbye).content.decode()
    sign_out = client.post(goodbye).headers["Location"]
    answer = client.post(sign_out)
    page = client.get(answer.headers["Location"]).content.decode()
    start = f"{reverse('connect', args=[service.pk])}?next={goodbye}"
    assert start.replace("/accounts/delete/", "%2Faccounts%2Fdelete%2F") in page
    page = client.get(start).content.decode()
    assert f'name="next" value="{goodbye}"' in page
    answer = client.get(consent(bench, set_out(client, service, {"next": goodbye})))
    assert answer.headers["Location"] == goodbye
    assert "Delete everything" in client.get(goodbye).content.decode()
    client.post(goodbye)
    assert not User.objects.filter(pk=newcomer.pk).exists()
    assert not Connection.objects.exists()

"""OAuth 2.0 against a strict server that we did not write: it compares, counts, hashes and forgets as RFC 9700 says."""

import base64
import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client as Visitor
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from pictograph.connections.models import Connection, Service
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, ConsentDenied, ProtocolError, ScopeMissing, ServiceError
from pictograph.providers.interface import Client, Consent, Credentials, Identity
from pictograph.providers.mastodon import Mastodon
from pictograph.providers.oauth2 import OAuth2
from tests.conftest import REPOSITORY
from tests.pictograph.providers.peers.browser import Browser, Shown
from tests.pictograph.providers.peers.toolkit.clients import (
    CALLBACK,
    CONFIDENTIAL,
    OTHER,
    PASSWORD,
    PERSON,
    PUBLIC,
    SERVICE_ID,
)

STATE = "the state /+%&"
SCOPES = ("read:accounts", "read:statuses")
LONG_AGO = "2001-01-01 00:00:00"
WRONG = Client(CONFIDENTIAL.id, CONFIDENTIAL.secret + "x")


@dataclass(frozen=True)
class Toolkit:
    """The server, its database, and a person who is signed in there."""

    address: str
    database: Path
    browser: Browser
    http: Http

    def oauth(self, client: Client = CONFIDENTIAL, *, takes_basic: bool = False) -> OAuth2:
        """Our client there."""
        return OAuth2(
            self.http,
            client,
            authorize_url=f"{self.address}/oauth/authorize",
            token_url=f"{self.address}/oauth/token",
            revoke_url=f"{self.address}/oauth/revoke",
            scopes=SCOPES,
            takes_basic=takes_basic,
        )

    def consent(self, consent: Consent, **form: str) -> Mapping[str, str]:
        """What the browser is back with after the person consented; `form` differs from what was put before them."""
        page = self.browser.open(consent.url)
        assert page.status == 200, page.body
        return back_with(self.browser.open(page.url, {**page.fields, "allow": "Authorize", **form}))

    def sign_in(self, oauth: OAuth2) -> Credentials:
        """All of it."""
        consent = oauth.ask_consent(CALLBACK, STATE)
        return oauth.take_answer(CALLBACK, self.consent(consent), consent.keeps)

    def who(self, credentials: Credentials) -> int:
        """The status with which it is told whose token it is."""
        return self.http.get(f"{self.address}/api/v1/accounts/verify_credentials", bearer=credentials.access).status

    def expire(self, table: str) -> None:
        """Everything in a table ended long ago."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            database.execute(f"UPDATE oauth2_provider_{table} SET expires = ?", [LONG_AGO])


@pytest.fixture(scope="module")
def toolkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolkit]:
    folder = tmp_path_factory.mktemp("toolkit")
    command = [sys.executable, "-m", "tests.pictograph.providers.peers.toolkit", str(folder)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=log)
    try:
        assert server.stdout
        port = server.stdout.readline().decode().strip()
        assert port, (folder / "log").read_text()
        address = f"http://127.0.0.1:{port}"
        browser = Browser(address)
        sign_in = browser.open(f"{address}/login?next=/api/v2/instance")
        form = {**sign_in.fields, "username": PERSON, "password": PASSWORD}
        assert browser.open(sign_in.url, form).url == f"{address}/api/v2/instance"
        yield Toolkit(address, folder / "sqlite3", browser, Http(private_servers=[address]))
    finally:
        server.kill()
        server.communicate(timeout=20)


def back_with(shown: Shown) -> Mapping[str, str]:
    """The query with which the browser is sent to the callback."""
    assert shown.url.startswith(f"{CALLBACK}?"), shown
    return dict(parse_qsl(urlsplit(shown.url).query))


@pytest.mark.parametrize("takes_basic", [False, True])
@pytest.mark.parametrize("client", [CONFIDENTIAL, PUBLIC])
def test_a_person_signs_in(toolkit: Toolkit, client: Client, takes_basic: bool) -> None:
    credentials = toolkit.sign_in(toolkit.oauth(client, takes_basic=takes_basic))
    assert tuple(credentials.scopes) == SCOPES
    assert credentials.refresh
    assert credentials.expires_at is not None
    assert abs(credentials.expires_at - timezone.now() - timedelta(hours=1)) < timedelta(minutes=2)
    assert toolkit.who(credentials) == 200


def test_mastodon_signs_in(toolkit: Toolkit) -> None:
    mastodon = Mastodon(toolkit.http, toolkit.address, CONFIDENTIAL)
    mastodon.test(CALLBACK)
    consent = mastodon.ask_consent(CALLBACK, STATE)
    credentials = mastodon.take_answer(CALLBACK, toolkit.consent(consent), consent.keeps)
    assert mastodon.identify(credentials) == Identity("1", "@anna@127.0.0.1")
    toolkit.expire("accesstoken")
    with pytest.raises(AuthExpired):
        mastodon.identify(credentials)
    renewed = mastodon.refresh(credentials)
    assert mastodon.identify(renewed).remote_id == "1"
    mastodon.revoke(renewed)
    with pytest.raises(AuthExpired):
        mastodon.identify(renewed)


def test_a_person_comes_from_our_button_and_back_once(
    toolkit: Toolkit, client: Visitor, settings: Settings, db: None
) -> None:
    settings.PRIVATE_SERVERS, settings.ALLOWED_HOSTS = [toolkit.address], ["photos.example.org"]
    client.defaults["HTTP_HOST"] = "photos.example.org"
    service = Service(pk=SERVICE_ID, kind="mastodon", server=toolkit.address, is_offered=True)
    service.register(CONFIDENTIAL, CALLBACK)
    service.save()

    def go() -> Mapping[str, str]:
        return toolkit.consent(Consent(client.post(reverse("connect", args=[SERVICE_ID]), secure=True)["Location"]))

    def come_back(answer: Mapping[str, str]) -> str:
        return client.get(reverse("consent_back", args=[SERVICE_ID]), answer, secure=True)["Location"]

    first, second = go(), go()
    for wrong in (
        {**first, "state": "x" * 43},
        {**first, "state": first["state"] + "x"},
        {**first, "iss": "https://hostile.example"},
        first,  # whose state was used up by that
        {**second, "code": first["code"]},  # which was asked for with another challenge
    ):
        assert come_back(wrong) == reverse("services"), wrong
    assert not Connection.objects.exists()
    answer = go()
    assert come_back(answer) == reverse("import")
    assert Connection.objects.get().remote_id == "1"
    assert come_back(answer) == reverse("services")


def test_the_state_and_the_issuer_come_back(toolkit: Toolkit) -> None:
    answer = toolkit.consent(toolkit.oauth().ask_consent(CALLBACK, STATE))
    assert answer["state"] == STATE
    assert answer["iss"] == toolkit.address


def test_the_challenge_is_what_the_rfc_says(toolkit: Toolkit) -> None:
    """Not by the library that makes it, as the server has that too. Source: RFC 7636, section 4.2"""
    consent = toolkit.oauth().ask_consent(CALLBACK, STATE)
    digest = hashlib.sha256(consent.keeps["verifier"].encode("ascii")).digest()
    asked = dict(parse_qsl(urlsplit(consent.url).query))
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert toolkit.oauth().ask_consent(CALLBACK, STATE).keeps != consent.keeps


@pytest.mark.parametrize(
    "asked",
    [
        f"{CALLBACK}x",
        CALLBACK.removesuffix("/"),
        f"{CALLBACK}?a=b",
        CALLBACK.replace("https", "http"),
        CALLBACK.replace("photos.", "evil."),
    ],
)
def test_no_answer_goes_to_another_callback(toolkit: Toolkit, asked: str) -> None:
    page = toolkit.browser.open(toolkit.oauth().ask_consent(asked, STATE).url)
    assert (page.status, page.fields) == (400, {})


@pytest.mark.parametrize(
    ("differs", "told", "error"),
    [
        ({"scopes": (*SCOPES, "everything")}, ("invalid_scope", None), ProtocolError),
        ({"takes_pkce": False}, ("invalid_request", "Code challenge required."), ConsentDenied),
    ],
)
def test_what_may_not_be_asked_is_told(
    toolkit: Toolkit, differs: Mapping[str, Any], told: tuple[str, str | None], error: type[ServiceError]
) -> None:
    oauth = replace(toolkit.oauth(), **differs)
    answer = back_with(toolkit.browser.open(oauth.ask_consent(CALLBACK, STATE).url))
    assert answer["state"] == STATE
    assert (answer["error"], answer.get("error_description")) == told
    with pytest.raises(error, match=answer["error"]):
        oauth.take_answer(CALLBACK, answer, {})


def test_a_person_can_say_no(toolkit: Toolkit) -> None:
    oauth = toolkit.oauth()
    consent = oauth.ask_consent(CALLBACK, STATE)
    page = toolkit.browser.open(consent.url)
    answer = back_with(toolkit.browser.open(page.url, page.fields))
    with pytest.raises(ConsentDenied, match="access_denied"):
        oauth.take_answer(CALLBACK, answer, consent.keeps)


def test_less_may_be_granted_than_was_asked(toolkit: Toolkit) -> None:
    oauth = toolkit.oauth()
    consent = oauth.ask_consent(CALLBACK, STATE)
    answer = toolkit.consent(consent, scope="read:accounts")
    with pytest.raises(ScopeMissing, match="read:statuses"):
        oauth.take_answer(CALLBACK, answer, consent.keeps)
    consent = oauth.ask_consent(CALLBACK, STATE)
    answer = toolkit.consent(consent, scope="read:accounts")
    enough = replace(oauth, needed=("read:accounts",)).take_answer(CALLBACK, answer, consent.keeps)
    assert tuple(enough.scopes) == ("read:accounts",)
    assert toolkit.who(enough) == 200
    answer = toolkit.consent(consent, scope="read:statuses")
    other = replace(oauth, needed=("read:statuses",)).take_answer(CALLBACK, answer, consent.keeps)
    assert toolkit.who(other) == 403


Wrongly = Callable[[OAuth2, Mapping[str, str], Mapping[str, str]], object]


@pytest.mark.parametrize("takes_basic", [False, True])
@pytest.mark.parametrize(
    ("wrongly", "error"),
    [
        (lambda oauth, answer, keeps: oauth.take_answer(f"{CALLBACK}x", answer, keeps), ConsentDenied),
        (lambda oauth, answer, keeps: oauth.take_answer(CALLBACK, answer, {"verifier": "v" * 64}), ConsentDenied),
        (lambda oauth, answer, keeps: oauth.take_answer(CALLBACK, {**answer, "code": "x" * 30}, keeps), ConsentDenied),
        (
            lambda oauth, answer, keeps: replace(oauth, takes_pkce=False).take_answer(CALLBACK, answer, keeps),
            ConsentDenied,
        ),
        (lambda oauth, answer, keeps: replace(oauth, client=OTHER).take_answer(CALLBACK, answer, keeps), ConsentDenied),
        (lambda oauth, answer, keeps: replace(oauth, client=WRONG).take_answer(CALLBACK, answer, keeps), ProtocolError),
        (
            lambda oauth, answer, keeps: replace(oauth, client=Client(CONFIDENTIAL.id)).take_answer(
                CALLBACK, answer, keeps
            ),
            ProtocolError,
        ),
    ],
    ids=["callback", "verifier", "code", "no-pkce", "client", "secret", "no-secret"],
)
def test_a_code_is_good_for_what_was_asked_alone(
    toolkit: Toolkit, wrongly: Wrongly, error: type[ServiceError], takes_basic: bool
) -> None:
    oauth = toolkit.oauth(takes_basic=takes_basic)
    consent = oauth.ask_consent(CALLBACK, STATE)
    with pytest.raises(error):
        wrongly(oauth, toolkit.consent(consent), consent.keeps)


def test_a_code_is_good_once(toolkit: Toolkit) -> None:
    oauth = toolkit.oauth()
    consent = oauth.ask_consent(CALLBACK, STATE)
    answer = toolkit.consent(consent)
    oauth.take_answer(CALLBACK, answer, consent.keeps)
    with pytest.raises(ConsentDenied, match="invalid_grant"):
        oauth.take_answer(CALLBACK, answer, consent.keeps)


def test_a_code_is_not_good_for_long(toolkit: Toolkit) -> None:
    oauth = toolkit.oauth()
    consent = oauth.ask_consent(CALLBACK, STATE)
    answer = toolkit.consent(consent)
    toolkit.expire("grant")
    with pytest.raises(ConsentDenied, match="invalid_grant"):
        oauth.take_answer(CALLBACK, answer, consent.keeps)


@pytest.mark.parametrize("takes_basic", [False, True])
def test_a_token_that_has_ended_is_replaced(toolkit: Toolkit, takes_basic: bool) -> None:
    oauth = toolkit.oauth(takes_basic=takes_basic)
    first = toolkit.sign_in(oauth)
    toolkit.expire("accesstoken")
    assert toolkit.who(first) == 401
    second = oauth.refresh(first)
    third = oauth.refresh(second)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    assert tuple(third.scopes) == SCOPES
    assert toolkit.who(third) == 200


def test_a_refresh_token_shown_twice_ends_them_all(toolkit: Toolkit) -> None:
    """Why a connection's row is locked while its token is replaced."""
    oauth = toolkit.oauth()
    first = toolkit.sign_in(oauth)
    second = oauth.refresh(first)
    for shown in (first, second):
        with pytest.raises(AuthExpired):
            oauth.refresh(shown)
    assert toolkit.who(second) == 401


@pytest.mark.parametrize(("client", "error"), [(OTHER, AuthExpired), (WRONG, ProtocolError)])
def test_a_refresh_token_is_one_clients(toolkit: Toolkit, client: Client, error: type[ServiceError]) -> None:
    credentials = toolkit.sign_in(toolkit.oauth())
    with pytest.raises(error):
        toolkit.oauth(client).refresh(credentials)


@pytest.mark.parametrize("takes_basic", [False, True])
def test_what_is_revoked_is_forgotten(toolkit: Toolkit, takes_basic: bool) -> None:
    oauth = toolkit.oauth(takes_basic=takes_basic)
    credentials = toolkit.sign_in(oauth)
    oauth.revoke(credentials)
    assert toolkit.who(credentials) == 401
    with pytest.raises(AuthExpired):
        oauth.refresh(credentials)
    oauth.revoke(credentials)


def test_only_our_client_revokes(toolkit: Toolkit) -> None:
    credentials = toolkit.sign_in(toolkit.oauth())
    with pytest.raises(ProtocolError, match="invalid_client"):
        toolkit.oauth(WRONG).revoke(credentials)
    assert toolkit.who(credentials) == 200


@pytest.mark.parametrize("takes_basic", [False, True])
def test_a_client_is_known_by_its_secret(toolkit: Toolkit, takes_basic: bool) -> None:
    toolkit.oauth(takes_basic=takes_basic).see_client()
    with pytest.raises(ProtocolError):
        toolkit.oauth(WRONG, takes_basic=takes_basic).see_client()

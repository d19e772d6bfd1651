"""The way to a service's window and back: only the answer to what this browser asked counts, once, and for a while."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections import consent as consents
from pictograph.connections.models import Connection, Service
from pictograph.people.models import User
from pictograph.sources.models import Source
from tests.pictograph.connections.browsing import be, come_back, consent, query_of, set_out
from tests.pictograph.providers.peers.mastodon import MastodonBench

NOTHING = "Nothing was connected"


def is_refused(client: Client, address: str) -> bool:
    """Whether an answer lets nobody in and connects nothing, and the person is told so."""
    before = Connection.objects.count(), User.objects.count(), client.session.get("_auth_user_id")
    answer = client.get(address, follow=True)
    after = Connection.objects.count(), User.objects.count(), client.session.get("_auth_user_id")
    return NOTHING in answer.content.decode() and before == after


def test_consent_signs_somebody_in_and_connects_the_account(
    client: Client, bench: MastodonBench, service: Service
) -> None:
    answer = come_back(client, bench, service)
    assert answer.headers["Location"] == reverse("import")
    connection = Connection.objects.get()
    assert client.session["_auth_user_id"] == str(connection.source.owner_id)
    assert connection.credentials.access in bench.peer.tokens
    assert connection.source.scan_wanted


def test_an_answer_counts_once(client: Client, bench: MastodonBench, service: Service, user: User) -> None:
    client.force_login(user)
    address = consent(bench, set_out(client, service))
    assert client.get(address).headers["Location"] == reverse("import")
    assert "this answers an earlier try" in client.get(address, follow=True).content.decode()
    assert is_refused(client, address)


def test_an_answer_counts_in_the_browser_that_asked_only(
    client: Client, bench: MastodonBench, service: Service, user: User, stranger: User
) -> None:
    address = consent(bench, set_out(client, service))
    assert is_refused(Client(), address)
    other = Client()
    other.force_login(stranger)
    assert is_refused(other, address)
    set_out(other, service)  # with one of its own under way it is no better
    assert is_refused(other, address)


def test_an_answer_does_not_outlive_signing_in_out_or_as_another(
    client: Client, bench: MastodonBench, service: Service, user: User, stranger: User
) -> None:
    address = consent(bench, set_out(client, service))
    client.force_login(user)
    assert is_refused(client, address)
    address = consent(bench, set_out(client, service))
    client.logout()
    assert is_refused(client, address)
    client.force_login(user)
    address = consent(bench, set_out(client, service))
    client.force_login(stranger)
    assert is_refused(client, address)


def test_an_answer_is_of_the_service_that_was_asked(
    client: Client, bench: MastodonBench, service: Service, user: User
) -> None:
    client.force_login(user)
    other = Service(kind="mastodon", server="https://other.example.org", is_offered=True)
    other.register(bench.client, "")
    other.save()
    answer = bench.visit(set_out(client, service))
    asked = len(bench.peer.asked)
    assert is_refused(client, f"{reverse('consent_back', args=[other.pk])}?{urlencode(answer)}")
    assert is_refused(client, f"{reverse('consent_back', args=[service.pk])}?{urlencode(answer)}")  # and is used up
    assert len(bench.peer.asked) == asked


@pytest.mark.parametrize("seconds", [consents.GOOD_FOR_S + 1, -5])
def test_an_answer_that_comes_too_late_or_too_early_is_none(
    seconds: int,
    client: Client,
    bench: MastodonBench,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = consent(bench, set_out(client, service))
    now = consents.time.time()
    monkeypatch.setattr(consents.time, "time", lambda: now + seconds)
    assert is_refused(client, address)


def test_who_denies_is_told_and_may_try_again(client: Client, bench: MastodonBench, service: Service) -> None:
    assert is_refused(client, consent(bench, set_out(client, service), is_granted=False))
    assert come_back(client, bench, service).headers["Location"] == reverse("import")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=",
        "?code=abc",
        "?code=abc&state=abc",
        "?error=access_denied",
        "?state=%00",
        "?state[]=a",
        f"?state={'x' * 5000}",
        "?error=%3Cscript%3E&state=a",
        "?state=%ED%A0%80&code=a",
    ],
)
def test_what_nobody_asked_for_is_refused(client: Client, service: Service, user: User, query: str) -> None:
    address = reverse("consent_back", args=[service.pk]) + query
    assert is_refused(client, address)
    client.force_login(user)
    assert is_refused(client, address)


def test_an_answer_to_a_service_that_is_not_there_is_not_found(client: Client, user: User) -> None:
    assert client.get(reverse("consent_back", args=[99_999])).status_code == 404


@pytest.mark.parametrize("method", ["head", "post", "put", "delete"])
def test_an_answer_is_taken_from_a_page_alone(
    method: str, client: Client, bench: MastodonBench, service: Service
) -> None:
    address = consent(bench, set_out(client, service))
    assert getattr(client, method)(address).status_code == 405
    assert client.get(address).headers["Location"] == reverse("import")


WIDER = "scope=write&auth_params=prompt%3Dnone&redirect_uri=https%3A%2F%2Fhostile.example.org&client_id=x&state=mine"


def test_nothing_in_our_addresses_widens_what_is_asked(client: Client, bench: MastodonBench, service: Service) -> None:
    address = reverse("connect", args=[service.pk])
    extra = query_of(f"?{WIDER}&code_challenge=x&response_type=token&code_challenge_method=plain")
    answer = client.post(f"{address}?{WIDER}", extra)
    asked = query_of(answer.headers["Location"])
    assert asked["scope"] == "read:accounts read:statuses"
    service.refresh_from_db()
    assert asked["client_id"] == service.client_id
    assert asked["redirect_uri"] == f"http://testserver{reverse('consent_back', args=[service.pk])}"
    assert asked["state"] != "mine"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert "auth_params" not in asked
    back = consent(bench, answer.headers["Location"])
    assert client.get(f"{back}&scope=write&redirect_uri=x&code_verifier=x").headers["Location"] == reverse("import")
    assert list(Connection.objects.get().credentials.scopes) == ["read:accounts", "read:statuses"]


def test_a_scope_that_is_not_granted_is_told(client: Client, bench: MastodonBench, service: Service) -> None:
    bench.narrow()
    answer = client.get(consent(bench, set_out(client, service)), follow=True)
    assert "did not allow all that is needed" in answer.content.decode()
    assert not Connection.objects.exists()


def test_nothing_readable_of_a_consent_is_in_the_session(
    client: Client, bench: MastodonBench, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(consents, "seal", keeping(kept, consents.seal))
    window = set_out(client, service)
    state, verifier = query_of(window)["state"], json.loads(kept[0])["keeps"]["verifier"]
    session = json.dumps(SessionStore().decode(Session.objects.get().session_data))
    assert verifier not in session
    assert state not in session
    client.get(consent(bench, window))
    for row in Session.objects.all():
        session = json.dumps(SessionStore().decode(row.session_data))
        assert not [token for token in bench.peer.tokens if token in session]
        assert bench.client.secret not in session
        assert verifier not in session


def keeping(kept: list[str], seal: Callable[[str], str]) -> Callable[[str], str]:
    """Sealing that notes what it seals."""

    def sealing(text: str) -> str:
        kept.append(text)
        return seal(text)

    return sealing


def test_five_windows_are_open_at_once_and_the_sixth_closes_the_first(
    client: Client, bench: MastodonBench, service: Service, user: User
) -> None:
    client.force_login(user)
    addresses = [consent(bench, set_out(client, service)) for _ in range(6)]
    assert is_refused(client, addresses[0])
    for address in reversed(addresses[1:]):
        assert client.get(address).headers["Location"] == reverse("import")
    assert Connection.objects.count() == 1


@pytest.mark.parametrize(
    ("then", "led_to"),
    [
        ("/accounts/delete/", "/accounts/delete/"),
        ("https://hostile.example.org/", "/import/"),
        ("//hostile.example.org/", "/import/"),
        ("/\\hostile.example.org", "/import/"),
        ("javascript:alert(1)", "/import/"),
        ("http://[", "/import/"),
        ("no-page.html", "no-page.html"),
        ("nopage", "nopage"),
        ("/%0d%0aSet-Cookie:a=b", "/%0d%0aSet-Cookie:a=b"),
    ],
)
def test_the_way_leads_on_within_this_site_alone(
    then: str, led_to: str, client: Client, bench: MastodonBench, service: Service, user: User
) -> None:
    page = client.get(reverse("connect", args=[service.pk]), {"next": then}).content.decode()
    assert ('name="next"' in page) == (led_to == then)
    answer = come_back(client, bench, service, {"next": then})
    assert answer.headers["Location"] == led_to
    client.force_login(user)
    be(bench, "2")
    assert come_back(client, bench, service, {"next": then}).headers["Location"] == led_to


def test_another_host_in_the_request_is_not_where_the_service_sends_people_behind_tls(
    client: Client, bench: MastodonBench, anyone: Service, settings: Settings
) -> None:
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["photos.example.org", "hostile.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://photos.example.org:8443"]
    asked = query_of(set_out(client, anyone, {"server": bench.server}, HTTP_HOST="hostile.example.org", secure=True))
    named = Service.objects.get(server=bench.server)
    assert asked["redirect_uri"] == f"https://photos.example.org:8443{reverse('consent_back', args=[named.pk])}"
    assert bench.peer.apps[asked["client_id"]]["redirect_uris"] == asked["redirect_uri"]
    settings.ALLOWED_HOSTS = ["photos.example.org"]
    answer = client.post(reverse("connect", args=[anyone.pk]), HTTP_HOST="hostile.example.org", secure=True)
    assert answer.status_code == 400


def test_the_callback_that_was_asked_for_is_the_one_the_code_is_exchanged_with(
    client: Client, bench: MastodonBench, service: Service, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    address = consent(bench, set_out(client, service, HTTP_HOST="photos.local:8000"))
    assert client.get(address, HTTP_HOST="other.local").headers["Location"] == reverse("import")


def test_what_began_while_a_service_was_offered_does_not_connect_once_it_is_not(
    client: Client, bench: MastodonBench, service: Service, user: User
) -> None:
    Service.objects.filter(server="").update(is_offered=False)
    client.force_login(user)
    address = consent(bench, set_out(client, service))
    Service.objects.update(is_offered=False)
    assert "not offered here any more" in client.get(address, follow=True).content.decode()
    assert not Source.objects.filter(kind=Source.Kind.ACCOUNT).exists()
    assert client.get(reverse("connect", args=[service.pk])).status_code == 404


def test_a_person_who_is_let_in_is_who_they_were_before(
    client: Client, bench: MastodonBench, connection: Connection
) -> None:
    answer = come_back(client, bench, connection.service)
    assert answer.headers["Location"] == reverse("home")
    assert client.session["_auth_user_id"] == str(connection.source.owner_id)
    assert Connection.objects.count() == 1


def test_a_session_from_before_signing_in_is_not_the_one_after(
    client: Client, bench: MastodonBench, service: Service
) -> None:
    window = set_out(client, service)
    before = client.session.session_key
    client.get(consent(bench, window))
    assert client.session.session_key != before

"""Registering, the scopes that are asked for, and what servers say of themselves."""

from urllib.parse import parse_qs, urlsplit

import pytest

from pictograph.fetching.errors import AuthExpired, ProtocolError
from pictograph.providers.interface import Client, Credentials, Identity
from pictograph.providers.mastodon import COARSE_SCOPES, FINE_SCOPES, Mastodon
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon_server import ACCOUNT, MastodonPeer
from tests.pictograph.providers.peers.server import Answered, Fault


def test_a_server_may_grant_the_wider_scope(provider: Mastodon, bench: MastodonBench, peer: MastodonPeer) -> None:
    peer.granted_scope = "read"
    credentials = bench.sign_in(provider, CALLBACK)
    assert credentials is not None
    assert tuple(credentials.scopes) == ("read",)


def test_an_account_is_named_by_its_server(provider: Mastodon, credentials: Credentials) -> None:
    assert provider.identify(credentials) == Identity(ACCOUNT, "@anna@127.0.0.1")


@pytest.mark.parametrize(
    ("version", "known", "scopes"),
    [
        ("4.3.1", ("read", "read:accounts", "read:statuses"), FINE_SCOPES),
        ("4.3.1", ("read", "write"), COARSE_SCOPES),
        ("4.2.0+glitch", None, FINE_SCOPES),
        ("2.7.2 (compatible; Akkoma 3.10.4)", None, FINE_SCOPES),
        ("2.7.2 (compatible; Pleroma 2.6.0)", None, FINE_SCOPES),
        ("2.8.0 (compatible; Friendica 2024.08)", None, COARSE_SCOPES),
        ("0.17.3+git-3a1f", None, COARSE_SCOPES),  # GoToSocial
    ],
)
def test_the_least_is_asked_for_that_a_server_knows(
    provider: Mastodon, peer: MastodonPeer, version: str, known: tuple[str, ...] | None, scopes: tuple[str, ...]
) -> None:
    peer.version, peer.known_scopes = version, known
    provider.client = provider.register_client(CALLBACK)
    registered = peer.asked[-1].form
    assert registered["scopes"].split() == list(scopes)
    assert registered["redirect_uris"] == CALLBACK
    assert registered["website"] == "https://photos.example.org/"
    consent = provider.ask_consent(CALLBACK, "s")
    asked = parse_qs(urlsplit(consent.url).query)
    assert asked["scope"] == [" ".join(scopes)]
    assert asked["code_challenge_method"] == ["S256"]


def test_endpoints_that_a_server_names_are_not_used(provider: Mastodon, bench: MastodonBench) -> None:
    assert bench.sign_in(provider, CALLBACK)
    assert "hostile" not in provider.ask_consent(CALLBACK, "s").url


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_server_that_registers_no_apps_is_told(provider: Mastodon, peer: MastodonPeer, status: int) -> None:
    peer.faults.append(Fault("/api/v1/apps", answer=Answered.of({"error": "No"}, status)))
    with pytest.raises(ProtocolError, match="does not let sites register"):
        provider.register_client(CALLBACK)


@pytest.mark.parametrize(
    "registered",
    [
        {"client_id": None, "client_secret": "b"},
        {"client_id": "a b", "client_secret": "b"},
        {"client_id": "a\n", "client_secret": "b"},
        {"client_id": True, "client_secret": "b"},
        {"client_id": "a", "client_secret": ["b"]},
        {"client_id": "a", "client_secret": "x" * 2000},
        {"client_id": "x" * 256, "client_secret": "b"},
        {},
    ],
)
def test_what_is_no_client_is_not_taken_for_one(
    provider: Mastodon, peer: MastodonPeer, registered: dict[str, object]
) -> None:
    peer.faults.append(Fault("/api/v1/apps", answer=Answered.of(registered)))
    with pytest.raises(ProtocolError):
        provider.register_client(CALLBACK)


def test_a_client_may_have_a_number_for_an_id_and_no_secret(provider: Mastodon, peer: MastodonPeer) -> None:
    peer.faults.append(Fault("/api/v1/apps", answer=Answered.of({"client_id": 17, "client_secret": None})))
    assert provider.register_client(CALLBACK) == Client("17", "")


def test_a_server_that_tells_strangers_nothing_is_known_by_its_nodeinfo(provider: Mastodon, peer: MastodonPeer) -> None:
    links = {"links": [None, {"href": "https://hostile.example/"}, {"href": f"{peer.address}/nodeinfo/2.0"}]}
    peer.faults[:] = [
        Fault("/api/v2/instance", answer=Answered(401)),
        Fault("/.well-known/nodeinfo", answer=Answered.of(links)),
        Fault("/nodeinfo/2.0", answer=Answered.of({"software": {"name": "Mastodon", "version": "4.3.0"}})),
    ]
    provider.test(CALLBACK)
    peer.faults[-1] = Fault("/nodeinfo/2.0", answer=Answered.of({"software": {"name": "misskey"}}))
    with pytest.raises(ProtocolError, match="nothing like Mastodon"):
        provider.test(CALLBACK)


def test_a_pixelfed_server_is_not_signed_in_to_as_a_mastodon(provider: Mastodon, peer: MastodonPeer) -> None:
    peer.version = "3.5.3 (compatible; Pixelfed 0.12.4)"
    with pytest.raises(ProtocolError, match="Pixelfed"):
        provider.test(CALLBACK)
    with pytest.raises(ProtocolError, match="Pixelfed"):
        provider.register_client(CALLBACK)


def test_a_client_that_the_server_has_forgotten_is_told(provider: Mastodon, peer: MastodonPeer) -> None:
    provider.test(CALLBACK)
    tokens = dict(peer.tokens)
    provider.test(CALLBACK)
    assert peer.tokens == tokens, "no token is left behind"
    peer.apps.clear()
    with pytest.raises(ProtocolError, match="does not know our client"):
        provider.test(CALLBACK)


def test_a_revoked_token_is_not_taken_any_more(provider: Mastodon, bench: MastodonBench) -> None:
    credentials = bench.sign_in(provider, CALLBACK)
    assert credentials is not None
    provider.revoke(credentials)
    with pytest.raises(AuthExpired):
        provider.identify(credentials)

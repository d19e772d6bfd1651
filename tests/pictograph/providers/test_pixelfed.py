"""What Pixelfed does otherwise than Mastodon."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, ProtocolError, ScopeMissing
from pictograph.providers.interface import Credentials, Wanted
from pictograph.providers.pixelfed import Pixelfed
from tests.pictograph.providers.listing import refs_of
from tests.pictograph.providers.peers import pixelfed
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.pixelfed import PixelfedBench, PixelfedPeer
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.fixture
def bench() -> Iterator[PixelfedBench]:
    with pixelfed.bench() as bench:
        yield bench


@pytest.fixture
def peer(bench: PixelfedBench) -> PixelfedPeer:
    peer: PixelfedPeer = bench.peer
    return peer


@pytest.fixture
def provider(peer: PixelfedPeer, bench: PixelfedBench) -> Pixelfed:
    return Pixelfed(Http(private_servers=[peer.address]), peer.address, bench.client)


def test_the_scope_is_always_asked_for(provider: Pixelfed, bench: PixelfedBench) -> None:
    consent = provider.ask_consent(CALLBACK, "s")
    assert parse_qs(urlsplit(consent.url).query)["scope"] == ["read"]
    credentials = provider.take_answer(CALLBACK, bench.visit(consent.url), consent.keeps)
    assert credentials.scopes == ("read",)
    assert credentials.refresh
    assert credentials.expires_at is not None


@pytest.mark.parametrize("is_told", [True, False])
def test_a_token_that_allows_more_than_to_read_is_not_kept(
    provider: Pixelfed, bench: PixelfedBench, peer: PixelfedPeer, is_told: bool
) -> None:
    peer.granted_scope = "read write follow"
    if is_told:
        told = {"access_token": "opaque", "scope": "read write follow"}
        peer.faults.append(Fault("/oauth/token", answer=Answered.of(told)))
    with pytest.raises(ProtocolError, match="more was granted than was asked for: follow write"):
        bench.sign_in(provider, CALLBACK)
    assert peer.asked[-1].path == "/oauth/revoke"


def test_a_token_says_that_it_does_not_allow_to_read(
    provider: Pixelfed, bench: PixelfedBench, peer: PixelfedPeer
) -> None:
    peer.granted_scope = "follow"
    with pytest.raises(ScopeMissing):
        bench.sign_in(provider, CALLBACK)


@pytest.mark.parametrize(
    "token",
    ["opaque", "a.b.c", "a.bnVsbA.c", "a.W10.c", "a.eyJzY29wZXMiOjN9.c", "a.eyJzY29wZXMiOltdfQ.c", "a..c", "a.é.c"],
)
def test_a_token_that_says_nothing_is_as_it_was_asked_for(
    provider: Pixelfed, bench: PixelfedBench, peer: PixelfedPeer, token: str
) -> None:
    peer.faults.append(Fault("/oauth/token", answer=Answered.of({"access_token": token.replace("é", "%")})))
    credentials = bench.sign_in(provider, CALLBACK)
    assert credentials is not None
    assert tuple(credentials.scopes) == ("read",)


def test_oauth_that_is_turned_off_is_told(provider: Pixelfed, bench: PixelfedBench, peer: PixelfedPeer) -> None:
    consent = provider.ask_consent(CALLBACK, "s")
    answer = bench.visit(consent.url)
    peer.is_oauth_on = False
    with pytest.raises(ProtocolError, match="OAuth is turned off"):
        provider.test(CALLBACK)
    with pytest.raises(ProtocolError, match="OAuth is turned off"):
        provider.register_client(CALLBACK)
    with pytest.raises(ProtocolError, match="OAuth is turned off"):
        provider.take_answer(CALLBACK, answer, consent.keeps)
    provider.client = replace(provider.client, id="")
    with pytest.raises(ProtocolError, match="OAuth is turned off"):
        provider.test(CALLBACK)


def test_another_software_is_told(provider: Pixelfed, peer: PixelfedPeer) -> None:
    peer.version = "4.3.1"
    with pytest.raises(ProtocolError, match="no Pixelfed"):
        provider.test(CALLBACK)


def test_pages_go_on_by_the_last_id_alone(provider: Pixelfed, bench: PixelfedBench, peer: PixelfedPeer) -> None:
    credentials = bench.credentials()
    first = provider.list_photos(credentials, bench.wanted())
    bench.add(50)
    assert refs_of(provider, credentials, bench.wanted(), since=first.since) == [
        photo.ref for photo in bench.photos[:50]
    ]
    queries = [asked.query for asked in peer.asked if asked.path.endswith("/statuses")]
    assert not [query for query in queries if {"min_id", "since_id"} & set(query)]


def test_posts_for_followers_are_listed_where_a_person_wants_them(provider: Pixelfed, bench: PixelfedBench) -> None:
    credentials = bench.credentials()
    every = provider.list_photos(credentials, bench.wanted()).items
    public = provider.list_photos(credentials, Wanted()).items
    assert 0 < len(public) < len(every)


def test_a_refresh_token_is_good_once(provider: Pixelfed, bench: PixelfedBench) -> None:
    old = bench.sign_in(provider, CALLBACK)
    assert old is not None
    new: Credentials = provider.refresh(old)
    assert new.refresh not in ("", old.refresh)
    assert new.scopes == ("read",)
    with pytest.raises(AuthExpired):
        provider.refresh(old)

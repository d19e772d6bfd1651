"""A Mastodon with an account, and our provider there."""

from collections.abc import Iterator

import pytest

from pictograph.fetching.client import Http
from pictograph.providers.interface import Credentials, Wanted
from pictograph.providers.mastodon import FOLLOWERS_ONLY, REPLIES, Mastodon
from tests.pictograph.providers.listing import refs_of
from tests.pictograph.providers.peers import mastodon
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon_server import ACCOUNT, MastodonPeer

ALL = Wanted(choices=frozenset({REPLIES.key, FOLLOWERS_ONLY.key}))
STATUSES = f"/api/v1/accounts/{ACCOUNT}/statuses"
WHO = "/api/v1/accounts/verify_credentials"


@pytest.fixture
def bench() -> Iterator[MastodonBench]:
    with mastodon.bench() as bench:
        yield bench


@pytest.fixture
def peer(bench: MastodonBench) -> MastodonPeer:
    peer: MastodonPeer = bench.peer
    return peer


@pytest.fixture
def provider(peer: MastodonPeer, bench: MastodonBench) -> Mastodon:
    return Mastodon(Http(private_servers=[peer.address]), peer.address, bench.client)


@pytest.fixture
def credentials(bench: MastodonBench) -> Credentials:
    return bench.credentials()


def listed(provider: Mastodon, credentials: Credentials, wanted: Wanted = ALL, since: str = "") -> list[str]:
    """The refs of all photos."""
    return refs_of(provider, credentials, wanted, since=since)


def asked_of_statuses(peer: MastodonPeer) -> list[dict[str, str]]:
    return [dict(asked.query) for asked in peer.asked if asked.path == STATUSES]

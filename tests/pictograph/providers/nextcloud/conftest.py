"""A Nextcloud with an account, and our provider there."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pictograph.fetching.client import Http
from pictograph.providers.interface import Client, Credentials, RemotePhoto, Wanted
from pictograph.providers.nextcloud import Nextcloud
from tests.pictograph.providers.listing import photos_of
from tests.pictograph.providers.peers.nextcloud_server import NextcloudPeer

CLIENT = Client("the-client", "the-client-secret-3b1f")
TOKEN, REFRESH = "the-token-that-nobody-sees-4f5c", "the-refresh-token-9a1d"
LONG_AGO = datetime(2019, 7, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def peer() -> Iterator[NextcloudPeer]:
    with NextcloudPeer().serving() as peer:
        peer.tokens.add(TOKEN)
        peer.refreshes[REFRESH] = TOKEN
        peer.clients[CLIENT.id] = CLIENT.secret
        yield peer


@pytest.fixture
def nextcloud(peer: NextcloudPeer) -> Nextcloud:
    return Nextcloud(Http([peer.address]), peer.address, CLIENT)


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(TOKEN, REFRESH)


def listed(provider: Nextcloud, wanted: Wanted = Wanted(), since: str = "") -> list[RemotePhoto]:
    return photos_of(provider, Credentials(TOKEN), wanted, since=since)


def names(photos: list[RemotePhoto]) -> set[str]:
    return {photo.name for photo in photos}

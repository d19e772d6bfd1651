"""An account at a Mastodon on loopback, with real pictures that workers could read."""

import logging
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Connection, Service
from pictograph.people.models import User
from pictograph.providers.interface import Identity
from pictograph.providers.kinds import KINDS
from tests.pictograph.connections.shelf import KEYED, SECRET, Shelf, ShelfPeer
from tests.pictograph.connections.syncing import account_of
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon import bench as mastodon_bench


@pytest.fixture
def bench(settings: Settings) -> Iterator[MastodonBench]:
    """A Mastodon with a few photos, which this site may ask."""
    with mastodon_bench() as served:
        settings.PRIVATE_SERVERS = [served.peer.address]
        yield served


@pytest.fixture
def service(bench: MastodonBench, db: None) -> Service:
    """The same, set up here."""
    made = Service(kind="mastodon", server=bench.server, is_offered=True)
    made.register(bench.client, "http://testserver/connect/0/back/")
    made.save()
    return made


@pytest.fixture
def connection(bench: MastodonBench, service: Service, user: User) -> Connection:
    """The account there of `user`."""
    credentials = bench.credentials()
    identity = Identity("109348200000000001", "@anna@example.social")
    return connect(user, Proved(service, identity, credentials))


@pytest.fixture
def anyone(bench: MastodonBench, db: None) -> Service:
    """Any Mastodon, offered, which people name; not registered anywhere."""
    return Service.objects.update_or_create(kind="mastodon", server="", defaults={"is_offered": True})[0]


@pytest.fixture
def shelf(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShelfPeer]:
    """A shelf of a dozen pictures, of a kind that this site knows while the test lasts."""
    monkeypatch.setitem(KINDS, "shelf", Shelf)
    with ShelfPeer().serving() as peer:
        settings.PRIVATE_SERVERS = [peer.address]
        peer.add(12)
        yield peer


@pytest.fixture
def account(
    shelf: ShelfPeer, user: User, celery_messages: list[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Connection]:
    """The account of `user` there; nothing secret is logged or written down in the clear while it is there."""
    caplog.set_level(logging.DEBUG)
    yield account_of(user, shelf)
    told = caplog.text + "".join(Connection.objects.values_list("detail", flat=True))
    assert SECRET not in told
    assert KEYED not in told
    assert f"{shelf.address}/" not in told

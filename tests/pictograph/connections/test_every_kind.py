"""Every kind of service from its button to the library: signing in on our pages, its window, and all photos once."""

from collections.abc import Iterator

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections.models import Connection, Service
from pictograph.connections.sync import sync
from pictograph.people.models import User
from pictograph.providers.interface import SignIn
from pictograph.sources.models import Item, Source
from tests.pictograph.providers.peers.bench import Bench
from tests.pictograph.providers.peers.benches import BENCHES


@pytest.fixture(params=BENCHES)
def kind(request: pytest.FixtureRequest) -> str:
    """The key of a kind of service."""
    return str(request.param)


@pytest.fixture
def bench(kind: str, settings: Settings) -> Iterator[Bench]:
    """A service of the kind with photos, which this site may ask."""
    with BENCHES[kind]() as served:
        settings.PRIVATE_SERVERS = [served.peer.address]
        yield served


@pytest.fixture
def service(kind: str, bench: Bench, db: None) -> Service:
    """The same, as an administrator has set it up."""
    made = Service(kind=kind, server=bench.server, is_offered=True)
    if not made.capabilities.registers_itself:
        made.register(bench.client, "")
    made.save()
    return made


def sign_in(client: Client, service: Service, bench: Bench) -> None:
    """Go from the button through the service's window, or give the key."""
    choices = sorted(bench.wanted().choices)
    if service.capabilities.sign_in == SignIn.KEY:
        form = {"key": bench.credentials().access, "choices": choices}
        assert client.post(reverse("connect", args=[service.pk]), form).status_code == 302
        return
    away = client.post(reverse("connect", args=[service.pk]), {"choices": choices})
    assert away.status_code == 302, away.content
    answer = bench.visit(away["Location"])
    assert answer is not None
    back = client.get(reverse("consent_back", args=[service.pk]), answer)
    assert (back.status_code, back["Location"]) == (302, reverse("import"))


def test_whoever_signs_in_has_all_photos_of_the_account(client: Client, service: Service, bench: Bench) -> None:
    sign_in(client, service, bench)
    connection = Connection.objects.get()
    assert client.session["_auth_user_id"] == str(connection.source.owner_id)
    if service.capabilities.is_picked:
        away = client.post(reverse("connection_pick", args=[connection.pk]))
        assert away["Location"].startswith(bench.server)
        Connection.objects.update(picked=bench.wanted().picked)  # a window in which all have been picked
    for _turn in range(60):
        connection = Connection.objects.select_related("source__owner", "service").get()
        if not sync(connection) and connection.source.scanned_at:
            break
        Connection.objects.update(resume_at=None)
    connection.refresh_from_db()
    assert connection.state == Connection.State.FINE
    there = {photo.content for photo in bench.photos}
    here = set()
    for item in Item.objects.filter(source=connection.source):
        with default_storage.open(item.stored) as file:
            here.add(file.read())
    assert here == there
    assert User.objects.count() == Source.objects.count() == 1

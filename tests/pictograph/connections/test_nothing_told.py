"""What photo services are told shows nowhere: on no page of the administration, in no report of an error, in no log."""

import inspect
import io
import logging
from dataclasses import replace
from types import FrameType

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.views.debug import get_exception_reporter_filter
from pytest_django import Settings

from pictograph.connections.asking import Access, provider_of
from pictograph.connections.models import Connection, Remote, Service
from pictograph.connections.sealing import seal
from pictograph.providers.interface import SignIn
from pictograph.providers.mastodon import Mastodon
from tests.factories import UserFactory
from tests.pictograph.connections.browsing import consent, query_of, set_out
from tests.pictograph.providers.peers.mastodon import MastodonBench


@pytest.fixture
def secrets(bench: MastodonBench, connection: Connection) -> list[str]:
    """Everything that must not show."""
    url = "https://example.org/a.jpg?key=the-address-key"
    Remote.objects.create(connection=connection, ref="1", name="a.jpg", sealed_url=seal(url))
    sealed = [connection.sealed, connection.service.sealed_secret, Remote.objects.get().sealed_url]
    return ["the-address-key", bench.client.secret, connection.credentials.access, *sealed]


def test_no_page_of_the_administration_shows_them(client: Client, secrets: list[str], connection: Connection) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    for model, row in ((Service, connection.service), (Connection, connection), (Remote, Remote.objects.get())):
        options = model._meta
        assert admin.site.is_registered(model)
        for address in (
            reverse(f"admin:{options.app_label}_{options.model_name}_changelist"),
            reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk]),
            reverse(f"admin:{options.app_label}_{options.model_name}_history", args=[row.pk]),
        ):
            page = client.get(address)
            assert page.status_code == 200
            assert not [secret for secret in secrets if secret in page.content.decode()], address


def test_the_pages_of_setting_up_show_none(client: Client, secrets: list[str], connection: Connection) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    for name in ("photo_services", "photo_service"):
        page = client.get(reverse(name, args=[connection.service_id] if name == "photo_service" else []))
        assert not [secret for secret in secrets if secret in page.content.decode()]


class Broken(Exception):
    """Something that nobody thought of."""


def broken(*args: object, **named: object) -> None:
    """Fail as nothing is meant to."""
    raise Broken


@pytest.mark.parametrize("is_debug", [True, False])
@pytest.mark.parametrize("place", ["identify", "take_answer"])
def test_no_report_of_an_error_on_the_way_back_shows_them(
    place: str,
    is_debug: bool,
    client: Client,
    bench: MastodonBench,
    service: Service,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = consent(bench, set_out(client, service))
    settings.DEBUG = is_debug
    monkeypatch.setattr(Mastodon, place, broken)
    client.raise_request_exception = False
    answer = client.get(address)
    assert answer.status_code == 500
    page = answer.content.decode()
    assert ("Broken" in page) == is_debug
    service.refresh_from_db()
    secrets = [service.client.secret, service.sealed_secret, *bench.peer.tokens, *settings.TOKEN_KEYS]
    assert not [secret for secret in secrets if secret in page]


@pytest.mark.parametrize("is_debug", [True, False])
def test_a_key_that_is_pasted_shows_in_no_report(
    is_debug: bool, client: Client, service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = is_debug
    able = replace(Mastodon.capabilities, sign_in=SignIn.KEY, registers_itself=False, needs_client=False)
    monkeypatch.setattr(Mastodon, "capabilities", able)
    monkeypatch.setattr(Mastodon, "identify", broken)
    client.raise_request_exception = False
    answer = client.post(reverse("connect", args=[service.pk]), {"key": "a" * 9})
    assert answer.status_code == 500
    assert "a" * 9 not in answer.content.decode()


def test_variables_of_other_rooms_are_shown_as_ever(settings: Settings) -> None:
    settings.DEBUG = True

    def shown(frame: FrameType) -> dict[str, object]:
        return dict(get_exception_reporter_filter(None).get_traceback_frame_variables(None, frame))

    own = inspect.currentframe()
    assert own is not None
    assert shown(own)["settings"] is settings


def test_the_log_tells_nothing_at_its_most_talkative(
    bench: MastodonBench, connection: Connection, client: Client, service: Service
) -> None:
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        window = set_out(client, service)
        client.get(consent(bench, window))
        access = Access.of(connection)
        page = access.provider.list_photos(access.credentials, connection.wanted)
        with access.provider.open_media(access.credentials, page.items[0]) as blocks:
            b"".join(blocks)
        provider_of(service).revoke(connection.credentials)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    said = stream.getvalue()
    service.refresh_from_db()
    told = [service.client.secret, bench.client.secret, connection.credentials.access, *bench.peer.tokens]
    assert not [secret for secret in [*told, query_of(window)["state"]] if secret in said]

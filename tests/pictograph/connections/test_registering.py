"""This site registers itself where people have accounts: once for each server, and not for whoever just types names."""

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections import consent as consents
from pictograph.connections.forms import StartForm
from pictograph.connections.models import Connection, Service
from pictograph.people.models import User
from pictograph.providers.interface import Client as OurClient
from pictograph.providers.mastodon import Mastodon
from tests.pictograph.connections.browsing import come_back, consent, query_of, set_out
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.server import Answered, Fault

APPS = "/api/v1/apps"


def registrations(bench: MastodonBench) -> int:
    """How often this site has registered itself there."""
    return sum(asked.path == APPS for asked in bench.peer.asked)


def test_a_server_that_is_named_is_registered_at_once_for_everybody(
    client: Client, bench: MastodonBench, anyone: Service
) -> None:
    windows = [set_out(Client(), anyone, {"server": bench.server}) for _ in range(3)]
    assert registrations(bench) == 1
    named = Service.objects.get(server=bench.server)
    assert not named.is_offered
    assert {query_of(window)["client_id"] for window in windows} == {named.client_id}
    come_back(client, bench, anyone, {"server": bench.server})
    assert registrations(bench) == 1
    assert Connection.objects.get().service == named
    anyone.refresh_from_db()
    assert anyone.client_id == ""


def test_another_callback_is_registered_anew(client: Client, bench: MastodonBench, service: Service) -> None:
    set_out(client, service)
    set_out(client, service)
    assert registrations(bench) == 1
    Service.objects.update(callback="https://old.example.org/connect/1/back/")
    set_out(client, service)
    assert registrations(bench) == 2


@pytest.mark.parametrize(
    "typed",
    ["", "localhost", "10.0.0.1", "http://127.0.0.1:1", "a b", "x" * 300, "https://a@b/c?d"],
)
def test_what_is_no_server_leaves_nothing_behind(typed: str, client: Client, anyone: Service) -> None:
    before = set(Service.objects.values_list("pk", flat=True))
    answer = client.post(reverse("connect", args=[anyone.pk]), {"server": typed})
    assert answer.status_code == 422
    assert 'class="errorlist' in answer.content.decode()
    assert set(Service.objects.values_list("pk", flat=True)) == before


def test_no_server_is_taken_that_there_is_no_room_to_write_down(anyone: Service) -> None:
    assert StartForm(anyone, {"server": f"{'a.' * 122}org"}).is_valid()
    assert not StartForm(anyone, {"server": f"{'a.' * 124}org"}).is_valid()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(APPS, answer=Answered.of({"error": "not allowed"}, 403)), "does not answer as a service of this kind"),
        (Fault(APPS, answer=Answered(200, b"<html>")), "does not answer as a service of this kind"),
        (Fault(APPS, answer=Answered(500, b"")), "could not be reached"),
        (Fault(APPS, answer=Answered(429, b"", {"Retry-After": "30"})), "asked too much just now"),
        (Fault("/", answer=Answered(404, b"")), "does not answer as a service of this kind"),
        (Fault(APPS, cut_after=3), "could not be reached"),
    ],
)
def test_a_server_that_does_not_register_us_leaves_nothing_behind(
    fault: Fault, words: str, client: Client, bench: MastodonBench, anyone: Service
) -> None:
    bench.peer.faults.append(fault)
    before = set(Service.objects.values_list("pk", flat=True))
    answer = client.post(reverse("connect", args=[anyone.pk]), {"server": bench.server})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert 'value="http://127.0.0.1' in answer.content.decode()  # what was typed stays
    assert set(Service.objects.values_list("pk", flat=True)) == before


def test_a_row_that_somebody_else_is_using_by_now_stays(
    client: Client, bench: MastodonBench, anyone: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Mastodon, callback: str, state: str) -> None:
        Service.objects.filter(server=bench.server).update(client_id="another's")
        raise consents.ConsentDenied("not now")

    monkeypatch.setattr(Mastodon, "ask_consent", fail)
    client.post(reverse("connect", args=[anyone.pk]), {"server": bench.server})
    assert Service.objects.filter(server=bench.server).exists()


def test_of_two_who_register_at_once_the_first_ones_client_is_both_ones(
    client: Client, bench: MastodonBench, anyone: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = Mastodon.register_client

    def slowly(self: Mastodon, callback: str) -> OurClient:
        monkeypatch.setattr(Mastodon, "register_client", register)
        set_out(Client(), anyone, {"server": bench.server})
        return register(self, callback)

    monkeypatch.setattr(Mastodon, "register_client", slowly)
    window = set_out(client, anyone, {"server": bench.server})
    assert registrations(bench) == 2
    assert query_of(window)["client_id"] == Service.objects.get(server=bench.server).client_id
    assert client.get(consent(bench, window)).headers["Location"] == reverse("import")


def test_a_secret_that_cannot_be_read_any_more_is_replaced_by_a_new_one(
    client: Client, bench: MastodonBench, service: Service, settings: Settings
) -> None:
    set_out(client, service)
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert come_back(client, bench, service).headers["Location"] == reverse("import")
    assert registrations(bench) == 2


def test_a_server_that_has_forgotten_this_site_is_registered_at_anew(
    client: Client, bench: MastodonBench, service: Service
) -> None:
    set_out(client, service)
    bench.peer.apps.clear()  # nobody has used it for long
    assert come_back(client, bench, service).headers["Location"] == reverse("import")
    assert registrations(bench) == 2


def test_strangers_name_few_servers_from_one_address_and_not_many_in_all(
    client: Client, bench: MastodonBench, anyone: Service, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(client: Client, address: str) -> int:
        Service.objects.filter(server=bench.server).delete()
        form = {"server": bench.server}
        return int(client.post(reverse("connect", args=[anyone.pk]), form, REMOTE_ADDR=address).status_code)

    monkeypatch.setitem(consents.RATES, "registration", "5/10m/ip")
    monkeypatch.setitem(consents.RATES, "registrations", "7/d/key")
    assert [name(client, "192.0.2.1") for _ in range(6)] == [302] * 5 + [422]
    assert name(client, "192.0.2.2") == 302
    assert name(client, "192.0.2.3") == 302
    assert name(client, "192.0.2.4") == 422
    assert not Service.objects.filter(server=bench.server).exists()
    client.force_login(user)  # who has an account here is not kept out by them
    assert name(client, "192.0.2.5") == 302


def test_consents_are_few_from_one_address(client: Client, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(consents.RATES, "consent", "2/10m/ip")
    address = reverse("connect", args=[service.pk])
    assert [client.post(address).status_code for _ in range(3)] == [302, 302, 422]
    assert "Too many tries" in client.post(address).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, REMOTE_ADDR="192.0.2.9").status_code == 302

"""Setting photo services up: for administrators alone, with secrets that go in and never come out."""

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections.models import Connection, Service
from pictograph.people.models import User
from pictograph.providers.mastodon import Mastodon
from tests.factories import UserFactory
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.server import Answered, Fault

SECRET = "the-secret-that-was-typed"


@pytest.fixture
def administrator(client: Client, db: None) -> User:
    """Whoever looks after the site, signed in."""
    person: User = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(person)
    return person


@pytest.fixture
def flickr(monkeypatch: pytest.MonkeyPatch, db: None) -> Service:
    """A service at which an administrator registers this site."""
    able = replace(
        Mastodon.capabilities, name="Flickr", registers_itself=False, names_servers=False, advice="It costs."
    )
    monkeypatch.setattr(Mastodon, "capabilities", able)
    return Service.objects.update_or_create(kind="mastodon", server="", defaults={"is_offered": False})[0]


def of(name: str, service: Service) -> str:
    """The address of a page about it."""
    return reverse(name, args=[service.pk])


def test_none_but_administrators_set_services_up(client: Client, service: Service) -> None:
    for person, status in ((None, 302), (UserFactory(), 403), (UserFactory(is_staff=True), 403)):
        if person:
            client.force_login(person)
        for address in (reverse("photo_services"), of("photo_service", service)):
            assert client.get(address).status_code == status
            assert client.post(address, {"kind": "mastodon"}).status_code == status
        assert client.post(of("photo_service_remove", service)).status_code == status
    assert Service.objects.filter(pk=service.pk).exists()


@pytest.mark.usefixtures("administrator")
def test_the_pages_work_and_take_no_other_method(client: Client, service: Service) -> None:
    for address in (reverse("photo_services"), of("photo_service", service)):
        assert client.get(address).status_code == client.head(address).status_code == 200
        assert "<html" not in client.get(address, HTTP_HX_REQUEST="true").content.decode()
        assert client.delete(address).status_code == 405
    assert client.get(of("photo_service_remove", service)).status_code == 405
    for name in ("photo_service", "photo_service_remove"):
        assert client.post(reverse(name, args=[99_999])).status_code == 404
    assert client.post(reverse("photo_services"), {"kind": "nothing"}).status_code == 422
    assert client.post(reverse("photo_services")).status_code == 422


@pytest.mark.usefixtures("administrator")
def test_one_that_needs_a_client_says_where_it_is_to_lead_back_and_keeps_its_secret(
    client: Client, flickr: Service
) -> None:
    page = client.get(of("photo_service", flickr)).content.decode()
    assert f'value="http://testserver{of("consent_back", flickr)}"' in page
    assert "It costs." in page
    assert "not set up to the end" in client.get(reverse("photo_services")).content.decode()
    answer = client.post(
        of("photo_service", flickr), {"client_id": "an-id", "secret": SECRET, "is_offered": "on"}, follow=True
    )
    assert "Flickr is saved" in answer.content.decode()
    flickr.refresh_from_db()
    assert (flickr.client.id, flickr.client.secret, flickr.is_ready, flickr.is_offered) == ("an-id", SECRET, True, True)
    assert SECRET not in answer.content.decode()
    assert SECRET not in flickr.sealed_secret
    client.post(of("photo_service", flickr), {"client_id": "another-id", "secret": "", "is_offered": "on"})
    flickr.refresh_from_db()
    assert (flickr.client.id, flickr.client.secret) == ("another-id", SECRET)


@pytest.mark.usefixtures("administrator")
def test_a_secret_that_cannot_be_read_any_more_is_asked_for(
    client: Client, flickr: Service, settings: Settings
) -> None:
    client.post(of("photo_service", flickr), {"client_id": "an-id", "secret": SECRET, "is_offered": "on"})
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert "Give it once more" in client.get(of("photo_service", flickr)).content.decode()
    for name in ("home", "import", "photo_services"):
        assert client.get(reverse(name)).status_code == 200
    answer = client.post(of("connect", flickr))
    assert answer.status_code == 422
    assert client.post(of("photo_service", flickr), {"client_id": "an-id", "test": "1"}).status_code == 302
    client.post(of("photo_service", flickr), {"client_id": "an-id", "secret": SECRET, "is_offered": "on"})
    assert "Give it once more" not in client.get(of("photo_service", flickr)).content.decode()


@pytest.mark.usefixtures("administrator")
def test_one_that_is_not_ready_is_shown_to_nobody_else(client: Client, flickr: Service) -> None:
    Service.objects.filter(pk=flickr.pk).update(is_offered=True)
    client.logout()
    assert "Flickr" not in client.get(reverse("account_login")).content.decode()
    page = client.post(of("connect", flickr))
    assert page.status_code == 422
    assert "not set up to the end" in page.content.decode()


@pytest.mark.usefixtures("administrator")
def test_what_one_server_gave_us_is_not_shown_to_another(client: Client, service: Service) -> None:
    client.post(of("photo_service", service), {"server": "https://other.example.org", "is_offered": "on"})
    service.refresh_from_db()
    assert (service.server, service.client_id, service.sealed_secret) == ("https://other.example.org", "", "")


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    "typed", ["http://10.0.0.1", "ftp://example.org", "https://", "a b", "https://u:p@example.org"]
)
def test_what_is_no_server_is_not_kept(typed: str, client: Client, service: Service) -> None:
    answer = client.post(of("photo_service", service), {"server": typed})
    assert answer.status_code == 422
    assert Service.objects.get(pk=service.pk).server == service.server


@pytest.mark.usefixtures("administrator")
def test_a_server_is_set_up_once(client: Client, service: Service) -> None:
    other = Service.objects.create(kind="mastodon", server="https://other.example.org")
    answer = client.post(of("photo_service", other), {"server": service.server})
    assert "set up already" in answer.content.decode()


@pytest.mark.usefixtures("administrator")
def test_a_server_with_people_keeps_its_address(client: Client, service: Service, connection: Connection) -> None:
    page = client.get(of("photo_service", service)).content.decode()
    assert 'name="server"' not in page
    assert "1 account is connected with it" in page
    client.post(of("photo_service", service), {"server": "https://other.example.org", "is_offered": "on"})
    service.refresh_from_db()
    assert service.server != "https://other.example.org"


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (None, "answers as it should"),
        (Fault(answer=Answered(404, b"")), "does not answer as a service of this kind"),
        (Fault(answer=Answered(500, b"")), "could not be reached"),
        (Fault(answer=Answered(200, b"<html>")), "does not answer as a service of this kind"),
        (Fault("/oauth/token", answer=Answered.of({"error": "invalid_client"}, 401)), "does not know our client"),
        (Fault(answer=Answered(429, b"", {"Retry-After": "9"})), "asked too much"),
    ],
)
def test_trying_a_service_says_what_it_answers(
    fault: Fault | None, words: str, client: Client, bench: MastodonBench, service: Service
) -> None:
    if fault:
        bench.peer.faults.append(fault)
    sent = {"server": service.server, "is_offered": "on", "test": "1"}
    page = client.post(of("photo_service", service), sent, follow=True).content.decode()
    assert words in page
    assert bench.client.secret not in page


@pytest.mark.usefixtures("administrator")
def test_one_without_people_is_removed_and_one_with_people_stays_unoffered(
    client: Client, service: Service, connection: Connection
) -> None:
    page = client.post(of("photo_service_remove", service), follow=True).content.decode()
    assert "it stays, but is offered no more" in page
    service.refresh_from_db()
    assert not service.is_offered
    connection.source.delete()
    page = client.post(of("photo_service_remove", service), follow=True).content.decode()
    assert "was removed" in page
    assert not Service.objects.filter(pk=service.pk).exists()


def test_whoever_is_connected_with_one_that_is_not_offered_can_sign_in_there_again(
    client: Client, service: Service, connection: Connection, user: User, stranger: User
) -> None:
    Service.objects.update(is_offered=False)
    for person, status in ((user, 200), (stranger, 404), (None, 404)):
        if person:
            client.force_login(person)
        else:
            client.logout()
        assert client.get(of("connect", service)).status_code == status


@pytest.mark.usefixtures("administrator")
def test_servers_that_people_named_are_not_listed(client: Client, service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(is_offered=False)
    assert of("photo_service", service) not in client.get(reverse("photo_services")).content.decode()

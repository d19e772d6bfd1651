"""Who may make an account, by a password or by a photo account: open, approval, invitation and closed."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from pictograph.audit.models import AuditEntry
from pictograph.connections.joining import Proved, SignUpClosed, sign_in_by
from pictograph.connections.models import Connection, Service
from pictograph.connections.tasks import _connections
from pictograph.people.accounts import one_at_a_time
from pictograph.people.invitations import Invitation, digest_of
from pictograph.people.models import User
from pictograph.people.signups import SignUpRefused, admit
from pictograph.providers.interface import Credentials, Identity
from tests.factories import UserFactory
from tests.fathom.moderation.making import client_of
from tests.pictograph.connections.browsing import be, come_back
from tests.pictograph.connections.conftest import bench, service
from tests.pictograph.providers.peers.mastodon import MastodonBench

__all__ = ["bench", "service"]  # fixtures

SIGNUP = reverse("account_signup")
FORM = {"username": "second", "password1": "a-long-password"}


@pytest.fixture
def first(db: None) -> User:
    """Whoever came first."""
    return UserFactory(username="first", is_superuser=True, is_staff=True)


def invitation(**fields: Any) -> str:
    """The address of a link that is good for one account."""
    made = Invitation(who_for="Anna", **fields)
    token = made.new_token()
    made.save()
    return reverse("invited", args=[token])


def sign_up(client: Client, **fields: str) -> User | None:
    """Whoever a form made."""
    client.post(SIGNUP, FORM | fields)
    return User.objects.filter(username=fields.get("username", "second")).first()


@pytest.mark.parametrize(("mode", "comes_in", "waits"), [("open", 1, 0), ("approval", 1, 1), ("invitation", 0, 0)])
def test_each_way_holds_for_passwords(
    mode: str, comes_in: int, waits: int, client: Client, first: User, settings: Settings
) -> None:
    settings.SIGNUP = mode
    person = sign_up(client)
    assert (person is not None, bool(person and person.is_waiting)) == (bool(comes_in), bool(waits))


@pytest.mark.parametrize("mode", ["approval", "invitation"])
def test_an_invitation_lets_one_in_at_once_and_no_other(
    mode: str, client: Client, first: User, settings: Settings
) -> None:
    settings.SIGNUP, address = mode, invitation()
    assert "You are invited" in client.get(address, follow=True).content.decode()
    person = sign_up(client)
    assert person is not None
    assert not person.is_waiting
    assert AuditEntry.objects.get(action="person.invited").person == person.pk
    other = Client()
    assert other.get(address).status_code == 404
    late = sign_up(other, username="third")
    assert late is None if mode == "invitation" else late is not None and late.is_waiting


@pytest.mark.parametrize(
    "fields", [{"taken_back_at": timezone.now()}, {"valid_until": timezone.now() - timedelta(seconds=1)}, {"used": 1}]
)
def test_what_is_over_opens_nothing(fields: Any, client: Client, first: User, settings: Settings) -> None:
    settings.SIGNUP = "invitation"
    address = invitation(**fields)
    assert client.get(address).status_code == 404
    assert sign_up(client) is None


def test_one_taken_back_while_the_form_is_filled_in_opens_nothing(
    client: Client, first: User, settings: Settings
) -> None:
    settings.SIGNUP = "invitation"
    client.get(invitation())
    Invitation.objects.update(taken_back_at=timezone.now())
    assert sign_up(client) is None


def test_closed_is_closed_to_the_invited_too(client: Client, first: User, settings: Settings) -> None:
    settings.SIGNUP = "closed"
    assert client.get(invitation()).status_code == 404
    assert sign_up(client) is None


def test_tokens_are_kept_as_digests_and_shown_once(first: User) -> None:
    staff = client_of(first)
    form = {"who_for": "Anna", "uses": 2, "valid_until_0": "2030-01-01", "valid_until_1": "00:00:00"}
    page = staff.post(reverse("admin:pictograph_invitation_add"), form, follow=True).content.decode()
    token = page.partition("/accounts/invited/")[2].partition("/")[0]
    made = Invitation.objects.get()
    assert (made.digest, made.made_by) == (digest_of(token), first)
    assert token not in staff.get(reverse("admin:pictograph_invitation_change", args=[made.pk])).content.decode()
    listed = reverse("admin:pictograph_invitation_changelist")
    staff.post(listed, {"action": "take_back", "_selected_action": [made.pk]})
    made.refresh_from_db()
    assert not made.is_good
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"invitation.add", "invitation.change"}


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_the_last(settings: Settings) -> None:
    settings.SIGNUP = "invitation"
    UserFactory()
    made = Invitation(who_for="Anna")
    made.new_token()
    made.save()
    barrier, came = threading.Barrier(2), []

    def come(name: str) -> None:
        barrier.wait()
        try:
            with one_at_a_time():
                admit(User(username=name), made.digest)
            came.append(name)
        except SignUpRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=[name]) for name in ("anna", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == 1
    assert Invitation.objects.get().used == 1


def test_photo_accounts_wait_and_bring_nothing_in_till_then(first: User, settings: Settings) -> None:
    settings.SIGNUP = "approval"
    place = Service.objects.create(kind="mastodon", server="https://example.org", is_offered=True)
    person, own = sign_in_by(Proved(place, Identity("1", "@anna@example.org"), Credentials("a-token")))
    assert person.is_waiting
    assert not _connections().filter(pk=own.pk).exists()
    User.objects.filter(pk=person.pk).update(is_waiting=False)
    assert _connections().filter(pk=own.pk).exists()


def test_photo_accounts_come_in_by_invitations_and_use_them_up(
    client: Client, first: User, bench: MastodonBench, service: Service, settings: Settings
) -> None:
    settings.SIGNUP = "invitation"
    client.get(invitation())
    come_back(client, bench, service)
    assert Connection.objects.get().source.owner.is_waiting is False
    be(bench, "2")
    come_back(Client(), bench, service)
    assert Connection.objects.count() == 1
    with pytest.raises(SignUpClosed):
        sign_in_by(Proved(service, Identity("3", "@x@example.org"), Credentials("a-token")), "0" * 64)


def test_all_ways_in_count_together_by_the_address_that_a_proxy_tells(
    first: User, bench: MastodonBench, service: Service, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/10m/ip"}
    assert sign_up(Client(REMOTE_ADDR="192.0.2.1"))
    assert sign_up(Client(REMOTE_ADDR="::ffff:192.0.2.1"), username="third")
    come_back(Client(REMOTE_ADDR="192.0.2.1"), bench, service)
    assert not Connection.objects.exists()
    settings.SIGNUP = "invitation"
    unknown = reverse("invited", args=["a" * 32])
    assert Client(REMOTE_ADDR="192.0.2.1").get(unknown).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.2").get(unknown).status_code == 404
    settings.SIGNUP = "open"
    come_back(Client(REMOTE_ADDR="192.0.2.2"), bench, service)
    assert Connection.objects.exists()


def test_whoever_waits_sees_one_page_and_can_leave(db: None) -> None:
    client = client_of(UserFactory(is_waiting=True))
    for name in ("home", "library", "import", "explore", "profile"):
        assert client.get(reverse(name)).headers["Location"] == reverse("waiting")
    assert client.post(reverse("upload")).headers["Location"] == reverse("waiting")
    answer = client.get(reverse("library"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, reverse("waiting"))
    page = client.get(reverse("waiting")).content.decode()
    for name in ("account_logout", "export", "delete_account", "account_email"):
        assert reverse(name) in page
        assert client.get(reverse(name)).headers.get("Location") != reverse("waiting")
    assert reverse("library") not in page


def test_they_are_let_in_or_refused_and_told(settings: Settings, first: User) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    staff, listed = client_of(first), reverse("admin:pictograph_waitingperson_changelist")
    anna, ben = (UserFactory(username=name, email=f"{name}@example.org", is_waiting=True) for name in ("anna", "ben"))
    assert "2 people wait" in staff.get(reverse("admin:index")).content.decode()
    staff.post(listed, {"action": "let_in", "_selected_action": [anna.pk]})
    refusal = {"action": "refuse", "_selected_action": [anna.pk, ben.pk]}
    assert "cannot be undone" in staff.post(listed, refusal).content.decode()
    staff.post(listed, refusal | {"sure": "1"})
    assert set(User.objects.values_list("username", "is_waiting")) == {("first", False), ("anna", False)}
    assert [(sent.to, sent.subject.partition(" · ")[0]) for sent in mail.outbox] == [
        (["anna@example.org"], "Your account is open"),
        (["ben@example.org"], "Your account was not opened"),
    ]
    said = set(AuditEntry.objects.values_list("action", "person", "actor"))
    assert said == {("person.let_in", anna.pk, first.pk), ("person.refuse", ben.pk, first.pk)}

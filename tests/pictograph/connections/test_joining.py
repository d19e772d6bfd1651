"""Who somebody is who comes from a service: whom the account there was connected with, or somebody new."""

import threading
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.connections.joining import (
    BelongsToAnother,
    Proved,
    SignUpClosed,
    connect,
    give_up,
    sign_in_by,
)
from pictograph.connections.models import Connection, Service
from pictograph.fetching.errors import ProtocolError
from pictograph.people.erasing import leave
from pictograph.people.models import User
from pictograph.providers.interface import Credentials, Identity
from pictograph.sources.models import Source
from tests.factories import UserFactory
from tests.pictograph.connections.browsing import be, come_back
from tests.pictograph.people.signing import sign_in
from tests.pictograph.providers.peers.mastodon import MastodonBench


@pytest.fixture
def place(db: None) -> Service:
    """A service that is not asked."""
    return Service.objects.create(kind="mastodon", server="https://example.org", is_offered=True)


def proved(place: Service, name: str, remote_id: str = "1", token: str = "a-token") -> Proved:
    """An account there that somebody has proved to be theirs."""
    return Proved(place, Identity(remote_id, name), Credentials(token))


@pytest.fixture
def administrator(db: None) -> User:
    """Whoever came first."""
    return UserFactory(username="first", is_superuser=True, is_staff=True)


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("@anna@example.org", "anna"),
        ("anna", "anna"),
        ("@José@example.org", "José"),
        ("@анна@example.org", "анна"),
        ("@田中@example.org", "田中"),
        ("@admin@evil.example.org", "someone"),
        ("@Adm1n@evil.example.org", "someone"),
        ("@demo@evil.example.org", "someone"),
        ("@ＤＥＭＯ@evil.example.org", "someone"),
        ("@аnna@example.org", "someone"),  # of two alphabets
        ("", "someone"),
        ("@", "someone"),
        ("@@@@", "someone"),
        ("📷📷", "someone"),
        ("a\u202enna", "anna"),
        ("anna@example.org@evil.example.org", "anna"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("a b\tc\n", "a-b-c"),
        ("x" * 10_000, "x" * 30),
        ("-" * 10_000, "someone"),
        ("ᏞᎥᏚᎪ", "someone"),
        ("\0", "someone"),
    ],
)
def test_a_hostile_name_is_nobody_elses_here(claimed: str, name: str, place: Service) -> None:
    person, connection = sign_in_by(proved(place, claimed))
    assert person.username == name
    assert not person.has_usable_password()
    assert (person.is_superuser, person.is_staff, person.email) == (False, False, "")
    assert 0 < len(connection.source.name) <= 255
    assert "\0" not in connection.source.name
    person.full_clean(exclude=["password"])


@pytest.mark.parametrize("claimed", ["@anna@x", "@Anna@x", "@ＡＮＮＡ@x", "@an\u200bna@x", "@anna@example.org@x"])
def test_a_name_or_an_address_that_is_somebodys_is_not_taken_over(
    claimed: str, place: Service, administrator: User
) -> None:
    anna = UserFactory(username="anna", email="anna@example.org")
    person, _ = sign_in_by(proved(place, claimed))
    assert person.pk != anna.pk
    assert person.username.lower() == "anna-2"
    anna.refresh_from_db()
    assert (anna.username, anna.email) == ("anna", "anna@example.org")


def test_an_email_that_the_service_claims_lets_nobody_in(
    client: Client, bench: MastodonBench, service: Service, administrator: User
) -> None:
    anna = UserFactory(username="anna@example.org", email="anna@example.org")
    be(bench, "2", "anna@example.org")
    come_back(client, bench, service)
    assert client.session["_auth_user_id"] not in (str(anna.pk), str(administrator.pk))
    assert User.objects.get(pk=client.session["_auth_user_id"]).email == ""


def test_names_are_found_though_many_are_called_so(place: Service, administrator: User) -> None:
    UserFactory(username="someone")
    for n in range(2, 21):
        UserFactory(username=f"someone-{n}")
    person, _ = sign_in_by(proved(place, "@admin@x"))
    assert person.username.startswith("someone-")
    assert int(person.username.partition("-")[2]) > 20


@pytest.mark.parametrize("remote_id", ["", "x" * 256, "1\0"])
def test_an_id_that_could_be_taken_for_anothers_is_none(remote_id: str, place: Service) -> None:
    with pytest.raises(ProtocolError):
        proved(place, "@anna@x", remote_id)


def test_ids_are_told_apart_to_the_letter(place: Service, administrator: User) -> None:
    people = {sign_in_by(proved(place, "@anna@x", remote_id))[0].pk for remote_id in ("a", "A", "a ", "á")}
    assert len(people) == 4


def test_the_same_id_at_another_server_is_another_account(place: Service, administrator: User) -> None:
    other = Service.objects.create(kind="mastodon", server="https://evil.example.org", is_offered=True)
    anna, _ = sign_in_by(proved(place, "@anna@x"))
    assert sign_in_by(proved(other, "@anna@x"))[0].pk != anna.pk


def test_whoever_comes_first_administers_the_site(client: Client, bench: MastodonBench, service: Service) -> None:
    come_back(client, bench, service)
    first = User.objects.get()
    assert (first.is_superuser, first.is_staff) == (True, True)
    be(bench, "2")
    come_back(Client(), bench, service)
    assert User.objects.filter(is_superuser=True).count() == 1


def test_the_first_account_is_made_though_sign_up_is_closed_and_no_other(
    client: Client, bench: MastodonBench, service: Service, settings: Settings
) -> None:
    settings.SIGNUP = "closed"
    come_back(client, bench, service)
    be(bench, "2")
    answer = come_back(Client(), bench, service)
    assert answer.headers["Location"] == reverse("services")
    assert User.objects.count() == 1
    come_back(again := Client(), bench, service)  # who is here comes in
    assert again.session["_auth_user_id"] == str(User.objects.get().pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ids", [("1", "2"), ("1", "1")])
def test_of_two_who_come_first_at_once_one_administers_the_site(ids: tuple[str, str]) -> None:
    place = Service.objects.create(kind="mastodon", server="https://example.org", is_offered=True)
    barrier, people = threading.Barrier(2), []

    def come(remote_id: str) -> None:
        barrier.wait()
        people.append(sign_in_by(proved(place, "@anna@x", remote_id))[0].pk)
        database.close()

    threads = [threading.Thread(target=come, args=[remote_id]) for remote_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(people) == 2
    assert len(set(people)) == len(set(ids)) == User.objects.count()
    assert User.objects.filter(is_superuser=True).count() == 1


def test_an_account_that_is_anothers_is_not_connected_and_stays_theirs(
    client: Client, bench: MastodonBench, connection: Connection, stranger: User
) -> None:
    client.force_login(stranger)
    before = connection.sealed
    answer = client.get(come_back(client, bench, connection.service).headers["Location"])
    assert "connected with another account here" in answer.content.decode()
    connection.refresh_from_db()
    assert (connection.source.owner_id == stranger.pk, connection.sealed) == (False, before)


def test_two_accounts_lead_to_one_person(
    client: Client, bench: MastodonBench, connection: Connection, user: User
) -> None:
    sign_in(client, user.username)
    be(bench, "2")
    come_back(client, bench, connection.service)
    assert user.sources.filter(kind=Source.Kind.ACCOUNT).count() == 2
    for account in ("109348200000000001", "2"):
        be(bench, account)
        other = Client()
        come_back(other, bench, connection.service)
        assert other.session["_auth_user_id"] == str(user.pk)


def test_an_account_that_is_not_to_sign_in_does_not(
    client: Client, bench: MastodonBench, connection: Connection, user: User
) -> None:
    Connection.objects.update(signs_in=False)
    answer = come_back(client, bench, connection.service)
    assert "not meant for signing in" in client.get(answer.headers["Location"]).content.decode()
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 1
    client.force_login(user)  # but it can be renewed
    assert come_back(client, bench, connection.service).headers["Location"] == reverse("import")


def test_signing_in_there_again_mends_the_connection(
    client: Client, bench: MastodonBench, connection: Connection, user: User
) -> None:
    state = {"state": Connection.State.SIGNED_OUT, "failures": 7, "detail": "401", "cursor": "here", "walk": 3}
    Connection.objects.update(**state)
    client.force_login(user)
    answer = client.get(come_back(client, bench, connection.service).headers["Location"])
    assert "is signed in again" in answer.content.decode()
    again = Connection.objects.get()
    assert (again.state, again.failures, again.detail) == (Connection.State.FINE, 0, "")
    assert (again.cursor, again.walk, again.source.scan_wanted) == ("here", 3, True)
    assert again.credentials != connection.credentials


def test_another_account_than_the_one_that_waits_is_connected_and_told(
    client: Client, bench: MastodonBench, connection: Connection, user: User
) -> None:
    Connection.objects.update(state=Connection.State.SIGNED_OUT)
    client.force_login(user)
    be(bench, "2", "ben")
    page = client.get(come_back(client, bench, connection.service).headers["Location"]).content.decode()
    assert "@ben@127.0.0.1 is connected." in page
    assert f"{connection} still needs you to sign in there again" in page
    connection.refresh_from_db()
    assert connection.state == Connection.State.SIGNED_OUT


def test_whose_account_here_is_shut_is_not_let_in_and_nothing_is_kept(
    client: Client, bench: MastodonBench, connection: Connection, user: User, administrator: User
) -> None:
    before = connection.sealed
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer = come_back(client, bench, connection.service)
    assert answer.headers["Location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    connection.refresh_from_db()
    assert connection.sealed == before


def test_who_is_being_erased_is_neither_let_in_nor_made_anew(
    client: Client, bench: MastodonBench, connection: Connection, user: User, administrator: User
) -> None:
    leave(user)
    come_back(client, bench, connection.service)
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 2


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_an_account_that_is_being_given_up_is_left_alone(
    is_signed_in: bool, client: Client, bench: MastodonBench, connection: Connection, user: User
) -> None:
    assert give_up(connection, Source.Removal.DELETE)
    if is_signed_in:
        client.force_login(user)
    answer = come_back(client, bench, connection.service)
    assert "just being disconnected" in client.get(answer.headers["Location"]).content.decode()
    assert Source.objects.get(kind=Source.Kind.ACCOUNT).removal == Source.Removal.DELETE
    assert ("_auth_user_id" in client.session) == is_signed_in


@pytest.mark.django_db(transaction=True)
def test_of_two_ways_in_that_are_given_up_at_once_one_stays() -> None:
    place = Service.objects.create(kind="mastodon", server="https://example.org", is_offered=True)
    person, one = sign_in_by(proved(place, "@anna@x", "1"))
    both = [one, connect(person, proved(place, "@anna@y", "2"))]
    barrier, given_up = threading.Barrier(2), []

    def leave_it(connection: Connection) -> None:
        barrier.wait()
        given_up.append(give_up(connection, Source.Removal.KEEP))
        database.close()

    threads: list[Any] = [threading.Thread(target=leave_it, args=[connection]) for connection in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given_up) == [False, True]


def test_somebody_without_an_account_here_is_refused_where_none_are_taken(
    place: Service, administrator: User, settings: Settings
) -> None:
    settings.SIGNUP = "closed"
    with pytest.raises(SignUpClosed):
        sign_in_by(proved(place, "@anna@x"))
    assert User.objects.count() == 1
    assert not Connection.objects.exists()


def test_an_account_cannot_be_connected_with_two_people(place: Service, user: User, stranger: User) -> None:
    connect(user, proved(place, "@anna@x"))
    with pytest.raises(BelongsToAnother):
        connect(stranger, proved(place, "@anna@x"))

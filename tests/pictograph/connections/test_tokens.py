"""Credentials are renewed when they end, once; where they cannot be, the person has to sign in again."""

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from pictograph.connections.asking import Access
from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import sync
from pictograph.connections.tasks import see_to
from pictograph.fetching.errors import AuthExpired
from pictograph.photos.models import Photo
from pictograph.providers.interface import Credentials, Identity
from tests.factories import UserFactory
from tests.pictograph.connections.shelf import SECRET, ShelfPeer
from tests.pictograph.connections.syncing import account_of, anew, in_step, remotes

State = Connection.State


def test_a_token_that_is_no_longer_taken_has_the_person_sign_in_again(account: Connection, shelf: ShelfPeer) -> None:
    shelf.tokens.clear()
    done = in_step(account)
    assert (done.state, done.resume_at) == (State.SIGNED_OUT, None)
    shelf.asked.clear()
    see_to(account.pk)
    assert not shelf.asked
    shelf.tokens.add(f"{SECRET}-new")
    proved = Proved(account.service, Identity("anna", "@anna@shelf"), Credentials(f"{SECRET}-new"))
    connect(account.source.owner, proved)
    in_step(account)
    assert Photo.objects.count() == 12


def test_a_token_that_is_about_to_end_is_renewed_before(account: Connection, shelf: ShelfPeer) -> None:
    shelf.refresh = f"{SECRET}-r"
    account.keep(Credentials(SECRET, f"{SECRET}-r", expires_at=timezone.now() + timedelta(seconds=20)))
    account.save()
    in_step(account)
    assert shelf.refreshed == 1
    assert anew(account).credentials == Credentials(
        f"{SECRET}-1", f"{SECRET}-r1", expires_at=anew(account).credentials.expires_at
    )
    assert Photo.objects.count() == 12


@pytest.mark.parametrize("ends_at", ["/list", "/file/"])
def test_a_token_that_ends_in_the_midst_is_renewed_once(ends_at: str, account: Connection, shelf: ShelfPeer) -> None:
    shelf.media_takes_token = True
    shelf.refresh = f"{SECRET}-r"
    account.keep(Credentials(SECRET, f"{SECRET}-r"))
    account.save()
    if ends_at == "/list":
        shelf.tokens.clear()
    else:
        right = shelf.answer

        def forget(asked: object) -> object:
            if asked.path.startswith("/file/") and not shelf.refreshed:  # type: ignore[attr-defined]
                shelf.tokens.discard(SECRET)
            return right(asked)  # type: ignore[arg-type]

        shelf.answer = forget  # type: ignore[method-assign, assignment]
    done = in_step(account)
    assert shelf.refreshed == 1
    assert done.state == State.FINE
    assert Photo.objects.count() == 12
    assert set(remotes(account).values()) == {Remote.State.FETCHED}


def test_a_refresh_token_that_is_no_longer_taken_has_the_person_sign_in_again(
    account: Connection, shelf: ShelfPeer
) -> None:
    account.keep(Credentials(SECRET, f"{SECRET}-stolen", expires_at=timezone.now()))
    account.save()
    assert in_step(account).state == State.SIGNED_OUT
    assert not shelf.of("/list")


def test_a_sync_with_old_credentials_does_not_undo_a_new_sign_in(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.tokens = {f"{SECRET}-new"}

    def refuse(access: Access, used: Credentials) -> None:
        proved = Proved(account.service, Identity("anna", "@anna@shelf"), Credentials(f"{SECRET}-new"))
        connect(account.source.owner, proved)
        raise AuthExpired("the old one is not taken")

    with monkeypatch.context() as patch:
        patch.setattr(Access, "renew", refuse)
        sync(anew(account))
    assert anew(account).state == State.FINE
    in_step(account)
    assert Photo.objects.count() == 12


def test_credentials_sealed_with_a_key_that_is_gone_have_the_person_sign_in_again(account: Connection) -> None:
    Connection.objects.update(sealed="gAAAAABnot-ours")
    assert in_step(account).state == State.SIGNED_OUT


@pytest.fixture
def both(shelf: ShelfPeer, transactional_db: None, celery_messages: list[str]) -> Connection:
    """An account whose refresh token is taken once."""
    shelf.refresh = f"{SECRET}-r"
    return account_of(UserFactory(), shelf, refresh=f"{SECRET}-r")


def test_two_processes_renew_a_refresh_token_once(both: Connection, shelf: ShelfPeer) -> None:
    shelf.tokens.clear()
    begun, renewed = threading.Barrier(2, timeout=20), list[Credentials]()

    def renew() -> None:
        try:
            access = Access.of(anew(both))
            begun.wait()
            access.renew(access.credentials)
            renewed.append(access.credentials)
        finally:
            database.close()

    threads = [threading.Thread(target=renew) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shelf.refreshed == 1
    assert {credentials.access for credentials in renewed} == {f"{SECRET}-1"}
    assert len(renewed) == 2

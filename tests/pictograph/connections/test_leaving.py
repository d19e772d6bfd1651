"""An account that is given up: the service forgets us, then we forget it, and its photos stay or go."""

import pytest

from pictograph.connections import leaving
from pictograph.connections.leaving import TRIES, leave
from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import sync
from pictograph.connections.tasks import see_to
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover
from pictograph.photos.models import Photo
from pictograph.sources.models import Import, Item, Source
from tests.pictograph.connections.shelf import SECRET, ShelfPeer
from tests.pictograph.connections.syncing import account_of, anew, in_step, originals
from tests.pictograph.connections.test_steering import once_some_are_here
from tests.pictograph.connections.test_twice import upload
from tests.pictograph.providers.peers.server import Answered, Fault
from tests.pictograph.sources.reading import read_all

KEEP, DELETE = Source.Removal.KEEP, Source.Removal.DELETE


def give_up(connection: Connection, removal: str) -> None:
    Source.objects.filter(pk=connection.source_id).update(removal=removal)
    see_to(connection.pk)


@pytest.fixture
def settled(account: Connection, shelf: ShelfPeer) -> Connection:
    """The account in step, its photos read; one was uploaded before, and two posts show one picture."""
    upload(account.source.owner, shelf.books["b0004"].content)
    shelf.books["b0006"].content = shelf.books["b0005"].content
    in_step(account)
    read_all()
    return account


def test_photos_that_stay_are_as_if_uploaded(settled: Connection, shelf: ShelfPeer) -> None:
    before = originals()
    give_up(settled, KEEP)
    assert shelf.revoked == [SECRET]
    assert not Connection.objects.exists()
    assert not Remote.objects.exists()
    assert list(Source.objects.values_list("kind", flat=True)) == [Source.Kind.UPLOAD]
    assert Photo.objects.classified().count() == 11
    assert not Photo.objects.filter(is_missing=True).exists()
    assert originals() == before == set(Item.objects.values_list("stored", flat=True))


def test_photos_that_go_leave_nothing_behind_but_what_is_here_from_elsewhere_too(
    settled: Connection, shelf: ShelfPeer
) -> None:
    give_up(settled, DELETE)
    assert shelf.revoked == [SECRET]
    assert not Connection.objects.exists()
    (photo,) = Photo.objects.all()
    assert photo.items.get().source.kind == Source.Kind.UPLOAD
    assert originals() == {photo.items.get().stored}
    assert not Leftover.objects.exists()


@pytest.mark.parametrize("state", Connection.ENDED)
def test_an_account_that_cannot_be_asked_any_more_is_given_up_all_the_same(
    state: str, settled: Connection, shelf: ShelfPeer
) -> None:
    Connection.objects.update(state=state)
    shelf.tokens.clear()
    shelf.faults.append(Fault("/revoke", answer=Answered.of({}, 401)))
    give_up(settled, KEEP)
    assert not Connection.objects.exists()


def test_a_service_that_is_away_is_told_later_and_forgotten_in_the_end(settled: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/revoke", answer=Answered.of({}, 503)))
    give_up(settled, KEEP)
    for attempt in range(1, TRIES):
        assert anew(settled).failures == attempt
        see_to(settled.pk)
        assert anew(settled).failures == attempt, "not before some time has passed"
        Connection.objects.update(resume_at=None)
        see_to(settled.pk)
    assert not Connection.objects.exists()
    assert len(shelf.of("/revoke")) == TRIES
    assert Photo.objects.count() == 11


def test_the_token_that_is_there_in_the_end_is_the_one_that_is_revoked(settled: Connection, shelf: ShelfPeer) -> None:
    stale = anew(settled)
    Source.objects.filter(pk=settled.source_id).update(removal=KEEP)
    stale.source.removal = KEEP
    fresh = anew(settled)
    fresh.keep(type(fresh.credentials)(f"{SECRET}-renewed"))
    fresh.save()
    leave(stale)
    assert shelf.revoked == [f"{SECRET}-renewed"]


@pytest.mark.parametrize("removal", [KEEP, DELETE])
@pytest.mark.parametrize("seam", ["remove", "_hand_over", "_part", "remove_files", "forget_token", "delete_in_chunks"])
def test_killed_in_the_midst_it_is_gone_on_with(
    seam: str, removal: str, settled: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    Source.objects.filter(pk=settled.source_id).update(removal=removal)
    with monkeypatch.context() as patch:
        patch.setattr(f"pictograph.connections.leaving.{seam}", die)
        try:
            leave(anew(settled))
        except Killed:
            assert Source.objects.filter(pk=settled.source_id).exists()
    see_to(settled.pk)
    assert not Connection.objects.exists()
    assert Photo.objects.count() == (11 if removal == KEEP else 1)
    assert len(shelf.revoked) == 1


@pytest.mark.parametrize("removal", [KEEP, DELETE])
def test_an_account_that_is_given_up_while_it_is_synced_leaves_nothing_half(
    removal: str, account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(40)
    with monkeypatch.context() as patch:
        once_some_are_here(patch, lambda: give_up(account, removal))
        assert not sync(anew(account))
    see_to(account.pk)
    assert not Connection.objects.exists()
    assert not Import.objects.filter(source__kind="account").exists()
    assert originals() == set(Item.objects.values_list("stored", flat=True))
    assert Photo.objects.exists() == (removal == KEEP) or not read_all()


def test_whoever_is_erased_has_services_forget_them_first(
    settled: Connection, shelf: ShelfPeer, stranger: User
) -> None:
    other = in_step(account_of(stranger, shelf, "ben"))
    theirs = set(Item.objects.filter(source=other.source_id).values_list("stored", flat=True))
    erase(settled.source.owner)
    assert shelf.revoked == [SECRET]
    assert list(Connection.objects.all()) == [other]
    assert not Remote.objects.exclude(connection=other).exists()
    assert originals() == theirs


def test_a_service_that_is_away_keeps_nobody_from_being_erased(settled: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/revoke", answer=Answered.of({}, 500)))
    erase(settled.source.owner)
    assert not Connection.objects.exists()
    assert not User.objects.filter(pk=settled.source.owner_id).exists()
    assert not originals()


def test_services_that_take_long_keep_nobody_from_being_erased(
    settled: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "FORGET_S", -1.0)
    erase(settled.source.owner)
    assert not shelf.revoked
    assert not Connection.objects.exists()


def test_someone_who_is_erased_while_an_account_is_synced_leaves_nothing(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(40)
    once_some_are_here(monkeypatch, lambda: erase(account.source.owner))
    assert not sync(anew(account))
    assert not User.objects.filter(pk=account.source.owner_id).exists()
    assert not Photo.objects.exists()
    assert not originals()

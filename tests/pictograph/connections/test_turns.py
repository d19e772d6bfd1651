"""Accounts take turns: a large one is done in many, and nobody else waits for it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pictograph.connections import sync as syncing
from pictograph.connections import tasks
from pictograph.connections.models import Connection
from pictograph.connections.sync import sync
from pictograph.connections.tasks import see_to, sync_due_connections
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Import, Source
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import account_of, anew, in_step


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The accounts that are announced to workers, in this order."""
    ids: list[int] = []
    monkeypatch.setattr(tasks, "announce_sync", ids.append)
    return ids


def test_a_large_account_is_done_in_many_turns_and_keeps_nobody_waiting(
    account: Connection, shelf: ShelfPeer, stranger: User, announced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(48)
    shelf.page_size = 10
    small = account_of(stranger, shelf, "ben")
    Connection.objects.filter(pk=small.pk).update(walk=0)
    monkeypatch.setattr(syncing, "LISTED_AHEAD", 1)
    monkeypatch.setattr(tasks, "sync", lambda connection: sync(connection, turn_s=0.2))
    sync_due_connections()
    turns = list[int]()
    while announced and len(turns) < 200:
        turns.append(announced.pop(0))
        see_to(turns[-1])
    assert Photo.objects.owned_by(account.source.owner).count() == 60
    assert Photo.objects.owned_by(stranger).count() == 60
    assert turns[:2] == [account.pk, small.pk]
    assert Import.objects.count() == 2


def test_a_turn_without_time_leaves_all_as_it_may_be_gone_on_with(account: Connection) -> None:
    assert sync(anew(account), turn_s=-1.0)
    in_step(account)
    assert Photo.objects.count() == 12


def test_nothing_is_done_where_another_process_is_at_it(account: Connection, shelf: ShelfPeer) -> None:
    lease = ScanLease.take(account.source)
    assert lease is not None
    assert not sync(anew(account))
    assert not shelf.asked
    lease.release(scan_wanted=True)
    in_step(account)
    assert Photo.objects.count() == 12


def test_no_more_is_done_at_once_than_there_are_slots(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(tasks.ACCOUNTS_AT_ONCE):
        assert tasks.account_slots.acquire(blocking=False)
    try:
        see_to(account.pk)
        assert not shelf.asked
    finally:
        tasks.account_slots.release(tasks.ACCOUNTS_AT_ONCE)
    see_to(account.pk)
    assert Photo.objects.count() == 12


def test_who_was_turned_away_comes_before_who_has_just_had_a_turn(
    account: Connection, shelf: ShelfPeer, stranger: User, announced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = account_of(stranger, shelf, "ben")
    for _ in range(tasks.ACCOUNTS_AT_ONCE):
        assert tasks.account_slots.acquire(blocking=False)
    for pk in (small.pk, account.pk, small.pk):
        see_to(pk)
    tasks.account_slots.release(tasks.ACCOUNTS_AT_ONCE)
    monkeypatch.setattr(tasks, "sync", lambda connection: True)
    see_to(account.pk)
    assert announced == [small.pk, account.pk]
    announced.clear()
    see_to(small.pk)
    assert announced == [small.pk]


def test_the_accounts_of_one_person_leave_slots_to_others(
    account: Connection, shelf: ShelfPeer, stranger: User, announced: list[int]
) -> None:
    owner = account.source.owner_id
    tasks.people_at_work[owner] = tasks.OF_ONE_PERSON
    theirs = account_of(stranger, shelf, "ben")
    see_to(account.pk)
    see_to(theirs.pk)
    assert set(Photo.objects.values_list("owner", flat=True)) == {stranger.pk}
    del tasks.people_at_work[owner]
    see_to(account.pk)
    assert Photo.objects.owned_by(owner).count() == 12
    assert not tasks.people_at_work


def due() -> bool:
    connection = tasks._connections().get()
    return tasks._is_due(connection)


def test_an_account_is_due_when_it_is_wanted_or_time_has_passed(account: Connection, announced: list[int]) -> None:
    assert due()
    in_step(account)
    assert not due()
    Source.objects.filter(pk=account.source_id).update(scanned_at=timezone.now() - timedelta(days=1, minutes=1))
    assert due()
    sync_due_connections()
    assert announced == [account.pk]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": Connection.State.SIGNED_OUT},
        {"state": Connection.State.GONE},
        {"state": Connection.State.WAITING, "resume_at": timezone.now() + timedelta(hours=1)},
    ],
)
def test_an_account_is_not_due_while_something_has_to_be_waited_for(
    fields: dict[str, object], account: Connection, announced: list[int]
) -> None:
    Connection.objects.update(**fields)
    assert not due()
    sync_due_connections()
    assert not announced
    Connection.objects.update(resume_at=None)
    Source.objects.filter(pk=account.source_id).update(removal=Source.Removal.KEEP)
    assert due(), "an account is given up whatever state it is in"


def test_nobody_elses_account_is_due_for_someone_who_is_being_erased(
    account: Connection, announced: list[int], shelf: ShelfPeer
) -> None:
    User.objects.update(is_leaving=True)
    sync_due_connections()
    see_to(account.pk)
    assert not announced
    assert not shelf.asked

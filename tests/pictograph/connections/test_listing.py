"""A walk meets every photo once, whatever the pages are like, and goes on where it has come."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pictograph.connections import listing
from pictograph.connections import sync as syncing
from pictograph.connections.listing import Walk
from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import sync
from pictograph.photos.models import Photo
from pictograph.providers.interface import RemotePhoto
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Item
from tests.factories import picture
from tests.pictograph.connections.shelf import Book, ShelfPeer
from tests.pictograph.connections.syncing import anew, in_step, remotes, waited, whole
from tests.pictograph.providers.peers.server import Answered, Asked, Fault


class Killed(BaseException):
    """The process is gone."""


def answering(shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch, **pages: Mapping[str, Any]) -> None:
    """Have pages, by their cursor (`first` where there is none), say something else than they do."""
    right = shelf.list

    def list(asked: Asked) -> Answered:
        answer = right(asked)
        told = pages.get("at" + asked.query["cursor"] if asked.query["cursor"] else "first")
        return answer if told is None else Answered.of({**Asked("", "", {}, asked.headers, answer.body).json, **told})

    monkeypatch.setattr(shelf, "list", list)


def test_photos_that_two_pages_tell_of_come_in_once(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = [shelf.told(ref) for ref in list(shelf.books)[:5]]
    answering(shelf, monkeypatch, at5={"items": twice + twice[:1]}, at10={"items": twice})
    in_step(account)
    assert Photo.objects.count() == Item.objects.count() == len(remotes(account)) == 5


def test_a_page_that_is_missing_deletes_nothing(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Connection.objects.update(follows_deletions=True)
    in_step(account)
    answering(shelf, monkeypatch, at5={"items": []})
    whole(account)
    assert Photo.objects.count() == 12
    assert len(shelf.of("/photo/")) == 5, "each is asked for by itself"


def test_an_account_that_lists_nothing_by_mistake_keeps_all(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Connection.objects.update(follows_deletions=True)
    in_step(account)
    answering(shelf, monkeypatch, first={"items": [], "next": ""})
    done = whole(account)
    assert Photo.objects.count() == 12
    assert done.state == Connection.State.FINE
    assert not Remote.objects.filter(walk__lt=done.walk).exists()


def test_a_sync_killed_between_pages_goes_on_with_the_next(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Walk.take_page

    def take(walk: Walk) -> int | None:
        fresh = taken(walk)
        if fresh is not None:
            raise Killed
        return fresh

    with monkeypatch.context() as patch:
        patch.setattr(Walk, "take_page", take)
        for page in (1, 2):
            with pytest.raises(Killed):
                sync(anew(account))
            account.source.__class__.objects.update(scanning_since=None)
            assert anew(account).cursor == str(5 * page)
    in_step(account)
    assert [asked.query["cursor"] for asked in shelf.of("/list")] == ["", "5", "10"]
    assert Photo.objects.count() == 12


def test_later_syncs_ask_only_for_what_is_new(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    asked = len(shelf.asked)
    shelf.add(1)
    in_step(account)
    (page,) = shelf.of("/list")[3:]
    assert page.query["since"] == "b0011"
    assert len(shelf.asked) - asked == 2
    assert Photo.objects.count() == 13


def test_a_whole_walk_sees_what_was_changed(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    shelf.books["b0003"].caption = "Anna at the sea"
    in_step(account)
    assert not Item.objects.filter(told__contains="the sea").exists()
    whole(account)
    assert Item.objects.get(told__contains="the sea").ref == "b0003"


def test_a_walk_of_many_turns_has_met_all_photos(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "LISTED_AHEAD", 1)
    while sync(anew(account), turn_s=0.1):
        pass
    assert Photo.objects.count() == 12
    assert not shelf.of("/photo/")
    assert anew(account).walk == 1


def test_what_a_whole_walk_missed_is_asked_for_in_a_later_turn(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Connection.objects.update(follows_deletions=True)
    in_step(account)
    for ref in ("b0001", "b0002", "b0003"):
        del shelf.books[ref]
    Connection.objects.update(walked_at=None)
    with monkeypatch.context() as patch:
        patch.setattr(syncing, "follow_vanished", lambda *_: False)  # the turn is over
        assert sync(anew(account))
    assert Photo.objects.count() == 12
    in_step(account)
    assert Photo.objects.count() == 9


def test_a_list_that_leads_round_in_a_circle_ends(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(shelf, monkeypatch, at10={"next": "5"})
    done = in_step(account)
    assert (done.state, done.is_walking) == (Connection.State.FINE, False)
    assert len(shelf.of("/list")) == 3


def test_a_list_that_is_made_up_ends_where_no_library_does(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_PHOTOS", 7)
    for _ in range(2):
        done = whole(account)
        assert (done.state, done.is_walking) == (Connection.State.FINE, False)
        assert Remote.objects.count() == Photo.objects.count() == 7
    assert len(shelf.of("/list")) == 4


def test_a_page_without_measure_is_written_down_in_parts_so_that_others_write_in_between(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [
        {"ref": f"a{n}", "name": "a.jpg", "url": "", "version": "", "caption": "", "size": 0} for n in range(1200)
    ]
    answering(shelf, monkeypatch, first={"items": photos, "next": ""})
    written: list[int] = []
    writing = ScanLease.writing

    @contextmanager
    def counted(lease: ScanLease) -> Iterator[None]:
        with writing(lease):
            before = Remote.objects.count()
            yield
            written.append(Remote.objects.count() - before)

    monkeypatch.setattr(ScanLease, "writing", counted)
    sync(anew(account), turn_s=0.1)
    assert sum(written) == 1200
    assert max(written) <= 500


def test_a_sync_killed_in_the_midst_of_such_a_page_asks_for_it_again(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "TOGETHER", 2)
    kept = Walk._keep

    def keep(walk: Walk, items: Sequence[RemotePhoto]) -> tuple[int, bool]:
        if Remote.objects.count() == 4:
            raise Killed
        return kept(walk, items)

    with monkeypatch.context() as patch:
        patch.setattr(Walk, "_keep", keep)
        with pytest.raises(Killed):
            sync(anew(account))
    account.source.__class__.objects.update(scanning_since=None)
    in_step(account)
    assert [asked.query["cursor"] for asked in shelf.of("/list")] == ["", "", "5", "10"]
    assert Photo.objects.count() == len(remotes(account)) == 12


@pytest.mark.parametrize("size", [-5, 10**30])
def test_a_size_that_cannot_be_keeps_nothing_else_from_coming(size: int, account: Connection, shelf: ShelfPeer) -> None:
    shelf.books["b0003"].size = size
    done = in_step(account)
    assert done.state == Connection.State.FINE
    assert Photo.objects.count() == 12


@pytest.mark.parametrize(("total", "kept"), [(-1, 0), (10**12, listing.MOST_PHOTOS)])
def test_nor_does_a_number_of_photos(
    total: int, kept: int, account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(shelf, monkeypatch, first={"total": total})
    done = in_step(account)
    assert (done.state, done.total) == (Connection.State.FINE, kept)
    assert Photo.objects.count() == 12


def test_a_page_that_is_no_longer_good_has_the_walk_begin_anew(account: Connection, shelf: ShelfPeer) -> None:
    Connection.objects.update(is_walking=True, cursor="97", walk=1)
    shelf.faults.append(Fault("/list", times=1, answer=Answered.of({}, 404)))
    assert in_step(account).state == Connection.State.BROKEN
    in_step(waited(account))
    assert Photo.objects.count() == 12


def test_a_page_asked_for_before_the_settings_were_changed_is_not_kept(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, folders = Walk.take_page, ["/Holidays"]

    def change_and_take(walk: Walk) -> int | None:
        if folders and walk.coming and walk.coming[0].done():
            fields = {"folder": folders.pop(), "since": "", "cursor": "", "is_walking": False}
            Connection.objects.update(**fields)
        return take(walk)

    monkeypatch.setattr(Walk, "take_page", change_and_take)
    done = in_step(account)
    assert [asked.query["folder"] for asked in shelf.of("/list")] == ["", *["/Holidays"] * 3]
    assert (done.folder, done.is_walking) == ("/Holidays", False)
    assert Photo.objects.count() == 12


def test_a_ref_that_no_database_keeps_is_left_out_and_the_rest_comes_in(account: Connection, shelf: ShelfPeer) -> None:
    shelf.books["half \ud800"] = Book(picture(colour="red"), version="half \ud800")
    shelf.books["whole"] = Book(picture(colour="blue"), version="half \ud800")
    assert in_step(account).state == Connection.State.FINE
    assert Remote.objects.filter(ref="whole", version="half ").exists()
    assert Photo.objects.count() == 13

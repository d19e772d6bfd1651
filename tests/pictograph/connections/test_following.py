"""What is edited or deleted there is followed as the person wants it; what they did here stays."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pictograph.connections.downloads import Ended
from pictograph.connections.intake import Intake
from pictograph.connections.models import Connection, Remote
from pictograph.photos.captions import write_caption
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.publishing import publish
from pictograph.sources.models import Item
from tests.factories import picture
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import account_of, in_step, remotes, waited, whole
from tests.pictograph.connections.test_twice import photo_of
from tests.pictograph.providers.peers.server import Answered, Fault
from tests.pictograph.sources.reading import read_all


@pytest.fixture
def settled(account: Connection) -> Connection:
    """The account in step, and its photos read."""
    in_step(account)
    read_all()
    return account


def edit(shelf: ShelfPeer, ref: str, content: bytes | None = None) -> bytes:
    book = shelf.books[ref]
    book.content, book.version = content or picture(size=(99, 70)), book.version + "+"
    return book.content


def shown(ref: str) -> bytes:
    with default_storage.open(Item.objects.get(ref=ref, source__kind="account").stored) as file:
        return bytes(file.read())


def test_a_photo_shows_the_picture_that_it_was_edited_to(settled: Connection, shelf: ShelfPeer) -> None:
    photo, former = photo_of("b0004"), Item.objects.get(ref="b0004").stored
    Photo.objects.filter(pk=photo.pk).update(shown_at=datetime(1999, 1, 1, tzinfo=UTC), date_origin=Origin.PERSON)
    write_caption(settled.source.owner, photo.pk, "At the sea")
    content = edit(shelf, "b0004")
    whole(settled)
    read_all()
    edited = photo_of("b0004")
    assert (edited.pk, edited.digest) == (photo.pk, sha256(content).hexdigest())
    assert shown("b0004") == content
    assert not default_storage.exists(former)
    assert edited.caption == "At the sea"
    assert edited.shown_at.year == 1999
    assert Photo.objects.count() == 12


def test_an_edit_is_not_followed_where_the_person_does_not_want_that(settled: Connection, shelf: ShelfPeer) -> None:
    Connection.objects.update(follows_edits=False)
    edit(shelf, "b0004")
    shelf.books["b0005"].caption = "Anna"
    whole(settled)
    assert len(shelf.of("/file/b0004")) == 1
    assert not Item.objects.filter(told__contains="Anna").exists()


def test_a_caption_is_followed_without_the_picture(settled: Connection, shelf: ShelfPeer) -> None:
    shelf.books["b0004"].caption = "Anna at the sea"
    asked = len(shelf.of("/file/"))
    whole(settled)
    assert len(shelf.of("/file/")) == asked
    assert photo_of("b0004").is_due
    read_all()
    assert not Photo.objects.due().exists()


def test_a_photo_that_is_edited_while_it_is_fetched_is_fetched_once_more(account: Connection, shelf: ShelfPeer) -> None:
    def edited(intake: Intake, come: Sequence[Ended]) -> None:
        if "b0004" in [one.photo.ref for one in come]:
            Remote.objects.filter(connection=account, ref="b0004").update(version="newer")
        keep(intake, come)

    keep = Intake.keep
    with mock.patch.object(Intake, "keep", edited):
        in_step(account)
    assert [len(shelf.of(f"/file/{ref}")) for ref in ("b0004", "b0005")] == [2, 1]
    assert remotes(account)["b0004"] == "fetched"


def test_a_photo_that_was_edited_to_what_another_shows_is_left_without_a_file(
    settled: Connection, shelf: ShelfPeer
) -> None:
    former, twin = photo_of("b0004"), photo_of("b0005")
    edit(shelf, "b0004", shelf.books["b0005"].content)
    whole(settled)
    assert photo_of("b0004") == twin
    former.refresh_from_db()
    assert former.is_missing


def test_an_edit_of_a_picture_that_is_here_from_elsewhere_too_leaves_that_one(
    settled: Connection, shelf: ShelfPeer
) -> None:
    in_step(account_of(settled.source.owner, shelf, "ann"))
    photo = photo_of("b0004")
    edit(shelf, "b0004")
    whole(settled)
    read_all()
    assert Item.objects.get(ref="b0004", source=settled.source_id).photo_id != photo.pk
    assert Photo.objects.count() == 13
    assert not Photo.objects.get(pk=photo.pk).is_missing


def test_an_edit_to_what_another_photo_shows_joins_it(settled: Connection, shelf: ShelfPeer) -> None:
    edit(shelf, "b0004", shelf.books["b0005"].content)
    whole(settled)
    assert photo_of("b0004").pk == photo_of("b0005").pk


def test_an_edit_to_no_picture_keeps_the_photo(settled: Connection, shelf: ShelfPeer) -> None:
    former = shown("b0004")
    edit(shelf, "b0004", b"<html>" + b" " * 100)
    whole(settled)
    assert shown("b0004") == former
    assert remotes(settled)["b0004"] == Remote.State.REFUSED
    edit(shelf, "b0004")
    whole(settled)
    assert remotes(settled)["b0004"] == Remote.State.FETCHED


def test_what_is_deleted_there_stays_here_unless_the_person_wants_it_followed(
    settled: Connection, shelf: ShelfPeer
) -> None:
    del shelf.books["b0004"]
    whole(settled)
    assert Photo.objects.count() == 12
    assert remotes(settled)["b0004"] == Remote.State.GONE


@pytest.mark.parametrize("is_told", [True, False])
def test_what_is_deleted_there_goes_here_where_the_person_wants_that(
    is_told: bool, settled: Connection, shelf: ShelfPeer
) -> None:
    Connection.objects.update(follows_deletions=True)
    file = Item.objects.get(ref="b0004").stored
    del shelf.books["b0004"]
    shelf.deleted = ["b0004", "b9999"] if is_told else []
    in_step(settled) if is_told else whole(settled)
    assert Photo.objects.count() == 11
    assert not default_storage.exists(file)
    assert not Item.objects.filter(ref="b0004").exists()
    assert len(shelf.of("/photo/")) == (0 if is_told else 1)
    whole(settled)
    assert Photo.objects.count() == 11
    assert len(shelf.of("/photo/")) == (0 if is_told else 1)


def test_what_comes_back_there_comes_back_here(settled: Connection, shelf: ShelfPeer) -> None:
    Connection.objects.update(follows_deletions=True)
    book = shelf.books.pop("b0004")
    whole(settled)
    shelf.books["b0004"] = book
    whole(settled)
    assert Photo.objects.count() == 12


def test_what_is_deleted_there_and_is_here_from_elsewhere_too_stays(settled: Connection, shelf: ShelfPeer) -> None:
    Connection.objects.update(follows_deletions=True)
    in_step(account_of(settled.source.owner, shelf, "ann"))
    file = Item.objects.get(ref="b0004", source=settled.source_id).stored
    del shelf.books["b0004"]
    whole(settled)
    assert Photo.objects.count() == 12
    assert not default_storage.exists(file)


def test_a_published_photo_that_is_deleted_there_is_no_longer_public(settled: Connection, shelf: ShelfPeer) -> None:
    Connection.objects.update(follows_deletions=True)
    photo = photo_of("b0004")
    publish(Photo.objects.filter(pk=photo.pk), is_public=True)
    del shelf.books["b0004"]
    whole(settled)
    assert not Photo.objects.filter(pk=photo.pk).exists()


def test_one_photo_that_cannot_be_asked_for_does_not_keep_the_others_from_being_followed(
    settled: Connection, shelf: ShelfPeer
) -> None:
    Connection.objects.update(follows_deletions=True)
    for ref in ("b0002", "b0004", "b0006"):
        del shelf.books[ref]
    shelf.faults.append(Fault("/photo/b0004", answer=Answered.of({}, 500)))
    done = whole(settled)
    assert done.state == Connection.State.FINE
    assert Photo.objects.count() == 10


def test_a_service_that_is_down_deletes_nothing(settled: Connection, shelf: ShelfPeer) -> None:
    Connection.objects.update(follows_deletions=True)
    for ref in ("b0002", "b0004", "b0006"):
        del shelf.books[ref]
    shelf.faults.append(Fault("/photo/", answer=Answered.of({}, 503)))
    assert whole(settled).state == Connection.State.TROUBLED
    assert Photo.objects.count() == 12
    shelf.faults.clear()
    in_step(waited(settled))
    assert Photo.objects.count() in (9, 10), "one was left to the next whole walk"
    whole(settled)
    assert Photo.objects.count() == 9


def test_a_photo_found_gone_while_it_is_fetched_is_followed(account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/file/b0004", answer=Answered.of({}, 404)))
    shelf.faults.append(Fault("/photo/b0004", answer=Answered.of({}, 404)))
    done = in_step(account)
    assert remotes(account)["b0004"] == Remote.State.GONE
    assert (done.state, Photo.objects.count()) == (Connection.State.FINE, 11)


def test_what_is_here_no_more_is_looked_for_at_once_and_not_photo_by_photo(settled: Connection) -> None:
    lost = Item.objects.filter(ref="b0004")
    lost.delete()
    with CaptureQueriesContext(connection) as asked:
        whole(settled)
    assert Item.objects.get(ref="b0004").photo is not None
    # PostgreSQL answers it by going through the whole list for each row, once that is longer than it keeps in memory.
    assert not [query["sql"] for query in asked if re.search(r'NOT \("\w+"."\w+" IN \(SELECT', query["sql"])]

"""What several do to one account at once: syncs, a person who deletes, uploads or gives it up."""

import threading
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database

from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import sync
from pictograph.connections.tasks import see_to
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from pictograph.sources.steering import begin_upload, cancel, go_on, pause
from pictograph.sources.uploads import receive
from tests.factories import UserFactory
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import account_of, anew, in_step, originals


@pytest.fixture
def shared(shelf: ShelfPeer, transactional_db: None, celery_messages: list[str]) -> Connection:
    """An account that several threads see."""
    shelf.add(48)
    return account_of(UserFactory(), shelf)


def at_once(*acts: Callable[[], object]) -> None:
    """Do several things in threads of their own, each to its end."""
    failed: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:
            failed.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if failed:
        raise failed[0]


def test_two_workers_at_one_account_bring_everything_in_once(shared: Connection, shelf: ShelfPeer) -> None:
    at_once(lambda: in_step(shared), lambda: in_step(shared), lambda: see_to(shared.pk))
    in_step(shared)
    assert Photo.objects.count() == Item.objects.count() == 60
    assert len(shelf.of("/file/")) == 60
    assert set(Remote.objects.values_list("state", flat=True)) == {Remote.State.FETCHED}


def test_two_accounts_with_the_same_pictures_and_an_upload_make_each_photo_once(
    shared: Connection, shelf: ShelfPeer
) -> None:
    person = shared.source.owner
    other = account_of(person, shelf, "ann")

    def upload() -> None:
        batch = begin_upload(person, expected_files=60)
        for book in list(shelf.books.values()):
            receive(batch, SimpleUploadedFile("mine.jpg", book.content))

    at_once(lambda: in_step(shared), lambda: in_step(other), upload)
    in_step(shared), in_step(other)
    assert Photo.objects.count() == 60
    assert Item.objects.filter(source__kind=Source.Kind.ACCOUNT).count() == 120
    assert originals() == set(Item.objects.values_list("stored", flat=True))


def test_a_person_who_steers_and_deletes_meanwhile_is_heeded(shared: Connection) -> None:
    person = shared.source.owner
    deleted: set[str] = set()

    def steer() -> None:
        for _ in range(10):
            pause(person)
            go_on(person)
            ids = list(Photo.objects.owned_by(person).values_list("pk", flat=True)[:2])
            refs = set(Item.objects.filter(photo__in=ids).values_list("ref", flat=True))
            delete_photos(person, ids)
            deleted.update(refs)

    at_once(lambda: in_step(shared), steer)
    Source.objects.update(scan_wanted=True)
    in_step(shared)
    assert not set(Item.objects.filter(photo__isnull=False).values_list("ref", flat=True)) & deleted
    assert Item.objects.count() == 60


def test_an_account_given_up_meanwhile_leaves_no_file_behind(shared: Connection) -> None:
    def give_up() -> None:
        while not Photo.objects.exists():
            pass
        Source.objects.filter(pk=shared.source_id).update(removal=Source.Removal.DELETE)
        see_to(shared.pk)

    at_once(lambda: sync(anew(shared)), give_up)
    see_to(shared.pk)
    assert not Connection.objects.exists()
    assert not Photo.objects.exists()
    assert not originals()


def test_calling_off_meanwhile_ends_it(shared: Connection) -> None:
    def call_off() -> None:
        while not Photo.objects.exists():
            pass
        cancel(User.objects.get())

    at_once(lambda: in_step(shared), call_off)
    cancel(User.objects.get())
    see_to(shared.pk)
    assert not Source.objects.get(pk=shared.source_id).is_due
    assert not Photo.objects.exists()
    assert not originals()

"""Writers take turns in one order, and a transaction that the database ends for another's sake is made again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from classifier.work import Reason
from fathom.moderation.deciding import decide
from fathom.moderation.models import Case, Decision, Report
from fathom.moderation.reporting import file_report
from fathom.moderation.subjects import Subject
from fathom.moderation.telling import note_read
from pictograph import transactions
from pictograph.albums import contents
from pictograph.albums.models import Album
from pictograph.models import AlbumPhoto, Import, Item, Leftover, Notice, Photo, Rejection, Source, Tombstone
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.captions import write_caption
from pictograph.photos.deletion import delete_photos
from pictograph.photos.publishing import publish
from pictograph.queue.claims import PhotoWork
from pictograph.queue.renaming import rename_stale
from pictograph.sources import folders, steering
from pictograph.sources.failures import clear_failures, try_again
from pictograph.sources.scan import scan
from pictograph.sources.uploads import receive
from pictograph.transactions import TRIES, delete_in_chunks, transacted
from tests.factories import LABRADOR, ImportFactory, PhotoFactory, UserFactory, classified_photo, file_of, picture
from tests.fathom.moderation.making import moderator
from tests.pictograph.queue.test_claims import outcome_of
from tests.pictograph.sources.test_steering import wait_until_somebody_waits

THEIRS: tuple[type[Any], ...] = (
    *(Source, Photo, Item, Tombstone, Import, Rejection, Album, AlbumPhoto, Case, Leftover, Notice),
)


def finish(user: User, batch: Import) -> None:
    work = PhotoWork()
    work.finish([outcome_of(job) for job in work.claim(5)])


def give_back(user: User, batch: Import) -> None:
    work = PhotoWork()
    work.release(work.claim(5))


def die(user: User, batch: Import) -> None:
    work = PhotoWork()
    work.claim(5)
    work.let_go()


def pause_what_is_claimed(user: User, batch: Import) -> None:
    PhotoWork().claim(5)
    steering.pause(user)


def remove_a_folder(user: User, batch: Import) -> None:
    source = Source.objects.get(kind=Source.Kind.FOLDER)
    source.removal = Source.Removal.KEEP
    source.save()
    folders.remove(source)


def report_a_photo(user: User, batch: Import) -> None:
    subject = Subject(Case.Kind.PHOTO, user, "/", photo=user.photos.classified()[0])
    file_report(subject, None, Report.Reason.OTHER)


def decide_on_it(user: User, batch: Import) -> None:
    decide(Case.objects.get(person=user).pk, 0, Decision.Action.UNPUBLISH, moderator())


def album_of(user: User) -> Album:
    return Album.objects.get(owner=user)


WRITERS: list[Callable[[User, Import], object]] = [
    finish,
    give_back,
    die,
    pause_what_is_claimed,
    remove_a_folder,
    lambda user, batch: delete_photos(user, list(user.photos.values_list("pk", flat=True))),
    lambda user, batch: publish(Photo.objects.owned_by(user), is_public=True),
    lambda user, batch: write_caption(user, user.photos.classified()[0].pk, "A caption"),
    lambda user, batch: contents.album_named(user, "Hills"),
    lambda user, batch: contents.add_photos(album_of(user), list(user.photos.values_list("pk", flat=True))),
    lambda user, batch: contents.remove_photos(album_of(user), list(user.photos.values_list("pk", flat=True))),
    lambda user, batch: contents.rename_album(album_of(user), "Hills"),
    lambda user, batch: contents.delete_album(album_of(user)),
    lambda user, batch: steering.cancel(user),
    lambda user, batch: steering.leave_out(batch, list(batch.photos.values_list("pk", flat=True))),
    lambda user, batch: steering.resume(batch, 9, 9, 0, 0),
    lambda user, batch: try_again(user),
    lambda user, batch: clear_failures(user),
    lambda user, batch: rename_stale(),
    lambda user, batch: scan(Source.objects.get(kind=Source.Kind.FOLDER)),
    lambda user, batch: receive(batch, SimpleUploadedFile("a.jpg", picture())),
    lambda user, batch: receive(batch, SimpleUploadedFile("empty.jpg", b"")),
    report_a_photo,
    decide_on_it,
    lambda user, batch: note_read(user),
    lambda user, batch: erase(user),
]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_a_person_holds_nothing_that_others_may_want(
    tmp_path: Path, celery_messages: list[str]
) -> None:
    for write in WRITERS:
        user = UserFactory()
        batch = ImportFactory(owner=user, state=Import.State.RECEIVING)
        Rejection.objects.create(batch=batch, name="a.txt", reason=Reason.NOT_A_PICTURE)
        Tombstone.objects.create(owner=user, digest="a" * 64)
        folder = tmp_path / user.username
        folder.mkdir()
        (folder / "new.jpg").write_bytes(picture())
        file_of(PhotoFactory(owner=user, batch=batch), str(folder))
        file_of(PhotoFactory(owner=user, batch=batch, state="failed", failure=Reason.DISK_FULL), str(folder))
        file_of(classified_photo(LABRADOR, owner=user), str(folder), problem=Reason.DISK_FULL)
        Photo.objects.classified().update(edition=0)
        album = Album.objects.create(owner=user, name="Lake")
        AlbumPhoto.objects.create(album=album, photo=user.photos.classified()[0])
        report_a_photo(user, batch)

        def write_and_hang_up(write: Callable[..., object] = write, user: User = user, batch: Import = batch) -> None:
            try:
                write(user, batch)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                User.objects.select_for_update(no_key=True).get(pk=user.pk)
                other = pool.submit(write_and_hang_up)
                wait_until_somebody_waits(other)
                assert not other.done(), f"{write} does not wait"
                for table in THEIRS:
                    list(table.objects.select_for_update(nowait=True))
            other.result()
        User.objects.all().delete()
        Notice.objects.all().delete()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_that_wait_for_each_other_both_come_through() -> None:
    one, other = PhotoFactory.create_batch(2)
    holding = threading.Barrier(2)
    holds: list[str] = []

    @transacted
    def rename(first: Photo, second: Photo, name: str) -> None:
        Photo.objects.filter(pk=first.pk).update(name=name)
        if len(holds) < 2:
            holds.append(name)
            holding.wait()
        Photo.objects.filter(pk=second.pk).update(name=name)

    def rename_and_hang_up() -> None:
        rename(other, one, "b")
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(rename_and_hang_up)
        rename(one, other, "a")
        there.result()
    assert len(set(Photo.objects.values_list("name", flat=True))) == 1


def ended(times: int, tried: list[bool], error: type[Exception] = DeadlockDetected) -> Callable[[], str]:
    """A transaction that the database ends so often before it comes through."""

    @transacted
    def write() -> str:
        tried.append(transaction.get_connection().in_atomic_block)
        if len(tried) <= times:
            raise OperationalError from error()
        return "written"

    return write


@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_made_again_a_few_times_and_never_swallowed() -> None:
    tried: list[bool] = []
    assert ended(TRIES - 1, tried)() == "written"
    assert tried == [True] * TRIES
    tried.clear()
    with pytest.raises(OperationalError):
        ended(TRIES, tried)()
    assert len(tried) == TRIES
    tried.clear()
    with pytest.raises(OperationalError):
        ended(1, tried, error=RuntimeError)()
    assert len(tried) == 1
    tried.clear()
    with pytest.raises(OperationalError), transaction.atomic():  # which is over as a whole
        ended(1, tried)()
    assert len(tried) == 1


def test_small_rows_are_deleted_a_chunk_a_transaction(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "ROWS_TOGETHER", 3)
    batch = ImportFactory(owner=user)
    Rejection.objects.bulk_create(Rejection(batch=batch, name=str(n), reason=Reason.EMPTY) for n in range(8))
    assert list(delete_in_chunks(user.pk, Rejection.objects.filter(batch__owner=user))) == [3, 3, 2]

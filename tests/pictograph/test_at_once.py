"""Several who write at once: nobody is turned away, nobody waits in a circle, and all counts are right afterwards.

Each test has threads begin together, a few times over; on PostgreSQL they really write side by side.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from pictograph.models import Import, Item, Leftover, Notice, Photo, Source
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos, forget_leftovers, note_leftovers, sweep_leftovers
from pictograph.photos.publishing import publish
from pictograph.queue.claims import PhotoWork
from pictograph.sources import steering
from pictograph.sources.scan import scan
from pictograph.sources.steering import begin_upload
from pictograph.sources.uploads import receive
from pictograph.store import prediction_store
from pictograph.store.outbox import sweep_notices
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import ImportFactory, PhotoFactory, UserFactory, file_of, item_of, make_library, picture
from tests.pictograph.queue.test_claims import outcome_of
from tests.pictograph.sources.reading import read_all

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3
COPIES = 12


@pytest.fixture
def person(celery_messages: list[str]) -> User:
    """Someone with forty photos."""
    person = UserFactory()
    make_library(person)
    return person


def at_once(*writes: Callable[[], object]) -> None:
    """Do all of these side by side, and raise what any of them raised."""
    together = threading.Barrier(len(writes))

    def begin_together(write: Callable[[], object]) -> None:
        try:
            together.wait()
            write()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(writes)) as pool:
        for writing in [pool.submit(begin_together, write) for write in writes]:
            writing.result()


def assert_counted_right(*people: User) -> None:
    sweep_notices()
    assert not Notice.objects.filter(again_at=None).exists()
    scopes = [scope for person in people for scope in (library_of(person.pk), public_of(person.pk))]
    for scope in (*scopes, NETWORK):
        assert prediction_store().recount(scope, is_check=True) == []
    for person in people:
        shown = {record.photo_id for record in prediction_store().records(library_of(person.pk))}
        assert shown == set(Photo.objects.owned_by(person).classified().values_list("pk", flat=True))


def contents(of: object) -> list[str]:
    """As many digests as a worker claims photos at a time, rising."""
    return [f"{of}{n:x}".ljust(64, "f") for n in range(COPIES)]


def finishing(digests: Sequence[str]) -> Callable[[], None]:
    """Have a worker claim photos, to say later that it read these contents in them, in the order of their ids."""
    work = PhotoWork()
    jobs = sorted(work.claim(COPIES), key=lambda job: job.photo_id)
    return partial(work.finish, [outcome_of(job, digest) for job, digest in zip(jobs, digests, strict=True)])


def test_workers_that_finish_copies_of_the_same_photos_in_opposite_order(person: User) -> None:
    for round_ in range(ROUNDS):
        for photo in PhotoFactory.create_batch(2 * COPIES, owner=person, digest=None):
            file_of(photo)
        at_once(finishing(contents(round_)), finishing(contents(round_)[::-1]))
        assert Photo.objects.classified().count() == 40 + COPIES * (round_ + 1)
    assert not Photo.objects.due().exists()
    assert Item.objects.filter(photo=None).count() == 0
    assert_counted_right(person)


def test_deletions_that_overlap_in_opposite_order_beside_publishing_and_a_rebuild(person: User) -> None:
    ids = list(Photo.objects.owned_by(person).order_by("pk").values_list("pk", flat=True))
    photos = Photo.objects.owned_by(person)
    for start in range(0, 30, 10):
        some = ids[start : start + 15]
        at_once(
            partial(delete_photos, person, some),
            partial(delete_photos, person, some[::-1]),
            partial(publish, photos, is_public=True),
            partial(publish, photos.order_by("-pk"), is_public=False),
            partial(prediction_store().recount, library_of(person.pk)),
            partial(call_command, "rebuild_predictions", user=person.username, stdout=StringIO()),
        )
    assert Photo.objects.count() == 5
    assert_counted_right(person)


def test_deleting_and_cancelling_beside_a_worker_that_finishes(person: User) -> None:
    for round_ in range(ROUNDS):
        batch = ImportFactory(owner=person)
        pending = PhotoFactory.create_batch(COPIES, owner=person, batch=batch)
        for photo in pending:
            item_of(photo)
        some = [photo.pk for photo in pending[: COPIES // 2]]
        at_once(finishing(contents(round_)), partial(delete_photos, person, some), partial(steering.cancel, person))
        assert not Photo.objects.due().exists()
    assert_counted_right(person)


def test_erasing_a_person_beside_an_upload_and_a_worker(person: User) -> None:
    for _ in range(ROUNDS):
        leaving = UserFactory()
        make_library(leaving)
        batch = begin_upload(leaving)
        for photo in PhotoFactory.create_batch(COPIES, owner=leaving):
            file_of(photo)

        def upload(batch: Import = batch) -> None:
            for n in range(5):
                try:
                    receive(batch, SimpleUploadedFile(f"{n}.jpg", picture(colour=f"rgb({n}, 1, 1)")))
                except (IntegrityError, steering.ImportCancelled):  # nobody is there any more to add it to
                    return

        at_once(partial(erase, leaving), upload, finishing(contents("a")))
        assert list(User.objects.all()) == [person]
        assert set(Photo.objects.values_list("owner", flat=True)) == {person.pk}
        assert prediction_store().records(library_of(leaving.pk)) == []
    assert_counted_right(person)


def test_a_scan_beside_deletions_and_a_worker(person: User, tmp_path: Path) -> None:
    source = Source.objects.create(owner=person, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    for n in range(COPIES):
        (tmp_path / f"{n}.jpg").write_bytes(picture(colour=f"rgb({n}, 90, 90)"))
    scan(source)
    for round_ in range(ROUNDS):
        worker = finishing(contents(round_))
        for n in range(COPIES):
            (tmp_path / f"{n}.jpg").write_bytes(picture(colour=f"rgb({n}, 90, {round_})"))
        ids = list(Photo.objects.owned_by(person).order_by("-pk").values_list("pk", flat=True)[:4])
        at_once(partial(scan, source), worker, partial(delete_photos, person, ids))
    read_all()  # what the scan took out of the worker's hands
    assert_counted_right(person)


def test_files_noted_and_forgotten_in_opposite_order() -> None:
    files = [f"renditions/{n:03}" for n in range(60)]
    for _ in range(ROUNDS):
        note_leftovers(files)
        at_once(
            partial(note_leftovers, files),
            partial(forget_leftovers, files[::-1]),
            partial(note_leftovers, files[::-1]),
            sweep_leftovers,
        )
    forget_leftovers(files)
    assert not Leftover.objects.exists()


def test_a_plain_form_sent_while_another_is_taken_in_does_not_cancel_it(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, pages = FileSystemStorage.save, list[str]()

    def send(first: str, second: str) -> None:
        browser = Client()
        browser.force_login(person)
        files = [SimpleUploadedFile(colour, picture(colour=colour)) for colour in (first, second)]
        pages.append(browser.post(reverse("upload"), {"files": files}, follow=True).content.decode())

    def save_slowly(*args: Any, **options: Any) -> str:
        if not meanwhile.is_set():  # as while a large first file is moved
            meanwhile.set()
            at_once(partial(send, "blue", "white"))
        return save(*args, **options)

    meanwhile = threading.Event()
    monkeypatch.setattr(FileSystemStorage, "save", save_slowly)
    send("red", "green")
    assert [page.count("2 photos came in") for page in pages] == [1, 1]
    assert list(Import.objects.values_list("arrived_files", flat=True)) == [2, 2]

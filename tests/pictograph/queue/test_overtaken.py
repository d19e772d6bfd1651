"""Readings that a scan has overtaken: the file changed, and the same worker has claimed its photo anew meanwhile."""

from pathlib import Path

import pytest

from classifier.work import Job, Outcome, Reason
from pictograph.models import Item, Photo
from pictograph.people.models import User
from pictograph.queue.claims import PhotoWork
from pictograph.sources.folders import register
from pictograph.sources.models import Source
from pictograph.store import prediction_store
from tests.factories import picture
from tests.pictograph.sources.folder_of_photos import look, retag
from tests.pictograph.sources.reading import read, read_all


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The only picture of a folder."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(picture(colour="red"))
    return folder / "a.jpg"


@pytest.fixture
def source(user: User, path: Path, celery_messages: list[str]) -> Source:
    """A folder of one photo, read."""
    source = register(user, path.parent)
    look(source)
    read_all()
    return source


def claimed_again(work: PhotoWork) -> Job:
    """The photo that was freed, claimed by the worker that is at it still."""
    (job,) = work.claim(5)
    return job


def test_a_reading_of_a_file_that_has_changed_again_is_read_once_more(source: Source, path: Path) -> None:
    retag(path, "green")
    look(source)
    work = PhotoWork()
    (job,) = work.claim(5)
    late = read(job)
    retag(path, "blue")
    look(source)
    claimed_again(work)
    work.finish([late])
    photo, item = Photo.objects.get(), Item.objects.get()
    assert (photo.is_due, photo.lease) == (True, None)
    assert photo.digest != item.digest
    assert read_all() == 1
    photo.refresh_from_db()
    assert (photo.is_due, photo.digest) == (False, Item.objects.get().digest)
    assert look(source).known == 1


def test_the_store_hears_nothing_of_a_reading_that_was_overtaken(user: User, path: Path) -> None:
    source = register(user, path.parent)
    look(source)
    work = PhotoWork()
    (job,) = work.claim(5)
    late = read(job)
    path.write_bytes(b"no picture any more")
    look(source)
    claimed_again(work)
    work.finish([late])
    read_all()
    assert Photo.objects.get().failure == Reason.NOT_A_PICTURE
    assert prediction_store().find(job.photo_id) is None


def test_a_file_that_moved_while_it_was_opened_is_not_missing(user: User, path: Path) -> None:
    source = register(user, path.parent)
    look(source)
    work = PhotoWork()
    (job,) = work.claim(5)
    path.rename(path.with_name("b.jpg"))
    late = read(job)
    assert late.failure == Reason.MISSING
    look(source)
    claimed_again(work)
    work.finish([late])
    assert read_all() == 1
    assert Photo.objects.get().state == Photo.State.CLASSIFIED


def test_what_is_new_beside_a_file_is_read_too(source: Source, path: Path) -> None:
    path.with_suffix(".jpg.xmp").write_text("<x:xmpmeta/>")
    look(source)
    work = PhotoWork()
    (job,) = work.claim(5)
    late = read(job)
    path.with_suffix(".xmp").write_text("<x:xmpmeta/>")
    look(source)
    again = claimed_again(work)
    assert len(again.sidecars) == len(job.sidecars) + 1
    work.finish([late])
    assert read_all() == 1


def test_a_failure_of_a_file_that_has_changed_does_not_count(source: Source, path: Path) -> None:
    retag(path, "green")
    look(source)
    work = PhotoWork()
    (job,) = work.claim(5)
    retag(path, "blue")
    look(source)
    claimed_again(work)
    work.finish([Outcome(job, failure=Reason.DAMAGED)])
    assert Item.objects.get().problem == ""
    assert read_all() == 1

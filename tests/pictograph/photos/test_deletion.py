"""Files that lose their photo, or never get one, are removed even if a process is killed in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from classifier.work import Job, Outcome, Reason
from pictograph.people.models import User
from pictograph.photos import deletion, pictures
from pictograph.photos.deletion import Leftover, delete_photos, sweep_leftovers
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.queue import outcomes
from pictograph.queue.claims import PhotoWork
from pictograph.sources import uploads
from tests.factories import ImportFactory, PhotoFactory, classified_photo, picture
from tests.pictograph.queue.test_claims import outcome_of


def stored_files() -> list[str]:
    """Everything in the storage, whatever folder it is in."""

    def below(folder: str) -> list[str]:
        folders, files = default_storage.listdir(folder)
        return [f"{folder}/{name}" for name in files] + [path for name in folders for path in below(f"{folder}/{name}")]

    return [path for name in ("originals", "renditions") if default_storage.exists(name) for path in below(name)]


def let_an_hour_pass() -> None:
    Leftover.objects.update(noted_at=timezone.now() - timedelta(hours=2))


@pytest.fixture
def photo(user: User) -> Photo:
    return classified_photo("n02099712", owner=user, content=picture())


@pytest.mark.django_db(transaction=True)
def test_deleting_leaves_neither_files_nor_notes(photo: Photo) -> None:
    delete_photos(photo.owner, [photo.pk])
    assert stored_files() == []
    assert not Leftover.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_deleting_and_cleaning_up_is_made_good(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(deletion, "remove_files", lambda files: None)
        delete_photos(photo.owner, [photo.pk])
    assert len(stored_files()) == 2
    sweep_leftovers()
    assert len(stored_files()) == 2  # whoever deleted it may still be at work
    let_an_hour_pass()
    sweep_leftovers()
    assert stored_files() == []
    assert not Leftover.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_of_an_upload_is_made_good(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed_before_saving(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(uploads.Item.objects, "create", killed_before_saving)
        killed.setattr(uploads, "remove_files", lambda files: None)
        with pytest.raises(KeyboardInterrupt):
            uploads.receive(ImportFactory(owner=user), SimpleUploadedFile("a.jpg", picture()))
    assert len(stored_files()) == 1
    let_an_hour_pass()
    sweep_leftovers()
    assert stored_files() == []


def test_an_upload_that_goes_well_is_no_leftover(user: User) -> None:
    uploads.receive(ImportFactory(owner=user), SimpleUploadedFile("a.jpg", picture()))
    assert len(stored_files()) == 1
    let_an_hour_pass()
    sweep_leftovers()
    assert len(stored_files()) == 1
    assert not Leftover.objects.exists()


def test_a_file_that_resists_is_tried_again_but_not_all_the_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def resist(storage: FileSystemStorage, name: str) -> None:
        tries.append(name)
        raise PermissionError(13, "Permission denied")

    deletion.note_leftovers(["originals/ab/stubborn.jpg"])
    monkeypatch.setattr(FileSystemStorage, "delete", resist)
    let_an_hour_pass()
    sweep_leftovers()
    sweep_leftovers()
    assert len(tries) == 1
    let_an_hour_pass()
    sweep_leftovers()
    assert len(tries) == 2


@pytest.mark.django_db(transaction=True)
def test_leftovers_are_swept_few_at_a_time_so_that_others_can_write_between(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def killed_at_the_45th(storage: FileSystemStorage, name: str) -> None:
        tries.append(name)
        if len(tries) == 45:
            raise KeyboardInterrupt

    deletion.note_leftovers([f"originals/ab/{n}.jpg" for n in range(50)])
    let_an_hour_pass()
    monkeypatch.setattr(FileSystemStorage, "delete", killed_at_the_45th)
    with pytest.raises(KeyboardInterrupt):
        sweep_leftovers()
    assert Leftover.objects.count() == 10
    sweep_leftovers()
    assert not Leftover.objects.exists()


def test_a_file_that_is_in_use_after_all_is_no_leftover(photo: Photo) -> None:
    files = stored_files()
    assert len(files) == 2
    deletion.note_leftovers(files)
    let_an_hour_pass()
    sweep_leftovers()
    assert stored_files() == files
    assert not Leftover.objects.exists()


def test_a_leftover_noted_anew_is_left_to_whoever_is_at_work_on_it_now(db: None) -> None:
    default_storage.save("originals/ab/a.jpg", ContentFile(picture()))
    deletion.note_leftovers(["originals/ab/a.jpg"])
    let_an_hour_pass()
    deletion.note_leftovers(["originals/ab/a.jpg", "originals/ab/a.jpg"])
    sweep_leftovers()
    assert stored_files() == ["originals/ab/a.jpg"]


@pytest.mark.django_db(transaction=True)
def test_the_picture_of_a_photo_outlives_a_kill_and_a_failure_while_it_is_read_anew(
    photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = photo.rendition_path(GRID_SIZE)
    Photo.objects.update(is_due=True)

    def killed_before_writing(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(outcomes, "_write", killed_before_writing)
        (job,) = CLAIMER.claim(1)
        with pytest.raises(KeyboardInterrupt):
            CLAIMER.finish([outcome_of(job, digest=photo.digest or "")])
    CLAIMER.let_go()
    (job,) = CLAIMER.claim(1)
    CLAIMER.finish([Outcome(job, failure=Reason.MISSING)])
    let_an_hour_pass()
    sweep_leftovers()
    assert [path for path in stored_files() if path.startswith("renditions")] == [grid]
    assert default_storage.open(grid).read() == picture("WEBP")
    assert not Leftover.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_picture_of_a_photo_that_is_read_anew_is_replaced_in_one_step(
    photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = photo.rendition_path(GRID_SIZE)
    Photo.objects.update(is_due=True)
    save = FileSystemStorage.save

    def full_in_the_middle(storage: FileSystemStorage, name: str, content: Any, max_length: int | None = None) -> str:
        save(storage, name, ContentFile(content.read()[:20]), max_length)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(FileSystemStorage, "save", full_in_the_middle)
        CLAIMER.finish([outcome_of(job, digest=photo.digest or "") for job in CLAIMER.claim(1)])
    assert default_storage.open(grid).read() == picture("WEBP")
    default_storage.save(grid, ContentFile(b"an older one"))
    Photo.objects.update(is_due=True)
    CLAIMER.finish([outcome_of(job, digest=photo.digest or "") for job in CLAIMER.claim(1)])
    assert default_storage.open(grid).read() == picture("WEBP")
    assert len(stored_files()) == 2
    assert not Leftover.objects.exists()


def claimed(user: User) -> Job:
    PhotoFactory(owner=user)
    (job,) = CLAIMER.claim(1)
    return job


CLAIMER = PhotoWork()


@pytest.mark.django_db(transaction=True)
def test_a_thumbnail_made_for_a_photo_that_was_deleted_meanwhile_goes_too(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = claimed(user)
    write = outcomes._write

    def deleted_first(*arguments: Any) -> Any:
        delete_photos(user, [job.photo_id])
        return write(*arguments)

    monkeypatch.setattr(outcomes, "_write", deleted_first)
    CLAIMER.finish([outcome_of(job)])
    assert not Photo.objects.exists()
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_picture_rendered_for_a_photo_that_was_deleted_meanwhile_goes_too(
    photo: Photo, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = pictures.renderings.make

    def deleted_first(*arguments: Any) -> tuple[bytes, str]:
        made = make(*arguments)
        delete_photos(photo.owner, [photo.pk])
        return made

    monkeypatch.setattr(pictures.renderings, "make", deleted_first)
    client.force_login(photo.owner)
    assert client.get(f"/photos/{photo.pk}/1440.webp").status_code == 200
    assert stored_files() == []

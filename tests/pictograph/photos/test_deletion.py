"""Files that lose their photo, or never get one, are removed even if a process is killed in between."""

import os
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from classifier.work import Job
from pictograph.people.models import User
from pictograph.photos import deletion, pictures
from pictograph.photos.deletion import Leftover, delete_photos, sweep_leftovers
from pictograph.photos.models import Photo
from pictograph.queue import results
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
    write = results._write

    def deleted_first(*arguments: Any) -> Any:
        delete_photos(user, [job.photo_id])
        return write(*arguments)

    monkeypatch.setattr(results, "_write", deleted_first)
    CLAIMER.finish([outcome_of(job)])
    assert not Photo.objects.exists()
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_picture_rendered_for_a_photo_that_was_deleted_meanwhile_goes_too(
    photo: Photo, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = pictures.render

    def deleted_first(content: bytes, size: int) -> bytes:
        delete_photos(photo.owner, [photo.pk])
        return render(content, size)

    monkeypatch.setattr(pictures, "render", deleted_first)
    client.force_login(photo.owner)
    assert client.get(f"/photos/{photo.pk}/1440.webp").status_code == 200
    assert stored_files() == []


def test_what_an_upload_left_behind_whose_process_was_killed_is_removed(settings: Settings) -> None:
    old, new = (settings.FILE_UPLOAD_TEMP_DIR / name for name in ("old.upload.jpg", "new.upload.jpg"))
    for file in (old, new):
        file.write_bytes(picture())
    long_ago = time.time() - 2 * 3600
    os.utime(old, (long_ago, long_ago))
    uploads.sweep_broken_off()
    assert not old.exists()
    assert new.exists()

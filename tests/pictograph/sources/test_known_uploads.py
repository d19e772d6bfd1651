"""Files that are sent although the site knows, or knew, what they hold."""

import hashlib
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pictograph.models import Photo, Tombstone, User
from pictograph.photos.deletion import delete_photos
from tests.factories import LABRADOR, PhotoFactory, classified_photo, file_of, picture
from tests.pictograph.sources.test_imports import JSON, send


def test_what_a_photo_shows_and_no_file_holds_any_more_is_kept_when_it_is_sent(anna: Client, user: User) -> None:
    content = picture()
    photo = classified_photo(LABRADOR, owner=user, content=content)
    photo.items.all().delete()
    file_of(photo, digest="0" * 64)  # a scan has seen that its file holds something else
    (result,) = send(anna, ("a.jpg", content))
    assert result["outcome"] == "duplicate"
    upload = photo.items.get(source__kind="upload")
    assert default_storage.open(upload.ref).read() == content
    assert Photo.objects.count() == 1


def test_a_photo_deleted_while_its_copy_comes_in_comes_back(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture()
    photo = PhotoFactory(owner=user, state="failed", failure="disk_full", digest=hashlib.sha256(content).hexdigest())
    save = FileSystemStorage.save

    def delete_first(*args: Any, **fields: Any) -> str:
        delete_photos(user, [photo.pk])
        return save(*args, **fields)

    monkeypatch.setattr(FileSystemStorage, "save", delete_first)
    (result,) = send(anna, ("a.jpg", content))
    assert result["outcome"] == "added"
    assert Photo.objects.get().items.count() == 1


def test_what_was_deleted_stays_deleted_until_its_upload_is_kept(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(anna, ("a.jpg", picture()))
    delete_photos(user, [Photo.objects.get().pk])

    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "save", full)
        anna.post(reverse("upload"), {"files": [SimpleUploadedFile("a.jpg", picture())]}, headers=JSON)
    assert Tombstone.objects.count() == 1
    send(anna, ("a.jpg", picture()))
    assert Photo.objects.count() == 1
    assert not Tombstone.objects.exists()

"""Of a folder only what was decoded as a picture is given away; an upload goes back to who sent it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from pictograph.people.models import User
from pictograph.photos.cards import picture_url
from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from tests.factories import classified_photo, picture, uploads_of

SECRET = b"the key that signs every session"


def original_of(client: Client, photo: Photo) -> bytes | int:
    """What comes, or the status that says that nothing does."""
    response = cast(StreamingHttpResponse, client.get(reverse("original", args=[photo.pk])))
    if response.status_code != 200:
        return response.status_code
    chunks = response.streaming_content
    assert isinstance(chunks, AsyncIterator)

    async def received() -> bytes:
        return b"".join([chunk async for chunk in chunks])

    return asyncio.run(received())


@pytest.fixture
def in_folder(user: User, tmp_path: Path) -> tuple[Photo, Path]:
    """A photo of a folder, and its file."""
    photo = classified_photo("n02099712", owner=user, content=picture())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(picture())
    source = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(folder))
    Item.objects.filter(photo=photo).update(source=source, ref="a.jpg", stored="")
    return photo, folder / "a.jpg"


def fail(photo: Photo) -> None:
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.FAILED, failure="not_a_picture", is_due=False)


def test_the_file_that_was_read_is_given(client: Client, user: User, in_folder: tuple[Photo, Path]) -> None:
    client.force_login(user)
    assert original_of(client, in_folder[0]) == picture()


def test_a_second_name_of_a_file_of_the_system_is_not_given(
    client: Client, user: User, in_folder: tuple[Photo, Path], tmp_path: Path
) -> None:
    photo, path = in_folder
    (tmp_path / "secret_key").write_bytes(SECRET)
    path.unlink()
    os.link(tmp_path / "secret_key", path)
    client.force_login(user)
    assert original_of(client, photo) == 404
    fail(photo)
    assert original_of(client, photo) == 404
    Photo.objects.filter(pk=photo.pk).update(digest=None)
    assert original_of(client, photo) == 404


def test_a_failed_photo_of_a_folder_is_not_given_though_its_bytes_are_known(
    client: Client, user: User, in_folder: tuple[Photo, Path]
) -> None:
    fail(in_folder[0])
    client.force_login(user)
    assert original_of(client, in_folder[0]) == 404


def test_another_source_that_has_the_file_still_gives_it(
    client: Client, user: User, in_folder: tuple[Photo, Path]
) -> None:
    photo, path = in_folder
    path.write_bytes(SECRET)
    default_storage.save("originals/a.jpg", ContentFile(picture()))
    Item.objects.create(source=uploads_of(user), ref="originals/a.jpg", stored="originals/a.jpg", photo=photo)
    client.force_login(user)
    assert original_of(client, photo) == picture()


def test_an_upload_that_could_not_be_read_goes_back_to_who_sent_it(client: Client, user: User, stranger: User) -> None:
    photo = classified_photo("n02099712", owner=user, content=b"<script>alert(1)</script>")
    fail(photo)
    client.force_login(stranger)
    assert original_of(client, photo) == 404
    client.force_login(user)
    assert original_of(client, photo) == b"<script>alert(1)</script>"


def test_no_browser_takes_an_original_for_a_page(client: Client, user: User) -> None:
    photo = classified_photo("n02099712", owner=user, name="a.html", content=b"<script>alert(1)</script>")
    client.force_login(user)
    response = client.get(reverse("original", args=[photo.pk]))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_nobody_sees_a_picture_that_took_the_place_of_a_published_one(
    client: Client, in_folder: tuple[Photo, Path]
) -> None:
    photo, path = in_folder
    Photo.objects.update(is_public=True)
    path.write_bytes(picture(size=(2000, 1000), colour="red"))
    response = client.get(picture_url(photo, 1440))
    assert response.content == default_storage.open(photo.rendition_path(480)).read()
    assert response.headers["Cache-Control"] == "no-store"

"""Pictures go to their owner only, at the size wanted, and are made once."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from pictograph.people.models import User
from pictograph.photos.cards import picture_url
from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from tests.factories import classified_photo, picture


@pytest.fixture
def photo(user: User) -> Photo:
    return classified_photo("n02099712", owner=user, name="Ärger.jpg", content=picture(size=(3000, 2000)))


def test_the_owner_gets_the_grid_picture_and_may_keep_it(client: Client, photo: Photo, user: User) -> None:
    client.force_login(user)
    response = client.get(picture_url(photo, 480))
    assert response.headers["Content-Type"] == "image/webp"
    assert "private" in response.headers["Cache-Control"]
    assert "immutable" in response.headers["Cache-Control"]
    again = client.get(reverse("rendition", args=[photo.pk, 480]), headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "private, no-cache", "what is kept stays kept"


def test_a_larger_picture_is_made_when_first_wanted_and_then_kept(client: Client, photo: Photo, user: User) -> None:
    client.force_login(user)
    assert not default_storage.exists(photo.rendition_path(1440))
    response = client.get(reverse("rendition", args=[photo.pk, 1440]))
    assert Image.open(io.BytesIO(response.content)).size == (1440, 960)
    assert default_storage.open(photo.rendition_path(1440)).read() == response.content


def test_a_picture_that_was_left_half_written_is_made_anew(client: Client, photo: Photo, user: User) -> None:
    client.force_login(user)
    whole = client.get(reverse("rendition", args=[photo.pk, 1440])).content
    default_storage.save(photo.rendition_path(1440), ContentFile(whole[:100]))
    assert client.get(reverse("rendition", args=[photo.pk, 1440])).content == whole
    assert default_storage.open(photo.rendition_path(1440)).read() == whole


@pytest.mark.parametrize("address", ["rendition", "original", "photo"])
def test_a_stranger_gets_404_and_an_anonymous_visitor_nothing_either(
    address: str, client: Client, photo: Photo, stranger: User
) -> None:
    arguments = [photo.pk, 480] if address == "rendition" else [photo.pk]
    assert client.get(reverse(address, args=arguments)).status_code == (404 if address == "rendition" else 302)
    client.force_login(stranger)
    assert client.get(reverse(address, args=arguments)).status_code == 404


@pytest.mark.parametrize("state", [Photo.State.PENDING, Photo.State.FAILED])
def test_a_file_no_worker_has_decoded_is_not_tried_while_serving(
    state: str, client: Client, photo: Photo, user: User
) -> None:
    Photo.objects.filter(pk=photo.pk).update(
        state=state, is_due=state == "pending", failure="crashed" if state == "failed" else ""
    )
    client.force_login(user)
    assert client.get(reverse("rendition", args=[photo.pk, 1440])).status_code == 404
    assert client.post(reverse("delete_photos"), {"photo": photo.pk}).content.count(b"<img") == 1  # the site's mark


def test_in_the_place_of_a_picture_comes_no_page_of_words(
    client: Client, photo: Photo, user: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(user)
    client.get(reverse("rendition", args=[photo.pk, 480]))
    for arguments in ([photo.pk + 1, 480], [photo.pk, 481]):
        with django_assert_max_num_queries(3):  # session, person, photo
            assert client.get(reverse("rendition", args=arguments)).content == b""
    assert b"</html>" in client.get(reverse("original", args=[photo.pk + 1])).content  # somebody follows a link


def test_sizes_nobody_offers_are_404(client: Client, photo: Photo, user: User) -> None:
    client.force_login(user)
    assert client.get(reverse("rendition", args=[photo.pk, 481])).status_code == 404


def test_the_original_comes_as_it_was_sent(client: Client, photo: Photo, user: User) -> None:
    client.force_login(user)
    response = cast(StreamingHttpResponse, client.get(reverse("original", args=[photo.pk])))
    chunks = response.streaming_content
    assert isinstance(chunks, AsyncIterator)

    async def received() -> bytes:
        return b"".join([chunk async for chunk in chunks])

    assert asyncio.run(received()) == picture(size=(3000, 2000))
    assert "attachment" in response.headers["Content-Disposition"]
    assert client.post(reverse("original", args=[photo.pk])).status_code == 405


@pytest.fixture
def lost(user: User, tmp_path: Path) -> Photo:
    """A photo whose file is no longer in its folder."""
    lost = classified_photo("n02099712", owner=user)
    folder = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    Item.objects.filter(photo=lost).update(source=folder, ref="gone.jpg")
    return lost


@pytest.mark.parametrize("kept", [480, 1440])
def test_where_the_original_is_gone_the_largest_picture_kept_stands_in(
    client: Client, user: User, lost: Photo, kept: int
) -> None:
    if kept != 480:
        default_storage.save(lost.rendition_path(kept), ContentFile(picture("WEBP", (140, 100))))
    client.force_login(user)
    response = client.get(picture_url(lost, 2880))
    assert response.content == default_storage.open(lost.rendition_path(kept)).read()
    assert response.headers["Cache-Control"] == "no-store"  # the file may be back in a moment
    assert not default_storage.exists(lost.rendition_path(2880))


def test_a_picture_whose_original_is_gone_is_404_not_an_error(client: Client, user: User, lost: Photo) -> None:
    client.force_login(user)
    assert client.get(reverse("original", args=[lost.pk])).status_code == 404
    default_storage.delete(lost.rendition_path(480))
    assert client.get(reverse("rendition", args=[lost.pk, 1440])).status_code == 404


def test_a_published_picture_goes_to_others_who_ask_each_time_and_to_nobody_once_it_is_withdrawn(
    client: Client, photo: Photo, stranger: User
) -> None:
    Photo.objects.update(is_public=True)
    for viewer in (None, stranger):
        if viewer is not None:
            client.force_login(viewer)
        response = client.get(picture_url(photo, 480))
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, no-cache"
    assert client.get(reverse("original", args=[photo.pk])).status_code == 404
    Photo.objects.update(is_public=False)
    kept = {"If-None-Match": response.headers["ETag"]}
    assert client.get(picture_url(photo, 480), headers=kept).status_code == 404


def test_a_file_that_has_changed_since_leaves_no_picture_behind_here_or_in_a_browser(
    client: Client, photo: Photo, user: User
) -> None:
    item = Item.objects.get()
    default_storage.save(item.ref, ContentFile(picture(size=(2000, 1000))))
    client.force_login(user)
    response = client.get(picture_url(photo, 1440))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert not default_storage.exists(photo.rendition_path(1440))

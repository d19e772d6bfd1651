"""Captions: read from files, written by people, never undone by a scan, and public with their photo."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from classifier.pictures.dates import Origin as ReadOrigin
from pictograph.people.models import User
from pictograph.photos.captions import write_caption
from pictograph.photos.cards import alt_of
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.queue.claims import PhotoWork
from tests.factories import LABRADOR, PhotoFactory, classified_photo
from tests.pictograph.queue.test_claims import due_again, outcome_of

HTMX = {"HX-Request": "true"}


def address(photo: Photo) -> str:
    return reverse("caption", args=[photo.pk])


def read(photo: Photo, caption: str, origin: ReadOrigin | None) -> tuple[str, int | None]:
    """What a photo's caption is, and by whom, once its file has been read and said this."""
    work = PhotoWork()
    (job,) = work.claim(1)
    outcome = outcome_of(job, digest=photo.digest or "")
    assert outcome.photo
    work.finish([replace(outcome, photo=replace(outcome.photo, caption=caption, caption_origin=origin))])
    photo.refresh_from_db()
    assert photo.state == Photo.State.CLASSIFIED
    assert not photo.is_due
    return photo.caption, photo.caption_origin


def test_a_caption_comes_from_the_file_and_follows_it(user: User) -> None:
    photo = PhotoFactory(owner=user)
    assert read(photo, "The lake", ReadOrigin.FILE) == ("The lake", Origin.FILE)
    assert read(due_again(photo), "The lake, frozen", ReadOrigin.FILE) == ("The lake, frozen", Origin.FILE)
    assert read(due_again(photo), "", None) == ("", None)


def test_a_sidecar_is_stronger_than_the_file(user: User) -> None:
    photo = PhotoFactory(owner=user)
    assert read(photo, "Skating", ReadOrigin.SIDECAR) == ("Skating", Origin.SERVICE)
    assert read(due_again(photo), "The lake", ReadOrigin.FILE) == ("Skating", Origin.SERVICE)


def test_no_scan_undoes_what_a_person_wrote_or_took_away(user: User) -> None:
    photo = PhotoFactory(owner=user)
    read(photo, "The lake", ReadOrigin.FILE)
    write_caption(user, photo.pk, "Our lake")
    assert read(due_again(photo), "The lake", ReadOrigin.SIDECAR) == ("Our lake", Origin.PERSON)
    write_caption(user, photo.pk, "")
    assert read(due_again(photo), "The lake", ReadOrigin.SIDECAR) == ("", Origin.PERSON)


def test_a_caption_is_written_on_the_photos_page(client: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    client.force_login(user)
    html = client.get(f"{photo.get_absolute_url()}?year=2023").content.decode()
    assert "Add a caption" in html
    assert "Only you can read it. Once the photo is published, everyone can." in html
    assert f'action="{address(photo)}?year=2023"' in html
    sent = {"caption": " Rex,\r\nour <b>dog</b>\x07 "}
    response = client.post(f"{address(photo)}?year=2023", sent, follow=True)
    assert response.redirect_chain == [(f"{photo.get_absolute_url()}?year=2023", 302)]
    html = response.content.decode()
    assert '<p class="caption-words" dir="auto">Rex,\nour &lt;b&gt;dog&lt;/b&gt;</p>' in html
    assert "Edit caption" in html
    photo.refresh_from_db()
    assert (photo.caption, photo.caption_origin) == ("Rex,\nour <b>dog</b>", Origin.PERSON)
    assert "caption-words" not in client.post(address(photo), {"caption": ""}, follow=True).content.decode()


def test_htmx_gets_the_caption_alone(client: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user, is_public=True)
    client.force_login(user)
    response = client.post(address(photo), {"caption": "Rex"}, headers=HTMX)
    html = response.content.decode()
    assert html.strip().startswith('<div id="caption"')
    assert "Rex" in html
    assert "This photo is published: everyone can read its caption." in html
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_caption_that_is_too_long_is_given_back_to_be_shortened(
    client: Client, user: User, headers: dict[str, str]
) -> None:
    photo = classified_photo(LABRADOR, owner=user, caption="Before")
    client.force_login(user)
    response = client.post(address(photo), {"caption": "x" * 2001}, headers=headers)
    html = response.content.decode()
    assert response.status_code == 422
    assert "That is too long: 2001 letters, and 2000 fit." in html
    assert "x" * 2001 in html
    assert '<details class="caption-edit" open>' in html
    assert ("<html" in html) is not bool(headers)
    photo.refresh_from_db()
    assert photo.caption == "Before"
    assert client.post(address(photo), {"caption": "\r\n".join("x" * 1000)}).status_code == 302, (
        "a line's end is one sign"
    )


def test_only_its_owner_writes_a_photos_caption(client: Client, user: User, stranger: User) -> None:
    photo = classified_photo(LABRADOR, owner=user, is_public=True)
    assert client.post(address(photo), {"caption": "x"}).headers["Location"].startswith(reverse("account_login"))
    client.force_login(stranger)
    for text in ("mine", "x" * 2001):
        assert client.post(address(photo), {"caption": text}).status_code == 404
    assert client.get(address(photo)).status_code == 405
    photo.refresh_from_db()
    assert photo.caption == ""


def test_strangers_read_the_caption_of_a_published_photo_and_of_no_other(
    client: Client, user: User, stranger: User
) -> None:
    photo = classified_photo(LABRADOR, owner=user, caption="Rex in the garden", is_public=True, name="secret.jpg")
    client.force_login(stranger)
    html = client.get(photo.get_absolute_url()).content.decode()
    assert '<p class="caption-words" dir="auto">Rex in the garden</p>' in html
    assert "caption-edit" not in html
    assert "secret" not in html
    Photo.objects.update(is_public=False)
    assert client.get(photo.get_absolute_url()).status_code == 404


def test_a_photo_is_described_by_its_caption_first(client: Client, user: User) -> None:
    moment = datetime(2024, 5, 3, tzinfo=UTC)
    classified_photo(LABRADOR, owner=user, shown_at=moment, caption='Rex,\n"our dog"')
    client.force_login(user)
    html = client.get(reverse("library")).content.decode()
    assert 'alt="Photo, Rex, &quot;our dog&quot;, surely a Labrador retriever, 3 May 2024"' in html
    long = alt_of(Photo(caption="snow " * 200, shown_at=moment), None)
    assert len(long) < 150
    assert long.endswith("…, 3 May 2024")

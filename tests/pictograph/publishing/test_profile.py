"""What people say about themselves to others, and what strangers see of them."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from classifier.pictures.thumbnail import encode_thumbnail, render
from pictograph.people.handles import suggest
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.publishing import publish
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo

KEEP = {"handle": "anna", "about": "", "is_comparable": "on", "is_on_map": "on"}


@pytest.fixture
def anna(user: User, client: Client) -> Client:
    """Somebody signed in."""
    client.force_login(user)
    return client


def test_a_profile_is_saved_and_shown(anna: Client, user: User) -> None:
    answer = anna.post("/profile/", KEEP | {"handle": "Anna-B", "about": "Dogs, mostly.", "shows_places": "on"})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.handle, user.about, user.shows_places, user.is_on_map) == ("anna-b", "Dogs, mostly.", True, True)
    page = anna.get("/profile/").content.decode()
    assert "Dogs, mostly." in page
    assert "about 10 km" in page


def test_what_is_not_ticked_is_off(anna: Client, user: User) -> None:
    anna.post("/profile/", {"handle": "anna", "about": ""})
    user.refresh_from_db()
    assert (user.is_comparable, user.is_on_map, user.shows_places) == (False, False, False)


@pytest.mark.parametrize("handle", ["bo", "taken", "you", "-anna", "an na", "ä" * 5, "x" * 31])
def test_a_handle_that_cannot_be_is_refused_and_nothing_changes(anna: Client, user: User, handle: str) -> None:
    UserFactory(handle="taken")
    answer = anna.post("/profile/", KEEP | {"handle": handle, "about": "new"})
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    user.refresh_from_db()
    assert (user.handle, user.about) == (None, "")


@pytest.mark.parametrize("handle", ["admin", "m0derator", "sup-port"])
def test_only_who_looks_after_the_site_has_a_handle_that_says_so(anna: Client, user: User, handle: str) -> None:
    assert anna.post("/profile/", KEEP | {"handle": handle}).status_code == 422
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert anna.post("/profile/", KEEP | {"handle": handle}).status_code == 302
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert anna.post("/profile/", KEEP | {"handle": handle}).status_code == 302, "what somebody has is theirs"


def test_another_handle_can_be_chosen_and_the_own_one_kept(anna: Client, user: User) -> None:
    for handle in ("anna", "anna", "berta"):
        assert anna.post("/profile/", KEEP | {"handle": handle}).status_code == 302
        user.refresh_from_db()
        assert user.handle == handle
    assert User.objects.filter(handle="anna").count() == 0


def test_somebody_who_was_faster_keeps_the_handle(anna: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactory(handle="anna")
    monkeypatch.setattr("pictograph.publishing.forms.is_free", lambda handle, user: True)
    answer = anna.post("/profile/", KEEP)
    assert answer.status_code == 422
    assert "Somebody else has this handle" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "handle"), [("Anna B.", "anna-b"), ("Ёлка", "photos"), ("jo", "photos-jo"), ("you", "you-2")]
)
def test_a_name_makes_a_handle(db: None, name: str, handle: str) -> None:
    assert suggest(UserFactory(username=name)) == handle


def test_everything_is_taken_back_with_one_button(anna: Client, user: User) -> None:
    for kind in (BEAGLE, TABBY):
        classified_photo(kind, owner=user, is_public=True)
    assert "Make everything private" in anna.get("/profile/").content.decode()
    anna.post("/publish/", {"what": "everything", "confirmed": "withdraw", "next": "/profile/"})
    assert not Photo.objects.filter(is_public=True).exists()
    assert "Make everything private" not in anna.get("/profile/").content.decode()


def test_one_sees_as_a_stranger_what_strangers_see(anna: Client, user: User) -> None:
    shown = classified_photo(BEAGLE, owner=user, name="secret-name.jpg", camera="Leica", latitude=1.25, longitude=2.5)
    hidden = classified_photo(TABBY, owner=user)
    publish(Photo.objects.filter(pk=shown.pk), is_public=True)
    page = anna.get("/publish/as-a-stranger/").content.decode()
    assert f"photo={shown.pk}" in page
    assert f"photo={hidden.pk}" not in page
    detail = anna.get(f"/publish/as-a-stranger/?photo={shown.pk}").content.decode()
    for secret in ("secret-name", "Leica", "1.25", "/original/", "Delete"):
        assert secret not in detail.partition("<main")[2]
    assert anna.get(f"/publish/as-a-stranger/?photo={hidden.pk}").status_code == 404


def test_strangers_learn_of_a_photo_neither_file_nor_camera_nor_place_nor_hour(client: Client, user: User) -> None:
    photo = classified_photo(
        BEAGLE, owner=user, is_public=True, name="secret-name.jpg", camera="Leica", latitude=47.1234, longitude=2.5
    )
    Photo.objects.update(shown_at=datetime(2024, 5, 3, 14, 3, tzinfo=UTC), date_origin=Origin.FILE)
    photo.refresh_from_db()
    for viewer in (client, Client()):
        if viewer is client:
            viewer.force_login(UserFactory())
        page = viewer.get(f"/photos/{photo.pk}/").content.decode()
        for secret in ("secret-name", "Leica", "47.12", "/original/", f"{photo.shown_at:%H:%M}"):
            assert secret not in page.partition("<main")[2]
        assert viewer.get(f"/photos/{photo.pk}/original/").status_code in (302, 404)


def exif() -> Image.Exif:
    written = Image.Exif()
    written[0x010F] = "Leica"
    written.get_ifd(0x8825)[1] = "N"
    return written


def chunks(webp: bytes) -> set[bytes]:
    """The names of a WebP's parts."""
    found, at = set(), 12
    while at < len(webp):
        found.add(webp[at : at + 4])
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return found


def test_published_pictures_carry_nothing_of_the_file_but_the_picture() -> None:
    file = BytesIO()
    profile: Any = b"profile " * 40
    Image.new("RGB", (800, 600), "teal").save(
        file, "JPEG", exif=exif(), icc_profile=profile, comment=b"made by anna", xmp=b"<x:xmpmeta>anna</x:xmpmeta>"
    )
    assert b"Leica" in file.getvalue()
    with Image.open(file) as image:
        image.load()
        pictures = [render(file.getvalue(), 1440), encode_thumbnail(image, profile)]
    for picture in pictures:
        assert chunks(picture) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
        assert not chunks(picture) & {b"EXIF", b"XMP ", b"ICCP"}
        assert b"Leica" not in picture
        assert b"anna" not in picture


def test_people_who_leave_or_were_locked_out_vanish(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user, is_public=True)
    stranger = Client()
    assert stranger.get(f"/photos/{photo.pk}/480.webp").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert default_storage.exists(photo.rendition_path(480))
    assert stranger.get(f"/photos/{photo.pk}/480.webp").status_code == 404
    assert stranger.get(f"/photos/{photo.pk}/").status_code == 302


def test_nobody_is_led_to_a_page_that_is_not_there_yet(anna: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(handle="anna")
    photo = classified_photo(TABBY, owner=user)
    page = anna.get("/publish/as-a-stranger/").content.decode()
    assert "/explore/people/anna/" not in page.partition("<main")[2]
    publish(Photo.objects.filter(pk=photo.pk), is_public=True)
    page = anna.get("/publish/as-a-stranger/").content.decode()
    assert "/explore/people/anna/" in page.partition("<main")[2]


def test_the_menu_leads_to_ones_page_and_that_says_why_it_is_empty(anna: Client, user: User) -> None:
    assert "/explore/people/" not in anna.get("/profile/").content.decode()
    User.objects.filter(pk=user.pk).update(handle="anna")
    menu, _main, _page = anna.get("/profile/").content.decode().partition("<main")
    assert "/explore/people/anna/" in menu
    own, others = anna.get("/explore/people/anna/"), Client().get("/explore/people/anna/")
    assert own.status_code == others.status_code == 404
    assert "Your page is empty" in own.content.decode()
    assert "Your page is empty" not in others.content.decode()

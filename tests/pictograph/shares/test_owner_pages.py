"""The owner makes links, changes them, ends them; nobody else learns of any."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pictograph.albums.models import Album
from pictograph.people.models import User
from pictograph.shares.models import Share
from tests.pictograph.shares.making import share_of, wnid_of

FORM = {"title": "", "expiry": "never", "password": ""}


@pytest.fixture
def owner(client: Client, library: User) -> User:
    client.force_login(library)
    return library


def test_a_link_is_made_opened_and_ended(client: Client, owner: User) -> None:
    sent = FORM | {"title": "No dogs", "left_out": [wnid_of("dogs")], "expiry": "7", "password": "sesame", "open": "1"}
    assert client.post("/shares/new/", sent).status_code == 302
    share = Share.objects.get()
    assert (share.title, share.left_out, share.is_open) == ("No dogs", [wnid_of("dogs")], True)
    assert share.expires_at
    assert timedelta(days=6) < share.expires_at - timezone.now() < timedelta(days=8)
    assert share.accepts("sesame")
    listed = client.get("/shares/").content.decode()
    assert f"http://testserver{share.get_absolute_url()}" in listed
    assert "without dogs" in listed
    client.post(f"/shares/{share.pk}/revoke/")
    assert client.get(share.get_absolute_url()).status_code == 404
    assert client.get(f"/shares/{share.pk}/").status_code == 404


def test_a_link_may_go_on_to_the_last_day_there_is(client: Client, owner: User) -> None:
    sent = FORM | {"begins": "0001-01-01", "ends": "9999-12-31", "open": "1"}
    assert client.post("/shares/new/", sent).status_code == 302
    share = Share.objects.get()
    photo = owner.photos.first()
    assert photo is not None
    assert Client().get(f"{share.get_absolute_url()}photos/{photo.pk}/").status_code == 200


def test_a_link_may_be_looked_at_before_others_can(client: Client, owner: User) -> None:
    answer = client.post("/shares/new/", FORM | {"preview": "1"})
    share = Share.objects.get()
    assert answer.headers["Location"] == share.get_absolute_url()
    assert "So far only you can open it" in client.get(share.get_absolute_url()).content.decode()
    assert Client().get(share.get_absolute_url()).status_code == 404
    client.post(f"/shares/{share.pk}/open/")
    assert Client().get(share.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("what", ["category", "year", "album"])
def test_a_category_a_year_and_an_album_can_be_shared(client: Client, owner: User, what: str) -> None:
    album = Album.objects.create(owner=owner, name="Best of all")
    value = {"category": wnid_of("cats"), "year": "2022", "album": str(album.pk)}[what]
    assert client.get("/shares/new/", {what: value}).status_code == 200
    client.post("/shares/new/", FORM | {what: value, "open": "1"})
    share = Share.objects.get()
    title = {"category": "Cats", "year": "2022 in photos", "album": "Best of all"}[what]
    assert share.kind == what
    assert f"<h1>{title}</h1>" in Client().get(share.get_absolute_url()).content.decode()


def test_a_link_that_changes_stays_the_same_and_keeps_end_and_password(client: Client, owner: User) -> None:
    end = timezone.now() + timedelta(days=3)
    share = share_of(owner, password="sesame", expires_at=end)
    sent = FORM | {"title": "Another", "expiry": "keep", "left_out": [wnid_of("cats")]}
    assert client.post(f"/shares/{share.pk}/", sent).status_code == 302
    changed = Share.objects.get()
    assert (changed.token, changed.title, changed.expires_at) == (share.token, "Another", end)
    assert changed.accepts("sesame")
    client.post(f"/shares/{share.pk}/", sent | {"drops_password": "on"})
    assert not Share.objects.get().password


@pytest.mark.parametrize(
    "wrong",
    [
        {"begins": "2023-02-01", "ends": "2022-02-01"},
        {"left_out": ["n99999999"]},
        {"password": "short"},
        {"expiry": "sometime"},
        {"title": "x" * 81},
    ],
)
def test_what_cannot_be_is_said_on_the_form(client: Client, owner: User, wrong: dict[str, object]) -> None:
    assert client.post("/shares/new/", FORM | wrong).status_code == 422
    assert not Share.objects.exists()


def test_more_days_than_can_be_counted_are_refused_and_a_year_is_not(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pictograph.shares.forms.MOST_PICKED", 10)
    assert client.post("/shares/new/", FORM | {"begins": "2022-01-02"}).status_code == 422
    assert client.post("/shares/new/", FORM | {"begins": "2022-01-01", "ends": "2022-12-31"}).status_code == 302
    assert client.post("/shares/new/", FORM | {"year": "2023"}).status_code == 302


def test_a_category_is_not_left_out_of_itself(client: Client, owner: User) -> None:
    sent = FORM | {"category": wnid_of("dogs"), "left_out": [wnid_of("animals")]}
    assert client.post("/shares/new/", sent).status_code == 422


def test_anothers_link_and_anothers_album_are_not_there(client: Client, owner: User, stranger: User) -> None:
    share = share_of(stranger)
    album = Album.objects.create(owner=stranger, name="Theirs")
    assert share.token not in client.get("/shares/").content.decode()
    assert client.get(f"/shares/{share.pk}/").status_code == 404
    for page in ("", "open/", "revoke/"):
        assert client.post(f"/shares/{share.pk}/{page}", FORM).status_code == 404
    assert client.get("/shares/new/", {"album": album.pk}).status_code == 404
    share.refresh_from_db()
    assert share.revoked_at is None


@pytest.mark.parametrize("page", ["/shares/", "/shares/new/", "/shares/1/"])
def test_whoever_is_not_signed_in_has_no_links(db: None, user: User, page: str) -> None:
    assert Client().get(page).status_code == 302


@pytest.mark.parametrize("page", ["open", "revoke"])
def test_nothing_is_ended_or_opened_by_a_look(client: Client, owner: User, page: str) -> None:
    assert client.get(f"/shares/{share_of(owner).pk}/{page}/").status_code == 405


def test_links_go_with_the_account_and_with_the_album(owner: User) -> None:
    album = Album.objects.create(owner=owner, name="Some")
    share_of(owner, kind=Share.Kind.ALBUM, album=album)
    album.delete()
    assert not Share.objects.exists()


def test_the_page_tells_other_sites_of_its_card(client: Client, owner: User) -> None:
    share = share_of(owner)
    said = Client().get(share.get_absolute_url()).content.decode()
    assert f'<meta property="og:image" content="http://testserver{share.get_absolute_url()}card.png">' in said
    assert '<meta name="twitter:card" content="summary_large_image">' in said

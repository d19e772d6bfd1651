"""Publishing and taking back: what is shown before, what happens then, and to whose photos."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from pictograph.albums.contents import add_photos
from pictograph.albums.models import Album, AlbumPhoto
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish, publish_exactly
from pictograph.publishing import queries
from pictograph.shares.models import Share
from pictograph.shares.queries import links_showing
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import NETWORK, public_of
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo
from tests.pictograph.places.placed import ROME, photo_at
from tests.pictograph.shares.making import share_of

DOGS = "dogs-n02084071"


@pytest.fixture
def anna(user: User, client: Client) -> Client:
    """Somebody with a handle, signed in."""
    User.objects.filter(pk=user.pk).update(handle="anna")
    client.force_login(user)
    return client


@pytest.fixture
def photos(user: User) -> list[Photo]:
    """A beagle of 2021, a beagle and a cat of 2022."""
    days = [datetime(2021, 5, 4, 12, tzinfo=UTC), datetime(2022, 5, 4, tzinfo=UTC), datetime(2022, 8, 1, tzinfo=UTC)]
    kinds = [BEAGLE, BEAGLE, TABBY]
    return [classified_photo(kind, owner=user, shown_at=day) for kind, day in zip(kinds, days, strict=True)]


def seal_in(page: str) -> str:
    """What the form of a page says of the photos on it."""
    found = re.search(r'name="seal" value="(\w+)"', page)
    assert found, page
    return found[1]


def public_ids() -> list[int]:
    return list(Photo.objects.filter(is_public=True).order_by("pk").values_list("pk", flat=True))


def confirm(client: Client, asked: dict[str, str], **more: str) -> int:
    """Look at a selection and publish it; the status of the answer."""
    page = client.get("/publish/", asked).content.decode()
    form = asked | {"seal": seal_in(page), "confirmed": "publish"} | more
    return client.post("/publish/", form).status_code


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ({"what": "everything"}, [0, 1, 2]),
        ({"what": "category", "category": DOGS}, [0, 1]),
        ({"what": "dates", "first": "2022-05-04", "last": "2022-08-01"}, [1, 2]),
        ({"what": "dates", "first": "2022-08-01", "last": "2022-08-01"}, [2]),
    ],
)
def test_what_is_shown_first_is_what_is_published(
    anna: Client, photos: list[Photo], asked: dict[str, str], chosen: list[int]
) -> None:
    page = anna.get("/publish/", asked).content.decode()
    shown = {int(pk) for pk in re.findall(r"/photos/(\d+)/480\.webp", page)}
    assert shown == {photos[n].pk for n in chosen}
    assert public_ids() == []
    assert confirm(anna, asked) == 302
    assert public_ids() == [photos[n].pk for n in chosen]
    assert prediction_store().counts(NETWORK, 1)[ALL_PHOTOS] == len(chosen)


@pytest.mark.parametrize(
    ("shows_places", "said"),
    [(False, "Nobody else sees that: you do not show places."), (True, "<q>near Rome, Italy</q>")],
)
def test_before_publishing_one_reads_what_others_learn_of_places(
    anna: Client, user: User, photos: list[Photo], shows_places: bool, said: str
) -> None:
    assert "None of them says where it was taken." in anna.get("/publish/", {"what": "everything"}).content.decode()
    User.objects.filter(pk=user.pk).update(shows_places=shows_places)
    photo_at(user, ROME)
    page = anna.get("/publish/", {"what": "everything"}).content.decode()
    assert "1 of them says where it was taken." in page
    assert said in page
    assert ("near Rome" in page) == shows_places


def test_ticked_photos_are_asked_about_and_published(anna: Client, photos: list[Photo]) -> None:
    ids = [photos[0].pk, photos[2].pk]
    page = anna.post("/publish/", {"photo": ids}).content.decode()
    assert "Publish 2 photos?" in page
    form = {"ids": ",".join(map(str, ids)), "seal": seal_in(page), "confirmed": "publish", "next": "/photos/"}
    answer = anna.post("/publish/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/photos/")
    assert public_ids() == ids


def test_an_album_is_published_as_it_is_and_only_by_its_owner(anna: Client, user: User, photos: list[Photo]) -> None:
    album = Album.objects.create(owner=user, name="Pets")
    AlbumPhoto.objects.create(album=album, photo=photos[1])
    asked = {"what": "album", "album": str(album.pk)}
    page = anna.post("/publish/", asked).content.decode()
    assert "Publish 1 photo?" in page
    AlbumPhoto.objects.create(album=album, photo=photos[2])
    assert anna.post("/publish/", asked | {"seal": seal_in(page), "confirmed": "publish"}).status_code == 409
    assert confirm(anna, asked) == 302
    assert public_ids() == [photos[1].pk, photos[2].pk]
    others = Album.objects.create(owner=UserFactory(), name="Not hers")
    assert anna.get("/publish/", {"what": "album", "album": str(others.pk)}).status_code == 422
    anna.post("/publish/", asked | {"confirmed": "withdraw"})
    assert public_ids() == []


def test_others_photos_are_never_published(anna: Client, photos: list[Photo]) -> None:
    others = classified_photo(TABBY, owner=UserFactory())
    page = anna.post("/publish/", {"photo": [others.pk]})
    assert "No photos there" in page.content.decode()
    mixed = anna.post("/publish/", {"photo": [others.pk, photos[0].pk]}).content.decode()
    form = {"ids": f"{others.pk},{photos[0].pk}", "seal": seal_in(mixed), "confirmed": "publish"}
    anna.post("/publish/", form)
    assert public_ids() == [photos[0].pk]
    anna.post("/publish/", {"photo": [others.pk], "confirmed": "publish", "seal": ""})
    assert public_ids() == [photos[0].pk]


def test_others_photos_are_never_taken_back(anna: Client) -> None:
    others = classified_photo(TABBY, owner=UserFactory(), is_public=True)
    anna.post("/publish/", {"photo": [others.pk], "confirmed": "withdraw"})
    assert public_ids() == [others.pk]


def test_what_has_come_in_since_is_not_published_unseen(anna: Client, user: User, photos: list[Photo]) -> None:
    page = anna.get("/publish/", {"what": "everything"}).content.decode()
    classified_photo(BEAGLE, owner=user)
    answer = anna.post("/publish/", {"what": "everything", "seal": seal_in(page), "confirmed": "publish"})
    assert answer.status_code == 409
    assert "something has changed" in answer.content.decode()
    assert public_ids() == []


def test_one_photo_is_taken_back_and_gone_with_the_answer(anna: Client, user: User, photos: list[Photo]) -> None:
    publish(Photo.objects.owned_by(user), is_public=True)
    answer = anna.post("/publish/", {"photo": [photos[0].pk], "confirmed": "withdraw", "next": "/photos/"})
    assert answer.status_code == 302
    assert public_ids() == [photos[1].pk, photos[2].pk]
    assert prediction_store().counts(public_of(user.pk), 1)[ALL_PHOTOS] == 2
    stranger = Client()
    assert stranger.get(f"/photos/{photos[0].pk}/480.webp").status_code == 404
    assert stranger.get(f"/photos/{photos[1].pk}/480.webp").status_code == 200


def test_the_first_publishing_asks_for_a_handle_and_offers_a_free_one(
    client: Client, user: User, photos: list[Photo]
) -> None:
    User.objects.filter(pk=user.pk).update(username="José María")
    UserFactory(username="other", handle="jose-maria")
    client.force_login(user)
    page = client.get("/publish/", {"what": "everything"}).content.decode()
    assert 'value="jose-maria-2"' in page
    assert confirm(client, {"what": "everything"}, handle="jose-maria") == 422
    assert confirm(client, {"what": "everything"}, handle="everyone") == 422
    assert confirm(client, {"what": "everything"}, handle="") == 422
    assert confirm(client, {"what": "everything"}, handle="a b") == 422
    assert public_ids() == []
    assert confirm(client, {"what": "everything"}, handle="Jose-2") == 302
    user.refresh_from_db()
    assert user.handle == "jose-2"
    assert len(public_ids()) == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"what": "category", "category": "n99999999"},
        {"what": "dates", "first": "2022-02-31", "last": "2022-03-01"},
        {"what": "dates", "first": "2022-02-01"},
        {"what": "nothing"},
        {"ids": "x", "what": "photos"},
    ],
)
def test_an_address_that_names_no_photos_says_so(anna: Client, photos: list[Photo], asked: dict[str, str]) -> None:
    answer = anna.get("/publish/", asked)
    assert answer.status_code == 422
    assert "Choose which photos first" in answer.content.decode()


def test_photos_that_were_not_looked_at_stay_private(anna: Client, user: User, photos: list[Photo]) -> None:
    Photo.objects.filter(pk=photos[0].pk).update(state=Photo.State.PENDING, is_due=True)
    assert confirm(anna, {"what": "everything"}) == 302
    assert public_ids() == [photos[1].pk, photos[2].pk]


def test_only_whoever_is_signed_in_publishes(client: Client, photos: list[Photo]) -> None:
    for address in ("/publish/", "/profile/", "/publish/as-a-stranger/"):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")
    client.post("/publish/", {"photo": [photos[0].pk], "confirmed": "publish"})
    assert public_ids() == []


def test_htmx_gets_no_page_around(anna: Client, photos: list[Photo]) -> None:
    for address in ("/publish/", "/publish/?what=everything", "/profile/", "/publish/as-a-stranger/"):
        answer = anna.get(address, headers={"HX-Request": "true"})
        assert "<html" not in answer.content.decode()
        assert "HX-Request" in answer.headers["Vary"]
    assert anna.put("/publish/").status_code == 405


def test_public_photos_are_marked_in_ones_own_grid_and_nowhere_else(
    anna: Client, user: User, photos: list[Photo]
) -> None:
    publish(Photo.objects.filter(pk=photos[0].pk), is_public=True)
    assert anna.get("/photos/").content.decode().count('class="mark"') == 1
    assert anna.get(f"/photos/c/{DOGS}/").content.decode().count('class="mark"') == 1
    assert 'class="mark"' not in anna.get("/explore/photos/").content.decode()
    assert "This photo is public." in anna.get(f"/photos/{photos[0].pk}/").content.decode()
    assert "This photo is public." not in anna.get(f"/photos/{photos[1].pk}/").content.decode()


def test_an_album_is_published_from_its_page(anna: Client, user: User, photos: list[Photo]) -> None:
    album = Album.objects.create(owner=user, name="Summer")
    add_photos(album, [photos[0].pk, photos[2].pk])
    page = anna.get(f"/albums/{album.pk}/").content.decode()
    assert '<form method="post" action="/publish/">' in page
    assert 'name="what" value="album"' in page
    assert confirm(anna, {"what": "album", "album": str(album.pk)}) == 302
    assert public_ids() == [photos[0].pk, photos[2].pk]


def test_an_album_of_someone_else_is_none(anna: Client, photos: list[Photo]) -> None:
    album = Album.objects.create(owner=UserFactory(), name="Theirs")
    assert anna.get("/publish/", {"what": "album", "album": str(album.pk)}).status_code == 422


@pytest.mark.parametrize(
    ("link", "is_named"),
    [
        ({"kind": Share.Kind.PICTOGRAPH}, True),
        ({"kind": Share.Kind.PICTOGRAPH, "is_open": False}, False),
        ({"kind": Share.Kind.PICTOGRAPH, "revoked_at": datetime(2024, 1, 1, tzinfo=UTC)}, False),
        ({"kind": Share.Kind.PICTOGRAPH, "without": ("dogs",)}, False),
        ({"kind": Share.Kind.CATEGORY, "wnid": "n02084071"}, True),
        ({"kind": Share.Kind.CATEGORY, "wnid": "n02120997"}, False),
        ({"kind": Share.Kind.YEAR, "begins": date(2021, 1, 1), "ends": date(2021, 12, 31)}, True),
        ({"kind": Share.Kind.YEAR, "begins": date(2022, 1, 1), "ends": date(2022, 12, 31)}, False),
    ],
)
def test_who_takes_photos_back_is_told_which_links_go_on_showing_them(
    anna: Client, user: User, photos: list[Photo], link: dict[str, Any], is_named: bool
) -> None:
    share_of(user, title="For <grandma>", **link)
    share_of(UserFactory(), title="Of somebody else")
    publish(Photo.objects.filter(pk=photos[0].pk), is_public=True)
    asked = {"ids": str(photos[0].pk)}
    proposed = anna.get("/publish/", asked).content.decode()
    answered = anna.post("/publish/", asked | {"confirmed": "withdraw"}, follow=True).content.decode()
    for page in (proposed, answered):
        assert ("“For &lt;grandma&gt;”" in page) is is_named
        assert "Of somebody else" not in page
    assert public_ids() == []


def test_what_links_show_takes_one_look_at_the_store_and_one_at_the_rows_of_each(
    anna: Client, user: User, photos: list[Photo], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    links = [share_of(user, title=f"Link {n}", without=("cats", "birds")) for n in range(9)]
    ids = [photo.pk for photo in photos]
    with django_assert_max_num_queries(len(links) + 2):
        found = links_showing(user, ids)
    assert found.titles == ("Link 8", "Link 7", "Link 6")
    assert found.words.endswith("“Link 8”, “Link 7”, “Link 6” and 6 more.")
    assert links_showing(user, []).words == ""


def test_of_very_many_photos_the_latest_are_looked_at_before_somebody_agrees(
    anna: Client, user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UNSAFE_HOLD = 0.8
    monkeypatch.setattr(queries, "LOOKED_AT_MOST", 2)
    photos = [classified_photo(BEAGLE, owner=user, unsafe=unsafe) for unsafe in (0.9, 0.9, 0.1)]
    page = anna.get("/publish/?what=everything").content.decode()
    assert "Publish 3 photos?" in page
    assert "1 photo may show perhaps nudity." in page
    assert "Only the latest 2 were checked for this page." in page
    done = publish_exactly(user.pk, [photo.pk for photo in photos])
    assert (len(done.reviewed), len(done.public)) == (2, 1)


@pytest.mark.parametrize("shows_places", [False, True])
def test_a_single_photo_is_spoken_of_as_one(anna: Client, user: User, photos: list[Photo], shows_places: bool) -> None:
    User.objects.filter(pk=user.pk).update(shows_places=shows_places)
    page = anna.post("/publish/", {"photo": photos[0].pk}).content.decode()
    assert "Publish 1 photo?" in page
    assert "Anyone who visits this site will see it, its caption and categories, and the day it was taken." in page
    assert "It does not say where it was taken." in page
    placed = photo_at(user, ROME)
    page = anna.post("/publish/", {"photo": placed.pk}).content.decode()
    assert "It says where it was taken." in page
    assert "of them" not in page
    assert ("<q>near Rome, Italy</q>" in page) == shows_places

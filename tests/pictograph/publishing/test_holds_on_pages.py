"""What people read of photos that wait or were taken down, before and after they publish; others read nothing."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from pictograph.people.models import User
from pictograph.photos.holds import Hold, take_down
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish
from tests.factories import BEAGLE, UserFactory, classified_photo
from tests.pictograph.publishing.test_holds_of_categories import RIFLE
from tests.pictograph.publishing.test_publish_page import confirm

EVERYTHING = {"what": "everything"}


@pytest.fixture
def anna(user: User, client: Client, settings: Settings) -> Client:
    """Somebody with a handle, signed in, on a site that looks first."""
    settings.UNSAFE_HOLD = 0.8
    User.objects.filter(pk=user.pk).update(handle="anna")
    client.force_login(user)
    return client


@pytest.fixture
def photos(user: User) -> dict[str, Photo]:
    """A dog, a gun, and a dog that nobody has looked at."""
    return {
        "dog": classified_photo(BEAGLE, owner=user, unsafe=0.1),
        "gun": classified_photo(RIFLE, owner=user, unsafe=0.1),
        "unscored": classified_photo(BEAGLE, owner=user),
    }


def main_of(client: Client, address: str, query: dict[str, str] | None = None) -> str:
    """What a page says, its white space evened."""
    page = client.get(address, query).content.decode().partition("<main")[2]
    return " ".join(page.split())


def test_before_publishing_one_reads_what_is_looked_at_first_and_afterwards_what_became_of_it(
    anna: Client, photos: dict[str, Photo]
) -> None:
    asked = main_of(anna, "/publish/", EVERYTHING)
    assert "1 photo may show weapons." in asked
    assert "A moderator looks at it before anyone else sees it." in asked
    assert "The site looks at 1 photo for nudity first." in asked
    assert "Publish 3 photos" in asked
    assert confirm(anna, EVERYTHING) == 302
    said = anna.get("/publish/").content.decode()
    for words in (
        "1 photo is public now.",
        "A moderator looks at 1 photo first.",
        "1 photo is on its way",
        "1 of your 3 photos are public.",
        "2 wait to be looked at first.",
    ):
        assert words in said, words


def test_harmless_photos_are_published_without_a_word_of_all_that(anna: Client, photos: dict[str, Photo]) -> None:
    asked = main_of(anna, "/publish/", {"ids": str(photos["dog"].pk)})
    assert 'class="ahead"' not in asked
    assert "wait" not in main_of(anna, "/publish/")


@pytest.mark.parametrize(
    ("name", "words"),
    [("gun", "Waiting for a moderator.</strong> It may show weapons"), ("unscored", "On its way.</strong>")],
)
def test_the_page_of_a_photo_that_waits_says_so_and_takes_it_back(
    anna: Client, photos: dict[str, Photo], name: str, words: str
) -> None:
    confirm(anna, EVERYTHING)
    photo = photos[name]
    page = main_of(anna, f"/photos/{photo.pk}/")
    assert words in page
    assert "Take back" in page
    form = {"photo": photo.pk, "confirmed": "withdraw", "next": f"/photos/{photo.pk}/"}
    answer = anna.post("/publish/", form, follow=True).content.decode()
    assert "1 photo waits no longer." in answer
    assert "0 photos" not in answer
    assert not Hold.objects.filter(photo=photo).exists()
    assert ">Publish<" in answer.replace("\n", "")


def test_the_page_of_a_photo_that_was_taken_down_says_why_and_offers_nothing(
    anna: Client, user: User, photos: dict[str, Photo]
) -> None:
    dog = photos["dog"]
    publish(Photo.objects.filter(pk=dog.pk), is_public=True)
    take_down([dog.pk], UserFactory(is_superuser=True), "It shows <somebody's> face.")
    page = main_of(anna, f"/photos/{dog.pk}/")
    assert "A moderator has taken this photo down." in page
    assert "It shows &lt;somebody&#x27;s&gt; face." in page
    assert "cannot be published again" in page
    assert 'value="withdraw"' not in page
    assert ">Publish<" not in page
    asked = main_of(anna, "/publish/", {"ids": str(dog.pk)})
    assert "1 was taken down by a moderator." in asked
    assert 'value="publish"' not in asked
    anna.post("/publish/", {"ids": str(dog.pk), "confirmed": "publish", "seal": ""})
    assert not Photo.objects.get(pk=dog.pk).is_public


def test_all_that_is_held_is_listed_for_its_owner(
    anna: Client, user: User, photos: dict[str, Photo], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert "Nothing waits" in main_of(anna, "/publish/waiting/")
    confirm(anna, EVERYTHING)
    take_down([photos["dog"].pk], None, "No.")
    with django_assert_max_num_queries(12):
        page = main_of(anna, "/publish/waiting/")
    for photo in photos.values():
        assert f"/photos/{photo.pk}/" in page
    assert page.count("Take back") == 2
    assert '<q dir="auto">No.</q>' in page
    for address in ("/publish/", "/profile/", "/publish/as-a-stranger/"):
        assert "/publish/waiting/" in main_of(anna, address)


def test_held_photos_go_on_over_pages(
    anna: Client, user: User, photos: dict[str, Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pictograph.publishing.held.PAGE", 1)
    confirm(anna, EVERYTHING)
    first = main_of(anna, "/publish/waiting/")
    assert f"?before={photos['unscored'].pk}" in first
    assert f"/photos/{photos['gun'].pk}/" in main_of(anna, "/publish/waiting/", {"before": str(photos["unscored"].pk)})
    assert anna.get("/publish/waiting/", {"before": "x"}).status_code == 404


def test_others_see_nothing_of_what_is_held(anna: Client, photos: dict[str, Photo]) -> None:
    confirm(anna, EVERYTHING)
    gun = photos["gun"].pk
    for client in (Client(), Client()):
        assert client.get(f"/photos/{gun}/{GRID_SIZE}.webp").status_code == 404
        assert client.get(f"/photos/{gun}/").status_code == 302
        client.force_login(UserFactory())
        assert client.get(f"/photos/{gun}/{GRID_SIZE}.webp").status_code == 404
        assert client.get(f"/photos/{gun}/").status_code == 404


def test_others_have_no_list_of_what_is_held(anna: Client, photos: dict[str, Photo]) -> None:
    confirm(anna, EVERYTHING)
    other = Client()
    assert other.get("/publish/waiting/").status_code == 302
    other.force_login(UserFactory())
    assert "Nothing waits" in main_of(other, "/publish/waiting/")
    assert anna.post("/publish/waiting/").status_code == 405
    assert "<html" not in anna.get("/publish/waiting/", headers={"HX-Request": "true"}).content.decode()

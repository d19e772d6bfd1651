"""The page of photos similar to one: who may see it, where it looks, and what it shows."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.models import Photo, User
from pictograph.similar import refreshing
from pictograph.similar.refreshing import refresh
from pictograph.store.scope import NETWORK, library_of
from tests.factories import DAISY, TABBY, PhotoFactory
from tests.pictograph.similar.alike import alike, current_network


def shown(client: Client, photo: Photo, query: str = "") -> list[int]:
    page = client.get(reverse("similar", args=[photo.pk]) + query).content.decode()
    grid = page.partition('id="grid"')[2]
    return [int(pk) for pk in re.findall(r'<a href="/photos/(\d+)/', grid)]


def all_up_to_date(*people: User) -> None:
    for scope in (NETWORK, *(library_of(person.pk) for person in people)):
        assert refresh(scope, current_network().pk)


def test_ones_own_photo_is_compared_with_ones_own_library(client: Client, user: User, stranger: User) -> None:
    mine, theirs = alike(user, 1, 4), alike(stranger, 1, 2, is_public=True)
    alike(user, 2, 3, shows=DAISY)
    all_up_to_date(user)
    client.force_login(user)
    assert set(shown(client, mine[0])) == {photo.pk for photo in mine[1:]}
    assert set(shown(client, mine[0], "?of=everyone")) == {photo.pk for photo in theirs}


def test_anyone_may_ask_what_is_like_a_published_photo(client: Client, user: User, stranger: User) -> None:
    published = alike(user, 1, 3, is_public=True)
    alike(user, 1, 2)  # which stay private
    all_up_to_date(user, stranger)
    assert set(shown(client, published[0])) == {photo.pk for photo in published[1:]}
    client.force_login(stranger)
    assert set(shown(client, published[0])) == {photo.pk for photo in published[1:]}
    assert shown(client, published[0], "?of=you") == []


def test_what_one_may_not_see_has_no_such_page(client: Client, user: User, stranger: User) -> None:
    (secret,), (waiting,) = alike(user, 1), [PhotoFactory(owner=user)]
    assert client.get(reverse("similar", args=[secret.pk])).status_code == 302, "may be the owner, not signed in"
    client.force_login(stranger)
    assert client.get(reverse("similar", args=[secret.pk])).status_code == 404
    client.force_login(user)
    assert client.get(reverse("similar", args=[waiting.pk])).status_code == 404
    assert client.get(reverse("similar", args=[secret.pk]), {"of": "elsewhere"}).status_code == 404
    assert client.post(reverse("similar", args=[secret.pk])).status_code == 405


def test_the_first_time_the_page_waits_and_has_the_files_made(
    client: Client, user: User, celery_messages: list[str]
) -> None:
    photos = alike(user, 1, 3)
    client.force_login(user)
    address = reverse("similar", args=[photos[0].pk])
    page = client.get(address).content.decode()
    assert "Comparing the photos" in page
    assert 'http-equiv="refresh"' in page, "without JavaScript it goes on as well"
    assert celery_messages == ["pictograph.similar.tasks.refresh_library"]
    again = re.search(r'hx-get="([^"]+)"', page)
    assert again
    asked = again[1].replace("&amp;", "&")
    assert client.get(asked, headers={"HX-Request": "true"}).status_code == 204
    refresh(library_of(user.pk), current_network().pk)
    part = client.get(asked, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert len(re.findall("<img", part)) >= 2


def test_nothing_is_said_to_be_alike_only_once_all_photos_have_been_compared(
    client: Client, user: User, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (photo,) = alike(user, 1)
    refresh(library_of(user.pk), current_network().pk)
    address = reverse("similar", args=[photo.pk])
    client.force_login(user)
    assert "Nothing like it in your library" in client.get(address).content.decode()
    (later,) = alike(user, 1)
    assert "Nothing like it in your library" in client.get(address).content.decode(), "they were a moment ago"
    monkeypatch.setattr(refreshing, "RECENT_S", 0.0)
    assert "Comparing the photos" in client.get(address).content.decode()
    assert celery_messages == 2 * ["pictograph.similar.tasks.refresh_library"]
    refresh(library_of(user.pk), current_network().pk)
    assert shown(client, photo) == [later.pk]


def test_the_same_picture_once_more_comes_first_under_a_heading(client: Client, user: User) -> None:
    (photo,) = alike(user, 1, spread=0.0)
    others = alike(user, 1, 3, spread=1.2)
    same = alike(user, 1, 2, spread=0.01)
    refresh(library_of(user.pk), current_network().pk)
    client.force_login(user)
    page = client.get(reverse("similar", args=[photo.pk])).content.decode()
    found = shown(client, photo)
    assert set(found[:2]) == {one.pk for one in same}
    assert set(found[2:]) == {one.pk for one in others}
    assert page.index("Nearly the same picture") < page.index(">Similar<")


def test_a_picture_that_several_have_published_is_shown_once(client: Client, user: User, stranger: User) -> None:
    (photo,) = alike(user, 1, is_public=True)
    copies = [*alike(user, 1, spread=0.5, is_public=True), *alike(stranger, 1, spread=0.5, is_public=True)]
    Photo.objects.filter(pk__in=[copy.pk for copy in copies]).update(picture_digest="a" * 64)
    refresh(NETWORK, current_network().pk)
    assert len(shown(client, photo)) == 1


def test_among_photos_as_near_those_that_show_the_same_come_first(client: Client, user: User) -> None:
    photo, *cats = alike(user, 1, 4, shows=TABBY, spread=0.6)
    flowers = alike(user, 1, 3, shows=DAISY, spread=0.6)
    refresh(library_of(user.pk), current_network().pk)
    client.force_login(user)
    found = shown(client, photo)
    assert len(found) == 6
    assert set(found[:3]) == {one.pk for one in cats}
    assert set(found[3:]) == {one.pk for one in flowers}


@pytest.mark.parametrize("count", [6, 30])
def test_the_number_of_queries_does_not_grow(
    client: Client, user: User, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    photos = alike(user, 1, count, spread=0.5)
    refresh(library_of(user.pk), current_network().pk)
    client.force_login(user)
    client.get(reverse("similar", args=[photos[0].pk]))
    with django_assert_max_num_queries(18):
        assert len(shown(client, photos[0])) == count - 1


def test_a_photos_page_and_the_viewer_lead_to_its_like(client: Client, user: User) -> None:
    (photo,) = alike(user, 1)
    client.force_login(user)
    assert reverse("similar", args=[photo.pk]) in client.get(photo.get_absolute_url()).content.decode()
    assert "viewer-similar" in client.get(reverse("library")).content.decode()

"""Where the network begins: its pictograph, what there is most of, what grows, and who is new."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fathom.explore.network import explore, growing_most
from pictograph.catalogue.dial import stop_of
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.outbox import note_changed, tell_store
from tests.fathom.explore.publishing import ANIMALS, CARS, CATS, DOGS, Network

HOME = "explore"


def test_it_shows_the_pictograph_of_everyone(client: Client, network: Network) -> None:
    html = client.get(reverse(HOME)).content.decode()
    assert "54 photos" in html
    assert 'id="treemap"' in html
    assert "/explore/pictograph/" in html


def test_categories_are_those_with_most_photos_first(network: Network, stranger: User) -> None:
    cards = explore(stop_of(stranger)).cards
    assert [(card.category.wnid, card.count) for card in cards] == [(DOGS, 34), (CATS, 20)]
    assert all(card.photo for card in cards)


def test_the_newest_people_come_first(network: Network, stranger: User) -> None:
    assert [one.person.handle for one in explore(stop_of(stranger)).people] == ["ben", "anna"]


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_where_nobody_has_published_it_says_what_to_do(is_signed_in: bool, client: Client, library: User) -> None:
    if is_signed_in:
        client.force_login(library)
    html = client.get(reverse(HOME)).content.decode()
    assert "Nobody has published photos yet" in html
    assert ("Sign in" in html) is not is_signed_in


def test_what_grows_is_what_came_more_than_everything_else(db: None) -> None:
    counts = {ALL_PHOTOS: 1000, DOGS: 100, CATS: 100, ANIMALS: 500}
    recent = {ALL_PHOTOS: 100, DOGS: 40, CATS: 10, ANIMALS: 60}
    assert growing_most(counts, recent) == [DOGS]


def test_a_handful_of_photos_is_no_growth(db: None) -> None:
    assert growing_most({ALL_PHOTOS: 1000, DOGS: 4}, {ALL_PHOTOS: 10, DOGS: 4}) == []


def test_where_all_is_new_nothing_grows_more_than_the_rest(db: None) -> None:
    counts = {ALL_PHOTOS: 100, DOGS: 50, CATS: 50}
    assert growing_most(counts, counts) == []


def test_nothing_that_grows_holds_another(db: None) -> None:
    counts = {ALL_PHOTOS: 1000, DOGS: 100, "n02075296": 100}  # dogs are carnivores
    assert len(growing_most(counts, {ALL_PHOTOS: 100, DOGS: 80, "n02075296": 80})) == 1


def test_a_category_that_came_lately_is_shown_as_growing(client: Client, network: Network, stranger: User) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    dogs = list(network.anna.photos.filter(is_public=True).values_list("pk", flat=True))
    Photo.objects.filter(pk__in=dogs).update(published_at=long_ago)
    note_changed(dogs)
    tell_store(dogs)
    growing = explore(stop_of(stranger)).growing
    assert [(one.card.category.wnid, one.recent) for one in growing] == [(CATS, 20)]
    assert "+20" in client.get(reverse(HOME)).content.decode()


def test_the_front_page_leads_visitors_there_once_something_is_published(client: Client, network: Network) -> None:
    assert reverse(HOME) in client.get("/").content.decode().split("<main")[1]


def test_the_front_page_promises_nothing_where_nothing_is_published(client: Client, library: User) -> None:
    assert reverse(HOME) not in client.get("/").content.decode().split("<main")[1]


def test_cars_that_are_private_are_in_no_count(network: Network, stranger: User) -> None:
    shown = explore(stop_of(stranger))
    assert CARS not in {card.category.wnid for card in shown.cards}
    assert shown.pictograph.total == 54

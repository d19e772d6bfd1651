"""The photos in none of a pictograph's tiles: the count on the tile is the count behind it."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue import snapshot
from pictograph.catalogue.snapshot import browsing
from pictograph.categories import queries as categories
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.walk import rest_url
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, classified_photo

UNNAMED = {LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}
REST = "/pictograph/else/"


@pytest.fixture
def settled_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look for a new edition falls, by the clock, among the queries that are counted."""
    monkeypatch.setattr(snapshot, "LOOK_EVERY_S", 3600.0)


@pytest.fixture
def owner(client: Client, library: User) -> Client:
    """Someone signed in with forty photos and two tiles, so that there is a rest."""
    for year in (2021, 2022, 2023):
        classified_photo(UNNAMED, owner=library, shown_at=datetime(year, 7, 1, tzinfo=UTC))
    User.objects.filter(pk=library.pk).update(tiles=2)
    client.force_login(library)
    return client


def ids_on(html: str) -> list[int]:
    return [int(photo) for photo in re.findall(r'<a href="/photos/(\d+)/[^"]*"><img', html)]


def in_tiles(owner: Client, picture: Any) -> set[int]:
    """The photos on the category pages of a pictograph's tiles."""
    return {
        photo_id
        for tile in picture.tiles
        if tile.category
        for photo_id in ids_on(owner.get(tile.photos_url).content.decode())
    }


def link_of_rest(html: str) -> str:
    found = re.search(r'<li class="tile rest[^>]*>.*?<a href="([^"]*)"', html, re.DOTALL)
    assert found
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize("year", ["", "?year=2022"])
def test_behind_the_rest_are_exactly_the_photos_in_no_tile(owner: Client, library: User, year: str) -> None:
    response = owner.get("/pictograph/" + year)
    picture = response.context["pictograph"]
    rest = picture.tiles[-1]
    assert rest.category is None
    link = link_of_rest(response.content.decode())
    assert link == REST + year
    behind = owner.get(link)
    everything = Photo.objects.owned_by(library)
    if year:
        everything = everything.in_year(2022)
    outside = [p.pk for p in everything.newest_first() if p.pk not in in_tiles(owner, picture)]
    assert ids_on(behind.content.decode()) == outside
    assert behind.context["rest"].count == len(outside) == rest.count
    assert f"{rest.count} photos" in behind.content.decode()
    assert "<h1>Everything else</h1>" in behind.content.decode()


def test_the_rest_of_a_category_is_of_that_category_alone(owner: Client, library: User) -> None:
    for n in range(3):  # dogs of two kinds: no breed holds them
        classified_photo({LABRADOR: 0.5, BEAGLE: 0.49}, owner=library, shown_at=datetime(2022, 3, 1 + n, tzinfo=UTC))
    dogs = browsing().categories["n02084071"]
    response = owner.get(reverse("pictograph_of", args=[dogs]))
    picture = response.context["pictograph"]
    link = link_of_rest(response.content.decode())
    assert link == reverse("pictograph_rest_of", args=[dogs])
    html = owner.get(link).content.decode()
    of_dogs = ids_on(owner.get(f"{reverse('category', args=[dogs])}?order=newest&sure=90").content.decode())
    assert ids_on(html) == [photo for photo in of_dogs if photo not in in_tiles(owner, picture)]
    assert len(ids_on(html)) == picture.tiles[-1].count > 0
    assert "<h1>Other dogs</h1>" in html
    assert f'href="{reverse("pictograph_of", args=[dogs])}" rel="up"' in html


@pytest.mark.parametrize("of", ["", "n02084071"])
def test_a_photo_reached_from_the_rest_keeps_to_it(owner: Client, library: User, of: str) -> None:
    for n in range(3):  # dogs of two kinds: no breed holds them
        classified_photo({LABRADOR: 0.5, BEAGLE: 0.49}, owner=library, shown_at=datetime(2022, 3, 1 + n, tzinfo=UTC))
        classified_photo(UNNAMED, owner=library, shown_at=datetime(2022, 8, 1 + n, tzinfo=UTC))
    place = rest_url(own_face(library.pk), browsing().categories.get(of), 2022)
    listed = owner.get(place)
    addresses = [photo.url for photo in listed.context["grid"].photos]
    assert len(addresses) > 2
    response = owner.get(addresses[1])
    steps = response.context["detail"].steps
    assert (steps.before_url, steps.after_url) == (addresses[0], addresses[2])
    name = listed.context["rest"].name.capitalize()
    assert f'rel="up" href="{place}"><span>{name}</span>' in response.content.decode()
    assert owner.get(place).context["rest"].count == len(addresses)


def test_a_photos_address_that_leaves_out_what_there_is_not_still_opens(owner: Client, library: User) -> None:
    photo = Photo.objects.owned_by(library).newest_first()[3]
    for without in ("n99999999", ".", "n00015388." * 500):
        assert owner.get(f"{photo.get_absolute_url()}?without={without}").status_code == 200


def test_the_table_leads_to_the_rest_too(owner: Client) -> None:
    html = owner.get("/pictograph/?year=2022").content.decode()
    assert f'<a href="{REST}?year=2022">Everything else</a>' in html


def test_the_way_back_keeps_the_year(owner: Client) -> None:
    assert 'href="/pictograph/?year=2022" rel="up"' in owner.get(REST + "?year=2022").content.decode()


@pytest.mark.parametrize("year", ["", "&year=2022"])
def test_scrolling_meets_every_photo_once(owner: Client, monkeypatch: pytest.MonkeyPatch, year: str) -> None:
    whole = ids_on(owner.get(f"{REST}?{year}").content.decode())
    monkeypatch.setattr(categories, "PAGE", 4)
    met, url, parts = [], f"{REST}?{year}", 0
    while url:
        response = owner.get(url, headers={"HX-Request": "true"} if parts else {})
        html = response.content.decode()
        assert ("<main" in html) == (parts == 0)
        assert "HX-Request" in response["Vary"]
        met += ids_on(html)
        parts += 1
        url = response.context["grid"].next_url
    assert met == whole
    assert parts > 1


def test_a_page_further_on_opens_by_itself_and_leads_back_to_the_start(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(categories, "PAGE", 4)
    html = owner.get(owner.get(REST + "?year=2022").context["grid"].next_url).content.decode()
    assert "<html" in html
    assert f'href="{REST}?year=2022">Back to the start' in html


def test_the_number_of_tiles_moves_the_rest_and_the_dial_does_not(owner: Client, library: User) -> None:
    for tiles in (2, 5, 12):
        for target in (98, 90):
            User.objects.filter(pk=library.pk).update(target=target, tiles=tiles)
            picture = owner.get("/pictograph/").context["pictograph"]
            shown = sum(tile.count for tile in picture.tiles if tile.category)
            behind = owner.get(REST)
            assert behind.context["rest"].count == len(behind.context["grid"].photos) == picture.total - shown


def test_where_nothing_is_left_over_it_says_so(client: Client, user: User) -> None:
    classified_photo(LABRADOR, owner=user)
    client.force_login(user)
    html = client.get(REST).content.decode()
    assert "Nothing is left over" in html
    assert 'class="button" href="/pictograph/"' in html


def test_photos_that_nobody_can_name_are_all_else(client: Client, user: User) -> None:
    photo = classified_photo(UNNAMED, owner=user)
    client.force_login(user)
    assert ids_on(client.get(REST).content.decode()) == [photo.pk]


def test_an_old_name_leads_to_the_present_one_with_year_and_place(owner: Client) -> None:
    response = owner.get("/pictograph/hounds-n02084071/else/?year=2022&after=x")
    assert response.status_code == 302
    assert response["Location"] == "/pictograph/dogs-n02084071/else/?year=2022&after=x"


@pytest.mark.parametrize("query", ["year=x", "year=0", "after=x", "after=2022-01-01", "after="])
def test_a_place_that_cannot_be_is_not_found(owner: Client, query: str) -> None:
    assert owner.get(f"{REST}?{query}").status_code == 404


def test_an_unknown_category_is_not_found(owner: Client) -> None:
    assert owner.get("/pictograph/nothing-n99999999/else/").status_code == 404


def test_a_stranger_sees_none_of_it(client: Client, owner: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert ids_on(client.get(REST).content.decode()) == []


def test_a_visitor_is_sent_to_sign_in(client: Client, library: User) -> None:
    assert client.get(REST)["Location"].startswith(reverse("account_login"))


def test_it_is_only_read(owner: Client) -> None:
    assert owner.post(REST).status_code == 405


def test_htmx_gets_the_main_part_alone(owner: Client) -> None:
    html = owner.get(REST, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert '<main id="main"' in html


@pytest.mark.usefixtures("settled_catalogue")
def test_it_takes_the_same_few_queries_whatever_its_size(
    owner: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner.get(REST)
    for _ in range(2):
        # session, person, counts, what is hidden, members, photos, their names, two of the bar
        with django_assert_num_queries(9):
            owner.get(REST)
        for _ in range(20):
            classified_photo(UNNAMED, owner=library)

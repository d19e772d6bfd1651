"""The map of everyone's photos tells of no fewer than a few people, and nothing of who does not want it."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from fathom.map.cells import place_words
from fathom.map.network import NetworkMap, network_map
from fathom.map.rates import SHADES_FROM, Rate
from fathom.map.steps import nearest_step, step_at_most
from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import browsing, catalogue, look_again
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.places.counting import sweep_sightings
from pictograph.places.gazetteer import gazetteer
from pictograph.places.grid import bounds_of
from pictograph.places.levels import cells_above, snapped
from tests.factories import LABRADOR, TABBY, UserFactory
from tests.pictograph.places.placed import LYON, ROME, photo_at, publish_all, walkers

DOGS = "n02084071"


def dogs_map(query: dict[str, str] | None = None) -> NetworkMap:
    return network_map(browsing().categories[DOGS], query or {})


def test_two_people_are_no_place_and_three_are(db: None) -> None:
    walkers(2)
    assert dogs_map().dots == network_map(None, {}).dots == ()
    walkers(1)
    (dot,) = dogs_map().dots
    assert (dot.count.photos, dot.count.people) == (3, 3)
    assert "Rome" in dot.place
    assert len(network_map(None, {}).dots) == 1


def test_many_photos_of_two_people_are_no_place(db: None) -> None:
    walkers(2, photos=6)
    assert network_map(None, {}).dots == ()


def test_of_a_category_as_many_people_must_have_photographed_that(db: None) -> None:
    walkers(2, wnid=LABRADOR)
    walkers(2, wnid=TABBY)
    assert len(network_map(None, {}).dots) == 1
    assert dogs_map().dots == ()
    assert network_map(browsing().categories["n00015388"], {}).dots[0].count.people == 4


def test_the_least_number_is_a_setting(db: None, settings: Settings) -> None:
    settings.MAP_PEOPLE = 5
    walkers(4)
    assert dogs_map().dots == ()
    walkers(1)
    assert len(dogs_map().dots) == 1


@pytest.mark.parametrize("way", ["withdraw", "delete", "shows_places", "is_on_map", "is_active"])
def test_who_goes_is_gone_at_once_without_any_sweep(db: None, way: str) -> None:
    person = walkers(3)[0]
    theirs = Photo.objects.owned_by(person)
    assert len(dogs_map().dots) == 1
    if way == "withdraw":
        publish(theirs, is_public=False)
    elif way == "delete":
        delete_photos(person, list(theirs.values_list("pk", flat=True)))
    else:
        User.objects.filter(pk=person.pk).update(**{way: False})
    assert dogs_map().dots == network_map(None, {}).dots == ()


def test_of_those_who_stay_the_right_number_is_told(db: None) -> None:
    people = walkers(4, photos=2)
    User.objects.filter(pk=people[0].pk).update(shows_places=False)
    (dot,) = dogs_map().dots
    assert (dot.count.photos, dot.count.people) == (6, 3)


def test_a_photo_without_leave_to_show_places_is_on_no_map(db: None) -> None:
    walkers(2)
    hidden = UserFactory()
    photo_at(hidden, ROME)
    publish_all(hidden)
    assert dogs_map().dots == ()


def test_a_place_stands_out_where_a_category_is_photographed_more_than_elsewhere(db: None) -> None:
    walkers(3, ROME, LABRADOR, photos=8)
    walkers(3, LYON, TABBY, photos=8)
    walkers(3, LYON, LABRADOR, photos=1)
    rome, lyon = sorted(dogs_map().dots, key=lambda dot: "Lyon" in dot.place)
    assert rome.rate is not None
    assert lyon.rate is not None
    assert rome.rate.expected == pytest.approx(24 * 27 / 51)
    assert rome.rate.ratio == pytest.approx((24 + 4) / (24 * 27 / 51 + 4))
    assert rome.rate.shade > 0 > lyon.rate.shade
    page = dogs_map()
    assert ["Rome" in dot.place for dot in page.most] == [True]
    assert ["Lyon" in dot.place for dot in page.least] == [True]


def test_the_map_of_all_names_what_each_place_is_known_for(db: None) -> None:
    walkers(3, ROME, LABRADOR, photos=8)
    walkers(3, LYON, TABBY, photos=8)
    known = {town: dot.typical for dot in network_map(None, {}).most for town in ("Rome", "Lyon") if town in dot.place}
    assert known["Rome"] is not None
    assert known["Lyon"] is not None
    assert known["Rome"].name != known["Lyon"].name


def test_a_place_is_called_by_what_its_ground_holds(db: None) -> None:
    kyoto = cells_above(snapped(35.011, 135.768))
    assert [place_words(cell) for cell in kyoto[:2]] == ["near Kyoto, Japan", "around Osaka and Kyoto, Japan"]
    for place in (ROME, LYON, (47.38, 8.54), (46.62, 8.04), (40.71, -74.0)):
        for cell in cells_above(snapped(*place))[1:]:
            (first,) = gazetteer().within(bounds_of(cell), 1)
            assert place_words(cell).startswith(f"around {first.name}")
            assert bounds_of(cell).holds(first.latitude, first.longitude)


def test_a_place_where_nobody_lives_is_called_by_no_town(db: None) -> None:
    at_sea = cells_above(snapped(0.0, -30.0))
    assert {place_words(cell) for cell in at_sea} == {"far from any town"}


def test_zooming_in_shows_smaller_cells_down_to_the_smallest_others_may_know(db: None) -> None:
    walkers(3, ROME)
    walkers(3, (41.10, 14.78), LABRADOR)  # Benevento, in the same part of the world
    cells = cells_above(snapped(*ROME))
    world = dogs_map()
    region = dogs_map({"at": str(cells[2])})
    close = dogs_map({"at": str(cells[1])})
    assert [world.size_km, region.size_km, close.size_km] == [250, 50, 10]
    assert cells[1] in {dot.cell for dot in region.dots}
    assert [dot.cell for dot in close.dots] == [cells[0]]
    assert close.dots[0].url is None
    assert close.wider_url == f"{reverse('network_category_map', args=[browsing().categories[DOGS]])}?at={cells[2]}"


@pytest.mark.parametrize("at", ["1", "x", "-5", "9" * 30, "100000000000000", "100099999000000"])
def test_there_is_no_map_of_what_is_no_cell(client: Client, user: User, at: str) -> None:
    assert client.get(reverse("network_map"), {"at": at}).status_code == 404


def test_even_the_closest_map_cannot_be_asked_about_a_cell_of_its_own(client: Client, user: User) -> None:
    assert client.get(reverse("network_map"), {"at": str(snapped(*ROME))}).status_code == 404


def test_pages_show_what_the_map_tells_to_anyone(client: Client, db: None, user: User) -> None:
    walkers(3, ROME, LABRADOR, photos=8)
    walkers(3, LYON, TABBY, photos=8)
    url = reverse("network_category_map", args=[browsing().categories[DOGS]])
    for viewer in (None, user):
        if viewer:
            client.force_login(viewer)
        page = client.get(url).content.decode()
        assert "about 20 photos by 3 people or more around Rome" in page
        assert re.search(r"\d times as often as elsewhere", page)
        assert "Around Rome" in client.get(reverse("network_map")).content.decode()
    assert client.post(url).status_code == 405
    assert "<html" not in client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_a_map_under_an_older_name_is_found(client: Client, user: User) -> None:
    moved = client.get("/explore/map/hounds-n02084071/?at=1")
    assert moved.status_code == 302
    assert moved.headers["Location"] == "/explore/map/dogs-n02084071/?at=1"


def test_an_empty_map_says_what_it_takes(client: Client, user: User) -> None:
    assert "once 3 people have photographed there" in client.get(reverse("network_map")).content.decode()


def test_a_blocked_category_has_no_map_and_no_place_is_known_for_it(client: Client, db: None) -> None:
    walkers(3, ROME, LABRADOR, photos=8)
    walkers(3, LYON, TABBY, photos=8)
    Override.objects.create(wnid=DOGS, is_blocked=True)
    look_again()
    assert client.get("/explore/map/dogs-n02084071/").status_code == 404
    blocked = catalogue().blocked
    assert all(dot.typical is None or dot.typical.wnid not in blocked for dot in network_map(None, {}).most)


def test_a_map_costs_as_many_queries_with_many_places_as_with_few(
    client: Client, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in (ROME, LYON, (52.52, 13.40), (40.71, -74.0), (-33.87, 151.21)):
        walkers(3, place)
    url = reverse("network_category_map", args=[browsing().categories[DOGS]])
    client.get(url)
    with django_assert_max_num_queries(8):
        client.get(url)


def test_little_is_believed_of_few_photos() -> None:
    assert Rate(4, 1.0).ratio < 2 < Rate(40, 10.0).ratio < 4
    assert Rate(0, 0.1).shade == 0
    assert [Rate(100, 100 / step).shade for step in (1.0, *(s * 1.3 for s in SHADES_FROM))] == [0, 1, 2, 3]
    assert [Rate(100, 100 * step).shade for step in (1.0, *(s * 1.3 for s in SHADES_FROM))] == [0, -1, -2, -3]
    assert Rate(10, 10.0).words == "about as often as elsewhere"
    assert Rate(40, 10.0).words == "3 times as often as elsewhere"
    assert Rate(3, 46.0).words == "0.15 times as often as elsewhere"
    assert Rate(3, 96.0).words == "0.07 times as often as elsewhere"


def shown(path: str, client: Client) -> str:
    """All that a map says and draws."""
    page = client.get(path).content.decode()
    return page[page.index('<figure class="map') :]


def test_a_photo_more_changes_nothing_that_a_map_shows_unless_it_passes_a_step(client: Client, db: None) -> None:
    people = walkers(6, photos=3)
    walkers(3, LYON, photos=3)
    paths = ["/explore/map/", reverse("network_category_map", args=[browsing().categories[DOGS]])]
    before = [shown(path, client) for path in paths]
    photo_at(people[0], ROME, is_public=True)
    sweep_sightings()
    assert [shown(path, client) for path in paths] == before
    publish(Photo.objects.owned_by(people[5]), is_public=False)
    sweep_sightings()
    assert network_map(None, {}).dots[0].count.people == 5
    assert "by 5 people or more around Rome" in shown(paths[0], client)


@given(st.integers(min_value=1, max_value=10**7))
def test_steps_are_near_and_a_step_is_its_own(number: int) -> None:
    assert 0.77 < nearest_step(number) / number < 1.3
    assert step_at_most(number) <= number < 2 * step_at_most(number)
    assert nearest_step(nearest_step(number)) == nearest_step(number)

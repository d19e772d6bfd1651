"""One's own map has one's photos at their very places, for nobody else."""

from collections.abc import Sequence

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from fathom.map.clusters import About
from fathom.map.own import own_map
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import LABRADOR, TABBY, classified_photo
from tests.pictograph.places.placed import LYON, ROME, ROME_ID, photo_at


@pytest.fixture
def travels(user: User) -> list[Photo]:
    """Three photos in Rome, two of them at one place, one in Lyon, one that is nowhere."""
    places: Sequence[tuple[float, float] | None] = (ROME, ROME, (41.9029, 12.4534), LYON, None)
    return [photo_at(user, place, TABBY if place == LYON else LABRADOR) for place in places]


def test_photos_near_each_other_are_one_pin(user: User, travels: list[Photo]) -> None:
    page = own_map(user, {})
    assert [pin.cluster.count for pin in page.pins] == [3, 1]
    assert (page.count, page.unplaced) == (4, 1)
    assert [(place.town.name, place.count) for place in page.places] == [("Rome", 3), ("Lyon", 1)]


def test_a_pin_leads_closer_and_in_the_end_to_the_photos(client: Client, user: User, travels: list[Photo]) -> None:
    client.force_login(user)
    url = own_map(user, {}).pins[0].url
    for _ in range(8):
        page = client.get(url)
        assert page.status_code == 200
        if not url.startswith(f"{reverse('own_map')}?"):
            break
        assert page.context["map"].count >= 1
        url = page.context["map"].pins[0].url
    assert url.startswith("/map/about/")
    assert travels[0].get_absolute_url() in page.content.decode()


def test_of_a_category_only_its_photos_are_shown(client: Client, user: User, travels: list[Photo]) -> None:
    page = own_map(user, {"in": "cats-n02121808"})
    assert [pin.cluster.count for pin in page.pins] == [1]
    assert page.places[0].town.name == "Lyon"


def test_the_page_of_a_town_has_its_photos(client: Client, user: User, travels: list[Photo]) -> None:
    client.force_login(user)
    page = client.get(reverse("own_town", args=[ROME_ID])).content.decode()
    assert [photo.get_absolute_url() in page for photo in travels] == [True, True, True, False, False]
    assert "3 photos" in page
    assert client.get(reverse("own_town", args=[1])).status_code == 404


def test_a_long_list_goes_on(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fathom.map.own.PAGE", 2)
    photos = [photo_at(user, ROME) for _ in range(5)]
    client.force_login(user)
    url, seen = reverse("own_town", args=[ROME_ID]), []
    while url:
        grid = client.get(url).context["grid"]
        seen += [card.id for card in grid.photos]
        url = grid.next_url
    assert seen == [photo.pk for photo in reversed(photos)]
    part = client.get(f"{reverse('own_town', args=[ROME_ID])}?before=2000-01-01T00:00:00~1")
    assert part.status_code == 200


def test_a_stranger_sees_nothing_of_it(client: Client, user: User, stranger: User, travels: list[Photo]) -> None:
    Photo.objects.update(is_public=True)
    User.objects.update(shows_places=True)
    about = About(*ROME, 5.0)
    urls = [reverse("own_town", args=[ROME_ID]), reverse("own_place", args=[about])]
    for url in (reverse("own_map"), *urls):
        assert client.get(url).status_code == 302
    client.force_login(stranger)
    assert own_map(stranger, {}).pins == ()
    for url in urls:
        assert client.get(url).status_code == 404
    assert "Rome" not in client.get(reverse("own_map"), {"at": str(about)}).content.decode()


@pytest.mark.parametrize("at", ["x", "91,0,5", "0,181,5", "1,1,0", "1,1,99999", "1,1", "nan,1,5", "1,1,-5"])
def test_there_is_no_map_about_what_is_no_place(client: Client, user: User, at: str) -> None:
    client.force_login(user)
    assert client.get(reverse("own_map"), {"at": at}).status_code == 404
    assert client.get(f"/map/about/{at}/").status_code == 404


def test_photos_on_both_sides_of_the_date_line_are_near_each_other(client: Client, user: User) -> None:
    photos = [photo_at(user, (-16.8, longitude)) for longitude in (179.9, -179.9)]
    page = own_map(user, {})
    assert not page.sheet.is_world
    client.force_login(user)
    shown = client.get(reverse("own_place", args=[About(-16.8, 179.95, 30.0)])).content.decode()
    assert all(photo.get_absolute_url() in shown for photo in photos)


@pytest.mark.parametrize("place", [(90.0, 0.0), (-90.0, 0.0), (89.95, 120.0), (0.0, 180.0)])
def test_photos_at_the_ends_of_the_earth_are_on_the_map(user: User, place: tuple[float, float]) -> None:
    photo_at(user, place)
    (pin,) = own_map(user, {}).pins
    assert 0 <= pin.x <= 100
    assert 0 <= pin.y <= 100


def test_without_places_the_map_says_so(client: Client, user: User) -> None:
    client.force_login(user)
    assert "No places yet" in client.get(reverse("own_map")).content.decode()
    classified_photo(LABRADOR, owner=user)
    assert "No places yet" in client.get(reverse("own_map")).content.decode()


def test_the_map_costs_as_many_queries_for_many_places_as_for_few(
    client: Client, user: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        photo_at(user, (40.0 + n, 3.0 + 2 * n))
    client.force_login(user)
    with django_assert_max_num_queries(14):
        client.get(reverse("own_map"))

"""The pictograph page."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue import snapshot
from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.people.models import User
from taxonomy.browsing import Category
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, PhotoFactory, classified_photo, make_library

PAGE = "/pictograph/"


@pytest.fixture
def settled_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look for a new edition falls, by the clock, among the queries that are counted."""
    monkeypatch.setattr(snapshot, "LOOK_EVERY_S", 3600.0)


@pytest.fixture
def owner(client: Client, library: User) -> Client:
    client.force_login(library)
    return client


def pictograph_url_of(category: Category) -> str:
    return reverse("pictograph_of", args=[category])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_it_shows_tiles_with_names_shares_and_counts(owner: Client) -> None:
    response = owner.get(PAGE)
    assert response.status_code == 200
    picture = response.context["pictograph"]
    assert picture.tiles
    for tile in picture.tiles:
        assert f"{tile.count} photo" in text_of(response)
        assert tile.name[1:] in text_of(response)


def test_a_visitor_is_asked_to_sign_in(client: Client, library: User) -> None:
    assert client.get(PAGE).status_code == 302


def test_every_tile_opens_its_own_pictograph(owner: Client) -> None:
    response = owner.get(PAGE)
    for tile in response.context["pictograph"].tiles:
        if tile.category:
            inner = owner.get(pictograph_url_of(tile.category))
            assert inner.status_code == 200
            assert inner.context["pictograph"].total == tile.count


@pytest.mark.parametrize("target", [98, 95, 90])
def test_wherever_the_dial_stands_the_count_shown_is_the_count_behind_the_link(
    owner: Client, library: User, target: int
) -> None:
    for n in range(3):  # sure enough at some stops of the dial only
        classified_photo({LABRADOR: (0.55, 0.72, 0.8)[n], TABBY: 0.1}, owner=library)
    User.objects.filter(pk=library.pk).update(target=target)
    for year in ("", "?year=2022"):
        for tile in owner.get(PAGE + year).context["pictograph"].tiles:
            if tile.category:
                inner = owner.get(tile.url)
                assert inner.context["pictograph"].total == tile.count
                assert f'href="{tile.photos_url.replace("&", "&amp;")}"' in inner.content.decode()
                assert owner.get(tile.photos_url).context["page"].count == tile.count


def test_the_page_behind_the_count_keeps_its_stop_in_every_link(owner: Client, library: User) -> None:
    tile = owner.get(PAGE).context["pictograph"].tiles[0]
    page = owner.get(tile.photos_url).context["page"]
    assert page.sure == round(calibration().stops[-1].target * 100)
    assert all(f"sure={page.sure}" in url for _, url in [*page.orders, *page.year_urls])
    assert all(f"sure={page.sure}" in photo.url for photo in page.grid.photos)
    assert "sure" not in page.own_url


@pytest.mark.parametrize("sure", ["", "12", "x", "95"])
def test_a_stop_there_is_not_and_ones_own_are_not_spoken_of(owner: Client, sure: str) -> None:
    dogs = browsing().categories["n02084071"]
    assert owner.get(reverse("category", args=[dogs]), {"sure": sure}).context["page"].sure is None


def test_the_number_of_all_photos_leads_to_as_many(owner: Client) -> None:
    for year, photos in (("", 40), ("?year=2022", 20)):
        html = owner.get(PAGE + year).content.decode()
        assert f'<a href="{reverse("library")}{year}">{photos} photos</a>' in html
        behind = owner.get(reverse("library") + year).content.decode()
        assert len(set(re.findall(r"/photos/(\d+)/[?\"]", behind))) >= photos


def test_the_table_says_the_same_as_the_tiles(owner: Client) -> None:
    response = owner.get(PAGE)
    table = re.search(r"<tbody>(.*?)</tbody>", response.content.decode(), re.DOTALL)
    assert table is not None
    counts = [int(count) for count in re.findall(r"<td>(\d+)</td>", table[1])]
    assert counts == [tile.count for tile in response.context["pictograph"].tiles]


def test_a_category_shows_the_way_back_up(owner: Client, library: User) -> None:
    dogs = browsing().categories.get("n02084071")
    assert dogs is not None
    html = owner.get(pictograph_url_of(dogs)).content.decode()
    assert 'href="/pictograph/"' in html
    for above in browsing().path(dogs.wnid)[:-1]:
        assert f'href="{pictograph_url_of(above)}"' in html


def test_an_old_name_in_the_address_leads_to_the_present_one(owner: Client) -> None:
    dogs = browsing().categories.get("n02084071")
    assert dogs is not None
    response = owner.get(f"/pictograph/hounds-{dogs.wnid}/?year=2022")
    assert response.status_code == 302
    assert response["Location"] == f"{pictograph_url_of(dogs)}?year=2022"


def test_an_unknown_category_is_not_found(owner: Client) -> None:
    assert owner.get("/pictograph/nothing-n99999999/").status_code == 404


@pytest.mark.parametrize("year", ["abc", "-1", "12345", "٢٠٢٢"])
def test_a_year_that_is_none_is_not_found(owner: Client, year: str) -> None:
    assert owner.get(PAGE, {"year": year}).status_code == 404


def test_a_year_without_photos_says_so_and_leads_back(owner: Client) -> None:
    response = owner.get(PAGE, {"year": "1999"})
    assert "No photos in 1999" in text_of(response)
    assert 'href="/pictograph/"' in response.content.decode()


def test_the_years_with_photos_can_be_chosen(owner: Client) -> None:
    html = owner.get(PAGE).content.decode()
    assert 'href="?year=2022"' in html
    assert 'href="?year=2023"' in html


@pytest.mark.parametrize("tiles", [2, 3, 5, 12])
def test_the_number_of_tiles_is_remembered(owner: Client, library: User, tiles: int) -> None:
    response = owner.post(PAGE + "?year=2022", {"tiles": tiles})
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}?year=2022")
    library.refresh_from_db()
    assert library.tiles == tiles


def test_the_stepper_takes_the_place_of_the_page_and_leaves_no_entry_in_the_history(owner: Client) -> None:
    html = owner.get(PAGE + "?year=2022").content.decode()
    assert 'hx-post="/pictograph/?year=2022" hx-target="#main" hx-select="#main"' in html
    assert "hx-push-url" not in html


@pytest.mark.parametrize(("tiles", "pressed"), [(2, "fewer"), (12, "more")])
def test_at_either_end_a_button_does_nothing_but_keeps_the_focus(
    owner: Client, library: User, tiles: int, pressed: str
) -> None:
    User.objects.filter(pk=library.pk).update(tiles=tiles)
    button = re.search(rf'<button id="{pressed}" name="tiles" value="(\d+)"[^>]*>', owner.get(PAGE).content.decode())
    assert button
    assert 'aria-disabled="true"' in button[0]
    assert owner.post(PAGE, {"tiles": button[1]}).status_code == 302


def test_no_more_tiles_are_spoken_of_than_there_are(owner: Client, library: User) -> None:
    User.objects.filter(pk=library.pk).update(tiles=12)
    response = owner.get(PAGE)
    shown = response.context["pictograph"].categories
    assert 1 < shown < 12
    assert f"{shown} tiles in all" in text_of(response)
    assert "12 tiles" not in text_of(response)
    assert response.context["fewer"] == shown - 1
    assert response.context["is_most"]


@pytest.mark.parametrize("tiles", ["1", "13", "", "four", "-4", "²", "4.5", "99999999999999999999"])
def test_a_number_of_tiles_that_cannot_be_is_refused_on_the_page(owner: Client, library: User, tiles: str) -> None:
    response = owner.post(PAGE, {"tiles": tiles})
    assert response.status_code == 422
    assert "Choose between 2 and 12 tiles" in text_of(response)
    library.refresh_from_db()
    assert library.tiles == 4


def test_other_methods_are_refused(owner: Client) -> None:
    assert owner.delete(PAGE).status_code == 405


def test_without_photos_there_is_one_next_step(client: Client, user: User) -> None:
    client.force_login(user)
    html = client.get(PAGE).content.decode()
    assert f'class="button" href="{reverse("import")}"' in html


def test_photos_that_wait_are_mentioned(client: Client, user: User) -> None:
    PhotoFactory(owner=user)
    client.force_login(user)
    assert "being looked at" in text_of(client.get(PAGE))


def test_photos_nobody_can_name_are_counted_and_reachable(client: Client, user: User) -> None:
    classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=user)
    client.force_login(user)
    response = client.get(PAGE)
    assert response.context["pictograph"].total == 1
    assert "Nothing sure enough yet" in text_of(response)
    assert "There is no category that this photo is listed in. It is in the library." in text_of(response)
    assert f'class="button" href="{reverse("library")}"' in response.content.decode()


def test_a_category_that_divides_no_further_shows_its_photos_with_descriptions(client: Client, user: User) -> None:
    make_library(user, [(BEAGLE, 3)])
    beagles = browsing().categories.get(BEAGLE)
    assert beagles is not None
    client.force_login(user)
    html = client.get(pictograph_url_of(beagles)).content.decode()
    assert 'alt="Photo, surely a beagle' in html
    assert "See all 3 photos" in html


def test_a_stranger_sees_an_empty_pictograph(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    assert client.get(PAGE).context["pictograph"].total == 0


def test_htmx_gets_the_main_part_alone(owner: Client) -> None:
    response = owner.get(PAGE, headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert 'id="treemap"' in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.usefixtures("settled_catalogue")
def test_the_number_of_queries_grows_with_the_tiles_only(
    owner: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tiles = owner.get(PAGE).context["pictograph"].tiles
    # session, user, counts, years, what is hidden, covers, photos, two of the bar; one a tile
    with django_assert_num_queries(9 + len(tiles)):
        owner.get(PAGE)
    make_library(library, [(LABRADOR, 30)])
    tiles = owner.get(PAGE).context["pictograph"].tiles
    with django_assert_num_queries(9 + len(tiles)):
        owner.get(PAGE)


@pytest.mark.usefixtures("settled_catalogue")
def test_the_photos_of_the_rest_take_one_query_more(
    owner: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=library)
    User.objects.filter(pk=library.pk).update(tiles=2)
    *tiles, rest = owner.get(PAGE).context["pictograph"].tiles
    assert rest.category is None
    with django_assert_num_queries(9 + len(tiles) + 1):
        owner.get(PAGE)


def test_only_the_first_photo_of_a_tile_may_be_a_large_picture(owner: Client) -> None:
    for collage in re.findall(r'<span class="collage">(.*?)</span>', owner.get(PAGE).content.decode(), re.DOTALL):
        first, *others = re.findall(r"<img[^>]*>", collage)
        assert "srcset" in first
        assert all("srcset" not in image and 'loading="lazy"' in image for image in others)

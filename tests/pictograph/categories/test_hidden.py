"""Categories hidden from one's pictograph: no tiles for oneself nor for others, their photos are in the rest."""

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.catalogue.snapshot import browsing
from pictograph.categories.hidden import hide
from pictograph.categories.models import HiddenCategory
from pictograph.lookback.queries import look_back
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from taxonomy.browsing import Category
from tests.factories import LABRADOR
from tests.pictograph.shares.making import share_of

DOGS, ANIMALS = "n02084071", "n00015388"
LABRADORS = "Labrador retrievers"


@pytest.fixture
def owner(client: Client, library: User) -> Client:
    client.force_login(library)
    return client


def category(wnid: str) -> Category:
    return browsing().categories[wnid]


def address(name: str, wnid: str = DOGS) -> str:
    return reverse(name, args=[category(wnid)])


def tiles(client: Client, url: str) -> dict[str, int]:
    """What the tiles of a pictograph are called, with how many photos each has."""
    return {tile.name: tile.count for tile in client.get(url).context["pictograph"].tiles}


def test_a_hidden_category_is_no_tile_and_its_photos_are_in_everything_else(owner: Client) -> None:
    before = tiles(owner, "/pictograph/")
    assert before[LABRADORS] == 12
    response = owner.post(address("hide_category", LABRADOR), {"do": "hide", "next": "/pictograph/"})
    assert (response.status_code, response["Location"]) == (302, "/pictograph/")
    after = tiles(owner, "/pictograph/")
    assert LABRADORS not in after
    assert after["everything else"] >= 12
    assert sum(after.values()) == sum(before.values()) == 40
    rest = owner.get("/pictograph/else/").context["rest"]
    assert rest.count == len(rest.grid.photos) == after["everything else"]


def test_nor_are_those_below_it_or_those_that_hold_its_photos(owner: Client, library: User) -> None:
    hide(library, category(DOGS), is_hidden=True)
    shown = owner.get("/pictograph/").context["pictograph"].tiles
    hidden = set(category(DOGS).classes)
    assert all(hidden.isdisjoint(tile.category.classes) for tile in shown if tile.category)


def test_within_one_above_it_its_photos_are_in_the_others(owner: Client, library: User) -> None:
    hide(library, category(DOGS), is_hidden=True)
    within = tiles(owner, address("pictograph_of", ANIMALS))
    assert within["other animals"] == 16
    assert sum(within.values()) == 28
    assert owner.get(address("pictograph_rest_of", ANIMALS)).context["rest"].count == 16


def test_a_category_hidden_below_a_tile_is_in_the_rest_too(owner: Client, library: User) -> None:
    hide(library, category(LABRADOR), is_hidden=True)
    after = tiles(owner, "/pictograph/")
    assert "dogs" not in after
    assert after["everything else"] == 12
    assert sum(after.values()) == 40


def test_where_all_is_hidden_one_tile_is_left(owner: Client, library: User) -> None:
    for wnid in browsing().roots:
        hide(library, category(wnid), is_hidden=True)
    assert tiles(owner, "/pictograph/") == {"everything else": 40}


def test_a_hidden_category_without_photos_changes_nothing(owner: Client, library: User) -> None:
    before = tiles(owner, "/pictograph/")
    hide(library, category("n02504458"), is_hidden=True)  # African elephants
    assert tiles(owner, "/pictograph/") == before


def test_others_do_not_see_it_as_a_tile_either(owner: Client, library: User) -> None:
    User.objects.filter(pk=library.pk).update(handle="anna")
    publish(Photo.objects.owned_by(library), is_public=True)
    share = share_of(library)
    shared = share.get_absolute_url()
    visitor = Client()
    for url in ("/explore/people/anna/pictograph/", shared):
        assert LABRADORS in tiles(visitor, url)
    everyone = tiles(visitor, "/explore/pictograph/")
    hide(library, category(DOGS), is_hidden=True)
    for url in ("/explore/people/anna/pictograph/", shared):
        assert not {LABRADORS, "beagles", "dogs"} & tiles(visitor, url).keys()
    assert tiles(visitor, "/explore/pictograph/") == everyone  # what is everyone's is nobody's to hide


def test_the_look_back_says_nothing_of_it(owner: Client, library: User) -> None:
    hide(library, category(DOGS), is_hidden=True)
    back = look_back(own_face(library.pk), 1, 4, 2023)
    said = [one.category for one in (*back.new, *back.growing, *back.shrinking, *back.gone)]
    assert all(set(category(DOGS).classes).isdisjoint(one.classes) for one in said)
    assert LABRADORS not in [tile.name for tile in back.picture.tiles]


def test_its_page_stays_and_says_so_with_a_way_back(owner: Client, library: User) -> None:
    hide(library, category(DOGS), is_hidden=True)
    html = owner.get(address("category")).content.decode()
    assert "Hidden from your pictograph." in html
    assert "16 photos" in html
    assert "Hidden from your pictograph, with all dogs." in owner.get(address("category", LABRADOR)).content.decode()
    index = owner.get(reverse("categories")).content.decode()
    assert "1 hidden from your pictograph" in index
    listed = owner.get(reverse("hidden_categories")).content.decode()
    assert ">Dogs</a>" in listed
    owner.post(address("hide_category"), {"do": "show"})
    assert not HiddenCategory.objects.exists()
    assert "Nothing is hidden" in owner.get(reverse("hidden_categories")).content.decode()
    assert LABRADORS in tiles(owner, "/pictograph/")


def test_hiding_twice_is_hiding_once(owner: Client) -> None:
    for _ in range(2):
        owner.post(address("hide_category"), {"do": "hide"})
    assert HiddenCategory.objects.count() == 1


def test_what_cannot_be_is_refused(owner: Client, stranger: User) -> None:
    assert owner.get(address("hide_category")).status_code == 405
    assert owner.post("/photos/c/n99999999/hide/").status_code == 404
    assert owner.post(reverse("hidden_categories")).status_code == 405
    assert Client().post(address("hide_category")).status_code == 302
    assert not HiddenCategory.objects.exists()
    htmx = {"HX-Request": "true"}
    assert "<html" not in owner.get(reverse("hidden_categories"), headers=htmx).content.decode()

"""People as others see them: the list of all who have published, and the page of one."""

import pytest
from django.test import Client
from django.urls import reverse

from fathom.explore import people
from fathom.explore.people import people_page, person_page
from pictograph.catalogue.dial import stop_of
from pictograph.people.models import User
from tests.factories import LABRADOR, UserFactory, classified_photo
from tests.fathom.explore.publishing import CATS, DOGS, Network


@pytest.fixture
def crowd(db: None) -> list[User]:
    """Five people with one public photo each, the third with two."""
    crowd = [UserFactory(handle=f"person-{n}") for n in range(5)]
    for person in [*crowd, crowd[2]]:
        classified_photo(LABRADOR, owner=person, is_public=True)
    return crowd


def handles(query: dict[str, str], viewer: User) -> list[str | None]:
    """Everyone on the pages from a point on."""
    found: list[str | None] = []
    while True:
        page = people_page(stop_of(viewer), query)
        found += [one.person.handle for one in page.people]
        if page.next_url is None:
            return found
        query = dict(part.split("=") for part in page.next_url.replace("%7E", "~").lstrip("?").split("&"))


def test_the_newest_come_first_a_page_at_a_time(
    crowd: list[User], stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PAGE", 2)
    assert handles({}, stranger) == [f"person-{n}" for n in (4, 3, 2, 1, 0)]


def test_or_those_with_most_photos(crowd: list[User], stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAGE", 2)
    assert handles({"order": "photos"}, stranger) == [f"person-{n}" for n in (2, 0, 1, 3, 4)]


def test_a_person_is_shown_with_photos_and_what_they_like(network: Network, stranger: User) -> None:
    ben, anna = people_page(stop_of(stranger), {}).people
    assert (anna.count, [like.name for like in anna.likes]) == (30, ["dogs"])
    assert (ben.count, [like.name for like in ben.likes]) == (24, ["cats", "dogs"])
    assert len(anna.photos) == len(ben.photos) == people.COVERS


@pytest.mark.parametrize("query", ["?after=x", "?after=-1", "?order=photos&after=x", "?order=photos&after=1~x"])
def test_a_point_that_cannot_be_is_not_there(query: str, client: Client, network: Network) -> None:
    assert client.get(reverse("people") + query).status_code == 404


def test_after_the_last_one_the_way_leads_back(client: Client, network: Network) -> None:
    html = client.get(reverse("people") + "?after=1").content.decode()
    assert "No more people" in html


def test_where_nobody_has_published_it_says_so(client: Client, library: User) -> None:
    assert "Nobody has published photos yet" in client.get(reverse("people")).content.decode()


def test_the_page_of_a_person_says_who_they_are(client: Client, network: Network) -> None:
    User.objects.filter(pk=network.anna.pk).update(about="Dogs, and <b>nothing</b> else.")
    html = client.get(reverse("person", args=["anna"])).content.decode()
    assert "<h1>anna</h1>" in html
    assert "Dogs, and &lt;b&gt;nothing&lt;/b&gt; else." in html
    assert "30 photos" in html
    assert network.anna.username not in html, "a name to sign in with is nobody else's"


def test_it_says_what_sets_them_apart(client: Client, network: Network) -> None:
    page = person_page(network.ben, None, 1)
    assert [trait.category.wnid for trait in page.traits] == [CATS]
    assert "cats than others" in client.get(reverse("person", args=["ben"])).content.decode()


def test_their_photos_are_there_by_category(network: Network) -> None:
    page = person_page(network.ben, None, 1)
    assert [(card.category.wnid, card.count) for card in page.cards] == [(CATS, 20), (DOGS, 4)]


def test_who_is_not_comparable_offers_no_comparison(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "reverse", lambda name, args=(): f"/{name}/" + "/".join(map(str, args)))
    assert [url for _, url in person_page(network.anna, None, 1).comparisons] == ["/compare/anna/everyone"]
    assert [url for _, url in person_page(network.anna, network.ben, 1).comparisons] == [
        "/compare/you/anna",
        "/compare/anna/everyone",
    ]
    assert [url for _, url in person_page(network.anna, network.anna, 1).comparisons] == ["/compare/anna/everyone"]
    network.anna.is_comparable = False
    assert person_page(network.anna, network.ben, 1).comparisons == ()


def test_names_that_addresses_use_for_others_are_nobodys_page(client: Client, network: Network) -> None:
    for handle in ("you", "everyone", "ANNA", "an"):
        assert client.get(f"/explore/people/{handle}/").status_code == 404

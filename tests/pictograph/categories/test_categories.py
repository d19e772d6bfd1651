"""Categories: the opened tree, a page for each, and what the store answers for them."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.categories import queries
from pictograph.categories.queries import opened, path_shown
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import Listing
from pictograph.store.scope import library_of
from tests.factories import BEAGLE, DAISY, LABRADOR, TABBY, classified_photo
from tests.pictograph.photos.test_library import ids_on, link_on

DOGS, CATS, ANIMALS = "n02084071", "n02121620", "n00015388"
HTMX = {"HX-Request": "true"}


def address(wnid: str) -> str:
    return reverse("category", args=[browsing().categories[wnid]])


def in_category(user: User, wnid: str) -> set[int]:
    page = prediction_store().photos_in(library_of(user.pk), Listing(wnid, calibration().default), limit=1000)
    return {member.photo_id for member in page.members}


def counted(*counts: tuple[str, int]) -> dict[str, int]:
    """Photos of categories, and as many in all that are above them."""
    total: dict[str, int] = {}
    for wnid, count in counts:
        for category in browsing().path(wnid):
            total[category.wnid] = total.get(category.wnid, 0) + count
    return total


def test_the_index_opens_the_top_and_says_what_lies_within(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(reverse("categories")).content.decode()
    shown = re.findall(r'href="/photos/c/[a-z0-9-]*(n\d{8})/"', html)
    assert len(shown) == len(set(shown))
    assert {DOGS, CATS} <= set(shown)
    assert ANIMALS in shown  # beside cars and flowers it says something
    assert html.count("<ul") == html.count("</ul>")
    assert len(re.findall(r"<li\b", html)) == html.count("</li>")


def test_levels_that_only_repeat_the_one_above_are_skipped(db: None) -> None:
    counts = counted((DOGS, 30), (CATS, 27))
    assert opened(browsing().roots, counts, total=58) == [DOGS, CATS]
    assert opened(browsing().roots, counts, total=200) == [ANIMALS]  # the others could not be named


def test_of_levels_with_the_same_photos_the_plainest_name_is_shown(db: None) -> None:
    counts = counted((LABRADOR, 30), (CATS, 27), (DAISY, 9))
    shown = opened(browsing().roots, counts, total=66)
    assert shown[0] == ANIMALS
    assert opened(browsing().categories[ANIMALS].children, counts, total=57) == [DOGS, CATS]


def test_the_path_has_one_level_for_all_that_have_the_same_photos(db: None) -> None:
    labrador = browsing().categories[LABRADOR]
    assert [above.wnid for above in path_shown(labrador, counted((LABRADOR, 30)))] == [DOGS]
    path = [above.wnid for above in path_shown(labrador, counted((LABRADOR, 30), (BEAGLE, 20), (CATS, 27)))]
    assert path[:2] == [ANIMALS, DOGS]


def test_the_cover_of_a_category_is_of_the_fullest_kind_within_it(client: Client, user: User) -> None:
    beagles = [classified_photo({BEAGLE: sure}, owner=user).pk for sure in (0.9, 0.85)]
    classified_photo({LABRADOR: 0.99}, owner=user)
    classified_photo({TABBY: 0.98}, owner=user)
    client.force_login(user)
    below = client.get(address(ANIMALS)).context["page"].below
    assert {card.category.wnid: card.photo.id for card in below if card.photo}[DOGS] == beagles[0]
    index = client.get(reverse("categories")).context["index"]
    assert beagles[0] in {card.photo.id for card in index.cards if card.photo}


def test_many_lines_of_a_card_are_left_to_its_page(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ROWS", 1)
    client.force_login(library)
    page = client.get(reverse("categories"))
    (animals,) = (card for card in page.context["index"].cards if card.category.wnid == ANIMALS)
    assert (len(animals.rows), animals.more) == (1, 1)


def test_what_could_not_be_named_is_counted_and_a_page_away(client: Client, library: User) -> None:
    unclear = [classified_photo({LABRADOR: 0.25, DAISY: 0.25}, owner=library).pk for _ in range(2)]
    client.force_login(library)
    html = client.get(reverse("categories")).content.decode()
    assert link_on(html, "2 in no category") == reverse("unnamed")
    assert '<p class="figures">2 photos</p>' in client.get(reverse("unnamed")).content.decode()
    assert set(ids_on(client.get(reverse("unnamed")).content.decode())) == set(unclear)


def test_walking_what_is_not_named_meets_every_photo_once(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    unclear = [classified_photo({LABRADOR: 0.25, DAISY: 0.25}, owner=library).pk for _ in range(5)]
    client.force_login(library)
    url, met = reverse("unnamed"), []
    while url:
        html = client.get(url).content.decode()
        met += ids_on(html)
        url = link_on(html, "Older photos") if ">Older photos</a>" in html else ""
    assert sorted(met) == unclear


def test_where_every_photo_has_a_name_nothing_is_left_over(client: Client, library: User) -> None:
    client.force_login(library)
    assert "in no category" not in client.get(reverse("categories")).content.decode()
    assert "Nothing is left over" in client.get(reverse("unnamed")).content.decode()


def test_an_empty_index_leads_to_importing(client: Client, user: User) -> None:
    client.force_login(user)
    html = client.get(reverse("categories")).content.decode()
    assert "No categories yet" in html
    assert reverse("import") in html


def test_the_index_shows_nothing_of_others(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    assert "No categories yet" in client.get(reverse("categories")).content.decode()


def test_a_category_shows_its_photos_path_and_children(client: Client, library: User) -> None:
    client.force_login(library)
    response = client.get(address(DOGS))
    html = response.content.decode()
    assert set(ids_on(html)) == in_category(library, DOGS)
    assert "<h1>Dogs</h1>" in html
    assert "16 photos" in html
    assert f'href="{address(ANIMALS)}"' in html
    assert reverse("pictograph_of", args=[browsing().categories[DOGS]]) in html
    assert [card.count for card in response.context["page"].below] == [12, 4]
    assert all(address(card.category.wnid) in html for card in response.context["page"].below)


def test_every_count_is_the_number_of_photos_behind_its_link(client: Client, library: User) -> None:
    counts = prediction_store().counts(library_of(library.pk), calibration().default)
    for wnid in filter(None, counts):
        assert len(in_category(library, wnid)) == counts[wnid]


def test_photos_come_surest_first_or_by_date(client: Client, user: User) -> None:
    old = classified_photo({LABRADOR: 0.99}, owner=user, shown_at=datetime(2020, 1, 1, tzinfo=UTC))
    new = classified_photo({LABRADOR: 0.90}, owner=user, shown_at=datetime(2024, 1, 1, tzinfo=UTC))
    client.force_login(user)
    assert ids_on(client.get(address(DOGS)).content.decode()) == [old.pk, new.pk]
    by_date = client.get(address(DOGS), {"order": "newest"}).content.decode()
    assert ids_on(by_date) == [new.pk, old.pk]
    assert "January 2024" in by_date


def test_a_year_shows_its_photos_and_its_counts(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(address(DOGS), {"year": 2022}).content.decode()
    found = Photo.objects.filter(pk__in=ids_on(html))
    assert {photo.shown_at.year for photo in found} == {2022}
    assert f"{len(found)} photos in 2022" in html


@pytest.mark.parametrize("order", ["best", "newest"])
def test_walking_a_category_meets_every_photo_once(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(queries, "PAGE", 5)
    client.force_login(library)
    url, met = f"{address(DOGS)}?order={order}", []
    while url:
        html = client.get(url).content.decode()
        met += ids_on(html)
        words = "More photos" if order == "best" else "Older photos"
        url = link_on(html, words) if f">{words}</a>" in html else ""
    assert len(met) == len(set(met))
    assert set(met) == in_category(library, DOGS)


def test_scrolling_on_in_a_category_fetches_photos_alone(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 5)
    client.force_login(library)
    url = link_on(client.get(address(DOGS)).content.decode(), "More photos")
    response = client.get(url, headers=HTMX)
    assert "<html" not in response.content.decode()
    assert "<h1" not in response.content.decode()
    assert len(ids_on(response.content.decode())) == 5
    assert "HX-Request" in response.headers["Vary"]


def test_an_old_address_moves_to_the_present_name(client: Client, library: User) -> None:
    client.force_login(library)
    response = client.get("/photos/c/hounds-of-old-n02084071/?year=2022")
    assert response.status_code == 302
    assert response.headers["Location"] == "/photos/c/dogs-n02084071/?year=2022"


@pytest.mark.parametrize("url", ["/photos/c/nothing-n99999999/", "/photos/c/dogs-n02084071/?after=nonsense", "?year=x"])
def test_what_is_not_there_is_not_found(client: Client, library: User, url: str) -> None:
    client.force_login(library)
    assert client.get(url if url.startswith("/") else address(DOGS) + url).status_code == 404


def test_a_category_without_photos_says_what_to_do(client: Client, library: User) -> None:
    client.force_login(library)
    empty = next(c for c in browsing().categories.values() if not in_category(library, c.wnid))
    html = client.get(address(empty.wnid)).content.decode()
    assert f"No {empty.name} yet" in html
    assert reverse("import") in html


def test_a_category_shows_nothing_of_others(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    assert ids_on(client.get(address(DOGS)).content.decode()) == []


@pytest.mark.parametrize("name", ["categories", "category", "unnamed"])
def test_categories_are_only_read(client: Client, user: User, name: str) -> None:
    client.force_login(user)
    assert client.post(address(DOGS) if name == "category" else reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["categories", "category", "unnamed"])
def test_htmx_gets_a_category_without_its_frame(client: Client, library: User, name: str) -> None:
    client.force_login(library)
    url = address(DOGS) if name == "category" else reverse(name)
    response = client.get(url, headers=HTMX)
    assert "<html" not in response.content.decode()
    assert '<main id="main"' in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_the_index_takes_few_queries(
    client: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(library)
    client.get(reverse("categories"))
    # session, person, counts, best photos, covers, their rows, what is hidden, is anything waiting
    with django_assert_num_queries(9):
        client.get(reverse("categories"))


def test_a_category_takes_few_queries(
    client: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(library)
    client.get(address(DOGS))
    # session, person, page, its photos, their categories, counts, best of children, their photos, years,
    # is any waiting, and the covers of children, whether it is hidden, its own cover, a question about it
    with django_assert_num_queries(15):
        client.get(address(DOGS))


@pytest.mark.parametrize(
    "place", ["0.9:99999999999999999999999", "nan:5", "inf:5", "2020-01-01T00:00:00~5", "x", "0.9", ":", "~"]
)
@pytest.mark.parametrize("order", ["best", "newest"])
def test_a_place_that_cannot_be_is_404(place: str, order: str, client: Client, library: User) -> None:
    client.force_login(library)
    assert client.get(address(DOGS), {"order": order, "after": place}).status_code == 404


def test_only_years_that_have_such_photos_are_offered(client: Client, user: User) -> None:
    for year in (2019, 2020):
        classified_photo(LABRADOR, owner=user, shown_at=datetime(year, 5, 1, tzinfo=UTC))
    classified_photo(TABBY, owner=user, shown_at=datetime(2021, 5, 1, tzinfo=UTC))
    client.force_login(user)
    page = client.get("/photos/c/labrador-retrievers-n02099712/").content.decode()
    assert "year=2019" in page
    assert "year=2020" in page
    assert "year=2021" not in page

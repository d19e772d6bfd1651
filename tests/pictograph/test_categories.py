"""Categories: the opened tree, a page for each, and what the store answers for them."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from pictograph.catalogue.tree import browsing, calibration

from pictograph.categories import views as categories
from pictograph.categories.views import rows_below
from pictograph.models import Photo, User
from pictograph.photos.tags import url_of
from pictograph.store import prediction_store, scope_of
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, classified_photo
from tests.pictograph.test_library import ids_on, link_on

DOGS, CATS, ANIMALS = "n02084071", "n02121620", "n00015388"
HTMX = {"HX-Request": "true"}


def address(wnid: str) -> str:
    return url_of(browsing().categories[wnid])


def in_category(user: User, wnid: str) -> set[int]:
    page = prediction_store().photos_in(scope_of(user.pk), wnid, calibration().default, limit=1000)
    return {member.photo_id for member in page.members}


def test_the_index_opens_every_category_that_has_photos(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(reverse("categories")).content.decode()
    counts = prediction_store().counts(scope_of(library.pk), calibration().default)
    filled = {wnid for wnid in counts if wnid}
    assert set(re.findall(r'href="/photos/c/[a-z0-9-]*(n\d{8})/"', html)) == filled
    assert html.count("<ul") == html.count("</ul>")
    assert html.count("<details") == html.count("</details>")
    assert len(re.findall(r"<li\b", html)) == html.count("</li>")


def test_the_tree_lists_children_under_parents_most_photos_first() -> None:
    counts = {DOGS: 3, ANIMALS: 9, CATS: 5}
    for category in (*browsing().path(DOGS), *browsing().path(CATS)):
        counts.setdefault(category.wnid, 7)
    rows = rows_below(browsing().categories[browsing().path(DOGS)[0].wnid], counts)
    wnids = [row.category.wnid for row in rows]
    assert wnids.index(CATS) < wnids.index(DOGS)
    assert sum(row.opens for row in rows) == sum(len(row.closes) for row in rows)


def test_many_lines_of_a_card_are_folded_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(categories, "TOP_ROWS", 2)
    root = max((browsing().categories[wnid] for wnid in browsing().roots), key=lambda c: len(c.children))
    rows = rows_below(root, {wnid: 1 for wnid in root.children})
    assert [row.hides for row in rows[:4]] == [0, 0, len(root.children) - 2, 0]
    assert len(rows[-1].closes) == 1


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
    html = client.get(address(DOGS)).content.decode()
    assert set(ids_on(html)) == in_category(library, DOGS)
    assert "<h1>Dogs</h1>" in html
    assert "16 photos" in html
    assert f'href="{address(browsing().path(DOGS)[0].wnid)}"' in html
    assert reverse("pictograph_of", args=["dogs-n02084071"]) in html
    children = [c for c in browsing().categories[DOGS].children if in_category(library, c)]
    assert children
    assert all(address(child) in html for child in children)
    assert f"and {len(browsing().categories[DOGS].children) - len(children)} without photos" in html


def test_every_count_is_the_number_of_photos_behind_its_link(client: Client, library: User) -> None:
    counts = prediction_store().counts(scope_of(library.pk), calibration().default)
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
    monkeypatch.setattr(categories, "PAGE", 5)
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
    monkeypatch.setattr(categories, "PAGE", 5)
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
    assert response.status_code == 301
    assert response.headers["Location"] == "/photos/c/dogs-n02084071/?year=2022"


@pytest.mark.parametrize("url", ["/photos/c/nothing-n99999999/", "/photos/c/dogs-n02084071/?after=nonsense", "?year=x"])
def test_what_is_not_there_is_not_found(client: Client, library: User, url: str) -> None:
    client.force_login(library)
    assert client.get(url if url.startswith("/") else address(DOGS) + url).status_code == 404


def test_a_category_without_photos_says_what_to_do(client: Client, library: User) -> None:
    client.force_login(library)
    empty = next(c for c in browsing().categories.values() if not in_category(library, c.wnid))
    html = client.get(url_of(empty)).content.decode()
    assert f"No {empty.name} yet" in html
    assert reverse("import") in html


def test_a_category_shows_nothing_of_others(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    assert ids_on(client.get(address(DOGS)).content.decode()) == []


@pytest.mark.parametrize("name", ["categories", "category"])
def test_categories_are_only_read(client: Client, user: User, name: str) -> None:
    client.force_login(user)
    assert client.post(reverse(name, args=["dogs-n02084071"] if name == "category" else [])).status_code == 405


@pytest.mark.parametrize("name", ["categories", "category"])
def test_htmx_gets_a_category_without_its_frame(client: Client, library: User, name: str) -> None:
    client.force_login(library)
    url = reverse(name, args=["dogs-n02084071"] if name == "category" else [])
    response = client.get(url, headers=HTMX)
    assert "<html" not in response.content.decode()
    assert '<main id="main"' in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_the_index_takes_few_queries(client: Client, library: User, django_assert_num_queries: object) -> None:
    client.force_login(library)
    client.get(reverse("categories"))
    # session, person, counts, best photos, their rows, is anything waiting
    with django_assert_num_queries(6):  # type: ignore[operator]
        client.get(reverse("categories"))


def test_a_category_takes_few_queries(client: Client, library: User, django_assert_num_queries: object) -> None:
    client.force_login(library)
    client.get(address(DOGS))
    # session, person, page, its photos, their categories, counts, best of children, their photos, years, is any waiting
    with django_assert_num_queries(10):  # type: ignore[operator]
        client.get(address(DOGS))


def test_the_best_photo_of_each_category_is_the_surest(user: User) -> None:
    classified_photo({LABRADOR: 0.85}, owner=user, shown_at=datetime(2024, 1, 1, tzinfo=UTC))
    sure = classified_photo({LABRADOR: 0.99}, owner=user, shown_at=datetime(2020, 1, 1, tzinfo=UTC))
    recent = classified_photo({BEAGLE: 0.97}, owner=user, shown_at=datetime(2024, 1, 1, tzinfo=UTC))
    store, scope, stop = prediction_store(), scope_of(user.pk), calibration().default
    best = store.best_of(scope, [DOGS, LABRADOR, TABBY], stop)
    assert {wnid: member.photo_id for wnid, member in best.items()} == {DOGS: sure.pk, LABRADOR: sure.pk}
    assert store.best_of(scope, [DOGS], stop, 2024)[DOGS].photo_id == recent.pk
    assert store.best_of(scope, [], stop) == {}


def test_the_most_specific_category_follows_the_dial(user: User, stranger: User) -> None:
    photo = classified_photo({LABRADOR: 0.7, BEAGLE: 0.29}, owner=user)
    car = classified_photo(SPORTS_CAR, owner=user)
    unclear = classified_photo({TABBY: 0.2, DAISY: 0.2}, owner=user)
    ids = [photo.pk, car.pk, unclear.pk]
    safest, boldest = 0, len(calibration().stops) - 1
    assert prediction_store().most_specific(ids, boldest)[photo.pk].wnid == LABRADOR
    said = prediction_store().most_specific(ids, safest)
    assert said[photo.pk].wnid != LABRADOR
    assert said[photo.pk].confidence > 0.9
    assert said[car.pk].wnid == SPORTS_CAR
    assert unclear.pk not in said


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

"""The page of a comparison: what it tells, to whom, with which photos, and at what cost."""

import re

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from fathom.comparison.parties import parties_called
from fathom.comparison.queries import ComparisonPage, comparison_page
from fathom.comparison.sides import counted
from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import browsing, look_again
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store import prediction_store
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, UserFactory, make_library
from tests.fathom.comparison.people import BANANA, DESK, HANDY, TRUCK, published

HTMX = {"HX-Request": "true"}
DOGS, CATS, FRUIT = "n02084071", "n02121808", "n07705931"


@pytest.fixture
def anna(db: None) -> User:
    return published("anna", [(LABRADOR, 20), (BEAGLE, 5), (TABBY, 20), (DESK, 12)])


@pytest.fixture
def ben(db: None) -> User:
    return published("ben", [(LABRADOR, 4), (BEAGLE, 15), (TRUCK, 20), (DAISY, 2)])


def address(first: str = "anna", second: str = "ben") -> str:
    return reverse("compare", args=[first, second])


def told(page: ComparisonPage) -> dict[str, list[str]]:
    return {group.kind: [category.wnid for row in group.rows for category in row.categories] for group in page.groups}


def page_of(client: Client, first: str = "anna", second: str = "ben") -> ComparisonPage:
    page = client.get(address(first, second)).context["page"]
    assert isinstance(page, ComparisonPage)
    return page


def photos_on(page: ComparisonPage) -> set[int]:
    rows = (row for group in page.groups for row in group.rows)
    return {proof.photo.id for row in rows for bar in row.bars for proof in bar.proofs}


def test_two_people_are_told_what_both_do_and_what_only_one_does(client: Client, anna: User, ben: User) -> None:
    html = client.get(address()).content.decode()
    found = told(page_of(client))
    assert found["both"] == [DOGS]
    assert CATS in found["only-first"]
    assert all("trucks" in browsing().categories[wnid].name for wnid in found["only-second"])
    assert "Only anna" in html
    assert "Only ben" in html
    assert "Surely" not in html or "more-first" in found or "more-second" in found
    assert re.search(r"<strong class=\"figures\">\d+</strong>", html)


def test_the_numbers_are_those_of_the_photos(client: Client, anna: User, ben: User) -> None:
    (both, *_) = (group for group in page_of(client).groups if group.kind == "both")
    (row,) = both.rows
    assert (row.first.rate.listed, row.first.rate.of) == (25, 57)
    assert (row.second.rate.listed, row.second.rate.of) == (19, 41)
    assert abs(row.first.rate.photos - 25 * 0.99) < 1e-3
    assert row.first.rate.low < row.first.rate.share < row.first.rate.high
    listing = client.get(row.first.url)
    assert listing.status_code == 200
    assert listing.context["page"].count == 25


def test_the_other_way_round_it_means_the_same(client: Client, anna: User, ben: User) -> None:
    page, swapped = page_of(client), page_of(client, "ben", "anna")
    assert page.similarity == swapped.similarity
    other = {"both": "both", "only-first": "only-second", "more-first": "more-second"}
    other |= {new: old for old, new in other.items()}
    assert told(page) == {other[kind]: wnids for kind, wnids in told(swapped).items()}


def test_the_numbers_stand_in_a_table_too(client: Client, anna: User, ben: User) -> None:
    html = client.get(address()).content.decode()
    table = html[html.index("<table") : html.index("</table>")]
    rows = sum(len(group.rows) for group in page_of(client).groups)
    assert table.count('scope="row"') == rows
    assert len(re.findall(r"[\d.]+% – [\d.]+%", table)) == 2 * rows


def test_photos_of_both_are_shown_and_only_such(client: Client, anna: User, ben: User) -> None:
    secret = make_library(anna, [(LABRADOR, 3), (SPORTS_CAR, 9)])
    shown = photos_on(page_of(client))
    assert {*Photo.objects.filter(pk__in=shown).values_list("owner__handle", flat=True)} == {"anna", "ben"}
    assert not shown & {photo.pk for photo in secret}
    html = client.get(address()).content.decode()
    for photo in shown:
        assert f"/{photo}/480.webp" in html
        url = re.search(rf'[^"]*/{photo}/480\.webp[^"]*', html)
        assert url is not None
        assert client.get(url[0]).status_code == 200


def test_a_withdrawn_photo_is_no_evidence_even_where_the_store_still_lists_it(
    client: Client, anna: User, ben: User
) -> None:
    shown = photos_on(page_of(client))
    Photo.objects.filter(pk__in=shown).update(is_public=False)  # the store has not been told
    left = photos_on(page_of(client))
    assert not left & shown


def test_withdrawing_takes_photos_out_of_every_figure(client: Client, anna: User, ben: User) -> None:
    cats = Photo.objects.owned_by(anna).filter(shown_at__month=3)
    assert publish(cats, is_public=False) == 20
    page = page_of(client)
    assert page.photos == (37, 41)
    assert CATS not in told(page).get("only-first", [])


@pytest.mark.parametrize(
    "change",
    [{"is_comparable": False}, {"is_active": False}, {"is_leaving": True}, {"handle": None}],
    ids=lambda change: str(next(iter(change))),
)
def test_who_may_not_be_compared_is_not_found(client: Client, anna: User, ben: User, change: dict[str, object]) -> None:
    User.objects.filter(pk=ben.pk).update(**change)
    for words in (("anna", "ben"), ("ben", "anna"), ("ben", "everyone"), ("everyone", "ben")):
        assert client.get(address(*words)).status_code == 404
    client.force_login(anna)
    assert client.get(address("you", "ben")).status_code == 404
    is_named = "is_comparable" in change  # else nobody is left, and everyone else is nobody
    assert client.get(address("anna", "everyone")).status_code == (404 if is_named else 200)


def test_who_has_withdrawn_everything_is_not_found(client: Client, anna: User, ben: User) -> None:
    publish(Photo.objects.owned_by(ben), is_public=False)
    assert client.get(address()).status_code == 404


@pytest.mark.parametrize("words", [("anna", "anna"), ("everyone", "everyone"), ("anna", "nobody"), ("nobody", "ben")])
def test_two_that_are_none_are_not_found(client: Client, anna: User, ben: User, words: tuple[str, str]) -> None:
    assert client.get(address(*words)).status_code == 404


def test_one_is_compared_with_everyone(client: Client, anna: User, ben: User) -> None:
    page = page_of(client, "anna", "everyone")
    assert page.photos == (57, 41)
    assert not page.is_private
    assert {CATS} <= {wnid for wnids in told(page).values() for wnid in wnids}


def test_everyone_is_everyone_else_to_the_last_photo(client: Client, anna: User, ben: User) -> None:
    cleo = published("cleo", [(TABBY, 7), (SPORTS_CAR, 3)])
    make_library(anna, [(BANANA, 30)])  # kept to herself
    theirs = Photo.objects.filter(owner__in=(ben, cleo), is_public=True).values_list("pk", flat=True)
    records = prediction_store().find_many(list(theirs))
    rows = [record.classification.probabilities.dense(1000) for record in records]
    for words in (("anna", "everyone"), ("you", "everyone")):
        parties = parties_called(words, anna)
        assert parties is not None
        _, others, base = counted(*parties)
        assert others.side.photos == len(records) == 51
        everyone = store_sum(rows)
        assert np.abs(others.side.expected - everyone).max() < 1e-6
        for wnid, listed in zip(browsing().order, others.side.listed.tolist(), strict=True):
            assert listed == sum(wnid in {one.wnid for one in record.assignments} for record in records)
        assert not np.allclose(base, others.side.rates)  # rates are shrunk towards those of all, anna too


def store_sum(rows: list[np.ndarray]) -> np.ndarray:
    """How many photos are in each category: every photo, every class, one by one."""
    categories = browsing().categories.values()
    return np.array([sum(float(row[c]) for row in rows for c in category.classes) for category in categories])


def test_ones_own_photos_are_no_evidence_of_everyone_else(client: Client, anna: User, ben: User) -> None:
    client.force_login(anna)
    for words in (("anna", "everyone"), ("you", "everyone")):
        page = page_of(client, *words)
        bars = [row.second for group in page.groups for row in group.rows]
        owners = Photo.objects.filter(pk__in={proof.photo.id for bar in bars for proof in bar.proofs})
        assert {*owners.values_list("owner__handle", flat=True)} == {"ben"}
        assert all(bool(bar.proofs) == bool(bar.rate.listed) for bar in bars)


def test_beside_the_only_one_who_has_published_there_is_nobody(client: Client, anna: User) -> None:
    page = page_of(client, "anna", "everyone")
    assert (page.photos, page.groups) == ((57, 0), ())


def test_several_categories_may_tell_something_together(client: Client, anna: User) -> None:
    published("dora", [(wnid, 1) for wnid in HANDY] + [(SPORTS_CAR, 20)])
    page = page_of(client, "anna", "dora")
    (row,) = (row for group in page.groups for row in group.rows if len(row.categories) > 1)
    assert row.name.count(",") == 2
    assert row.name.endswith("more")
    assert row.second.rate.listed == len(HANDY)
    assert (row.first.rate.listed, row.first.proofs, row.second.url) == (0, (), "")
    assert len(row.second.proofs) == 3
    html = client.get(address("anna", "dora")).content.decode()
    for proof in row.second.proofs:
        assert proof.category in row.categories
        assert proof.url.replace("&", "&amp;") in html
        assert proof.photo.id in {photo.id for photo in client.get(proof.url).context["page"].grid.photos}
    assert row.name[1:] in html


def test_you_are_all_your_photos_and_nobody_else_sees_them(client: Client, anna: User, ben: User) -> None:
    make_library(anna, [(BANANA, 30)])
    assert client.get(address("you", "ben")).headers["Location"].startswith(reverse("account_login"))
    client.force_login(anna)
    page = page_of(client, "you", "ben")
    assert page.is_private
    assert page.photos == (87, 41)
    assert FRUIT in told(page)["only-first"]
    html = client.get(address("you", "ben")).content.decode()
    assert "Only you see this page" in html
    assert "http://testserver/explore/compare/anna/ben/" in html
    assert FRUIT not in {wnid for wnids in told(page_of(client)).values() for wnid in wnids}
    client.force_login(ben)
    assert page_of(client, "anna", "you").photos == (57, 41)


def test_the_link_to_share_is_there_if_both_allow_it(client: Client, anna: User, ben: User) -> None:
    assert "http://testserver/explore/compare/anna/ben/" in client.get(address()).content.decode()
    User.objects.filter(pk=anna.pk).update(is_comparable=False)
    client.force_login(anna)
    html = client.get(address("you", "ben")).content.decode()
    assert "Link to share" not in html


def test_a_blocked_category_is_told_nowhere(client: Client, anna: User, ben: User) -> None:
    Override.objects.create(wnid=DOGS, is_blocked=True)
    look_again()
    shown = {wnid for wnids in told(page_of(client)).values() for wnid in wnids}
    assert shown
    assert not shown & {DOGS, BEAGLE, LABRADOR}


def test_too_few_photos_tell_nothing_and_say_so(client: Client, anna: User, db: None) -> None:
    published("cleo", [(TRUCK, 2)])
    html = client.get(address("anna", "cleo")).content.decode()
    assert "Nothing to tell for sure yet" in html


def test_a_comparison_is_only_read(client: Client, anna: User, ben: User) -> None:
    assert client.post(address()).status_code == 405


def test_htmx_gets_a_comparison_without_its_frame(client: Client, anna: User, ben: User) -> None:
    response = client.get(address(), headers=HTMX)
    assert "<html" not in response.content.decode()
    assert '<main id="main"' in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_a_comparison_takes_few_queries(
    client: Client, anna: User, ben: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address())
    # the two, counts of each, sums of everyone and of both, best photos of each, their rows, is anyone there at all
    with django_assert_num_queries(10):
        client.get(address())
    client.force_login(anna)
    with django_assert_num_queries(13):  # session and person instead of the last, is anything waiting
        client.get(address())
    # nobody is looked up by handle; who else there is, the sums of one's library and what is taken off come in addition
    with django_assert_num_queries(16):
        client.get(address("you", "everyone"))


@pytest.mark.parametrize("others", [{"ben": False}, {"ben": False, "cleo": True}, {"ben": False, "cleo": False}])
def test_everyone_else_is_no_other_word_for_one_or_two_who_allow_no_comparison(
    client: Client, anna: User, others: dict[str, bool]
) -> None:
    for handle, is_comparable in others.items():
        published(handle, [(TRUCK, 20)], is_comparable=is_comparable)
    client.force_login(anna)
    refused = (address("anna", "everyone"), address("everyone", "anna"), address("you", "everyone"))
    assert [client.get(url).status_code for url in refused] == [404] * 3
    assert address("you", "everyone") not in client.get("/explore/compare/you/").content.decode()
    assert address("anna", "everyone") not in client.get("/explore/people/anna/").content.decode()
    for handle in ("dora", "emil"):
        published(handle, [(DAISY, 5)])
    assert [client.get(url).status_code for url in refused] == [200] * 3
    assert address("you", "everyone") in client.get("/explore/compare/you/").content.decode()
    assert address("anna", "everyone") in client.get("/explore/people/anna/").content.decode()


def test_someone_without_photos_compares_to_nothing(client: Client, anna: User) -> None:
    newcomer = UserFactory()
    client.force_login(newcomer)
    found = parties_called(("you", "anna"), newcomer)
    assert found is not None
    assert comparison_page(*found).similarity == 0
    assert "Import photos" in client.get(address("you", "anna")).content.decode()


def test_anyone_goes_on_to_compare_with_somebody_else(client: Client, anna: User, ben: User) -> None:
    assert 'name="with"' in client.get(address("anna", "everyone")).content.decode()
    response = client.get(address("anna", "everyone"), {"with": " @Ben "})
    assert response.headers["Location"] == address("anna", "ben")
    for nobody in ("nobody", "anna", "you", "a/b"):
        response = client.get(address("anna", "everyone"), {"with": nobody})
        assert response.status_code == 422
        assert "There is nobody of that name" in response.content.decode()

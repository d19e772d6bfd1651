"""Who is most and least like oneself: everyone who may be compared, and nobody else."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.kinds import kind_wnids
from tests.factories import BEAGLE, DAISY, LABRADOR, TABBY, UserFactory, classified_photo, make_library
from tests.fathom.comparison.people import DESK, TRUCK, published

ADDRESS = "/explore/compare/you/"
APES, CHIMPANZEE, SUIT = "n02469914", "n02481823", "n04350905"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def anna(db: None) -> User:
    """Someone who has published nothing."""
    person = UserFactory(username="anna")
    make_library(person, [(LABRADOR, 20), (TABBY, 10)])
    return person


@pytest.fixture
def others(db: None) -> None:
    published("alike", [(BEAGLE, 15), (TABBY, 9)])
    published("half", [(LABRADOR, 10), (TRUCK, 10)])
    published("unlike", [(TRUCK, 12)])
    published("newcomer", [(LABRADOR, 3)])


def handles(client: Client) -> list[str]:
    page = client.get(ADDRESS).context["page"]
    return [one.handle for one in (*page.most, *page.least)]


def test_the_most_alike_come_first(client: Client, anna: User, others: None) -> None:
    assert reverse("likeness") == ADDRESS
    client.force_login(anna)
    page = client.get(ADDRESS).context["page"]
    assert [one.handle for one in page.most] == ["alike", "half", "unlike"]
    assert page.most[0].similarity > 90
    assert page.most[2].similarity <= 2
    assert page.most[0].common.startswith("dogs")
    assert page.people == 3  # three photos do not tell whom someone is like
    same = client.get(reverse("compare", args=["you", "alike"])).context["page"].similarity
    assert same == page.most[0].similarity


def test_what_no_photo_is_listed_as_is_not_named_from_sums_alone(client: Client, user: User) -> None:
    """Apes are not said of a photo on which people may be, though what the network thought is in the sums."""
    for person in (user, UserFactory(username="ape", handle="ape")):
        for _ in range(12):
            classified_photo({TABBY: 0.7, CHIMPANZEE: 0.2, SUIT: 0.08}, owner=person, is_public=True)
    client.force_login(user)
    (ape,) = client.get(ADDRESS).context["page"].most
    sums = prediction_store().leaf_vector(library_of(user.pk), catalogue().network or 0)
    apes = browsing().categories[APES]
    assert sums is not None
    assert sums.dense(1000)[list(apes.classes)].sum() > 0
    assert APES in kind_wnids(browsing())
    assert apes.name not in ape.common
    assert "cats" in ape.common


def test_those_least_alike_are_others_than_the_most(client: Client, anna: User, others: None) -> None:
    for n in range(7):
        published(f"truck{n}", [(TRUCK, 9), (DESK, 3 + n)])
    client.force_login(anna)
    page = client.get(ADDRESS).context["page"]
    assert (len(page.most), len(page.least)) == (6, 3)
    assert not {one.handle for one in page.most} & {one.handle for one in page.least}
    assert page.least[0].similarity <= page.least[-1].similarity <= page.most[-1].similarity


@pytest.mark.parametrize("change", [{"is_comparable": False}, {"is_active": False}, {"handle": None}])
def test_who_opts_out_is_gone_at_once(client: Client, anna: User, others: None, change: dict[str, object]) -> None:
    client.force_login(anna)
    assert "half" in handles(client)
    User.objects.filter(username="half").update(**change)
    assert handles(client) == ["alike", "unlike"]


def test_who_withdraws_everything_is_gone_at_once(client: Client, anna: User, others: None) -> None:
    client.force_login(anna)
    handles(client)
    Photo.objects.filter(owner__username="half").update(is_public=False)  # the store has not been told
    assert handles(client) == ["alike", "unlike"]


def test_what_is_withdrawn_counts_no_more(client: Client, anna: User, others: None) -> None:
    client.force_login(anna)
    before = client.get(ADDRESS).context["page"].most[1]
    publish(Photo.objects.filter(owner__username="half", shown_at__month=1), is_public=False)
    after = client.get(ADDRESS).context["page"].most[1]
    assert before.similarity > after.similarity


def test_of_too_many_those_who_have_published_most_are_looked_at(
    client: Client, anna: User, others: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fathom.comparison.likeness.MOST_PEOPLE", 2)
    client.force_login(anna)
    assert handles(client) == ["alike", "half"]
    User.objects.filter(username="half").update(is_comparable=False)
    assert handles(client) == ["alike"]


def test_a_name_leads_to_the_comparison(client: Client, anna: User, others: None) -> None:
    client.force_login(anna)
    assert client.get(ADDRESS, {"with": " @Half "}).headers["Location"] == "/explore/compare/you/half/"
    for nobody in ("nobody", "you", "Ünknown", "a/b", "x" * 99):
        response = client.get(ADDRESS, {"with": nobody})
        assert response.status_code == 422
        assert "There is nobody of that name" in response.content.decode()


def test_it_is_for_those_who_are_signed_in(client: Client, others: None) -> None:
    assert client.get(ADDRESS).status_code == 302


def test_it_is_only_read_and_comes_without_its_frame_to_htmx(client: Client, anna: User) -> None:
    client.force_login(anna)
    assert client.post(ADDRESS).status_code == 405
    html = client.get(ADDRESS, headers=HTMX).content.decode()
    assert "<html" not in html
    assert '<main id="main"' in html


def test_without_others_or_photos_it_says_so(client: Client, anna: User, user: User) -> None:
    client.force_login(anna)
    assert "Nobody to compare with yet" in client.get(ADDRESS).content.decode()
    published("daisy", [(DAISY, 12)])
    assert handles(client) == ["daisy"]
    client.force_login(user)
    assert "Too few photos" in client.get(ADDRESS).content.decode()


def test_it_takes_few_queries_however_many_there_are(
    client: Client, anna: User, others: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(anna)
    client.get(ADDRESS)
    # session, person, own sums, who may be compared, who else there is, their sums, what is listed of both, is anything
    # waiting or just arrived
    with django_assert_num_queries(10):
        client.get(ADDRESS)


def test_those_who_may_be_compared_are_proposed_as_one_types(client: Client, anna: User, others: None) -> None:
    published("alfred", [(DAISY, 1)], is_comparable=False)
    published("alice", [(DAISY, 1)])
    UserFactory(handle="alone")  # has published nothing

    def proposed(**asked: str) -> list[str]:
        return re.findall(r'value="([^"]+)"', client.get("/explore/compare/handles/", asked).content.decode())

    assert proposed(**{"with": "@AL"}) == ["alice", "alike"]
    assert proposed(**{"with": "al", "beside": "alike"}) == ["alice"]
    assert proposed(**{"with": "nobody"}) == []
    client.force_login(User.objects.get(handle="alike"))
    assert proposed(**{"with": "al", "beside": "you"}) == ["alice"]
    User.objects.filter(handle="alice").update(is_comparable=False)
    assert proposed(**{"with": "al"}) == ["alike"]
    assert client.post("/explore/compare/handles/").status_code == 405


@pytest.mark.parametrize("odd", ["\0", "a\0", "%", "ä"])
def test_what_no_handle_begins_with_is_not_looked_up(
    client: Client, others: None, django_assert_num_queries: DjangoAssertNumQueries, odd: str
) -> None:
    assert client.get("/explore/compare/alike/half/", {"with": odd}).status_code == 422
    assert "alike" in client.get("/explore/compare/handles/", {"with": "al", "beside": odd}).content.decode()
    with django_assert_num_queries(0):
        assert "<option" not in client.get("/explore/compare/handles/", {"with": odd}).content.decode()


def test_the_proposals_are_a_few_and_cost_no_more_with_many_people(
    client: Client, anna: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(10):
        published(f"person{n}", [(DAISY, 1)])
    with django_assert_max_num_queries(2):
        assert client.get("/explore/compare/handles/").content.decode().count("<option") == 8

"""Two years of one's own photos, which are nobody else's business."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.people.models import User
from tests.factories import DAISY, LABRADOR, TABBY, classified_photo

ADDRESS = "/explore/compare/you/you/"


@pytest.fixture
def changed(user: User) -> User:
    """Someone who had dogs in 2021, and cats and dogs in 2023."""
    for year, kinds in ((2021, {LABRADOR: 12}), (2023, {LABRADOR: 6, TABBY: 14}), (2020, {DAISY: 1})):
        for wnid, count in kinds.items():
            for n in range(count):
                classified_photo(wnid, owner=user, shown_at=datetime(year, 2, 1 + n, tzinfo=UTC))
    return user


def test_the_last_two_years_are_compared_unless_others_are_asked_for(client: Client, changed: User) -> None:
    assert reverse("compare", args=["you", "you"]) == ADDRESS
    client.force_login(changed)
    page = client.get(ADDRESS).context["page"]
    assert (page.first.year, page.second.year) == (2021, 2023)
    assert page.photos == (12, 20)
    html = client.get(ADDRESS).content.decode()
    assert "Only in 2023" in html
    assert "?years=2021,2023" in page.url
    swapped = client.get(ADDRESS, {"one": "2023", "other": "2021"}).context["page"]
    assert (swapped.first.year, swapped.second.year) == (2023, 2021)
    assert swapped.similarity == page.similarity


def test_photos_and_links_are_of_the_year(client: Client, changed: User) -> None:
    client.force_login(changed)
    page = client.get(ADDRESS).context["page"]
    for row in (row for group in page.groups for row in group.rows):
        for bar in row.bars:
            assert f"year={bar.party.year}" in bar.url
            assert all(proof.photo.shown_at.year == bar.party.year for proof in bar.proofs)
            assert client.get(bar.url).context["page"].count == bar.rate.listed


def test_years_are_for_oneself_alone(client: Client, changed: User) -> None:
    assert client.get(ADDRESS, {"years": "2021,2023"}).status_code == 302


@pytest.mark.parametrize("years", ["2021", "2021,2022", "2021,2023,2020", "x,y", "²⁰²¹,2023", "2021,"])
def test_years_that_are_not_there_are_not_found(client: Client, changed: User, years: str) -> None:
    client.force_login(changed)
    assert client.get(ADDRESS, {"years": years}).status_code == 404


def test_the_same_year_twice_is_refused_in_words(client: Client, changed: User) -> None:
    client.force_login(changed)
    response = client.get(ADDRESS, {"one": "2021", "other": "2021"})
    assert response.status_code == 422
    assert "Choose two different years." in response.content.decode()


def test_with_one_year_there_is_nothing_to_compare_yet(client: Client, user: User) -> None:
    classified_photo(LABRADOR, owner=user)
    client.force_login(user)
    assert "Not two years yet" in client.get(ADDRESS).content.decode()

"""What answers say of names: to each person of their own, to moderators of everyone's."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.precision import precision_for, precision_table
from pictograph.people.models import User
from taxonomy.precision import Precision
from tests.factories import BEAGLE, LABRADOR, TABBY
from tests.pictograph.corrections.asking import STOP, answered, network_of_now, somebody

DOGS = "n02084071"


@pytest.fixture
def owner(db: None) -> User:
    return somebody(photos=1)


def table(stop: int = STOP) -> dict[str, Precision]:
    return {one.wnid: one for one in precision_table(network_of_now().pk, stop)}


def test_each_category_and_those_above_it_have_their_answers(owner: User) -> None:
    for person in (owner, somebody(1), somebody(1)):
        answered(person, BEAGLE, right=True)
        answered(person, LABRADOR, right=person == owner)
    found = table()
    assert (found[DOGS].people, found[DOGS].answers, found[DOGS].right) == (3, 6, 4)
    assert (found[LABRADOR].right, found[BEAGLE].right) == (1, 3)
    assert found[DOGS].is_shown
    assert TABBY not in found


def test_only_answers_about_photos_drawn_by_chance_count(owner: User) -> None:
    answered(owner, BEAGLE, right=False, is_random=False)
    assert table() == {}


def test_answers_count_for_the_network_and_the_stop_they_were_about(owner: User) -> None:
    answered(owner, BEAGLE, right=True)
    assert table(stop=0) == {}
    other = Network.objects.create(version="another", label_set="imagenet_1k")
    assert precision_table(other.pk, STOP) == []


def test_the_table_takes_one_query_however_many_categories_there_are(
    owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    network = network_of_now().pk
    table()
    for wnid in (BEAGLE, LABRADOR, TABBY, "n04285008", "n11939491"):
        answered(owner, wnid, right=True)
    with django_assert_num_queries(1):
        assert len(precision_table(network, STOP)) > 10


def test_a_categorys_page_tells_its_owner_what_they_said(client: Client, owner: User) -> None:
    for right in (True, True, True, False):
        answered(owner, BEAGLE, right=right)
    client.force_login(owner)
    dogs = browsing().categories[DOGS]
    html = client.get(reverse("category", args=[dogs])).content.decode()
    assert "Of 4 names picked by chance here, you said 3 are right." in html
    assert "So about 19 to 100 of 100 are." in html
    assert f"in={dogs.slug}-{dogs.wnid}" in html


def test_of_few_answers_nothing_is_said(client: Client, owner: User) -> None:
    answered(owner, BEAGLE, right=True)
    assert precision_for(owner, browsing().categories[DOGS]) is None
    client.force_login(owner)
    assert 'id="precision"' not in client.get(reverse("category", args=[browsing().categories[DOGS]])).content.decode()


def test_nobody_is_told_what_others_answered(client: Client, owner: User) -> None:
    for _ in range(5):
        answered(owner, BEAGLE, right=True)
    assert precision_for(somebody(1), browsing().categories[DOGS]) is None


def test_the_own_figure_takes_one_query(owner: User) -> None:
    for _ in range(5):
        answered(owner, BEAGLE, right=True)
    precision_for(owner, browsing().categories[DOGS])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        precision_for(owner, browsing().categories[DOGS])
    assert len(asked) == 1

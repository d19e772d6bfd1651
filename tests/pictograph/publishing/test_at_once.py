"""Publishing and taking back at once: whoever comes last, rows and store agree, and nothing private is counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.outbox import Notice
from pictograph.store.scope import NETWORK, Scope, library_of, public_of
from tests.factories import BEAGLE, LABRADOR, make_library

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def at_once(*acts: Callable[[], object]) -> None:
    """Do several things, each over a connection of its own."""

    def do(act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(do, acts))


def test_rows_and_store_agree_after_publishing_and_taking_back_at_once(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pictograph.photos.publishing", "pictograph.store.outbox"):
        monkeypatch.setattr(f"{module}.CHUNK", 5)
    make_library(user, [(BEAGLE, 12), (LABRADOR, 9)])
    photos = Photo.objects.owned_by(user)
    for _ in range(ROUNDS):
        at_once(
            partial(publish, photos.all(), is_public=True),
            partial(publish, photos.order_by("-pk"), is_public=False),
            partial(publish, photos.filter(pk__among=list(photos.values_list("pk", flat=True)[:7])), is_public=True),
        )
        public = photos.filter(is_public=True).count()
        assert not Notice.objects.exists()
        for scope in (NETWORK, public_of(user.pk)):
            assert prediction_store().counts(scope, 1).get(ALL_PHOTOS, 0) == public
            assert {record.photo_id for record in prediction_store().records(scope)} == set(
                photos.filter(is_public=True).values_list("pk", flat=True)
            )
        assert sum(prediction_store().growth(ALL_PHOTOS, 1).values()) == public
        scopes: list[Scope] = [NETWORK, public_of(user.pk), library_of(user.pk)]
        assert [prediction_store().recount(scope, is_check=True) for scope in scopes] == [[], [], []]
    publish(photos.all(), is_public=False)
    assert prediction_store().counts(NETWORK, 1) == {}
    assert prediction_store().people_in(ALL_PHOTOS, 1, 5) == []


def test_thousands_take_few_statements(user: User, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_library(user, [(BEAGLE, 60)])
    publish(Photo.objects.owned_by(user), is_public=True)
    publish(Photo.objects.owned_by(user), is_public=False)
    with django_assert_max_num_queries(54):
        publish(Photo.objects.owned_by(user), is_public=True)

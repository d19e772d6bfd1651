"""What only the relational store has: tables that can be wrong, and statements that can be counted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pictograph.store.interface import Listing, Order
from pictograph.store.relational.models import (
    CategoryCount,
    ClassifiedPhoto,
    Growth,
    LeafSum,
    PhotoCategory,
    Prediction,
    PublicCategory,
)
from pictograph.store.relational.public import COLUMNS
from pictograph.store.relational.store import RelationalStore
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.pictograph.store.made_up import (
    ANNA,
    CAT,
    DOG,
    FREEST,
    LABRADOR,
    MIDDLE,
    NET,
    OTHER_NET,
    PUBLISHED_AT,
    SCOPES,
    TABBY,
    everything_said,
    record_of,
)


@pytest.fixture
def relational(db: None) -> RelationalStore:
    """A store of four photos, one of them by two networks, three of them public."""
    store = RelationalStore()
    store.record([record_of(n, LABRADOR, is_public=n < 4) for n in (1, 2, 3, 4)])
    store.record([record_of(4, TABBY, network=OTHER_NET)])
    return store


def test_a_photo_that_is_forgotten_while_records_are_fetched_is_left_out(
    relational: RelationalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Prediction.objects.filter

    def forgotten_first(**which: Any) -> Any:
        monkeypatch.undo()
        relational.forget([2])
        return found(**which)

    monkeypatch.setattr(Prediction.objects, "filter", forgotten_first)
    assert [record.photo_id for record in relational.find_many([1, 2, 3])] == [1, 3]


def change_a_counter() -> None:
    row = CategoryCount.objects.get(scope=NETWORK.key, wnid=DOG, year=2020)
    row.photos += 5
    row.save()


def change_a_month() -> None:
    row = Growth.objects.get(wnid=DOG)
    row.photos -= 1
    row.save()


def lose_a_row() -> None:
    PhotoCategory.objects.filter(photo_id=1, wnid=DOG).delete()


def hide_a_row() -> None:
    PublicCategory.objects.filter(photo_id=1, wnid=DOG).delete()


def show_a_row() -> None:
    columns = PhotoCategory.objects.filter(photo_id=4, wnid=CAT).values(*COLUMNS).get()
    PublicCategory.objects.create(**columns)


def list_an_unknown_photo() -> None:
    columns = PublicCategory.objects.filter(photo_id=1, wnid=DOG).values(*COLUMNS).get()
    PublicCategory.objects.create(**{**columns, "photo_id": 99})


def change_a_sum() -> None:
    LeafSum.objects.filter(scope=NETWORK.key).update(photos=1)


def lose_all_counters() -> None:
    CategoryCount.objects.filter(scope=NETWORK.key).delete()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (change_a_counter, [f"{DOG} in 2020 at stop 0: 8 counted, 3 right"]),
        (lose_a_row, ["categories of photo 1"]),
        (hide_a_row, ["categories of photo 1"]),
        (show_a_row, ["categories of photo 4"]),
        (list_an_unknown_photo, ["categories of photo 99"]),
        (change_a_month, [f"{DOG} published in 2024-05 at stop 0: 2 counted, 3 right"]),
        (change_a_sum, [f"sums by network {NET}"]),
        (lose_all_counters, None),
    ],
)
def test_a_recount_names_and_mends_what_is_wrong(
    relational: RelationalStore, harm: Callable[[], None], said: list[str] | None
) -> None:
    right = everything_said(relational)
    harm()
    differences = relational.recount(NETWORK)
    assert differences == said if said is not None else len(differences) == 8
    assert everything_said(relational) == right
    assert relational.recount(NETWORK) == []


def test_a_recount_of_one_scope_leaves_the_others_alone(relational: RelationalStore) -> None:
    CategoryCount.objects.filter(wnid=DOG, year=2020).update(photos=9)
    assert len(relational.recount(public_of(ANNA))) == 1
    assert relational.recount(public_of(ANNA)) == []
    assert len(relational.recount(library_of(ANNA))) == 1
    assert len(relational.recount(NETWORK)) == 1


def test_of_a_second_network_only_the_prediction_is_a_row_more(relational: RelationalStore) -> None:
    assert Prediction.objects.filter(photo_id=4).count() == 2
    assert ClassifiedPhoto.objects.get(photo_id=4).network == OTHER_NET
    assert set(PhotoCategory.objects.filter(photo_id=4).values_list("wnid", flat=True)) >= {CAT, TABBY}
    assert not PhotoCategory.objects.filter(photo_id=4, wnid=LABRADOR).exists()


def test_nothing_is_left_in_any_table_when_all_is_forgotten(relational: RelationalStore) -> None:
    relational.forget([1, 2])
    relational.forget_owner(ANNA)
    for table in (CategoryCount, ClassifiedPhoto, Growth, LeafSum, PhotoCategory, Prediction, PublicCategory):
        assert not table._default_manager.exists()


@pytest.mark.parametrize(
    ("queries", "ask"),
    [
        (1, lambda store, scope: store.categories_of([1, 2, 3, 4], MIDDLE)),
        (1, lambda store, scope: store.names([1, 2, 3, 4], MIDDLE)),
        (1, lambda store, scope: store.photos_in(scope, Listing(DOG, MIDDLE, outside=(TABBY,)), limit=2)),
        (3, lambda store, scope: store.neighbours(scope, Listing(DOG, MIDDLE, Order.NEWEST), 2)),
        (1, lambda store, scope: store.counts(scope, FREEST)),
        (1, lambda store, scope: store.best_of(scope, [DOG, LABRADOR, TABBY], MIDDLE)),
        (1, lambda store, scope: store.years(scope, DOG, MIDDLE)),
        (1, lambda store, scope: store.among([1, 2, 3, 4], DOG, MIDDLE)),
        (1, lambda store, scope: store.people_in(DOG, MIDDLE, 10)),
        (1, lambda store, scope: store.counts_of([1, 2, 3], [DOG, TABBY], MIDDLE)),
        (1, lambda store, scope: store.growth(DOG, MIDDLE)),
        (1, lambda store, scope: store.recent(MIDDLE, PUBLISHED_AT.date())),
        (1, lambda store, scope: store.leaf_vectors([1, 2, 3], NET)),
        (1, lambda store, scope: store.embeddings(scope, NET)),
        (1, lambda store, scope: store.embedding_of(1, NET)),
        (2, lambda store, scope: store.records(scope)),
        (2, lambda store, scope: store.find(1)),
        (2, lambda store, scope: store.find_many([1, 2, 3, 4])),
    ],
)
def test_a_question_takes_few_queries_whatever_its_size(
    relational: RelationalStore, queries: int, ask: Callable[..., object]
) -> None:
    for scope in SCOPES[:2]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            ask(relational, scope)
        assert len(captured) == queries

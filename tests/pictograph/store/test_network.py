"""What every prediction store tells of the network: who publishes what, how it grows, and what search needs."""

from datetime import UTC, date, datetime

import numpy as np

from pictograph.store.interface import ALL_PHOTOS, Facts, PredictionStore, Publisher
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.pictograph.store.made_up import (
    ANNA,
    BEAGLE,
    BEN,
    DOG,
    FREEST,
    LABRADOR,
    MIDDLE,
    NET,
    OTHER_NET,
    SAFEST,
    TABBY,
    day,
    facts_of,
    record_of,
)

CARLA = 3
MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)
IN_MAY, IN_JUNE = datetime(2024, 5, 31, 23, 59, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)


def fill(store: PredictionStore) -> None:
    """Anna has published a labrador and a beagle, Ben a labrador and a cat, Carla three dogs; each has private ones."""
    shows = {ANNA: (LABRADOR, BEAGLE), BEN: (LABRADOR, TABBY), CARLA: (BEAGLE, BEAGLE, LABRADOR)}
    photo_id = 0
    for owner, public in shows.items():
        for wnid in (*public, TABBY, TABBY, TABBY, TABBY):
            photo_id += 1
            is_public = photo_id % 10 <= len(public)
            store.record([record_of(photo_id, wnid, owner=owner, is_public=is_public)])
        photo_id = photo_id // 10 * 10 + 10


def test_who_has_published_most_of_a_category_comes_first(store: PredictionStore) -> None:
    fill(store)
    assert store.people_in(DOG, MIDDLE, 10) == [Publisher(CARLA, 3), Publisher(ANNA, 2), Publisher(BEN, 1)]
    assert store.people_in(LABRADOR, MIDDLE, 10) == [Publisher(ANNA, 1), Publisher(BEN, 1), Publisher(CARLA, 1)]
    assert store.people_in(ALL_PHOTOS, MIDDLE, 2) == [Publisher(CARLA, 3), Publisher(ANNA, 2)]
    assert store.people_in("n00000000", MIDDLE, 10) == []


def test_who_publishes_is_asked_at_a_stop_and_of_a_year(store: PredictionStore) -> None:
    store.record([record_of(1, {LABRADOR: 0.6}, is_public=True), record_of(2, LABRADOR, owner=BEN, is_public=True)])
    store.record([record_of(3, LABRADOR, owner=BEN, shown_at=day(2021), is_public=True)])
    assert store.people_in(DOG, SAFEST, 10) == [Publisher(BEN, 2)]
    assert store.people_in(DOG, FREEST, 10) == [Publisher(BEN, 2), Publisher(ANNA, 1)]
    assert store.people_in(DOG, FREEST, 10, 2020) == [Publisher(ANNA, 1), Publisher(BEN, 1)]
    assert store.people_in(DOG, FREEST, 10, 2019) == []


def test_of_people_only_what_they_published_is_counted(store: PredictionStore) -> None:
    fill(store)
    counts = store.counts_of([ANNA, BEN, 99], [DOG, TABBY, ALL_PHOTOS], MIDDLE)
    assert counts == {ANNA: {DOG: 2, ALL_PHOTOS: 2}, BEN: {DOG: 1, TABBY: 1, ALL_PHOTOS: 2}}
    assert store.counts_of([ANNA], [TABBY], MIDDLE) == store.counts_of([], [DOG], MIDDLE) == {}


def test_withdrawing_takes_a_person_out_of_a_category(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, is_public=True), record_of(2, TABBY, is_public=True)])
    store.update([facts_of(1, day(2020), is_public=False)])
    assert store.people_in(DOG, MIDDLE, 10) == []
    assert store.growth(DOG, MIDDLE) == {}
    assert store.people_in(ALL_PHOTOS, MIDDLE, 10) == [Publisher(ANNA, 1)]


def test_the_network_grows_by_the_month_of_publishing_whenever_a_photo_was_taken(store: PredictionStore) -> None:
    store.record([record_of(n, LABRADOR, shown_at=day(2010 + n), published_at=IN_MAY) for n in (1, 2)])
    store.record([record_of(3, BEAGLE, published_at=IN_JUNE), record_of(4, LABRADOR)])
    assert list(store.growth(DOG, MIDDLE).items()) == [(MAY, 2), (JUNE, 1)]
    assert store.growth(BEAGLE, MIDDLE) == {JUNE: 1}
    assert store.growth(ALL_PHOTOS, MIDDLE) == {MAY: 2, JUNE: 1}
    recent = store.recent(MIDDLE, date(2024, 6, 30))
    assert (recent[ALL_PHOTOS], recent[DOG], recent[BEAGLE], LABRADOR in recent) == (1, 1, 1, False)
    assert store.recent(MIDDLE, date(2024, 5, 2))[DOG] == 3
    assert store.recent(MIDDLE, date(2024, 7, 1)) == {}


def test_what_is_published_again_later_counts_from_then(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, published_at=IN_MAY)])
    store.update([Facts(1, day(2020), IN_JUNE)])
    assert store.growth(DOG, MIDDLE) == {JUNE: 1}
    found = store.find(1)
    assert found is not None
    assert found.published_at == IN_JUNE
    store.forget([1])
    assert store.growth(DOG, MIDDLE) == {}


def test_growth_is_that_of_the_dial(store: PredictionStore) -> None:
    store.record([record_of(1, {LABRADOR: 0.6}, published_at=IN_MAY), record_of(2, LABRADOR, published_at=IN_MAY)])
    assert [store.growth(LABRADOR, stop) for stop in (SAFEST, MIDDLE, FREEST)] == [{MAY: 1}, {MAY: 1}, {MAY: 2}]
    assert [store.recent(stop, MAY)[LABRADOR] for stop in (SAFEST, MIDDLE, FREEST)] == [1, 1, 2]


def test_some_photos_are_sifted_for_a_category(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY), record_of(3, {LABRADOR: 0.6})])
    assert store.among([1, 2, 3, 4], DOG, MIDDLE) == {1: 0.97}
    assert store.among([2, 3], DOG, FREEST) == {3: 0.6}
    assert store.among([1, 3, 4], ALL_PHOTOS, SAFEST) == {1: 1.0, 3: 1.0}
    assert store.among([], DOG, MIDDLE) == {}


def test_embeddings_come_page_by_page_and_of_one_network(store: PredictionStore) -> None:
    store.record([record_of(n, LABRADOR, owner=1 + n % 2, is_public=n % 3 == 0) for n in (6, 4, 1, 3, 9)])
    store.record([record_of(6, TABBY, owner=ANNA, is_public=True, network=OTHER_NET)])
    everyone = store.embeddings(NETWORK, NET)
    assert everyone.photo_ids.tolist() == [3, 6, 9]
    assert everyone.vectors.shape == (3, 8)
    assert everyone.vectors.dtype == np.float16
    assert everyone.vectors[0].tolist() == np.linspace(0, 1, 8, dtype=np.float16).tolist()
    assert store.embeddings(NETWORK, NET, limit=2).photo_ids.tolist() == [3, 6]
    assert store.embeddings(NETWORK, NET, after=6).photo_ids.tolist() == [9]
    assert store.embeddings(NETWORK, OTHER_NET).photo_ids.tolist() == [6]
    assert store.embeddings(library_of(BEN), NET).photo_ids.tolist() == [1, 3, 9]
    assert len(store.embeddings(NETWORK, NET, after=9).photo_ids) == 0


def test_the_embedding_of_one_photo_is_by_the_network_asked_for(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    one = store.embedding_of(1, NET)
    assert one is not None
    assert one.shape == (8,)
    assert one.dtype == np.float16
    assert store.embedding_of(1, OTHER_NET) is store.embedding_of(2, NET) is None


def test_the_embeddings_of_some_photos_come_by_ascending_id(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY), record_of(5, TABBY, network=OTHER_NET)])
    some = store.embeddings_of([5, 2, 7, 1], NET)
    assert some.photo_ids.tolist() == [1, 2]
    assert some.vectors.shape == (2, 8)
    assert some.vectors.dtype == np.float16
    assert len(store.embeddings_of([], NET).photo_ids) == len(store.embeddings_of([2], OTHER_NET).photo_ids) == 0


def test_the_sums_of_several_people_come_at_once(store: PredictionStore) -> None:
    fill(store)
    vectors = store.leaf_vectors([ANNA, CARLA, 99], NET)
    assert set(vectors) == {ANNA, CARLA}
    for owner, vector in vectors.items():
        alone = store.leaf_vector(public_of(owner), NET)
        assert alone is not None
        assert (vector.photos, vector.parts.tolist()) == (alone.photos, alone.parts.tolist())
    assert store.leaf_vectors([ANNA], OTHER_NET) == {}


def test_what_a_network_said_is_known_whichever_lists_the_photo_now(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY)])
    store.record([record_of(1, TABBY, network=OTHER_NET)])
    said = store.said_of([2, 1, 9], NET)
    assert list(said) == [1, 2]
    assert said[1].probabilities.encode() == record_of(1, LABRADOR).classification.probabilities.encode()
    assert list(store.said_of([1, 2], OTHER_NET)) == [1]
    assert store.said_of([], NET) == {}

"""What every prediction store must do: keep, replace, update, sum and forget."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.network.labels import UNIT
from pictograph.store.interface import ALL_PHOTOS, Listing, Order, PredictionStore
from pictograph.store.scope import NETWORK, Scope, library_of, public_of
from tests.pictograph.store.made_up import (
    ANNA,
    BEAGLE,
    BEN,
    CARNIVORE,
    CAT,
    CLASSES,
    DOG,
    FREEST,
    LABRADOR,
    MIDDLE,
    NET,
    OTHER_NET,
    SAFEST,
    SCOPES,
    TABBY,
    corrected_as,
    day,
    everything_said,
    facts_of,
    listed,
    record_of,
    said_by,
)

MINE = library_of(ANNA)


def test_a_recorded_photo_is_in_its_category_and_all_above(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    counts = store.counts(MINE, MIDDLE)
    assert counts == {LABRADOR: 1, DOG: 1, CARNIVORE: 1, ALL_PHOTOS: 1}
    page = store.photos_in(MINE, Listing(DOG, MIDDLE))
    assert [(member.photo_id, member.confidence) for member in page.members] == [(1, 0.97)]
    assert page.after is None


def test_the_categories_of_photos_are_those_that_list_them_at_a_stop(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, {LABRADOR: 0.9, TABBY: 0.1})])
    assert store.categories_of([2, 1, 9], MIDDLE) == {
        1: (CARNIVORE, DOG, LABRADOR),
        2: (CARNIVORE, DOG, LABRADOR),
    }
    assert LABRADOR not in store.categories_of([2], SAFEST)[2]
    assert store.categories_of([], MIDDLE) == {}


def test_an_unsure_photo_is_in_the_general_category_only(store: PredictionStore) -> None:
    store.record([record_of(1, {LABRADOR: 0.5, BEAGLE: 0.49})])
    assert store.counts(MINE, MIDDLE) == {DOG: 1, CARNIVORE: 1, ALL_PHOTOS: 1}


def test_the_dial_decides_who_is_in(store: PredictionStore) -> None:
    store.record([record_of(1, {LABRADOR: 0.9, TABBY: 0.1})])
    assert LABRADOR not in store.counts(MINE, SAFEST)
    assert store.counts(MINE, MIDDLE)[LABRADOR] == 1
    for order in Order:
        assert listed(store, MINE, Listing(LABRADOR, SAFEST, order)) == []
        assert listed(store, MINE, Listing(LABRADOR, MIDDLE, order)) == [1]


def test_where_a_photo_is_only_likely_it_is_neither_listed_nor_counted(store: PredictionStore) -> None:
    record = record_of(1, {LABRADOR: 0.5, TABBY: 0.3}, is_public=True)
    store.record([record])
    found = store.find(1)
    assert found is not None
    assert found.assignments == record.assignments
    for scope in (MINE, public_of(ANNA), NETWORK):
        assert store.counts(scope, FREEST) == {CARNIVORE: 1, ALL_PHOTOS: 1}
        assert store.best_of(scope, [LABRADOR, DOG], FREEST) == {}
        assert store.years(scope, LABRADOR, FREEST) == {}
        for order in Order:
            assert listed(store, scope, Listing(LABRADOR, FREEST, order)) == []
        assert listed(store, scope, Listing(ALL_PHOTOS, FREEST, Order.NEWEST, outside=(LABRADOR, DOG))) == [1]


def test_a_record_comes_back_as_it_was(store: PredictionStore) -> None:
    record = record_of(1, {LABRADOR: 0.6, TABBY: 1 / 3}, shown_at=day(2021, 40))
    store.record([record])
    assert said_by(store.find(1)) == said_by(record)
    assert store.find(2) is None


def test_many_records_are_found_at_once(store: PredictionStore) -> None:
    records = [record_of(n, {LABRADOR: 0.6, TABBY: n / 10}, shown_at=day(2021, n)) for n in (1, 2, 3)]
    store.record(records)
    assert [said_by(record) for record in store.find_many([3, 7, 1, 3])] == [said_by(records[0]), said_by(records[2])]
    assert store.find_many([]) == []


def test_recording_nothing_changes_nothing(store: PredictionStore) -> None:
    store.record([])
    store.update([])
    store.forget([])
    assert all(store.counts(scope, FREEST) == {} for scope in SCOPES)


def test_recording_twice_changes_nothing(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, is_public=True)])
    once = everything_said(store)
    store.record([record_of(1, LABRADOR, is_public=True), record_of(1, LABRADOR, is_public=True)])
    assert everything_said(store) == once


def test_recording_anew_replaces_what_was_known(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    store.record([record_of(1, TABBY, owner=BEN, shown_at=day(2021), is_public=True)])
    anew = everything_said(store)
    store.forget([1])
    store.record([record_of(1, TABBY, owner=BEN, shown_at=day(2021), is_public=True)])
    assert everything_said(store) == anew
    assert store.counts(MINE, FREEST) == {}


def test_the_last_record_of_a_batch_holds(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, BEAGLE), record_of(1, TABBY, shown_at=day(2021))])
    counts = store.counts(MINE, MIDDLE)
    assert LABRADOR not in counts
    assert counts[TABBY] == 1
    assert store.years(MINE) == {2021: 1, 2020: 1}


def test_a_second_network_lists_a_photo_and_leaves_what_the_first_one_said(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, is_public=True), record_of(2, BEAGLE)])
    first = store.leaf_vector(MINE, NET)
    store.record([record_of(1, TABBY, is_public=True, network=OTHER_NET)])
    found = store.find(1)
    assert found is not None
    assert found.network == OTHER_NET
    assert {TABBY: 1, BEAGLE: 1}.items() <= store.counts(MINE, MIDDLE).items()
    assert LABRADOR not in store.counts(MINE, MIDDLE)
    assert store.names([1], MIDDLE)[1].wnid == TABBY
    still, second = store.leaf_vector(MINE, NET), store.leaf_vector(MINE, OTHER_NET)
    assert first is not None
    assert still is not None
    assert second is not None
    assert (still.photos, still.parts.tolist()) == (2, first.parts.tolist())
    assert second.photos == 1
    store.record([record_of(1, LABRADOR, is_public=True)])
    assert store.counts(MINE, MIDDLE)[LABRADOR] == 1


def test_two_networks_in_one_batch_are_both_kept_and_the_last_one_lists(store: PredictionStore) -> None:
    records = [record_of(1, LABRADOR), record_of(1, TABBY, network=OTHER_NET)]
    store.record(records)
    together = everything_said(store)
    store.forget([1])
    for record in records:
        store.record([record])
    assert everything_said(store) == together


def test_what_every_network_said_is_published_and_forgotten_together(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    store.record([record_of(1, TABBY, network=OTHER_NET)])
    assert store.leaf_vector(NETWORK, NET) is None
    store.update([facts_of(1, day(2021), is_public=True)])
    for network in (NET, OTHER_NET):
        vector = store.leaf_vector(NETWORK, network)
        assert vector is not None
        assert vector.photos == 1
    store.record([record_of(1, TABBY, is_public=False, network=OTHER_NET)])
    assert store.leaf_vector(NETWORK, NET) is store.leaf_vector(public_of(ANNA), NET) is None
    store.forget([1])
    assert store.leaf_vector(MINE, NET) is store.leaf_vector(MINE, OTHER_NET) is None


def test_deleting_leaves_no_trace(store: PredictionStore) -> None:
    store.record([record_of(1, TABBY, is_public=True)])
    before = everything_said(store)
    store.record([record_of(2, LABRADOR, shown_at=day(2021), is_public=True)])
    assert everything_said(store) != before
    store.forget([2, 3])
    assert everything_said(store) == before
    assert store.find(2) is None
    store.forget([2])
    assert everything_said(store) == before


def test_of_someone_forgotten_nothing_is_left(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, owner=BEN, is_public=True)])
    before = everything_said(store)
    store.record([record_of(2, LABRADOR, is_public=True), record_of(3, TABBY), record_of(3, DOG_LIKE, network=2)])
    store.forget_owner(ANNA)
    assert everything_said(store) == before
    assert store.find(2) is store.find(3) is None
    store.forget_owner(ANNA)
    assert everything_said(store) == before


DOG_LIKE = {LABRADOR: 0.5, BEAGLE: 0.49}


def test_new_dates_move_a_photo_between_years(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, is_public=True), record_of(2, LABRADOR, shown_at=day(2021), is_public=True)])
    store.update([facts_of(1, day(2022), is_public=True), facts_of(99, day(2022), is_public=True)])
    for scope in (MINE, public_of(ANNA), NETWORK):
        assert list(store.years(scope, DOG, MIDDLE).items()) == [(2022, 1), (2021, 1)]
        assert listed(store, scope, Listing(DOG, MIDDLE, Order.NEWEST)) == [1, 2]
        assert listed(store, scope, Listing(DOG, MIDDLE, year=2020)) == []
        assert listed(store, scope, Listing(DOG, MIDDLE, year=2022)) == [1]
    found = store.find(1)
    assert found is not None
    assert found.shown_at == day(2022)
    assert store.find(99) is None


def test_naming_anew_changes_categories_and_names_and_nothing_else(store: PredictionStore) -> None:
    said = {LABRADOR: 0.9, TABBY: 0.1}
    store.record([record_of(1, said, is_public=True), record_of(2, said)])
    other_way = {1: None, 2: day(2024)}
    known = [replace(r, shown_at=day(2022), published_at=other_way[r.photo_id]) for r in store.find_many([1, 2])]
    made = record_of(9, TABBY)
    store.rename([replace(record, assignments=made.assignments, names=made.names) for record in (*known, made)])
    for photo_id in (1, 2):
        found, right = store.find(photo_id), record_of(photo_id, said, is_public=photo_id == 1)
        assert said_by(found) == said_by(replace(right, assignments=made.assignments, names=made.names))
    assert store.find(9) is None
    assert store.years(MINE) == {2020: 2}
    assert store.counts(NETWORK, FREEST)[TABBY] == 1
    assert LABRADOR not in store.counts(MINE, FREEST)
    assert listed(store, MINE, Listing(CAT, FREEST)) == [2, 1]
    for scope in SCOPES:
        assert store.recount(scope) == []


def test_naming_anew_passes_over_what_has_been_classified_meanwhile(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, LABRADOR), record_of(3, LABRADOR)])
    found = store.find_many([1, 2, 3])
    store.record([record_of(1, BEAGLE), record_of(2, LABRADOR, network=OTHER_NET)])
    before = everything_said(store)
    made = record_of(9, TABBY)
    store.rename([replace(record, assignments=made.assignments, names=made.names) for record in found[:2]])
    assert everything_said(store) == before
    store.rename([replace(found[2], assignments=(), names=(None,))])
    assert store.counts(MINE, FREEST)[LABRADOR] == 1
    assert store.counts(MINE, FREEST)[ALL_PHOTOS] == 3


def test_the_same_news_twice_changes_nothing(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY, is_public=True)])
    news = [facts_of(1, day(2021), is_public=True), facts_of(2, day(2021, 3), is_public=False)]
    store.update(news)
    once = everything_said(store)
    store.update(news)
    store.update([news[0], *news])
    assert everything_said(store) == once


def test_the_sums_are_exact(store: PredictionStore) -> None:
    store.record([record_of(n, {LABRADOR: 0.5, TABBY: 0.25}) for n in range(1, 4)])
    vector = store.leaf_vector(MINE, NET)
    assert vector is not None
    assert vector.photos == 3
    named = {int(c): int(vector.parts[c]) for c in np.flatnonzero(vector.parts)}
    assert named == {CLASSES[LABRADOR]: 3 * round(0.5 * UNIT), CLASSES[TABBY]: 3 * round(0.25 * UNIT)}
    assert len(vector.parts) == CLASSES[TABBY] + 1
    assert vector.dense(1000).shape == (1000,)
    assert vector.dense(1000).sum() == vector.parts.sum()


def test_the_sums_of_some_are_taken_off_those_of_all(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR, is_public=True), record_of(2, TABBY, owner=BEN, is_public=True)])
    everyone, ours, theirs = (store.leaf_vector(scope, NET) for scope in (NETWORK, public_of(ANNA), public_of(BEN)))
    assert everyone is not None
    assert ours is not None
    assert theirs is not None
    for some, others in ((ours, theirs), (theirs, ours)):
        left = everyone.without(some)
        assert left is not None
        assert (left.photos, left.dense(1000).tolist()) == (others.photos, others.dense(1000).tolist())
    assert ours.without(ours) is None


def test_a_photo_is_called_by_its_name_at_the_stop_asked_for(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, DOG_LIKE), record_of(3, {LABRADOR: 0.9}), record_of(4, {})])
    assert {k: name.wnid for k, name in store.names([1, 2, 3, 4, 5], MIDDLE).items()} == {
        1: LABRADOR,
        2: DOG,
        3: LABRADOR,
    }
    assert set(store.names([3, 4], SAFEST)) == set()
    assert store.names([1], SAFEST)[1].confidence == 0.97
    record = store.find(1)
    assert record is not None
    assert store.names([1], len(record.names)) == {}
    assert store.names([], MIDDLE) == {}


def test_a_photo_without_any_class_is_one_of_all_photos(store: PredictionStore) -> None:
    store.record([record_of(1, {})])
    assert store.counts(MINE, FREEST) == {ALL_PHOTOS: 1}
    vector = store.leaf_vector(MINE, NET)
    assert vector is not None
    assert (vector.photos, vector.parts.tolist()) == (1, [])
    store.forget([1])
    assert store.leaf_vector(MINE, NET) is None


def test_records_are_given_in_the_order_of_their_ids(store: PredictionStore) -> None:
    records = [record_of(n, LABRADOR, owner=1 + n % 2, is_public=n % 3 == 0) for n in (9, 4, 7, 1, 6, 3)]
    store.record(records)
    store.record([record_of(4, TABBY, owner=1, network=OTHER_NET)])
    for scope, ids in ((MINE, [4, 6]), (public_of(ANNA), [6]), (library_of(BEN), [1, 3, 7, 9]), (NETWORK, [3, 6, 9])):
        assert [record.photo_id for record in store.records(scope)] == ids
        assert [record.photo_id for record in store.records(scope, limit=1)] == ids[:1]
        assert [record.photo_id for record in store.records(scope, after=ids[0])] == ids[1:]
        assert store.records(scope, after=ids[-1]) == []
    assert said_by(store.records(MINE)[1]) == said_by(records[4])
    assert store.records(MINE)[0].network == OTHER_NET


def test_a_recount_finds_nothing_wrong_after_any_history(store: PredictionStore) -> None:
    store.record(
        [record_of(n, {LABRADOR: 0.4 + 0.05 * n, TABBY: 0.2}, shown_at=day(2015 + n % 3)) for n in range(1, 13)]
    )
    store.update([facts_of(n, day(2015 + n % 3), is_public=True) for n in range(1, 7)])
    store.record([record_of(1, TABBY, is_public=True), record_of(2, TABBY, network=OTHER_NET, is_public=True)])
    store.forget([3, 7])
    store.update([facts_of(2, day(2019), is_public=False)])
    before = everything_said(store)
    for scope in SCOPES:
        assert store.recount(scope) == []
    assert everything_said(store) == before


@pytest.mark.parametrize("photos", [501])
def test_more_photos_than_are_written_at_once_are_all_there_and_go_again(store: PredictionStore, photos: int) -> None:
    store.record([record_of(n, TABBY, is_public=True) for n in range(1, photos + 1)])
    assert store.counts(NETWORK, MIDDLE)[TABBY] == photos
    store.update([facts_of(n, day(2021), is_public=n > 1) for n in range(1, photos + 1)])
    assert store.years(NETWORK, TABBY, MIDDLE) == {2021: photos - 1}
    store.forget_owner(ANNA)
    assert store.records(MINE) == []
    assert store.counts(MINE, MIDDLE) == store.counts(NETWORK, MIDDLE) == {}


def parts_of(store: PredictionStore, scope: Scope, wnid: str) -> int:
    """What of the sums of a scope is of one class."""
    vector = store.leaf_vector(scope, NET)
    return 0 if vector is None else int(vector.dense(1000)[CLASSES[wnid]])


def test_sums_are_made_of_what_people_corrected_through_all_that_becomes_of_a_photo(store: PredictionStore) -> None:
    record = record_of(1, BEAGLE)
    store.record([record])
    store.rename([corrected_as(record, TABBY)])
    own, public = library_of(ANNA), public_of(ANNA)
    assert (parts_of(store, own, BEAGLE), parts_of(store, own, TABBY)) == (0, round(0.97 * 65535))
    store.update([facts_of(1, day(2020), is_public=True)])
    assert (parts_of(store, public, BEAGLE), parts_of(store, NETWORK, TABBY)) == (0, round(0.97 * 65535))
    assert [store.recount(scope, is_check=True) for scope in (own, public, NETWORK)] == [[], [], []]
    store.record([corrected_as(record_of(1, LABRADOR, is_public=True), TABBY, corrections=2)])  # read anew
    assert (parts_of(store, NETWORK, LABRADOR), parts_of(store, NETWORK, TABBY)) == (0, round(0.97 * 65535))
    store.rename([replace(record_of(1, LABRADOR), corrections=3)])  # all of it was undone
    assert (parts_of(store, NETWORK, LABRADOR), parts_of(store, NETWORK, TABBY)) == (round(0.97 * 65535), 0)
    assert [store.recount(scope, is_check=True) for scope in (own, public, NETWORK)] == [[], [], []]
    store.forget([1])
    assert store.leaf_vector(own, NET) is None


def test_what_is_made_after_fewer_corrections_takes_the_place_of_nothing(store: PredictionStore) -> None:
    record = record_of(1, BEAGLE)
    store.record([record])
    store.rename([corrected_as(record, TABBY, corrections=2)])
    store.rename([record, corrected_as(record, LABRADOR, corrections=1)])
    found = store.find(1)
    assert found is not None
    assert found.corrections == 2
    assert TABBY in {assignment.wnid for assignment in found.assignments}
    store.rename([corrected_as(record, LABRADOR, corrections=2)])  # another edition, after the same corrections
    assert parts_of(store, library_of(ANNA), LABRADOR) == round(0.97 * 65535)

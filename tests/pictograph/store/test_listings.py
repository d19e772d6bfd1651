"""What every prediction store lists: orders, pages, neighbours, years, what is outside, and whose."""

import numpy as np
import pytest

from pictograph.store.interface import ALL_PHOTOS, Listing, Order, PredictionStore
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.pictograph.store.made_up import (
    ANNA,
    BEAGLE,
    BEN,
    CARNIVORE,
    DOG,
    FREEST,
    LABRADOR,
    MIDDLE,
    NET,
    SAFEST,
    SCOPES,
    STOPS,
    TABBY,
    all_listings,
    day,
    everything_said,
    facts_of,
    listed,
    record_of,
)

MINE = library_of(ANNA)
KINDS: list[dict[str, float] | str] = [LABRADOR, BEAGLE, TABBY, {LABRADOR: 0.5, BEAGLE: 0.49}, {LABRADOR: 0.25}]


def fill(store: PredictionStore, photos: int = 40) -> None:
    """Photos of two people, of several kinds and years, some published, some of one date and one confidence."""
    chance = np.random.default_rng(7)
    for n in range(1, photos + 1):
        sure = float(chance.choice([0.97, 0.85, 0.6, chance.uniform(0.3, 1)]))
        store.record(
            [
                record_of(
                    n,
                    {(LABRADOR, BEAGLE, TABBY)[n % 3]: sure, (TABBY, TABBY, LABRADOR)[n % 3]: 1 - sure},
                    owner=BEN if n % 5 == 0 else ANNA,
                    shown_at=day(2020 + n % 3, int(chance.integers(4))),
                    is_public=bool(chance.integers(2)),
                )
            ]
        )


def test_counts_equal_the_photos_listed_at_every_stop_and_in_every_year(store: PredictionStore) -> None:
    fill(store)
    for scope in SCOPES:
        for stop in STOPS:
            for year in (None, 2020, 2021, 2024):
                counts = store.counts(scope, stop, year)
                for wnid in (ALL_PHOTOS, CARNIVORE, DOG, LABRADOR, TABBY):
                    for order in Order if wnid else (Order.NEWEST,):
                        photos = listed(store, scope, Listing(wnid, stop, order, year), 50)
                        assert len(photos) == counts.get(wnid, 0)
                    if year is not None:
                        assert store.years(scope, wnid, stop).get(year, 0) == counts.get(wnid, 0)


def test_pages_follow_each_other_without_gaps_or_repeats(store: PredictionStore) -> None:
    fill(store)
    for scope in (MINE, public_of(ANNA), NETWORK):
        for listing in all_listings():
            at_once = listed(store, scope, listing, 100)
            assert len(set(at_once)) == len(at_once)
            assert listed(store, scope, listing, 5) == at_once


def test_neighbours_are_those_beside_a_photo_in_the_list(store: PredictionStore) -> None:
    fill(store, photos=9)
    for scope in SCOPES:
        for listing in all_listings():
            ids: list[int | None] = [None, *listed(store, scope, listing, 100), None]
            for before, photo_id, after in zip(ids, ids[1:], ids[2:], strict=False):
                assert photo_id is not None
                assert store.neighbours(scope, listing, photo_id) == (before, after)
            for photo_id in {1, 5, 9, 99} - set(ids):
                assert store.neighbours(scope, listing, photo_id) == (None, None)


def test_best_is_by_confidence_and_newest_by_date(store: PredictionStore) -> None:
    store.record([record_of(1, {LABRADOR: 0.99}, shown_at=day(2018)), record_of(2, {LABRADOR: 0.93})])
    assert listed(store, MINE, Listing(LABRADOR, MIDDLE)) == [1, 2]
    assert listed(store, MINE, Listing(LABRADOR, MIDDLE, Order.NEWEST)) == [2, 1]


def test_ties_go_to_the_newer_photo(store: PredictionStore) -> None:
    store.record([record_of(n, LABRADOR) for n in (2, 3, 1)])
    for order in Order:
        assert listed(store, MINE, Listing(DOG, MIDDLE, order), 1) == [3, 2, 1]


@pytest.mark.parametrize(
    "cursor",
    [
        "0001-01-01T00:00:00+14:00~1",  # in UTC these two lie beyond the calendar
        "9999-12-31T23:59:59-14:00~1",
        *("nonsense", "", "~", "0.5~", "nan~1", "inf~1", "2020-01-01~1", "0.5~-1", "0.5~1e3"),
    ],
)
def test_a_strange_cursor_is_refused(store: PredictionStore, cursor: str) -> None:
    for order in Order:
        with pytest.raises(ValueError):
            store.photos_in(MINE, Listing(DOG, MIDDLE, order), after=cursor)


def test_all_photos_are_listed_by_date_named_or_not(store: PredictionStore) -> None:
    store.record([record_of(n, TABBY if n % 2 else {LABRADOR: 0.1}, shown_at=day(2020, n)) for n in range(1, 9)])
    store.record([record_of(9, TABBY, owner=BEN)])
    everything = Listing(ALL_PHOTOS, MIDDLE, Order.NEWEST)
    assert listed(store, MINE, everything) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert {member.confidence for member in store.photos_in(MINE, everything).members} == {1.0}


def test_all_photos_together_have_no_best_ones(store: PredictionStore) -> None:
    with pytest.raises(ValueError):
        store.photos_in(MINE, Listing(ALL_PHOTOS, MIDDLE))
    with pytest.raises(ValueError):
        store.neighbours(MINE, Listing(ALL_PHOTOS, MIDDLE), 1)


def test_photos_outside_some_categories_are_the_others_in_the_same_order(store: PredictionStore) -> None:
    of_kind = {n: n % 5 for n in range(1, 21)}
    store.record([record_of(n, KINDS[kind], shown_at=day(2020 + n % 2, n // 2)) for n, kind in of_kind.items()])
    for wnid, outside, kept in (
        (ALL_PHOTOS, (), {0, 1, 2, 3, 4}),
        (ALL_PHOTOS, (DOG,), {2, 4}),
        (ALL_PHOTOS, (DOG, TABBY), {4}),
        (CARNIVORE, (DOG,), {2}),
        (DOG, (LABRADOR, BEAGLE), {3}),
        (DOG, (DOG,), set()),
    ):
        for order in Order if wnid else (Order.NEWEST,):
            for year in (None, 2021):
                whole = listed(store, MINE, Listing(wnid, MIDDLE, order, year))
                assert listed(store, MINE, Listing(wnid, MIDDLE, order, year, outside)) == [
                    photo_id for photo_id in whole if of_kind[photo_id] in kept
                ]


def test_as_many_are_outside_as_the_counts_say_at_every_stop(store: PredictionStore) -> None:
    fill(store)
    for stop in STOPS:
        counts = store.counts(MINE, stop)
        for wnid in (ALL_PHOTOS, CARNIVORE):
            others = listed(store, MINE, Listing(wnid, stop, Order.NEWEST, outside=(LABRADOR, BEAGLE, TABBY)))
            assert len(others) == counts[wnid] - sum(counts.get(c, 0) for c in (LABRADOR, BEAGLE, TABBY))


def test_the_best_of_a_category_is_the_first_of_its_best(store: PredictionStore) -> None:
    fill(store)
    wnids = [LABRADOR, DOG, TABBY, BEAGLE, CARNIVORE]
    for scope in SCOPES:
        for stop in STOPS:
            for year in (None, 2021, 2024):
                best = store.best_of(scope, wnids, stop, year)
                for wnid in wnids:
                    first = store.photos_in(scope, Listing(wnid, stop, year=year), limit=1).members
                    assert first == ((best[wnid],) if wnid in best else ())
    assert store.best_of(MINE, [], MIDDLE) == {}


def test_a_page_tells_the_surest_photo_of_a_kind_within(store: PredictionStore) -> None:
    fill(store)
    store.record([record_of(99, {TABBY: 0.99}, owner=BEN, is_public=True)])
    for scope in SCOPES:
        for stop in STOPS:
            for year in (None, 2020, 2024):
                best = store.best_of(scope, [LABRADOR], stop, year)
                page = store.photos_in(scope, Listing(CARNIVORE, stop, year=year, typical=LABRADOR), limit=2)
                assert page.typical == (best[LABRADOR].photo_id if best else None)
                plain = store.photos_in(scope, Listing(CARNIVORE, stop, year=year), limit=2)
                assert (page.members, page.after) == (plain.members, plain.after)
                assert plain.typical is None


def test_the_best_is_of_the_year_and_the_dial_asked_for(store: PredictionStore) -> None:
    store.record(
        [
            record_of(1, {LABRADOR: 0.999}, shown_at=day(2019)),
            record_of(2, {LABRADOR: 0.9}, shown_at=day(2021)),
        ]
    )
    assert store.best_of(MINE, [LABRADOR], MIDDLE)[LABRADOR].photo_id == 1
    assert store.best_of(MINE, [LABRADOR], MIDDLE, year=2021)[LABRADOR].photo_id == 2
    assert store.best_of(MINE, [LABRADOR], SAFEST, year=2021) == {}
    assert store.best_of(MINE, [LABRADOR], MIDDLE, year=2020) == {}


def test_years_are_counted_and_can_be_asked_for(store: PredictionStore) -> None:
    store.record([record_of(n, LABRADOR, shown_at=day(year)) for n, year in ((1, 2019), (2, 2021))])
    store.record([record_of(3, TABBY, shown_at=day(2021))])
    assert list(store.years(MINE).items()) == [(2021, 2), (2019, 1)]
    assert store.years(MINE, LABRADOR, MIDDLE) == {2021: 1, 2019: 1}
    assert store.years(MINE, TABBY, MIDDLE) == {2021: 1}
    assert store.years(MINE, BEAGLE, MIDDLE) == {}
    assert store.counts(MINE, MIDDLE, year=2021)[DOG] == 1
    assert store.counts(MINE, MIDDLE)[DOG] == 2


def test_each_scope_counts_its_own_photos_only(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, LABRADOR, is_public=True), record_of(3, TABBY, is_public=True)])
    store.record([record_of(4, LABRADOR, owner=BEN, is_public=True), record_of(5, BEAGLE, owner=BEN)])
    photos = {scope: listed(store, scope, Listing(ALL_PHOTOS, MIDDLE, Order.NEWEST)) for scope in SCOPES}
    assert photos == {
        library_of(ANNA): [3, 2, 1],
        public_of(ANNA): [3, 2],
        library_of(BEN): [5, 4],
        public_of(BEN): [4],
        NETWORK: [4, 3, 2],
    }
    for scope, ids in photos.items():
        vector = store.leaf_vector(scope, NET)
        assert vector is not None
        assert vector.photos == store.counts(scope, MIDDLE)[ALL_PHOTOS] == store.years(scope)[2020] == len(ids)


def test_nothing_private_reaches_the_network_or_another_person(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    for scope in (NETWORK, public_of(ANNA), library_of(BEN), public_of(BEN)):
        assert store.counts(scope, FREEST) == {}
        assert store.years(scope) == {}
        assert store.photos_in(scope, Listing(DOG, FREEST)).members == ()
        assert store.photos_in(scope, Listing(ALL_PHOTOS, FREEST, Order.NEWEST)).members == ()
        assert store.neighbours(scope, Listing(DOG, FREEST), 1) == (None, None)
        assert store.best_of(scope, [DOG], FREEST) == {}
        assert store.leaf_vector(scope, NET) is None
        assert store.records(scope) == []


def test_publishing_shows_a_photo_and_taking_it_back_hides_it(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY)])
    private = everything_said(store)
    store.update([facts_of(1, day(2020), is_public=True)])
    for scope in (NETWORK, public_of(ANNA)):
        assert store.counts(scope, MIDDLE)[DOG] == store.counts(scope, MIDDLE)[ALL_PHOTOS] == 1
        assert listed(store, scope, Listing(DOG, MIDDLE)) == [1]
        assert store.best_of(scope, [DOG, TABBY], MIDDLE).keys() == {DOG}
    assert store.counts(MINE, MIDDLE)[ALL_PHOTOS] == 2
    store.update([facts_of(1, day(2020), is_public=False)])
    assert everything_said(store) == private


def test_someone_elses_photos_do_not_change_ones_own_counts(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    before = store.counts(MINE, FREEST), store.years(MINE), listed(store, MINE, Listing(DOG, FREEST))
    store.record([record_of(2, LABRADOR, owner=BEN, is_public=True)])
    assert (store.counts(MINE, FREEST), store.years(MINE), listed(store, MINE, Listing(DOG, FREEST))) == before

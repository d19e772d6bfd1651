"""Stores read through what moderators changed: as if it had been recorded so in the first place."""

import random
from collections.abc import Iterator
from dataclasses import replace

from pictograph.store.interface import ALL_PHOTOS, Listing, Name, Order, PredictionStore, Record
from pictograph.store.memory import MemoryStore
from pictograph.store.scope import NETWORK, Scope
from pictograph.store.shown import ShownStore
from taxonomy.browsing import load_browsing
from taxonomy.showing import Change, Showing, show
from tests.pictograph.store.made_up import (
    ANNA,
    BEAGLE,
    BEN,
    CARNIVORE,
    CAT,
    DOG,
    LABRADOR,
    SCOPES,
    STOPS,
    TABBY,
    WNIDS,
    day,
    record_of,
)

TREE = load_browsing()
# Of the six made-up categories; in the real tree these two do not lie together.
MERGED = Showing(TREE, TREE, stands_for={LABRADOR: BEAGLE}, parts={BEAGLE: (BEAGLE, LABRADOR)})
LIMIT = 7


def records() -> list[Record]:
    """Photos of two people: dogs of both kinds and cats, some unsure, some public, several years, some of one day."""
    chance = random.Random(15)
    made = []
    for photo_id in range(1, 61):
        wnid = chance.choice((LABRADOR, LABRADOR, BEAGLE, BEAGLE, TABBY))
        sure = chance.choice((0.97, 0.97, 0.9, 0.6, 0.5))
        other = TABBY if wnid != TABBY else BEAGLE
        made.append(
            record_of(
                photo_id,
                {wnid: sure, other: round(1 - sure, 2)},
                owner=chance.choice((ANNA, BEN)),
                shown_at=day(chance.choice((2019, 2020, 2021)), chance.randrange(40)),
                is_public=chance.random() < 0.6,
            )
        )
    return made


def as_beagles(record: Record) -> Record:
    """The same photo as it would have been recorded if labradors were beagles."""

    def wnid(of: str) -> str:
        return BEAGLE if of == LABRADOR else of

    assignments = tuple(replace(one, wnid=wnid(one.wnid)) for one in record.assignments)
    names = tuple(name and Name(wnid(name.wnid), name.confidence) for name in record.names)
    return replace(record, assignments=assignments, names=names)


def answers(store: PredictionStore) -> Iterator[object]:
    """Whatever can be asked of a store about categories."""
    ids, shown = list(range(1, 62)), [wnid for wnid in (*WNIDS, ALL_PHOTOS) if wnid != LABRADOR]
    yield [(r.photo_id, r.assignments, r.names) for r in store.find_many(ids)]
    yield [(r.photo_id, r.assignments, r.names) for r in store.records(NETWORK, limit=9)]
    for stop in STOPS:
        yield store.names(ids, stop)
        yield store.categories_of(ids, stop)
        yield store.counts_of([ANNA, BEN], shown, stop)
        yield store.recent(stop, day(2024).date())
        for wnid in shown:
            yield store.among(ids, wnid, stop)
            yield store.people_in(wnid, stop, 1), store.people_in(wnid, stop, 5, 2020)
            yield store.growth(wnid, stop)
        for scope in SCOPES:
            for year in (None, 2020):
                yield store.counts(scope, stop, year)
                yield store.best_of(scope, [wnid for wnid in shown if wnid], stop, year)
                for listing in listings(stop, year):
                    yield from pages(store, scope, listing)
            for wnid in shown:
                yield list(store.years(scope, wnid, stop).items())


def listings(stop: int, year: int | None) -> Iterator[Listing]:
    for order in Order:
        yield Listing(BEAGLE, stop, order, year, typical=BEAGLE)
    yield Listing(DOG, stop, Order.BEST, year, outside=(BEAGLE,), typical=BEAGLE)
    yield Listing(ALL_PHOTOS, stop, Order.NEWEST, year, outside=(BEAGLE, CAT))


def pages(store: PredictionStore, scope: Scope, listing: Listing) -> Iterator[object]:
    """All pages of a listing, and what is beside each photo of it."""
    after: str | None = None
    while True:
        page = store.photos_in(scope, listing, after=after, limit=LIMIT)
        yield page, page.keys
        for member in page.members:
            yield store.neighbours(scope, listing, member.photo_id)
        after = page.after
        if after is None:
            return


def test_what_is_shown_as_another_is_as_if_it_had_been_recorded_so(store: PredictionStore) -> None:
    otherwise = MemoryStore()
    store.record(records())
    otherwise.record([as_beagles(record) for record in records()])
    shown = ShownStore(store, lambda: MERGED)
    for one, other in zip(answers(shown), answers(otherwise), strict=True):
        assert one == other
    assert LABRADOR not in shown.counts(NETWORK, 1)
    assert shown.photos_in(NETWORK, Listing(LABRADOR, 1)).members == ()
    assert store.counts(NETWORK, 1).get(LABRADOR)  # nothing is written for it


def test_what_is_blocked_is_left_out_and_its_photos_are_called_by_what_is_above(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY)])
    before = list(answers(store))
    showing = show(TREE, [Change(DOG, is_blocked=True)])
    shown = ShownStore(store, lambda: showing)
    assert shown.counts(SCOPES[0], 1) == {CARNIVORE: 2, CAT: 1, TABBY: 1, ALL_PHOTOS: 2}
    assert shown.names([1, 2], 1) == {1: Name("n02083346", 0.97), 2: Name(TABBY, 0.97)}
    assert shown.categories_of([1], 1) == {1: (CARNIVORE,)}
    assert shown.photos_in(SCOPES[0], Listing(LABRADOR, 1)).members == ()
    assert shown.best_of(SCOPES[0], [LABRADOR, CARNIVORE], 1).keys() == {CARNIVORE}
    assert shown.neighbours(SCOPES[0], Listing(DOG, 1), 1) == (None, None)
    assert list(answers(ShownStore(store, lambda: None))) == before


def test_a_name_that_would_say_next_to_nothing_is_none(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR)])
    mammals_and_below = show(TREE, [Change("n00015388", is_blocked=True)])
    assert ShownStore(store, lambda: mammals_and_below).names([1], 1) == {}


def test_what_is_left_out_stays_left_out_when_it_is_blocked(store: PredictionStore) -> None:
    store.record([record_of(1, LABRADOR), record_of(2, TABBY)])
    shown = ShownStore(store, lambda: show(TREE, [Change(LABRADOR, is_blocked=True)]))
    page = shown.photos_in(SCOPES[0], Listing(ALL_PHOTOS, 1, Order.NEWEST, outside=(LABRADOR,)))
    assert [member.photo_id for member in page.members] == [2]

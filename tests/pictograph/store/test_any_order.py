"""After any history a store says what the plainest possible account of the same history says."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pictograph.store.interface import ALL_PHOTOS, Facts, Listing, Member, Order, PredictionStore, Publisher, Record
from pictograph.store.scope import NETWORK, Scope
from tests.pictograph.store.made_up import (
    ANNA,
    BEAGLE,
    BEN,
    CAT,
    DOG,
    LABRADOR,
    NET,
    OTHER_NET,
    SCOPES,
    STOPS,
    TABBY,
    WNIDS,
    corrected_as,
    day,
    listed,
    record_of,
    said_by,
)

IDS = range(1, 9)
KINDS: tuple[dict[str, float] | str, ...] = (
    LABRADOR,
    TABBY,
    {LABRADOR: 0.85, TABBY: 0.1},
    {LABRADOR: 0.5, BEAGLE: 0.46},
    {TABBY: 0.6, BEAGLE: 0.3},
    {},
)

photo_ids = st.sampled_from(IDS)
dates = st.builds(day, st.sampled_from([2019, 2020, 2021]), st.integers(0, 2))
people = st.sampled_from([ANNA, BEN])
subjects = st.sampled_from([ALL_PHOTOS, DOG, TABBY])
publishings = st.none() | st.builds(day, st.sampled_from([2023, 2024]), st.sampled_from([0, 1, 40]))
facts = st.builds(Facts, photo_ids, dates, publishings)
records = st.builds(
    lambda photo_id, kind, owner, shown_at, published_at, network: record_of(
        photo_id, kind, owner=owner, shown_at=shown_at, published_at=published_at, network=network
    ),
    *(photo_ids, st.sampled_from(KINDS), people, dates, publishings, st.sampled_from([NET, OTHER_NET])),
)
listings = st.builds(
    Listing,
    st.sampled_from(WNIDS),
    st.sampled_from(STOPS),
    st.sampled_from(Order),
    st.sampled_from([None, 2020]),
    st.sampled_from([(), (LABRADOR,), (CAT, BEAGLE)]),
) | st.builds(
    Listing, st.just(ALL_PHOTOS), st.sampled_from(STOPS), st.just(Order.NEWEST), st.sampled_from([None, 2021])
)


class History(RuleBasedStateMachine):
    """A store, and beside it each photo's last record and what every network said of it."""

    store: PredictionStore

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[int, Record] = {}
        self.said: dict[tuple[int, int], Record] = {}

    def photos(self, scope: Scope) -> list[Record]:
        """The photos of a scope."""
        return [
            record
            for record in self.last.values()
            if (scope.owner in (None, record.owner_id)) and (record.is_public or not scope.public_only)
        ]

    @rule(batch=st.lists(records, min_size=1, max_size=4))
    def record(self, batch: list[Record]) -> None:
        """A worker brings a batch."""
        self.store.record(batch)
        for record in batch:
            self.last[record.photo_id] = self.said[record.photo_id, record.network] = record

    @rule(news=st.lists(facts, max_size=3))
    def update(self, news: list[Facts]) -> None:
        """Photos are published, withdrawn, dated anew."""
        self.store.update(news)
        for fact in news:
            if fact.photo_id in self.last:
                changed = replace(self.last[fact.photo_id], shown_at=fact.shown_at, published_at=fact.published_at)
                self.last[fact.photo_id] = changed

    @rule(batch=st.lists(records, max_size=4), is_true=st.booleans(), corrections=st.integers(0, 3))
    def rename(self, batch: list[Record], is_true: bool, corrections: int) -> None:
        """Categories and names are made anew, from what is known of a photo or from something else, and corrected."""
        known = {record.photo_id: self.last[record.photo_id] for record in batch if record.photo_id in self.last}
        said = [
            replace(record, network=now.network, classification=now.classification)
            if is_true and (now := known.get(record.photo_id))
            else record
            for record in batch
        ]
        if corrections:
            said = [corrected_as(record, KINDS[record.photo_id % len(KINDS)], corrections) for record in said]
        self.store.rename(said)
        for record in said:
            now = known.get(record.photo_id)
            is_same = now is not None and said_by(record)[4:-4] == said_by(now)[4:-4]  # network and classification
            last = self.last.get(record.photo_id)
            if is_same and last is not None and last.corrections <= record.corrections:
                made = {name: getattr(record, name) for name in ("assignments", "names", "corrected", "corrections")}
                last = replace(last, **made)
                self.last[record.photo_id] = self.said[record.photo_id, last.network] = last

    @rule(gone=st.lists(photo_ids, max_size=3))
    def forget(self, gone: list[int]) -> None:
        """Photos are deleted."""
        self.store.forget(gone)
        self._drop(set(gone))

    @rule(owner=people)
    def forget_owner(self, owner: int) -> None:
        """Someone leaves."""
        self.store.forget_owner(owner)
        self._drop({photo_id for photo_id, record in self.last.items() if record.owner_id == owner})

    @rule(scope=st.sampled_from(SCOPES), listing=listings, page=st.integers(1, 4))
    def look_at_a_listing(self, scope: Scope, listing: Listing, page: int) -> None:
        """Pages and neighbours are those of the plain list."""
        found = [
            ((1.0 if listing.wnid == ALL_PHOTOS else confidence), record)
            for record in self.photos(scope)
            for wnid, confidence in [(ALL_PHOTOS, 1.0), *_at_stop(record, listing.stop).items()]
            if wnid == listing.wnid
            and listing.year in (None, record.shown_at.year)
            and not set(listing.outside) & set(_at_stop(record, listing.stop))
        ]
        by = (lambda one: one[0]) if listing.order is Order.BEST else (lambda one: one[1].shown_at)
        found.sort(key=lambda one: (by(one), one[1].photo_id), reverse=True)
        ids: list[Any] = [record.photo_id for _, record in found]
        assert listed(self.store, scope, listing, page) == ids
        first = self.store.photos_in(scope, listing, limit=1).members
        assert first == tuple(Member(record.photo_id, confidence) for confidence, record in found[:1])
        for photo_id in IDS:
            at = ids.index(photo_id) if photo_id in ids else None
            beside = (None, None) if at is None else ([None, *ids][at], [*ids, None][at + 1])
            assert self.store.neighbours(scope, listing, photo_id) == beside

    @rule(scope=st.sampled_from(SCOPES), stop=st.sampled_from(STOPS), year=st.sampled_from([None, 2019, 2020, 2024]))
    def count(self, scope: Scope, stop: int, year: int | None) -> None:
        """Counts, years and the best photos are those counted by hand."""
        photos = [record for record in self.photos(scope) if year in (None, record.shown_at.year)]
        counted = Counter(wnid for record in photos for wnid in (ALL_PHOTOS, *_at_stop(record, stop)))
        assert self.store.counts(scope, stop, year) == counted
        for wnid in (ALL_PHOTOS, DOG):
            inside = [r for r in self.photos(scope) if wnid == ALL_PHOTOS or wnid in _at_stop(r, stop)]
            years = Counter(record.shown_at.year for record in inside)
            assert list(self.store.years(scope, wnid, stop).items()) == sorted(years.items(), reverse=True)
        best: dict[str, tuple[float, int]] = {}
        for record in photos:
            for wnid, confidence in _at_stop(record, stop).items():
                best[wnid] = max(best.get(wnid, (0.0, 0)), (confidence, record.photo_id))
        wanted = {wnid: Member(photo_id, confidence) for wnid, (confidence, photo_id) in best.items()}
        assert self.store.best_of(scope, WNIDS, stop, year) == wanted

    @rule(scope=st.sampled_from(SCOPES), network=st.sampled_from([NET, OTHER_NET]))
    def sum(self, scope: Scope, network: int) -> None:
        """Sums are those added up by hand."""
        ids = {record.photo_id for record in self.photos(scope)}
        spoken = [record for (photo_id, by), record in self.said.items() if by == network and photo_id in ids]
        parts = np.zeros(1000, dtype=np.int64)
        for record in spoken:
            parts[record.summed.classes] += record.summed.parts
        vector = self.store.leaf_vector(scope, network)
        assert (vector is None) == (not spoken)
        if vector is not None:
            assert vector.photos == len(spoken)
            assert vector.dense(1000).tolist() == parts.tolist()

    @rule(stop=st.sampled_from(STOPS), wnid=subjects, year=st.sampled_from([None, 2020]))
    def ask_who_publishes(self, stop: int, wnid: str, year: int | None) -> None:
        """People, and what they have published, are those counted by hand."""
        inside = [r for r in self.photos(NETWORK) if wnid in _all(r, stop)]
        photos = Counter(record.owner_id for record in inside if year in (None, record.shown_at.year))
        most_first = sorted(photos, key=lambda owner: (-photos[owner], owner))
        people = [Publisher(owner, photos[owner]) for owner in most_first]
        assert self.store.people_in(wnid, stop, 5, year) == people
        assert self.store.people_in(wnid, stop, 1, year) == people[:1]
        ever = Counter(record.owner_id for record in inside)
        assert self.store.counts_of([ANNA, BEN], [wnid], stop) == {owner: {wnid: n} for owner, n in ever.items()}

    @rule(stop=st.sampled_from(STOPS), wnid=subjects)
    def watch_it_grow(self, stop: int, wnid: str) -> None:
        """The months are those in which photos were published that still are."""
        public = [(record, record.published_at) for record in self.photos(NETWORK) if record.published_at]
        months = Counter(date(at.year, at.month, 1) for record, at in public if wnid in _all(record, stop))
        assert list(self.store.growth(wnid, stop).items()) == sorted(months.items())
        late = Counter(wnid for record, at in public if at.year == 2024 for wnid in _all(record, stop))
        assert self.store.recent(stop, date(2024, 1, 31)) == late

    @rule(stop=st.sampled_from(STOPS), wnid=subjects)
    def sift(self, stop: int, wnid: str) -> None:
        """Which photos are in a category, and what the networks made of them."""
        inside = {pk: all_in[wnid] for pk, r in self.last.items() if wnid in (all_in := _all(r, stop))}
        assert self.store.among([*IDS, 99], wnid, stop) == inside
        for scope in SCOPES:
            ids = sorted(r.photo_id for r in self.photos(scope) if (r.photo_id, NET) in self.said)
            assert self.store.embeddings(scope, NET).photo_ids.tolist() == ids

    @rule(stop=st.sampled_from(STOPS))
    def call_by_name(self, stop: int) -> None:
        """Names are those last recorded."""
        named = {photo_id: record.names[stop] for photo_id, record in self.last.items() if record.names[stop]}
        assert self.store.names(list(IDS), stop) == named

    @rule(scope=st.sampled_from(SCOPES))
    def recount(self, scope: Scope) -> None:
        """There is never anything to mend."""
        assert self.store.recount(scope) == []

    @invariant()
    def every_record_is_found(self) -> None:
        """What a photo is listed by is what was recorded last, with the photo's last date and visibility."""
        assert [said_by(self.store.find(n)) for n in IDS] == [said_by(self.last.get(n)) for n in IDS]
        for scope in SCOPES:
            photos = sorted(self.photos(scope), key=lambda record: record.photo_id)
            assert [said_by(r) for r in self.store.records(scope)] == [said_by(r) for r in photos]

    def teardown(self) -> None:
        """Leave the store as empty as it was."""
        for owner in (ANNA, BEN):
            self.store.forget_owner(owner)
        assert all(self.store.counts(scope, STOPS[-1]) == {} for scope in SCOPES)

    def _drop(self, gone: set[int]) -> None:
        self.last = {photo_id: record for photo_id, record in self.last.items() if photo_id not in gone}
        self.said = {key: record for key, record in self.said.items() if key[0] not in gone}


def test_any_history_ends_in_what_a_plain_account_of_it_says(store: PredictionStore) -> None:
    history = type("HistoryOfStore", (History,), {"store": store})
    run_state_machine_as_test(
        history,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


def _all(record: Record, stop: int) -> dict[str, float]:
    """The same, and ALL_PHOTOS."""
    return {ALL_PHOTOS: 1.0} | _at_stop(record, stop)


def _at_stop(record: Record, stop: int) -> dict[str, float]:
    """The categories that list a photo at a stop, with the confidence in each."""
    return {assignment.wnid: assignment.confidence for assignment in record.assignments if assignment.stop <= stop}

"""What every prediction store must do."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pictograph.catalogue.tree import browsing, calibration

from classifier.network.labels import UNIT
from pictograph.models import Photo, User
from pictograph.store import NETWORK, Order, PredictionStore, scope_of
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.relational.store import RelationalStore
from taxonomy.hierarchy import load_hierarchy
from tests.factories import (
    BEAGLE,
    LABRADOR,
    MODEL,
    TABBY,
    PhotoFactory,
    UserFactory,
    prediction_of,
)

DOG, CARNIVORE = "n02084071", "n02075296"
SAFEST, DEFAULT = 0, 1


@pytest.fixture(params=[RelationalStore])
def store(request: pytest.FixtureRequest, db: None) -> PredictionStore:
    return request.param()


def photo_at(owner: User, year: int, day: int = 1, **fields: object) -> Photo:
    return PhotoFactory(owner=owner, state="classified", shown_at=datetime(year, 1, day, tzinfo=UTC), **fields)


def snapshot(store: PredictionStore, owner: User) -> tuple[object, ...]:
    """All a store says of someone, to compare."""
    scope = scope_of(owner.pk)
    vector = store.leaf_vector(scope, MODEL)
    return (
        [store.counts(scope, stop) for stop in range(len(calibration().stops))],
        store.years(scope),
        None if vector is None else (vector.photos, vector.parts.tolist()),
    )


def test_a_recorded_photo_is_in_its_category_and_all_above(store: PredictionStore, user: User) -> None:
    photo = photo_at(user, 2020)
    store.record([prediction_of(photo, LABRADOR)])
    counts = store.counts(scope_of(user.pk), DEFAULT)
    assert counts[LABRADOR] == counts[DOG] == counts[CARNIVORE] == counts[ALL_PHOTOS] == 1
    page = store.photos_in(scope_of(user.pk), DOG, DEFAULT)
    assert [member.photo_id for member in page.members] == [photo.pk]
    assert page.members[0].confidence == pytest.approx(0.97, abs=1e-4)
    assert page.after is None


def test_an_unsure_photo_is_in_the_general_category_only(store: PredictionStore, user: User) -> None:
    store.record([prediction_of(photo_at(user, 2020), {LABRADOR: 0.5, BEAGLE: 0.49})])
    counts = store.counts(scope_of(user.pk), DEFAULT)
    assert counts[DOG] == 1
    assert LABRADOR not in counts
    assert BEAGLE not in counts


def test_the_dial_decides_who_is_in(store: PredictionStore, user: User) -> None:
    thresholds = [stop.membership for stop in calibration().stops]
    between = (thresholds[SAFEST] + thresholds[DEFAULT]) / 2
    store.record([prediction_of(photo_at(user, 2020), {LABRADOR: between, TABBY: 1 - between})])
    scope = scope_of(user.pk)
    assert LABRADOR not in store.counts(scope, SAFEST)
    assert store.counts(scope, DEFAULT)[LABRADOR] == 1
    for order in Order:
        assert store.photos_in(scope, LABRADOR, SAFEST, order=order).members == ()
        assert len(store.photos_in(scope, LABRADOR, DEFAULT, order=order).members) == 1


def test_counts_equal_the_photos_listed_at_every_stop(store: PredictionStore, user: User) -> None:
    chance = np.random.default_rng(7)
    for _ in range(30):
        sure = float(chance.uniform(0.4, 1))
        store.record([prediction_of(photo_at(user, 2020), {LABRADOR: sure, TABBY: 1 - sure})])
    scope = scope_of(user.pk)
    for stop in range(len(calibration().stops)):
        for wnid, photos in store.counts(scope, stop).items():
            if wnid != ALL_PHOTOS:
                for order in Order:
                    assert len(store.photos_in(scope, wnid, stop, order=order, limit=100).members) == photos


def test_recording_twice_changes_nothing(store: PredictionStore, user: User) -> None:
    photo = photo_at(user, 2020)
    store.record([prediction_of(photo, LABRADOR)])
    once = snapshot(store, user)
    store.record([prediction_of(photo, LABRADOR), prediction_of(photo, LABRADOR)])
    assert snapshot(store, user) == once


def test_recording_anew_replaces_what_was_known(store: PredictionStore, user: User) -> None:
    photo = photo_at(user, 2020)
    store.record([prediction_of(photo, LABRADOR)])
    store.record([prediction_of(photo, TABBY)])
    counts = store.counts(scope_of(user.pk), DEFAULT)
    assert LABRADOR not in counts
    assert counts[TABBY] == counts[ALL_PHOTOS] == 1


def test_deleting_leaves_no_trace(store: PredictionStore, user: User) -> None:
    kept = photo_at(user, 2020)
    store.record([prediction_of(kept, TABBY)])
    before = snapshot(store, user)
    gone = photo_at(user, 2021)
    store.record([prediction_of(gone, LABRADOR)])
    assert snapshot(store, user) != before
    store.delete([gone.pk])
    assert snapshot(store, user) == before
    assert store.classification(gone.pk) is None


def test_pages_follow_each_other_without_gaps_or_repeats(store: PredictionStore, user: User) -> None:
    photos = [photo_at(user, 2020, day=1 + n % 5) for n in range(23)]
    store.record([prediction_of(p, {LABRADOR: 0.9 + 0.01 * (n % 4)}) for n, p in enumerate(photos)])
    for order in Order:
        seen: list[int] = []
        after = None
        while True:
            page = store.photos_in(scope_of(user.pk), DOG, DEFAULT, order=order, after=after, limit=5)
            seen += [member.photo_id for member in page.members]
            after = page.after
            if after is None:
                break
        assert sorted(seen) == sorted(p.pk for p in photos)
        assert len(seen) == len(photos)
        everything = store.photos_in(scope_of(user.pk), DOG, DEFAULT, order=order, limit=100)
        assert seen == [member.photo_id for member in everything.members]


def test_best_is_by_confidence_and_newest_by_date(store: PredictionStore, user: User) -> None:
    old_and_sure, new_and_less = photo_at(user, 2018), photo_at(user, 2022)
    store.record([prediction_of(old_and_sure, {LABRADOR: 0.99}), prediction_of(new_and_less, {LABRADOR: 0.93})])
    scope = scope_of(user.pk)
    best = store.photos_in(scope, LABRADOR, DEFAULT, order=Order.BEST).members
    newest = store.photos_in(scope, LABRADOR, DEFAULT, order=Order.NEWEST).members
    assert [m.photo_id for m in best] == [old_and_sure.pk, new_and_less.pk]
    assert [m.photo_id for m in newest] == [new_and_less.pk, old_and_sure.pk]


def test_a_strange_cursor_is_refused(store: PredictionStore, user: User) -> None:
    for order in Order:
        with pytest.raises(ValueError):
            store.photos_in(scope_of(user.pk), DOG, DEFAULT, order=order, after="nonsense")


def listed(store: PredictionStore, owner: User, wnid: str, stop: int = DEFAULT, **asked: Any) -> list[int]:
    """All photos of a category in order, asked for three at a time."""
    ids: list[int] = []
    after = None
    while True:
        page = store.photos_in(scope_of(owner.pk), wnid, stop, after=after, limit=3, **asked)
        ids += [member.photo_id for member in page.members]
        after = page.after
        if after is None:
            return ids


def test_all_photos_are_listed_by_date_named_or_not(store: PredictionStore, user: User, stranger: User) -> None:
    photos = [photo_at(user, 2020, 1 + day) for day in range(8)]
    store.record([prediction_of(p, TABBY if n % 2 else {LABRADOR: 0.1}) for n, p in enumerate(photos)])
    store.record([prediction_of(photo_at(stranger, 2020), TABBY)])
    assert listed(store, user, ALL_PHOTOS, order=Order.NEWEST) == [p.pk for p in reversed(photos)]
    page = store.photos_in(scope_of(user.pk), ALL_PHOTOS, DEFAULT, order=Order.NEWEST)
    assert {member.confidence for member in page.members} == {1.0}


def test_all_photos_together_have_no_best_ones(store: PredictionStore, user: User) -> None:
    with pytest.raises(ValueError):
        store.photos_in(scope_of(user.pk), ALL_PHOTOS, DEFAULT, order=Order.BEST)


def test_photos_outside_some_categories_are_the_others_in_the_same_order(store: PredictionStore, user: User) -> None:
    kinds = [LABRADOR, BEAGLE, TABBY, {LABRADOR: 0.5, BEAGLE: 0.49}, {LABRADOR: 0.2}]
    of_kind: dict[int, int] = {}
    for n in range(20):
        photo = photo_at(user, 2020 + n % 2, 1 + n // 2)
        store.record([prediction_of(photo, kinds[n % 5])])
        of_kind[photo.pk] = n % 5
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
                whole = listed(store, user, wnid, order=order, year=year)
                assert listed(store, user, wnid, order=order, year=year, outside=outside) == [
                    photo_id for photo_id in whole if of_kind[photo_id] in kept
                ]


def test_as_many_are_outside_as_the_counts_say_at_every_stop(store: PredictionStore, user: User) -> None:
    chance = np.random.default_rng(11)
    for _ in range(30):
        sure = float(chance.uniform(0.4, 1))
        store.record([prediction_of(photo_at(user, 2020), {LABRADOR: sure, TABBY: 1 - sure})])
    for stop in range(len(calibration().stops)):
        counts = store.counts(scope_of(user.pk), stop)
        for wnid in (ALL_PHOTOS, CARNIVORE):
            outside = listed(store, user, wnid, stop, order=Order.NEWEST, outside=(LABRADOR, TABBY))
            assert len(outside) == counts[wnid] - counts.get(LABRADOR, 0) - counts.get(TABBY, 0)


def test_the_network_has_public_photos_outside_only(store: PredictionStore, user: User) -> None:
    shown, other, hidden = photo_at(user, 2020), photo_at(user, 2021), photo_at(user, 2022)
    store.record([prediction_of(shown, TABBY), prediction_of(other, LABRADOR), prediction_of(hidden, TABBY)])
    store.set_visibility([shown.pk, other.pk], True)
    page = store.photos_in(NETWORK, ALL_PHOTOS, DEFAULT, order=Order.NEWEST, outside=(DOG,))
    assert [member.photo_id for member in page.members] == [shown.pk]


def test_the_best_of_a_category_is_the_first_of_its_best(store: PredictionStore, user: User) -> None:
    sure = [0.93, 0.99, 0.96]
    store.record([prediction_of(photo_at(user, 2019 + n), {LABRADOR: s}) for n, s in enumerate(sure)])
    store.record([prediction_of(photo_at(user, 2019), TABBY), prediction_of(photo_at(UserFactory(), 2019), LABRADOR)])
    scope = scope_of(user.pk)
    best = store.best_of(scope, [LABRADOR, DOG, TABBY, BEAGLE], DEFAULT)
    assert set(best) == {LABRADOR, DOG, TABBY}
    for wnid, member in best.items():
        assert member == store.photos_in(scope, wnid, DEFAULT, limit=1).members[0]
    assert best[LABRADOR].confidence == pytest.approx(0.99, abs=1e-4)


def test_the_best_is_of_the_year_and_the_dial_asked_for(store: PredictionStore, user: User) -> None:
    thresholds = [stop.membership for stop in calibration().stops]
    between = (thresholds[SAFEST] + thresholds[DEFAULT]) / 2
    early, late = photo_at(user, 2019), photo_at(user, 2021)
    store.record([prediction_of(early, {LABRADOR: 0.999}), prediction_of(late, {LABRADOR: between})])
    scope = scope_of(user.pk)
    assert store.best_of(scope, [LABRADOR], DEFAULT)[LABRADOR].photo_id == early.pk
    assert store.best_of(scope, [LABRADOR], DEFAULT, year=2021)[LABRADOR].photo_id == late.pk
    assert store.best_of(scope, [LABRADOR], SAFEST, year=2021) == {}
    assert store.best_of(scope, [LABRADOR], DEFAULT, year=2020) == {}


def test_the_network_has_the_best_of_what_is_public(store: PredictionStore, user: User) -> None:
    private, public = photo_at(user, 2020), photo_at(user, 2020)
    store.record([prediction_of(private, {LABRADOR: 0.99}), prediction_of(public, {LABRADOR: 0.95})])
    store.set_visibility([public.pk], True)
    assert store.best_of(NETWORK, [LABRADOR], DEFAULT)[LABRADOR].photo_id == public.pk


def test_the_most_specific_category_is_the_narrowest_one_that_is_sure_enough(
    store: PredictionStore, user: User
) -> None:
    named, torn, unnamed = (photo_at(user, 2020) for _ in range(3))
    store.record(
        [
            prediction_of(named, {LABRADOR: 0.97}),
            prediction_of(torn, {LABRADOR: 0.5, BEAGLE: 0.49}),
            prediction_of(unnamed, {LABRADOR: 0.2}),
        ]
    )
    narrowest = store.most_specific([named.pk, torn.pk, unnamed.pk], DEFAULT)
    assert set(narrowest) == {named.pk, torn.pk}
    assert narrowest[named.pk].wnid == LABRADOR
    assert narrowest[named.pk].confidence == pytest.approx(0.97, abs=1e-4)
    counts = store.counts(scope_of(user.pk), DEFAULT)
    within_dogs = {below for below in counts if below and DOG in [c.wnid for c in browsing().path(below)]}
    assert narrowest[torn.pk].wnid in within_dogs - {LABRADOR, BEAGLE}


def test_a_turn_of_the_dial_moves_the_most_specific_category(store: PredictionStore, user: User) -> None:
    thresholds = [stop.membership for stop in calibration().stops]
    between = (thresholds[SAFEST] + thresholds[DEFAULT]) / 2
    photo = photo_at(user, 2020)
    store.record([prediction_of(photo, {LABRADOR: between, TABBY: 1 - between})])
    assert store.most_specific([photo.pk], DEFAULT)[photo.pk].wnid == LABRADOR
    safest = store.most_specific([photo.pk], SAFEST)[photo.pk].wnid
    assert safest in {category.wnid for category in browsing().path(LABRADOR)[:-1]}


def test_of_someone_forgotten_nothing_is_left(store: PredictionStore, user: User, stranger: User) -> None:
    photos = [photo_at(person, 2020) for person in (user, stranger)]
    store.record([prediction_of(photo, LABRADOR) for photo in photos])
    before = snapshot(store, stranger)
    store.delete([photos[0].pk])
    store.forget(scope_of(user.pk))
    assert store.counts(scope_of(user.pk), DEFAULT) == {}
    assert store.leaf_vector(scope_of(user.pk), MODEL) is None
    assert snapshot(store, stranger) == before


def test_years_are_counted_and_can_be_asked_for(store: PredictionStore, user: User) -> None:
    store.record([prediction_of(photo_at(user, 2019), LABRADOR), prediction_of(photo_at(user, 2021), LABRADOR)])
    store.record([prediction_of(photo_at(user, 2021), TABBY)])
    scope = scope_of(user.pk)
    assert list(store.years(scope).items()) == [(2021, 2), (2019, 1)]
    assert store.years(scope, LABRADOR, DEFAULT) == {2021: 1, 2019: 1}
    assert store.years(scope, TABBY, DEFAULT) == {2021: 1}
    assert store.years(scope, BEAGLE, DEFAULT) == {}
    assert store.counts(scope, DEFAULT, year=2021)[DOG] == 1
    assert store.counts(scope, DEFAULT)[DOG] == 2
    assert len(store.photos_in(scope, DOG, DEFAULT, year=2021).members) == 1


def test_the_leaf_vector_is_the_exact_sum(store: PredictionStore, user: User) -> None:
    store.record([prediction_of(photo_at(user, 2020), {LABRADOR: 0.5, TABBY: 0.25}) for _ in range(3)])
    vector = store.leaf_vector(scope_of(user.pk), MODEL)
    assert vector is not None
    assert vector.photos == 3
    hierarchy = load_hierarchy()
    named = {hierarchy.synsets[hierarchy.classes[c]].wnid: int(vector.parts[c]) for c in np.flatnonzero(vector.parts)}
    assert named == {LABRADOR: 3 * round(0.5 * UNIT), TABBY: 3 * round(0.25 * UNIT)}


def test_nothing_private_reaches_the_network_or_another_person(
    store: PredictionStore, user: User, stranger: User
) -> None:
    store.record([prediction_of(photo_at(user, 2020), LABRADOR)])
    for scope in (NETWORK, scope_of(stranger.pk)):
        assert store.counts(scope, DEFAULT) == {}
        assert store.years(scope) == {}
        assert store.photos_in(scope, DOG, DEFAULT).members == ()
        assert store.leaf_vector(scope, MODEL) is None
        assert store.changes(scope, 0).photo_ids == ()


def test_publishing_shows_a_photo_and_taking_it_back_hides_it(store: PredictionStore, user: User) -> None:
    photo = photo_at(user, 2020)
    store.record([prediction_of(photo, LABRADOR), prediction_of(photo_at(user, 2020), TABBY)])
    own = snapshot(store, user)
    store.set_visibility([photo.pk], True)
    assert store.counts(NETWORK, DEFAULT)[DOG] == store.counts(NETWORK, DEFAULT)[ALL_PHOTOS] == 1
    assert [m.photo_id for m in store.photos_in(NETWORK, DOG, DEFAULT).members] == [photo.pk]
    assert snapshot(store, user) == own
    store.set_visibility([photo.pk], True)
    assert store.counts(NETWORK, DEFAULT)[DOG] == 1
    store.set_visibility([photo.pk], False)
    assert store.counts(NETWORK, DEFAULT) == {}
    assert store.leaf_vector(NETWORK, MODEL) is None


def test_deleting_a_public_photo_takes_it_off_the_network(store: PredictionStore, user: User) -> None:
    photo = photo_at(user, 2020)
    store.record([prediction_of(photo, LABRADOR)])
    store.set_visibility([photo.pk], True)
    store.delete([photo.pk])
    assert store.counts(NETWORK, DEFAULT) == {}


def test_changes_tell_what_was_recorded_since(store: PredictionStore, user: User) -> None:
    scope = scope_of(user.pk)
    first, second = photo_at(user, 2020), photo_at(user, 2020)
    store.record([prediction_of(first, LABRADOR)])
    start = store.changes(scope, -1)
    assert start.photo_ids == ()
    store.record([prediction_of(second, LABRADOR)])
    later = store.changes(scope, start.sequence)
    assert later.photo_ids == (second.pk,)
    assert store.changes(scope, later.sequence).photo_ids == ()
    store.delete([second.pk])
    third = photo_at(user, 2020)
    store.record([prediction_of(third, LABRADOR)])
    assert store.changes(scope, later.sequence).photo_ids == (third.pk,)


def test_the_classification_comes_back_as_it_was(store: PredictionStore, user: User) -> None:
    photo = photo_at(user, 2020)
    prediction = prediction_of(photo, {LABRADOR: 0.6, TABBY: 0.3})
    store.record([prediction])
    stored = store.classification(photo.pk)
    assert stored is not None
    assert stored.model == MODEL
    assert stored.probabilities.encode() == prediction.classification.probabilities.encode()


def test_a_rebuild_finds_nothing_wrong_after_any_history(store: PredictionStore, user: User) -> None:
    photos = [photo_at(user, 2015 + n % 3) for n in range(12)]
    store.record([prediction_of(p, {LABRADOR: 0.4 + 0.05 * n, TABBY: 0.2}) for n, p in enumerate(photos)])
    store.set_visibility([p.pk for p in photos[:6]], True)
    photos[0].is_public = True
    store.record([prediction_of(photos[0], TABBY)])
    store.delete([photos[1].pk, photos[7].pk])
    store.set_visibility([photos[2].pk], False)
    assert store.rebuild(scope_of(user.pk)) == []
    assert store.rebuild(NETWORK) == []


def test_someone_elses_photos_do_not_change_ones_own_counts(store: PredictionStore, user: User) -> None:
    store.record([prediction_of(photo_at(user, 2020), LABRADOR)])
    before = snapshot(store, user)
    store.record([prediction_of(photo_at(UserFactory(), 2020), LABRADOR)])
    assert snapshot(store, user) == before

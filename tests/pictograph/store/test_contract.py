"""What every prediction store must do."""

from datetime import UTC, datetime

import numpy as np
import pytest

from classifier.labels import UNIT
from pictograph.models import Photo, User
from pictograph.store import NETWORK, Order, PredictionStore, scope_of
from pictograph.store.categories import calibration
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.relational import RelationalStore
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


def test_years_are_counted_and_can_be_asked_for(store: PredictionStore, user: User) -> None:
    store.record([prediction_of(photo_at(user, 2019), LABRADOR), prediction_of(photo_at(user, 2021), LABRADOR)])
    store.record([prediction_of(photo_at(user, 2021), TABBY)])
    scope = scope_of(user.pk)
    assert list(store.years(scope).items()) == [(2021, 2), (2019, 1)]
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

"""Saying something of photos: lists, names, counters and sums follow, and taking it back takes back all of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.corrections import correcting
from pictograph.corrections.correcting import CannotBeSaid, correct, undo
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.standing import enders, statement_of
from pictograph.corrections.verdicts import verdicts_of
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.places.counting import count_sightings
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import BEAGLE, LABRADOR, TABBY, UserFactory, classified_photo, make_library

ANIMAL, DOG, CAT = "n00015388", "n02084071", "n02121620"
pytestmark = pytest.mark.django_db


def listed(photo: Photo, stop: int = 0) -> tuple[str, ...]:
    return prediction_store().categories_of([photo.pk], stop).get(photo.pk, ())


def name(photo: Photo, stop: int = 1) -> str:
    found = prediction_store().names([photo.pk], stop)
    return found[photo.pk].wnid if found else ""


def path(wnid: str) -> tuple[str, ...]:
    return tuple(category.wnid for category in browsing().path(wnid))


def summed(user: User, wnid: str) -> float:
    """How many photos of a category the sums of somebody's library come to."""
    vector = prediction_store().leaf_vector(library_of(user.pk), catalogue().network or 0)
    assert vector is not None
    return float(vector.dense(1000)[list(browsing().categories[wnid].classes)].sum() / 65535)


def assert_right(*people: User) -> None:
    """Counters and sums are what a rebuild would make of the records, and photos are named by the present edition."""
    scopes = [scope for user in people for scope in (library_of(user.pk), public_of(user.pk))]
    assert [prediction_store().recount(scope, is_check=True) for scope in (*scopes, NETWORK)] == [[]] * (
        len(scopes) + 1
    )
    assert not Photo.objects.classified().exclude(edition=catalogue().naming).exists()


def test_what_is_rejected_is_gone_from_names_lists_counters_and_sums(user: User) -> None:
    photo = classified_photo({BEAGLE: 0.9, LABRADOR: 0.08}, owner=user, is_public=True)
    assert name(photo) == BEAGLE
    made = correct(user, [photo.pk], Verdict.WRONG, BEAGLE)
    assert made is not None
    assert BEAGLE not in listed(photo, 2)
    assert name(photo) not in (BEAGLE, LABRADOR)
    assert BEAGLE not in prediction_store().counts(library_of(user.pk), 2)
    assert BEAGLE not in prediction_store().counts(NETWORK, 2)
    assert summed(user, BEAGLE) == 0
    assert_right(user)
    undo(made)
    assert name(photo) == BEAGLE
    assert summed(user, BEAGLE) == pytest.approx(0.9, abs=1e-4)
    assert_right(user)


def test_what_it_is_is_listed_at_every_stop_and_counts_as_one_photo(user: User) -> None:
    photo = classified_photo({TABBY: 0.97, BEAGLE: 0.01}, owner=user)
    correct(user, [photo.pk], Verdict.IS, DOG)
    assert listed(photo, 0) == path(DOG)
    assert [name(photo, stop) for stop in range(3)] == [DOG] * 3
    assert prediction_store().counts(library_of(user.pk), 0)[DOG] == 1
    assert CAT not in prediction_store().counts(library_of(user.pk), 2)
    assert summed(user, DOG) == pytest.approx(1, abs=2e-3)
    assert summed(user, CAT) == 0
    record = prediction_store().find(photo.pk)
    assert record is not None
    assert {a.confidence for a in record.assignments} == {1.0}
    assert_right(user)


def test_too_specific_keeps_what_is_above(user: User) -> None:
    photo = classified_photo({BEAGLE: 0.9, LABRADOR: 0.09}, owner=user)
    kept = path(BEAGLE)[-2]
    made = correct(user, [photo.pk], Verdict.TOO_SPECIFIC, BEAGLE)
    assert made is not None
    assert made.kept == kept
    assert name(photo) == kept
    assert listed(photo, 2) == path(kept)
    assert_right(user)


def test_what_is_not_interesting_is_shown_nowhere_and_stays_in_sums(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    correct(user, [photo.pk], Verdict.NOT_INTERESTING, DOG)
    assert not set(path(BEAGLE)[path(BEAGLE).index(DOG) :]) & set(listed(photo, 2))
    assert name(photo) == path(DOG)[-2]
    assert summed(user, DOG) == pytest.approx(0.99, abs=1e-3)
    assert_right(user)


def test_strangers_photos_and_those_not_read_yet_are_passed_over(user: User) -> None:
    stranger = UserFactory()
    theirs = classified_photo(BEAGLE, owner=stranger)
    assert correct(user, [theirs.pk], Verdict.WRONG, BEAGLE) is None
    assert not Correction.objects.exists()
    own = classified_photo(BEAGLE, owner=user)
    made = correct(user, [theirs.pk, own.pk], Verdict.WRONG, BEAGLE)
    assert made is not None
    assert list(made.judgements.values_list("photo", flat=True)) == [own.pk]
    assert BEAGLE in listed(theirs)


def test_what_makes_no_sense_is_refused_in_words(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    for verdict, wnid, by in (
        (Verdict.IS, "n00000000", None),
        (Verdict.TOO_SPECIFIC, browsing().roots[0], None),
        (Verdict.BLOCKED, DOG, None),
        (Verdict.IS, DOG, UserFactory()),
    ):
        with pytest.raises(CannotBeSaid):
            correct(user, [photo.pk], verdict, wnid, by=by)
    assert not Correction.objects.exists()


def test_what_a_moderator_took_off_stays_off_whatever_its_owner_says(user: User) -> None:
    photo, other = classified_photo(BEAGLE, owner=user), classified_photo(LABRADOR, owner=user)
    before = correct(user, [photo.pk], Verdict.RIGHT, BEAGLE)
    block = correct(user, [photo.pk], Verdict.BLOCKED, DOG, by=UserFactory())
    assert before is not None
    assert block is not None
    assert DOG not in listed(photo, 2)
    for verdict, wnid in ((Verdict.IS, BEAGLE), (Verdict.RIGHT, DOG), (Verdict.TOO_SPECIFIC, BEAGLE)):
        with pytest.raises(CannotBeSaid, match="moderator"):
            correct(user, [other.pk, photo.pk], verdict, wnid)
    correct(user, [photo.pk], Verdict.IS, ANIMAL)
    assert listed(photo, 2) == path(ANIMAL)
    undo(before)
    assert DOG not in listed(photo, 2)
    undo(block)
    assert listed(photo, 0)[-1] == BEAGLE or DOG in listed(photo, 2)
    assert_right(user)


def test_saying_the_same_twice_says_it_once(user: User) -> None:
    photos = make_library(user, [(BEAGLE, 3)])
    first = correct(user, [photos[0].pk, photos[1].pk], Verdict.WRONG, BEAGLE)
    again = correct(user, [photos[0].pk, photos[1].pk], Verdict.WRONG, BEAGLE)
    assert first == again
    assert Judgement.objects.count() == 2
    more = correct(user, [photo.pk for photo in photos], Verdict.WRONG, BEAGLE)
    assert more is not None
    assert more != first
    assert list(more.judgements.values_list("photo", flat=True)) == [photos[2].pk]
    undo(more)
    assert [BEAGLE in listed(photo) for photo in photos] == [False, False, True]


def test_undoing_twice_is_undoing_once(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    made = correct(user, [photo.pk], Verdict.WRONG, BEAGLE)
    assert made is not None
    assert undo(made) == [photo.pk]
    at = Correction.objects.get().undone_at
    assert undo(made) == []
    assert Correction.objects.get().undone_at == at
    assert name(photo) == BEAGLE


def test_many_photos_are_spoken_of_in_chunks(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correcting, "TOGETHER", 2)
    photos = make_library(user, [(BEAGLE, 5)])
    made = correct(user, [photo.pk for photo in photos], Verdict.IS, CAT)
    assert made is not None
    assert made.judgements.count() == 5
    assert all(listed(photo) == path(CAT) for photo in photos)
    assert sorted(undo(made)) == sorted(photo.pk for photo in photos)
    assert all(name(photo) == BEAGLE for photo in photos)
    assert_right(user)


SAYINGS = [
    *((verdict, wnid) for verdict in (Verdict.RIGHT, Verdict.IS, Verdict.WRONG) for wnid in (DOG, BEAGLE, TABBY)),
    *((verdict, BEAGLE) for verdict in (Verdict.TOO_SPECIFIC, Verdict.NOT_INTERESTING)),
    (Verdict.BLOCKED, DOG),
]
steps = st.lists(st.tuples(st.sampled_from(SAYINGS), st.integers(0, 3)) | st.integers(0, 5), max_size=9)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_said_and_undone_leaves_what_was_not_undone(user: User, steps: list[object]) -> None:
    Photo.objects.all().delete()
    Correction.objects.all().delete()
    photos = [classified_photo({BEAGLE: 0.9, TABBY: 0.05}, owner=user, digest=None) for _ in range(2)]
    moderator = User.objects.exclude(pk=user.pk).first() or UserFactory()
    made: list[Correction] = []
    for step in steps:
        if isinstance(step, int):
            if step < len(made):
                undo(made[step])
            continue
        assert isinstance(step, tuple)
        (verdict, wnid), which = step
        some = [photo.pk for n, photo in enumerate(photos) if which >> n & 1]
        try:
            said = correct(user, some, verdict, wnid, by=moderator if verdict == Verdict.BLOCKED else None)
        except CannotBeSaid:
            continue
        if said is not None and said not in made:
            made.append(said)
    for photo in photos:
        rows = list(photo.judgements.filter(correction__undone_at=None).order_by("pk").select_related("correction"))
        stated = [statement_of(row.correction) for row in rows]
        assert [row.ended_by_id for row in rows] == enders(stated, browsing())
        assert all(row.stands == (row.ended_by_id is None) for row in rows)
        fresh = classified_photo({BEAGLE: 0.9, TABBY: 0.05}, owner=user, digest=None)
        if not verdicts_of([photo.pk]):
            assert listed(photo, 2) == listed(fresh, 2)
        fresh.delete()
    count_sightings([])

"""What people say is of what they see; what is kept of it is of what is stored, whatever moderators change later."""

from collections.abc import Iterator

import pytest

from pictograph.catalogue.changing import Kind, Wanted, change, take_back
from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import browsing, catalogue, look_again
from pictograph.categories.covers import choose_cover, cover_chosen, covered_by, covers_of, forget_cover
from pictograph.categories.hidden import hidden_by_owner, hide, hiding_of
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.drawing import answer_in, next_question
from pictograph.corrections.learning import learn
from pictograph.corrections.lessons import ask_to_learn
from pictograph.corrections.models import Correction, Judgement, Likeness, Verdict
from pictograph.corrections.question_models import Answer
from pictograph.corrections.said import affirmed_paths
from pictograph.corrections.words import said_in_words
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.shares.forms import left_out_as_stored
from pictograph.store import stored_predictions
from tests.factories import BEAGLE, DAISY, LABRADOR, UserFactory, classified_photo
from tests.pictograph.corrections.asking import somebody
from tests.pictograph.corrections.test_correcting import assert_right, listed, name
from tests.pictograph.corrections.test_learning import like_these

DOG, CANINE, HUNTER = "n02084071", "n02083346", "n02087122"
HOUND, GUN_DOG = "n02087551", "n02098550"  # the first has beagles, the second labradors


@pytest.fixture
def moderator(db: None) -> Iterator[User]:
    yield UserFactory(username="moderator", is_staff=True)
    look_again()


@pytest.fixture
def merged(moderator: User) -> Override:
    """Gun dogs are shown as hounds."""
    return change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")


def stored(photo: Photo) -> tuple[str, ...]:
    return stored_predictions().categories_of([photo.pk], 2).get(photo.pk, ())


def said_of(photo: Photo, verdict: Verdict, wnid: str) -> Correction:
    made = correct(photo.owner, [photo.pk], verdict, wnid)
    assert made is not None
    return made


def test_not_a_hound_reaches_what_is_shown_as_hounds_and_stays_when_they_are_apart_again(
    user: User, moderator: User, merged: Override
) -> None:
    photo = classified_photo({LABRADOR: 0.9, DAISY: 0.05}, owner=user, is_public=True)
    assert HOUND in listed(photo)
    made = said_of(photo, Verdict.WRONG, HOUND)
    assert {HOUND, LABRADOR}.isdisjoint(listed(photo, 2))
    assert_right(user)
    take_back(moderator, merged)
    assert {HOUND, GUN_DOG, LABRADOR}.isdisjoint(listed(photo, 2))
    undo(made)
    assert {GUN_DOG, LABRADOR} <= set(listed(photo))


@pytest.mark.parametrize("verdict", [Verdict.RIGHT, Verdict.IS])
def test_a_hound_may_be_a_gun_dog_that_is_shown_as_one_and_stays_a_gun_dog(
    verdict: Verdict, user: User, moderator: User, merged: Override
) -> None:
    photo = classified_photo({LABRADOR: 0.6, BEAGLE: 0.3}, owner=user)
    said_of(photo, verdict, HOUND)
    assert HOUND in listed(photo)
    photo.refresh_from_db()
    assert affirmed_paths([photo])[photo.pk] == {category.wnid for category in browsing().path(HOUND)}
    assert GUN_DOG in stored(photo)
    take_back(moderator, merged)
    assert GUN_DOG in listed(photo)
    assert HOUND not in listed(photo, 2)
    assert_right(user)


def test_what_the_network_saw_nothing_of_is_what_was_said(user: User, merged: Override) -> None:
    photo = classified_photo({DAISY: 0.9}, owner=user)
    said_of(photo, Verdict.IS, HOUND)
    assert HOUND in stored(photo)
    assert (name(photo), GUN_DOG in stored(photo)) == (HOUND, False)


def test_what_was_said_before_a_merge_is_of_that_category_alone(user: User, moderator: User) -> None:
    beagle, labrador = (classified_photo({wnid: 0.9}, owner=user) for wnid in (BEAGLE, LABRADOR))
    right, wrong = said_of(labrador, Verdict.RIGHT, GUN_DOG), said_of(beagle, Verdict.WRONG, GUN_DOG)
    change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    assert name(beagle) == BEAGLE
    assert name(labrador) == LABRADOR
    assert said_in_words(right, 1) == "Right: hounds"
    assert "not shown any more" in said_in_words(wrong, 1)
    # And what is said now of both takes its place.
    assert said_of(beagle, Verdict.WRONG, HOUND).also == [GUN_DOG]
    assert {HOUND, BEAGLE}.isdisjoint(listed(beagle, 2))


def test_of_what_is_too_specific_the_stored_category_above_is_kept(
    user: User, moderator: User, merged: Override
) -> None:
    photo = classified_photo({LABRADOR: 0.9}, owner=user)
    below = next(c.wnid for c in browsing().path(LABRADOR) if c.parent == HOUND)
    made = said_of(photo, Verdict.TOO_SPECIFIC, below)
    assert made.kept == GUN_DOG
    assert said_in_words(made, 1).endswith("Kept: hounds")
    assert name(photo) == HOUND
    take_back(moderator, merged)
    assert name(photo) == GUN_DOG


def test_what_is_said_ends_what_was_said_of_categories_that_are_not_shown_any_more(user: User, moderator: User) -> None:
    photo = classified_photo({BEAGLE: 0.9}, owner=user)
    said_of(photo, Verdict.IS, BEAGLE)
    block = change(moderator, Wanted(DOG, Kind.BLOCK), "a test")
    assert name(photo) == CANINE
    photo.refresh_from_db()
    assert affirmed_paths([photo])[photo.pk] == {category.wnid for category in browsing().path(CANINE)}
    said_of(photo, Verdict.WRONG, CANINE)
    assert [one.correction.wnid for one in Judgement.objects.filter(photo=photo, stands=True)] == [CANINE]
    take_back(moderator, block)
    assert {CANINE, DOG, BEAGLE}.isdisjoint(listed(photo, 2))


def test_what_is_learnt_is_stored_and_stays_the_same_whatever_is_shown(user: User, moderator: User) -> None:
    alike = like_these(user)
    correct(user, [photo.pk for photo in alike[:4]], Verdict.IS, DOG)
    assert learn(user.pk) == 4
    taught = set(Likeness.objects.values_list("photo", "wnid", "weight"))
    assert {wnid for _, wnid, _ in taught} == {DOG}
    change(moderator, Wanted(DOG, Kind.BLOCK), "a test")
    ask_to_learn(user.pk)
    assert learn(user.pk) == 0
    assert set(Likeness.objects.values_list("photo", "wnid", "weight")) == taught
    assert DOG not in listed(alike[5], 2)
    assert CANINE in listed(alike[5], 2)


def test_people_are_asked_about_what_they_see(moderator: User) -> None:
    person = somebody(photos=3)
    change(moderator, Wanted(BEAGLE, Kind.HIDE), "a test")
    question = next_question(person)
    assert question is not None
    assert (question.is_random, question.wnid) == (True, HOUND)


def test_a_correction_answers_what_is_asked_of_several_shown_as_one(user: User, merged: Override) -> None:
    one = {"owner": user, "by": user}
    assert answer_in(Correction(verdict=Verdict.IS, wnid=LABRADOR, **one), HOUND) == Answer.YES
    assert answer_in(Correction(verdict=Verdict.WRONG, wnid=HOUND, **one), HOUND) is None  # it may be a gun dog
    assert answer_in(Correction(verdict=Verdict.WRONG, wnid=HOUND, also=[GUN_DOG], **one), HOUND) == Answer.NO
    assert answer_in(Correction(verdict=Verdict.IS, wnid=DAISY, **one), HOUND) == Answer.NO


def test_what_somebody_hides_does_not_come_back_by_what_moderators_change(user: User, moderator: User) -> None:
    shown = catalogue().structure.categories
    hide(user, shown[GUN_DOG], is_hidden=True)
    merged = change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    assert hidden_by_owner(user.pk) == {HOUND}
    assert hiding_of(user.pk, browsing().categories[LABRADOR]).by == browsing().categories[HOUND]
    hide(user, browsing().categories[HOUND], is_hidden=True)
    take_back(moderator, merged)
    assert hidden_by_owner(user.pk) == {HOUND, GUN_DOG}
    hidden = change(moderator, Wanted(GUN_DOG, Kind.HIDE), "a test")
    below = {c.wnid for c in browsing().categories.values() if shown[c.wnid].parent == GUN_DOG}
    assert below
    assert hidden_by_owner(user.pk) == {HOUND, *below}
    hide(user, browsing().categories[min(below)], is_hidden=False)
    take_back(moderator, hidden)
    assert hidden_by_owner(user.pk) == {HOUND}


def test_a_chosen_cover_stands_for_what_its_category_is_shown_as(user: User, moderator: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    classified_photo(BEAGLE, owner=user)
    assert choose_cover(user, browsing().categories[GUN_DOG], photo.pk)
    merged = change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    hounds = browsing().categories[HOUND]
    assert covers_of(own_face(user.pk), [HOUND], 1) == {HOUND: photo.pk}
    assert cover_chosen(user.pk, hounds) == photo.pk
    assert covered_by(photo) == {HOUND}
    take_back(moderator, merged)
    assert covers_of(own_face(user.pk), [HOUND, GUN_DOG], 1) == {GUN_DOG: photo.pk}
    change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    forget_cover(user, browsing().categories[HOUND])
    assert covers_of(own_face(user.pk), [HOUND], 1) == {}


def test_what_a_link_leaves_out_does_not_come_back_by_what_moderators_change(moderator: User) -> None:
    merged = change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    assert left_out_as_stored([HOUND], []) == [HOUND, GUN_DOG]
    assert left_out_as_stored([], [HOUND, GUN_DOG]) == []
    take_back(moderator, merged)
    change(moderator, Wanted(GUN_DOG, Kind.BLOCK), "a test")
    assert left_out_as_stored([BEAGLE], [GUN_DOG]) == [BEAGLE, GUN_DOG]

"""Which photo somebody is asked about: half of them by chance alone, the others where an answer teaches most."""

import random
from collections import Counter

import pytest
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import calibration, look_again
from pictograph.corrections import drawing
from pictograph.corrections.correcting import correct
from pictograph.corrections.drawing import next_question
from pictograph.corrections.models import Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.corrections.questions import answer
from pictograph.people.models import User
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, UserFactory, classified_photo
from tests.pictograph.corrections.asking import STOP, answered, network_of_now, somebody

DOGS, CATS = "n02084071", "n02121620"


@pytest.fixture(autouse=True)
def dice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same chance in every run."""
    monkeypatch.setattr(drawing, "chance", random.Random(7))


@pytest.fixture
def owner(db: None) -> User:
    return somebody()


def asked(user: User, within: str = "") -> Question:
    question = next_question(user, within)
    assert question is not None
    return question


def test_a_question_keeps_what_the_network_said_then(owner: User) -> None:
    question = asked(owner)
    assert question.network == Network.objects.get()
    assert (question.stop, question.floor) == (STOP, calibration().stops[STOP].floor)
    assert question.confidence >= question.floor
    assert question.photo.owner == owner


def test_what_is_open_is_asked_again_until_it_is_answered(owner: User) -> None:
    first = asked(owner)
    assert asked(owner) == first
    answer(owner, first.pk, Answer.UNSURE)
    assert asked(owner) != first


def test_half_of_the_questions_are_drawn_by_chance(owner: User) -> None:
    for _ in range(12):
        answer(owner, asked(owner).pk, Answer.UNSURE)
    assert Counter(Question.objects.values_list("is_random", flat=True)) == {True: 6, False: 6}


def test_no_photo_is_asked_about_twice(owner: User) -> None:
    for _ in range(20):
        answer(owner, asked(owner).pk, Answer.UNSURE)
    assert max(Counter(Question.objects.values_list("photo", flat=True)).values()) <= 1


def test_every_named_photo_is_as_likely_to_be_drawn(owner: User) -> None:
    classified_photo({LABRADOR: 0.3, DAISY: 0.3}, owner=owner)  # it has no name
    met: Counter[int] = Counter()
    for _ in range(400):
        question = drawing._drawn(owner, network_of_now().pk)
        assert question is not None
        met[question.photo_id] += 1
    assert len(met) == 40
    expected = 400 / 40
    assert sum((n - expected) ** 2 / expected for n in met.values()) < 73  # of chi-squared with 39, one in a thousand


def test_what_somebody_has_said_before_answers_a_draw_without_asking(owner: User) -> None:
    """Else the wrong names that people have put right would be missing among the answers."""
    photos = list(owner.photos.order_by("pk"))
    correct(owner, [photo.pk for photo in photos[:30]], Verdict.WRONG, "n00015388")  # no animal is one
    for _ in range(30):
        found = next_question(owner)
        if found is None:
            break
        answer(owner, found.pk, Answer.UNSURE)
    told = Question.objects.filter(is_random=True, correction__was_asked=False)
    assert told.count() >= 5
    assert set(told.values_list("answer", flat=True)) == {Answer.NO.value}
    assert Question.objects.telling(network_of_now().pk).count() == told.count()


@pytest.mark.parametrize(
    ("verdict", "said", "name", "expected"),
    [
        (Verdict.RIGHT, BEAGLE, DOGS, Answer.YES),
        (Verdict.IS, BEAGLE, BEAGLE, Answer.YES),
        (Verdict.IS, TABBY, BEAGLE, Answer.NO),
        (Verdict.IS, DOGS, BEAGLE, None),
        (Verdict.WRONG, DOGS, BEAGLE, Answer.NO),
        (Verdict.WRONG, BEAGLE, DOGS, None),
        (Verdict.TOO_SPECIFIC, BEAGLE, BEAGLE, Answer.UNSURE),
        (Verdict.TOO_SPECIFIC, BEAGLE, DOGS, Answer.YES),
        (Verdict.TOO_SPECIFIC, BEAGLE, TABBY, Answer.NO),
        (Verdict.NOT_INTERESTING, BEAGLE, BEAGLE, None),
    ],
    ids=str,
)
def test_what_a_correction_says_to_a_name(
    owner: User, verdict: Verdict, said: str, name: str, expected: Answer | None
) -> None:
    photo = classified_photo(BEAGLE, owner=owner)
    made = correct(owner, [photo.pk], verdict, said)
    assert made is not None
    assert drawing.answer_in(made, name) == expected


def test_a_draw_goes_by_what_the_network_says_alone(owner: User) -> None:
    photo = classified_photo(BEAGLE, owner=somebody(photos=1))
    correct(photo.owner, [photo.pk], Verdict.IS, TABBY)
    while question := drawing._drawn(photo.owner, network_of_now().pk):
        question.answer, question.answered_at = Answer.UNSURE, question.asked_at
        question.save()
    told = Question.objects.get(photo=photo)
    assert (told.wnid, told.answer) == (BEAGLE, Answer.NO)


def test_within_a_category_the_network_is_asked_about_where_it_is_least_known(owner: User) -> None:
    for _ in range(20):
        answered(owner, LABRADOR, right=True)
    unknown = classified_photo({SPORTS_CAR: 0.9}, owner=owner)
    assert asked(owner, within=DOGS).wnid == BEAGLE
    Question.objects.open().delete()
    question = drawing._telling(owner, network_of_now().pk)
    assert question is not None
    assert question.wnid in {BEAGLE, SPORTS_CAR, TABBY, DAISY, "n02124075"}
    assert unknown.pk


def test_a_question_about_something_else_stays_off_a_categorys_page(owner: User) -> None:
    assert asked(owner, within=DOGS).wnid in {LABRADOR, BEAGLE}
    assert next_question(owner, within=CATS) is None


def test_a_question_of_a_former_network_is_asked_no_more(owner: User) -> None:
    before = asked(owner)
    Network.objects.create(version="another", label_set="imagenet_1k").make_current()
    look_again()
    assert next_question(owner) is None
    assert not Question.objects.filter(pk=before.pk).exists()


def test_who_has_no_photos_is_asked_nothing(owner: User, stranger: User) -> None:
    assert next_question(stranger) is None


def test_asking_takes_few_queries(owner: User, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(4):
        with django_assert_max_num_queries(16):
            question = asked(owner)
        answer(owner, question.pk, Answer.UNSURE)


def test_nobody_is_asked_about_a_name_that_a_moderator_took_off(db: None) -> None:
    owner = somebody(photos=1)
    open_one = asked(owner)
    correct(owner, [open_one.photo_id], Verdict.BLOCKED, DOGS, by=UserFactory(is_staff=True))
    assert next_question(owner) is None
    assert not Question.objects.filter(answer="").exists()
    assert set(Question.objects.values_list("answer", flat=True)) <= {Answer.UNSURE}

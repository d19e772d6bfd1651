"""People who are asked about their photos."""

from datetime import UTC, datetime

from django.urls import reverse

from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import calibration, catalogue, look_again
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.people.models import User
from tests.factories import BEAGLE, UserFactory, classified_photo, make_library

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
STOP = 1


def at_home(user: User) -> User:
    """The same person, no newcomer any more."""
    user.date_joined = LONG_AGO
    user.save()
    return user


def somebody(photos: int = 0) -> User:
    """Someone who may be asked, with a library or with as many photos of beagles."""
    network_of_now()
    user = UserFactory(date_joined=LONG_AGO)
    for _ in range(photos):
        classified_photo(BEAGLE, owner=user)
    if not photos:
        make_library(user)
    return user


def network_of_now() -> Network:
    """The network that looks at all photos, made the site's."""
    network, _ = Network.objects.get_or_create(version=catalogue().version, defaults={"label_set": "imagenet_1k"})
    if not network.is_current:
        network.make_current()
        look_again()
    return network


def answered(user: User, wnid: str, *, right: bool, confidence: float = 0.9, is_random: bool = True) -> Question:
    """A photo of somebody's that they were asked about, with what follows of the answer; made as rows alone."""
    photo = classified_photo(wnid, owner=user)
    correction = Correction.objects.create(
        owner=user, by=user, verdict=Verdict.RIGHT if right else Verdict.WRONG, wnid=wnid, was_asked=True
    )
    Judgement.objects.create(photo=photo, correction=correction)
    return Question.objects.create(
        owner=user,
        photo=photo,
        network=network_of_now(),
        wnid=wnid,
        stop=STOP,
        confidence=confidence,
        floor=calibration().stops[STOP].floor,
        is_random=is_random,
        answered_at=datetime.now(UTC),
        answer=Answer.YES if right else Answer.NO,
        correction=correction,
    )


def answer_url(question: Question) -> str:
    return reverse("question_answer", args=[question.pk])

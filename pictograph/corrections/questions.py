"""The verbs of questions: offering one now and then, answering, taking an answer back, asking no more.

One small card at a time, at most MOST_A_DAY in a day, never in two visits running, never to newcomers; and one click
turns it off for good.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from pictograph.catalogue.certainty import spoken
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.correcting import CannotBeSaid, correct, undo
from pictograph.corrections.drawing import next_question, open_question
from pictograph.corrections.models import Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard, card_of
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.browsing import Category

MOST_A_DAY = 3
NEWCOMER_FOR = timedelta(days=1)
LEAST_PHOTOS = 20  # below that there is little to learn, and everything is new to its owner
VISIT_ENDS_AFTER = timedelta(minutes=30)
VISITS_COOKIE, VISITS_KEPT = "visit", timedelta(days=365)
VERDICTS = {Answer.YES: Verdict.RIGHT, Answer.NO: Verdict.WRONG}


@dataclass(frozen=True)
class Asked:
    """A question as a page shows it: whether this photo is "a dog"."""

    question: Question
    category: Category
    card: PhotoCard

    @classmethod
    def of(cls, question: Question) -> "Asked":
        """Of a question whose category there is."""
        return cls(question, browsing().categories[question.wnid], card_of(question.photo, root=""))

    @property
    def words(self) -> str:
        """What it may be: "a dog"."""
        return spoken(self.category)


@dataclass(frozen=True)
class Visit:
    """How far a browser's visit is: when a page was last opened, whether something was asked in it, or may be.

    `asking` is how many visits of this day asked something, answered or not.
    """

    at: datetime
    may_ask: bool = True
    has_asked: bool = False
    asking: int = 0

    @classmethod
    def read(cls, cookie: str, now: datetime) -> "Visit":
        """Go on with the visit that a cookie tells of, or begin one: quiet where the one before asked something."""
        found = re.fullmatch(r"(\d{1,10})\.(asked|open|quiet)\.(\d{1,2})", cookie, re.ASCII)
        if found is None:
            return cls(now)
        before, state = datetime.fromtimestamp(int(found[1]), now.tzinfo), found[2]
        asking = int(found[3]) if before.date() == now.date() else 0
        if timedelta(0) <= now - before < VISIT_ENDS_AFTER:
            return cls(now, state != "quiet", state == "asked", asking)
        return cls(now, state != "asked" and asking < MOST_A_DAY, False, asking)

    @property
    def written(self) -> str:
        """What `read` reads."""
        state = "asked" if self.has_asked else "open" if self.may_ask else "quiet"
        return f"{int(self.at.timestamp())}.{state}.{self.asking}"

    def with_question(self) -> "Visit":
        """The same, once something is asked in it."""
        return self if self.has_asked else replace(self, has_asked=True, asking=self.asking + 1)


@dataclass(frozen=True)
class Offer:
    """What a page asks, if anything, and the visit that its answer is to remember."""

    asked: Asked | None = None
    visit: Visit | None = None

    def remember(self, response: HttpResponse) -> HttpResponse:
        """Tell the browser how far its visit is."""
        if self.visit is not None:
            response.set_cookie(
                VISITS_COOKIE,
                self.visit.written,
                max_age=VISITS_KEPT,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response


def offer_to(request: HttpRequest, user: User, within: str = "") -> Offer:
    """What a page of somebody's own photos asks them, if it is time to; `within` a category only about that."""
    now = timezone.now()
    if not user.is_asked or now - user.date_joined < NEWCOMER_FOR:
        return Offer()
    visit = Visit.read(request.COOKIES.get(VISITS_COOKIE, ""), now)
    if not visit.may_ask:
        return Offer(visit=visit)
    if visit.has_asked:
        found = open_question(user)
        found = found if found and (not within or found == next_question(user, within)) else None
    else:
        found = next_question(user, within) if _is_time(user, now) else None
    return Offer(Asked.of(found), visit.with_question()) if found else Offer(visit=visit)


def answer(user: User, question_id: int, said: Answer) -> Question:
    """Take somebody's answer to what they were asked. Raises Http404 for what is not asked of them any more."""
    question = get_object_or_404(Question.objects.asked_of(user.pk).select_related("photo"), pk=question_id)
    if not Question.objects.open().filter(pk=question.pk).update(answer=said, answered_at=timezone.now()):
        raise Http404("This has been answered.")
    question.answer = said
    if said in VERDICTS:
        try:
            question.correction = correct(user, [question.photo_id], VERDICTS[said], question.wnid, was_asked=True)
        except CannotBeSaid:  # a moderator has taken the category away
            question.answer = Answer.UNSURE
        question.save(update_fields=["answer", "correction"])
    return question


def take_back(user: User, question_id: int) -> Question:
    """Take an answer back, and ask again unless something else is open. Raises Http404 for what was not answered."""
    answered = Question.objects.asked_of(user.pk).exclude(answer="").exclude(answered_at=F("asked_at"))
    question = get_object_or_404(answered.select_related("photo", "correction"), pk=question_id)
    # Where the same had been said before, it is that which stands, and not what was answered here.
    if question.correction is not None and question.correction.was_asked and question.correction.undone_at is None:
        undo(question.correction)
    question.correction = None
    question.answer, question.answered_at = "", None
    try:
        with transaction.atomic():
            question.save()
    except IntegrityError:  # something else is open
        question.answer, question.answered_at = Answer.UNSURE, timezone.now()
        question.save()
    return question


def ask(user: User, *, is_asked: bool) -> None:
    """Turn questions off for good, or on again; what is open is forgotten."""
    user.is_asked = is_asked
    user.save(update_fields=["is_asked"])
    Question.objects.asked_of(user.pk).open().delete()


def _is_time(user: User, now: datetime) -> bool:
    """Whether somebody was asked less than may be in a day, and has photos enough."""
    today = Question.objects.asked_of(user.pk).filter(asked_at__gt=now - timedelta(days=1))
    if today.exclude(answered_at=F("asked_at")).exclude(answer="").count() >= MOST_A_DAY:
        return False
    return sum(prediction_store().years(library_of(user.pk)).values()) >= LEAST_PHOTOS

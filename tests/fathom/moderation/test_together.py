"""Deciding on many at once: it is said what will happen and what did, and all of it is undone at once."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fathom.moderation.appealing import appeal
from fathom.moderation.deciding import decide
from fathom.moderation.models import Case, Decision, Notification
from fathom.moderation.queue import claim
from fathom.moderation.sweeping import bring_in_held
from pictograph.people.models import User
from pictograph.photos.flags import Flag
from pictograph.photos.holds import Hold, put_on_hold
from pictograph.photos.models import Photo
from tests.factories import LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import (
    case_of_label,
    case_of_person,
    case_of_photo,
    client_of,
    moderator,
    published_photo,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Action = Decision.Action
LIST = "/admin/moderation/cases/"


@pytest.fixture
def by() -> User:
    return moderator("moira")


@pytest.fixture
def desk(by: User) -> Client:
    return client_of(by)


def held_case(reason: str = "unsafe") -> Case:
    photo = classified_photo(LABRADOR, owner=UserFactory())
    put_on_hold({photo.pk: [reason]}, Hold.Kind.REVIEW)
    bring_in_held()
    return Case.objects.get(photo=photo)


def choose(desk: Client, action: str, cases: list[Case]) -> str:
    """Decide on cases as they are; what the list says then."""
    chosen = [f"{case.pk}.{case.version}" for case in cases]
    answer: Any = desk.post(LIST, {"action": action, "case": chosen})
    return str(desk.get(answer.headers["Location"]).content.decode())


def public(cases: list[Case]) -> int:
    return Photo.objects.filter(is_public=True, cases__in=cases).distinct().count()


def test_the_bar_says_that_keeping_publishes_what_is_held(desk: Client) -> None:
    case_of_photo()
    assert "publish what is held" not in re.sub(r'data-\w+="[^"]*"', "", desk.get(LIST).content.decode())
    held_case()
    assert ">Keep, and publish what is held</button>" in desk.get(LIST).content.decode()
    Case.objects.filter(kind=Case.Kind.PHOTO).delete()
    assert ">Publish</button>" in desk.get(LIST).content.decode()


def test_the_answer_says_how_many_were_published_and_all_of_it_is_undone_at_once(desk: Client) -> None:
    held, reported = [held_case() for _ in range(3)], [case_of_photo() for _ in range(2)]
    page = choose(desk, "keep", [*held, *reported])
    assert "5 cases decided. 3 photos are public now." in page
    assert "Undo all 5 just decided: kept" in page
    assert public(held) == 3
    answer: Any = desk.post(reverse("desk_undo_together"))
    page = desk.get(answer.headers["Location"]).content.decode()
    assert "5 decisions undone." in page
    assert "Undo all" not in page
    assert public(held) == 0
    assert not Decision.objects.standing().exists()
    assert Case.objects.waiting().count() == 5


def test_what_of_a_batch_cannot_be_undone_is_said(desk: Client) -> None:
    cases = [held_case(), held_case()]
    choose(desk, "keep", cases)
    photo = Photo.objects.get(cases=cases[0])
    decide(case_of_photo(photo).pk, 0, Action.UNPUBLISH, moderator())
    answer: Any = desk.post(reverse("desk_undo_together"))
    page = desk.get(answer.headers["Location"]).content.decode()
    assert "1 decision undone." in page
    assert "Something newer was decided about the same" in page


def test_a_batch_is_not_offered_to_be_undone_after_the_next_decision_nor_to_others(desk: Client, by: User) -> None:
    choose(desk, "keep", [case_of_photo(), case_of_photo()])
    assert "Undo all 2" in desk.get(LIST).content.decode()
    assert "Undo all" not in client_of(moderator()).get(LIST).content.decode()
    decide(case_of_photo().pk, 0, Action.WARN, by)
    assert "Undo all" not in desk.get(LIST).content.decode()


def test_what_is_passed_over_is_said_with_why(desk: Client, by: User) -> None:
    page = choose(desk, "warn", [held_case(), held_case()])
    assert "Nothing was decided." in page
    assert "2 cases were passed over: nobody is warned of photos that were never public" in page
    assert "0 cases decided" not in page
    at_hand, own = case_of_photo(), case_of_photo(published_photo(by))
    claim(moderator(), at_hand.pk)
    page = choose(desk, "keep", [at_hand, own, case_of_photo()])
    for words in ("1 case decided.", "somebody else looks at it just now", "somebody else has to decide on it"):
        assert words in page, words
    assert Decision.objects.count() == 1
    assert "No case was chosen." in choose(desk, "keep", [])


def test_rows_say_what_can_be_decided_on_them_together(desk: Client) -> None:
    held, person = held_case(), case_of_person(UserFactory())
    label = case_of_label(published_photo())
    decide(case_of_photo().pk, 0, Action.UNPUBLISH, moderator())
    appeal(Notification.objects.get(), "No.")
    page = desk.get(LIST).content.decode()
    said = dict(re.findall(r'value="(\d+)\.[^"]*" data-kind="\w+" data-actions="([\w ]*)"', page))
    assert said == {
        str(held.pk): "keep unpublish remove",
        str(person.pk): "keep warn",
        str(label.pk): "keep unpublish remove warn",
    }
    assert "decided on by itself alone" in page


def test_rows_say_why_a_case_waits(desk: Client) -> None:
    held_case(f"category:{LABRADOR}")
    Flag.objects.create(photo_id=case_of_photo().photo_id or 0, reasons=["unsafe"])
    case_of_label(published_photo())
    page = desk.get(LIST).content.decode()
    for words in ("Labrador retrievers", "perhaps nudity", "Called “a Labrador retriever”"):
        assert words in page, words


def test_the_counts_match_the_rows(desk: Client, by: User) -> None:
    reported = case_of_person(UserFactory())
    case_of_photo()
    case_of_photo(published_photo(by))  # nobody learns here that they were reported
    decide(reported.pk, 0, Action.SUSPEND, by)
    for address in (LIST, reverse("desk")):
        page = " ".join(desk.get(address).content.decode().split())
        assert "1 case waits, and 1 that somebody else has to decide" in page, address
    Case.objects.filter(kind=Case.Kind.PHOTO).delete()
    assert "1 case waits that somebody else has to decide." in desk.get(reverse("desk")).content.decode()

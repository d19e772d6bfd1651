"""A notice says what it is about, and once it does not hold any more, what has become of it."""

import pytest
from django.urls import reverse

from fathom.moderation.appealing import appeal
from fathom.moderation.deciding import decide, undo
from fathom.moderation.models import Case, Decision, Notification
from fathom.moderation.sweeping import bring_in_held
from pictograph.photos.holds import Hold, put_on_hold
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.factories import LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import case_of_photo, client_of, moderator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Action = Decision.Action


def held_case() -> Case:
    """A photo that its owner wants public, to be looked at first."""
    photo = classified_photo(LABRADOR, owner=UserFactory(handle="bea"))
    put_on_hold({photo.pk: ["unsafe"]}, Hold.Kind.REVIEW)
    bring_in_held()
    return Case.objects.get(photo=photo)


def notices(case: Case) -> str:
    return str(client_of(case.person).get(reverse("notifications")).content.decode())


def test_that_a_photo_was_published_is_said_no_more_once_that_is_undone() -> None:
    case = held_case()
    decision = decide(case.pk, 0, Action.KEEP, moderator())
    assert "Your photo is public now" in notices(case)
    undo(decision.pk, moderator())
    page = notices(case)
    assert "Your photo is public now" not in page
    for words in (
        "Your photo was made public",
        "This was taken back on",
        "The photo waits again",
        "Your photo is not public any more",
        "“Your photo was made public” of",
        "Somebody looks at it once more before others see it",
    ):
        assert words in page, words
    case.refresh_from_db()
    decide(case.pk, case.version, Action.KEEP, moderator())
    page = notices(case)
    assert page.count("Your photo is public now") == 1
    assert "Your photo is not public any more" not in page
    assert "It has been decided on again since" in page


def test_whoever_takes_their_photo_back_does_not_go_on_reading_that_it_is_public() -> None:
    case = held_case()
    decide(case.pk, 0, Action.KEEP, moderator())
    publish(Photo.objects.filter(pk=case.photo_id or 0), is_public=False)
    page = notices(case)
    assert "It is not public any more" in page
    assert "Your photo is public now" not in page


def test_what_was_taken_back_is_named() -> None:
    case = case_of_photo()
    decision = decide(case.pk, 0, Action.UNPUBLISH, moderator())
    notices(case)
    undo(decision.pk, moderator())
    page = notices(case)
    assert "“One of your photos was made private” of" in page
    assert "It cannot be published again" not in page
    assert f"/photos/{case.photo_id}/" in page


def disagree(case: Case) -> None:
    appeal(Notification.objects.get(person=case.person), "It is my own garden.")


def photo_page(case: Case) -> str:
    assert case.photo is not None
    return str(client_of(case.person).get(case.photo.get_absolute_url()).content.decode())


def test_the_page_of_a_photo_says_what_became_of_an_appeal() -> None:
    case = case_of_photo()
    decide(case.pk, 0, Action.UNPUBLISH, moderator(), reason="It insults somebody")
    page = photo_page(case)
    assert "It insults somebody</q>. Only you see it" in page
    assert "I disagree" in page
    disagree(case)
    page = photo_page(case)
    assert "You disagreed. Somebody else will look at it." in page
    assert "I disagree" not in page
    heard = Case.objects.get(kind=Case.Kind.APPEAL)
    decision = decide(heard.pk, 0, Action.UPHOLD, moderator())
    assert "the decision stays" in photo_page(case)
    assert "You disagreed with “One of your photos was made private” of" in notices(case)
    undo(decision.pk, moderator())
    assert "You disagreed. Somebody else will look at it." in photo_page(case)
    page = notices(case)
    assert "Your appeal is open again" in page
    heard.refresh_from_db()
    decide(heard.pk, heard.version, Action.REVERSE, moderator())
    assert "taken this photo down" not in photo_page(case)
    assert "You disagreed, and the decision was taken back." in notices(case)


def test_a_suspension_that_is_reversed_on_appeal_says_that_the_account_is_open() -> None:
    proposal = decide(case_of_photo().pk, 0, Action.SUSPEND, moderator())
    person = proposal.person
    confirmed = Case.objects.get(kind=Case.Kind.SUSPENSION)
    decide(confirmed.pk, 0, Action.CONFIRM, moderator())
    told = Notification.objects.get(decision__action=Action.CONFIRM)
    appeal(told, "That was not me.")
    decide(Case.objects.get(kind=Case.Kind.APPEAL).pk, 0, Action.REVERSE, moderator())
    page = client_of(person).get(reverse("notifications")).content.decode()
    assert "your account is open again" in page
    assert "You cannot sign in" not in page

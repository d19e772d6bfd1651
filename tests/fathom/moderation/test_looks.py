"""What moderators are shown of a case, and that what they look at, and nothing else, is a look in the log."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fathom.moderation.deciding import decide
from fathom.moderation.models import Case, Decision, Report
from fathom.moderation.sweeping import bring_in_held
from pictograph.audit.models import AuditEntry
from pictograph.photos.holds import Hold, put_on_hold
from pictograph.photos.models import GRID_SIZE, Photo
from tests.factories import LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import case_of_label, case_of_photo, client_of, moderator, published_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Action = Decision.Action


@pytest.fixture
def desk() -> Client:
    return client_of(moderator("moira"))


def held_photo(**fields: Any) -> Photo:
    photo = classified_photo(LABRADOR, owner=UserFactory(), **fields)
    put_on_hold({photo.pk: ["unsafe"]}, Hold.Kind.REVIEW)
    bring_in_held()
    return photo


def looks() -> list[str]:
    return list(AuditEntry.objects.filter(action="photo.look").order_by("pk").values_list("subject", flat=True))


def test_what_is_made_ahead_sends_nothing_of_it_and_is_no_look(desk: Client) -> None:
    first, second = held_photo(unsafe=0.9), held_photo(unsafe=0.85)
    page = desk.get(reverse("desk")).content.decode()
    assert f'data-coming="/admin/moderation/photos/{second.pk}/' in page
    assert "data-coming-is-public" not in page
    assert "preload" not in page
    address = reverse("desk_photo", args=[second.pk, GRID_SIZE])
    answer = desk.head(address)
    assert (answer.status_code, answer.content) == (200, b"")
    assert looks() == [f"photo {first.pk}"]
    desk.get(f"{reverse('desk')}?after={page.partition('?after=')[2].partition(chr(34))[0]}")
    assert looks() == [f"photo {first.pk}", f"photo {second.pk}"]


def test_what_others_see_is_loaded_ahead(desk: Client) -> None:
    case_of_photo()
    case_of_photo()
    assert "data-coming-is-public" in desk.get(reverse("desk")).content.decode()


def test_a_picture_that_a_browser_kept_and_shows_again_is_a_look(desk: Client) -> None:
    photo = published_photo()
    case_of_photo(photo)
    address = reverse("desk_photo", args=[photo.pk, GRID_SIZE])
    kept = desk.get(address).headers["ETag"]
    assert looks() == []
    Photo.objects.filter(pk=photo.pk).update(is_public=False)
    assert desk.get(address, headers={"If-None-Match": kept}).status_code == 304
    assert looks() == [f"photo {photo.pk}"]


def test_reasons_are_offered_that_fit_and_those_of_reporters_are_not_taken(desk: Client) -> None:
    case = case_of_label(published_photo(), reporter=UserFactory())
    page = desk.get(reverse("desk_case", args=[case.pk])).content.decode()
    assert str(Report.Reason.INSULTING.label) in page  # as what was reported
    assert 'name="reason" value=""' in page
    assert page.index("The name may insult somebody.") < page.index("It shows nudity or sex.")
    held = held_photo()
    page = desk.get(reverse("desk_case", args=[Case.objects.get(photo=held).pk])).content.decode()
    assert "The name may insult somebody." not in page
    assert "It was copied from somebody else." in page


def test_what_a_moderator_gave_as_a_reason_is_kept_for_who_confirms(desk: Client) -> None:
    decide(case_of_photo().pk, 0, Action.SUSPEND, moderator(), reason="Again and again")
    assert 'name="reason" value="Again and again"' in desk.get(reverse("desk")).content.decode()


def test_a_score_is_told_with_its_scale_and_only_where_it_matters(desk: Client, settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    case = case_of_photo(published_photo(unsafe=0.03))
    assert "0.03" not in desk.get(reverse("desk_case", args=[case.pk])).content.decode()
    case = case_of_photo(published_photo(unsafe=0.91))
    page = desk.get(reverse("desk_case", args=[case.pk])).content.decode()
    assert "looks like nudity: 0.91, where 0.80 is enough to be looked at" in page


def test_the_title_of_a_case_is_in_words(desk: Client) -> None:
    photo = held_photo()
    case = Case.objects.get(photo=photo)
    decide(case.pk, 0, Action.KEEP, moderator())
    page = desk.get(reverse("desk_case", args=[case.pk])).content.decode()
    assert "<h1>A photo to look at before it is public</h1>" in page
    assert f"held {photo.pk}" not in page

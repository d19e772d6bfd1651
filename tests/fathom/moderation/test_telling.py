"""People are told what was decided, on their pages and by mail, and say so where they disagree."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from fathom.moderation import mailing
from fathom.moderation.deciding import decide, undo
from fathom.moderation.mailing import MAILED_AFTER, mail_notifications
from fathom.moderation.models import APPEAL_LENGTH, Appeal, Case, Decision, Notification
from fathom.moderation.sweeping import bring_in_held, delete_removed, end_gone, raise_scored
from fathom.moderation.tasks import sweep
from fathom.moderation.told import token_of
from pictograph.export.account import account
from pictograph.photos.deletion import delete_photos
from pictograph.photos.holds import Hold, put_on_hold, take_back
from pictograph.photos.models import Photo
from tests.factories import LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import case_of_label, case_of_person, case_of_photo, client_of, moderator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Action = Decision.Action


def decided(action: Action = Action.UNPUBLISH) -> tuple[Case, Decision]:
    case = case_of_photo()
    return case, decide(case.pk, 0, action, moderator(), reason="so it is")


def wait(**fields: object) -> None:
    """Have it be so much later for all that is to be mailed."""
    Notification.objects.update(made_at=timezone.now() - MAILED_AFTER, **fields)


def test_whoever_has_proved_an_address_is_mailed_once_and_nobody_else_is(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    case, _decision = decided()
    decided()
    EmailAddress.objects.create(user=case.person, email="anna@example.org", verified=True)
    assert mail_notifications() == 0  # it may be undone yet
    wait()
    assert mail_notifications() == 1
    assert mail_notifications() == 0
    (sent,) = mail.outbox
    assert sent.to == ["anna@example.org"]
    assert "made private" in sent.subject
    assert "so it is" in sent.body
    assert f"/notifications/appeal/{token_of(Notification.objects.get(person=case.person))}/" in sent.body


def test_a_mail_that_is_refused_holds_up_no_other_and_is_given_up_some_day(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(mailing, "TOGETHER", 1)
    delivered: list[str] = []

    def deliver(_subject: str, _words: str, _by: None, to: list[str]) -> None:
        if to == ["anna@example.org"]:
            raise SMTPRecipientsRefused({to[0]: (550, b"no such person")})
        delivered.extend(to)

    monkeypatch.setattr(mailing, "send_mail", deliver)
    for name in ("anna", "ben", "cleo"):
        case, _decision = decided()
        EmailAddress.objects.create(user=case.person, email=f"{name}@example.org", verified=True)
    wait()
    assert [mail_notifications() for _ in range(3)] == [1, 1, 0]
    assert delivered == ["ben@example.org", "cleo@example.org"]
    assert Notification.objects.filter(mailed_at=None).count() == 1
    Notification.objects.update(made_at=timezone.now() - mailing.TRIED_FOR)
    assert mail_notifications() == 0
    assert not Notification.objects.filter(mailed_at=None).exists()


def test_what_a_server_that_is_down_did_not_take_is_mailed_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nothing answers
    for name in ("anna", "ben"):
        case, _decision = decided()
        EmailAddress.objects.create(user=case.person, email=f"{name}@example.org", verified=True)
    wait()
    Notification.objects.update(made_at=timezone.now() - mailing.TRIED_FOR)
    assert mail_notifications() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_notifications() == 2


def test_what_is_undone_at_once_is_told_to_nobody_and_what_they_know_of_is_taken_back() -> None:
    case, decision = decided()
    undo(decision.pk, moderator())
    assert not Notification.objects.exists()
    case.refresh_from_db()
    decision = decide(case.pk, case.version, Action.WARN, moderator())
    client_of(case.person).get(reverse("notifications"))
    undo(decision.pk, moderator())
    page = client_of(case.person).get(reverse("notifications")).content.decode()
    assert "A warning was taken back" in page


@pytest.mark.parametrize("action", [Action.UNPUBLISH, Action.REMOVE, Action.WARN, Action.SUSPEND])
def test_what_was_decided_is_said_and_why(action: Action) -> None:
    case, _decision = decided(action)
    page = client_of(case.person).get(reverse("notifications")).content.decode()
    assert "so it is" in page
    assert "I disagree" in page


def test_a_name_that_was_taken_off_is_said(celery_messages: list[str]) -> None:
    photo = classified_photo(LABRADOR, owner=UserFactory(handle="anna"), is_public=True)
    decide(case_of_label(photo).pk, 0, Action.BLOCK_LABEL, moderator(), wnid=LABRADOR)
    page = client_of(photo.owner).get(reverse("notifications")).content.decode()
    assert "a Labrador retriever" in page


def test_somebody_whom_nothing_was_decided_about_is_told_so() -> None:
    page = client_of(UserFactory()).get(reverse("notifications")).content.decode()
    assert "Nothing has been decided about you" in page
    assert Client().get(reverse("notifications")).status_code == 302
    assert client_of(UserFactory()).post(reverse("notifications")).status_code == 405


def test_a_suspended_person_appeals_by_the_address_in_the_mail_without_signing_in() -> None:
    case = case_of_person(UserFactory())
    decide(case.pk, 0, Action.SUSPEND, moderator())
    proposal = Case.objects.get(kind=Case.Kind.SUSPENSION)
    decide(proposal.pk, 0, Action.CONFIRM, moderator())
    address = reverse("appeal", args=[token_of(Notification.objects.get())])
    visitor = Client()
    assert "suspended" in visitor.get(address).content.decode()
    for words in ("", "x" * (APPEAL_LENGTH + 1)):
        assert visitor.post(address, {"words": words}).status_code == 422
    assert visitor.post(address, {"words": "That was not me."}).status_code == 302
    assert "look at it again" in visitor.get(address).content.decode()
    assert visitor.post(address, {"words": "Once more."}).status_code == 409
    assert Appeal.objects.get().words == "That was not me."
    assert visitor.get(reverse("appeal", args=["made-up"])).status_code == 404
    assert visitor.put(address).status_code == 405


def test_what_was_removed_is_deleted_once_it_cannot_be_put_back_unless_there_is_an_appeal() -> None:
    case, _decision = decided(Action.REMOVE)
    appealed, _decision = decided(Action.REMOVE)
    assert delete_removed() == 0
    address = reverse("appeal", args=[token_of(Notification.objects.get(person=appealed.person))])
    Client().post(address, {"words": "It is mine."})
    Decision.objects.update(final_at=timezone.now() - timedelta(seconds=1))
    assert delete_removed() == 1
    assert list(Photo.objects.values_list("pk", flat=True)) == [appealed.photo_id]
    case.refresh_from_db()
    assert (case.photo, case.state) == (None, Case.State.DECIDED)


def test_what_waits_to_be_public_comes_into_the_queue_and_leaves_it_when_its_owner_takes_it_back() -> None:
    photo = classified_photo(LABRADOR, owner=UserFactory())
    put_on_hold({photo.pk: ["unsafe"]}, Hold.Kind.REVIEW)
    assert (bring_in_held(), bring_in_held()) == (1, 0)
    assert (end_gone(), Case.objects.waiting().count()) == (0, 1)
    take_back(Photo.objects.filter(pk=photo.pk), photo.owner)
    assert (end_gone(), Case.objects.waiting().count()) == (1, 0)


def test_a_case_whose_photo_is_gone_is_over() -> None:
    case = case_of_photo()
    assert case.photo is not None
    delete_photos(case.person, [case.photo.pk])
    assert not Case.objects.waiting().exists()
    sweep()
    case.refresh_from_db()
    assert case.state == Case.State.GONE


def test_a_case_moves_up_once_its_photo_is_found_to_look_unsafe() -> None:
    first, second = case_of_photo(), case_of_photo()
    Photo.objects.filter(pk=second.photo_id or 0).update(unsafe=0.8)
    assert raise_scored() == 1
    assert list(Case.objects.most_urgent_first()) == [second, first]
    assert raise_scored() == 0


def test_reports_notifications_and_appeals_are_taken_along() -> None:
    case, _decision = decided()
    Client().post(reverse("appeal", args=[token_of(Notification.objects.get())]), {"words": "It is mine."})
    case_of_photo(None, case.person, words="Look closely.")
    told = account(case.person)
    assert [(one["of"], one["words"]) for one in told["reports"]] == [("photo", "Look closely.")]
    (one,) = told["notifications"]
    assert (one["reason"], one["your_appeal"], one["came_of_it"]) == ("so it is", "It is mine.", "open")

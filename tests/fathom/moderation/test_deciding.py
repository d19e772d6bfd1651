"""Each decision does what it says, once, and is undone wholly; who may decide on what."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from fathom.moderation.appealing import CannotAppeal, appeal
from fathom.moderation.deciding import ACTIONS, DecidedMeanwhile, decide, undo
from fathom.moderation.effects import CannotUndo
from fathom.moderation.models import Appeal, Case, Decision, Notification
from fathom.moderation.queue import for_moderator
from fathom.moderation.sweeping import bring_in_flagged, bring_in_held
from pictograph.audit.models import AuditEntry
from pictograph.corrections.models import Correction
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.flags import Flag, flagged
from pictograph.photos.holds import Hold, put_on_hold, take_back
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish, withdraw
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.outbox import sweep_notices
from pictograph.store.scope import NETWORK
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


def counted() -> int:
    sweep_notices()
    return prediction_store().counts(NETWORK, 0).get(ALL_PHOTOS, 0)


def state_of(photo: Photo) -> tuple[object, ...]:
    """All of a photo that a decision may change."""
    record = prediction_store().find(photo.pk)
    assert record is not None
    fields = ("is_public", "published_at", "is_held", "is_cleared")
    row = Photo.objects.values_list(*fields).get(pk=photo.pk)
    sweep_notices()
    return (*row, list(Hold.objects.filter(pk=photo.pk).values_list("kind", "reasons")), record.assignments, counted())


def held_case(photo: Photo) -> Case:
    put_on_hold({photo.pk: ["unsafe"]}, Hold.Kind.REVIEW)
    bring_in_held()
    return Case.objects.get(kind=Case.Kind.HELD)


def test_a_photo_that_is_kept_stays_as_it_is_and_its_owner_hears_of_nothing() -> None:
    photo, by = published_photo(), moderator()
    case, before = case_of_photo(photo), state_of(photo)
    decide(case.pk, case.version, Action.KEEP, by)
    assert state_of(photo) == before
    assert not Notification.objects.exists()
    case.refresh_from_db()
    assert (case.state, case.version) == (Case.State.DECIDED, 1)


@pytest.mark.parametrize("action", [Action.UNPUBLISH, Action.REMOVE, Action.SUSPEND])
def test_a_photo_that_is_taken_down_shows_nowhere_and_cannot_be_published_until_that_is_undone(action: Action) -> None:
    photo, by, other = published_photo(), moderator(), moderator()
    case, before = case_of_photo(photo), state_of(photo)
    decision = decide(case.pk, case.version, action, by, reason="It shows nudity")
    publish(Photo.objects.filter(pk=photo.pk), is_public=True)
    assert not Photo.objects.get(pk=photo.pk).is_public
    assert counted() == 0
    assert (decision.final_at is not None) == (action == Action.REMOVE)
    undo(decision.pk, other)
    assert state_of(photo) == before
    case.refresh_from_db()
    assert (case.state, case.version) == (Case.State.OPEN, 2)


def test_a_photo_that_its_owner_has_withdrawn_meanwhile_stays_private_when_a_decision_is_undone() -> None:
    photo, by = published_photo(), moderator()
    case = case_of_photo(photo)
    publish(Photo.objects.filter(pk=photo.pk), is_public=False)
    before = state_of(photo)
    decision = decide(case.pk, case.version, Action.UNPUBLISH, by)
    undo(decision.pk, by)
    assert state_of(photo) == before


@pytest.mark.django_db(transaction=True)  # names follow once the decision is through
def test_a_label_that_is_blocked_is_said_of_the_photo_no_more_until_that_is_undone() -> None:
    photo, by = published_photo(), moderator()
    case, before = case_of_label(photo), state_of(photo)
    decision = decide(case.pk, case.version, Action.BLOCK_LABEL, by, wnid=LABRADOR)
    record = prediction_store().find(photo.pk)
    assert record is not None
    assert LABRADOR not in {a.wnid for a in record.assignments}
    assert Correction.objects.get().by == by
    undo(decision.pk, by)
    assert state_of(photo) == before


def test_what_waits_to_be_looked_at_is_published_or_refused_and_waits_again_when_that_is_undone() -> None:
    photo, by = classified_photo(LABRADOR, owner=UserFactory()), moderator()
    case, before = held_case(photo), state_of(photo)
    decision = decide(case.pk, case.version, Action.KEEP, by)
    assert Photo.objects.get(pk=photo.pk).is_public
    assert counted() == 1
    undo(decision.pk, by)
    assert state_of(photo) == before
    case.refresh_from_db()
    decision = decide(case.pk, case.version, Action.UNPUBLISH, by)
    assert Hold.objects.get().kind == Hold.Kind.TAKEN_DOWN
    undo(decision.pk, by)
    assert state_of(photo) == before


@pytest.mark.parametrize("action", [Action.KEEP, Action.UNPUBLISH])
def test_what_its_owner_has_withdrawn_since_waits_no_more_when_a_decision_is_undone(action: Action) -> None:
    photo, by = classified_photo(LABRADOR, owner=UserFactory()), moderator()
    case = held_case(photo)
    decision = decide(case.pk, case.version, action, by)
    photos = Photo.objects.filter(pk=photo.pk)
    withdraw(photos)
    take_back(photos, photo.owner)
    undo(decision.pk, by)
    assert photos.values_list("is_public", "is_held", "is_cleared").get() == (False, False, False)
    assert not Hold.objects.exists()


def test_a_flagged_photo_comes_into_the_queue_once_and_is_flagged_no_more_until_keeping_it_is_undone() -> None:
    photo, by = published_photo(), moderator()
    Flag.objects.create(photo=photo, reasons=["unsafe"])
    assert (bring_in_flagged(), bring_in_flagged()) == (1, 0)
    case = Case.objects.get(photo=photo)
    assert "perhaps nudity" in client_of(by).get(reverse("desk_case", args=[case.pk])).content.decode()
    decision = decide(case.pk, case.version, Action.KEEP, by)
    assert not flagged().exists()
    undo(decision.pk, by)
    assert [one.flag.reasons for one in flagged()] == [["unsafe"]]


def test_a_flagged_photo_that_was_decided_on_does_not_come_back() -> None:
    photo, by = published_photo(), moderator()
    Flag.objects.create(photo=photo, reasons=["unsafe"])
    bring_in_flagged()
    case = Case.objects.get(photo=photo)
    decide(case.pk, case.version, Action.WARN, by)
    assert bring_in_flagged() == 0


def test_a_suspension_takes_two_and_shuts_the_account_until_it_is_undone() -> None:
    photo, by, other = published_photo(), moderator(), moderator()
    person = photo.owner
    browser = client_of(person)
    case = case_of_person(person)
    proposed = decide(case.pk, case.version, Action.SUSPEND, by, reason="They harass others")
    assert User.objects.get(pk=person.pk).is_active
    assert not Notification.objects.exists()
    proposal = Case.objects.get(kind=Case.Kind.SUSPENSION)
    assert not for_moderator(by).exists()
    with pytest.raises(PermissionDenied):
        decide(proposal.pk, proposal.version, Action.CONFIRM, by)
    confirmed = decide(proposal.pk, proposal.version, Action.CONFIRM, other)
    assert browser.get("/photos/").status_code == 302
    assert counted() == 0
    assert client_of(by).get(f"/photos/{photo.pk}/").status_code == 404
    with pytest.raises(CannotUndo):
        undo(proposed.pk, by)
    undo(confirmed.pk, other)
    assert User.objects.get(pk=person.pk).is_active
    assert counted() == 1
    undo(proposed.pk, by)
    proposal.refresh_from_db()
    assert proposal.state == Case.State.GONE


def test_a_suspension_that_is_declined_changes_nothing() -> None:
    person, by, other = UserFactory(), moderator(), moderator()
    case = case_of_person(person)
    decide(case.pk, case.version, Action.SUSPEND, by)
    proposal = Case.objects.get(kind=Case.Kind.SUSPENSION)
    decide(proposal.pk, proposal.version, Action.DECLINE, other)
    assert User.objects.get(pk=person.pk).is_active
    assert not Notification.objects.exists()


def test_what_somebody_has_decided_meanwhile_is_not_decided_again() -> None:
    photo, by, other = published_photo(), moderator(), moderator()
    case = case_of_photo(photo)
    decide(case.pk, case.version, Action.KEEP, by)
    with pytest.raises(DecidedMeanwhile) as told:
        decide(case.pk, case.version, Action.REMOVE, other)
    assert told.value.decision is not None
    assert (told.value.decision.by, told.value.decision.action) == (by, Action.KEEP)
    assert Decision.objects.count() == 1
    assert Photo.objects.get(pk=photo.pk).is_public


def test_a_decision_is_undone_once_and_not_below_a_newer_one() -> None:
    photo, by = published_photo(), moderator()
    first, second = case_of_photo(photo), case_of_label(photo)
    earlier = decide(first.pk, first.version, Action.UNPUBLISH, by)
    later = decide(second.pk, second.version, Action.REMOVE, by)
    with pytest.raises(CannotUndo, match="newer"):
        undo(earlier.pk, by)
    undo(later.pk, by)
    assert not Photo.objects.get(pk=photo.pk).is_public
    undo(earlier.pk, by)
    assert Photo.objects.get(pk=photo.pk).is_public
    with pytest.raises(CannotUndo, match="already"):
        undo(earlier.pk, by)


def test_a_case_that_was_opened_anew_is_not_opened_twice_by_undoing() -> None:
    photo, by = published_photo(), moderator()
    case = case_of_photo(photo)
    decision = decide(case.pk, case.version, Action.KEEP, by)
    again = case_of_photo(photo, UserFactory())
    assert again != case
    undo(decision.pk, by)
    assert list(Case.objects.filter(state=Case.State.OPEN)) == [again]


def test_nobody_decides_on_what_is_their_own_nor_a_moderator_on_an_administrator() -> None:
    by, administrator = moderator(), UserFactory(is_superuser=True, is_staff=True)
    for owner in (by, administrator):
        case = case_of_photo(published_photo(owner))
        with pytest.raises(PermissionDenied):
            decide(case.pk, case.version, Action.KEEP, by)
    assert not for_moderator(by).exists()
    assert [case.person for case in for_moderator(administrator)] == [by]


def test_nobody_undoes_what_was_decided_about_themselves() -> None:
    by, other = moderator(), moderator()
    case = case_of_photo(published_photo(other))
    decision = decide(case.pk, case.version, Action.UNPUBLISH, by)
    with pytest.raises(PermissionDenied):
        undo(decision.pk, other)


def test_who_may_only_moderate_proposes_no_suspension() -> None:
    by = moderator(permissions=("moderate",))
    case = case_of_photo()
    with pytest.raises(PermissionDenied):
        decide(case.pk, case.version, Action.SUSPEND, by)


@pytest.mark.parametrize("kind", [Case.Kind.PHOTO, Case.Kind.LABEL, Case.Kind.PERSON])
def test_each_decision_and_each_undoing_is_one_line_in_the_log(kind: Case.Kind) -> None:
    by = moderator()
    for action in ACTIONS[kind]:
        photo = published_photo()
        case = {
            Case.Kind.PHOTO: lambda photo=photo: case_of_photo(photo),
            Case.Kind.LABEL: lambda photo=photo: case_of_label(photo),
            Case.Kind.PERSON: lambda photo=photo: case_of_person(photo.owner),
        }[kind]()
        wnid = LABRADOR if action == Action.BLOCK_LABEL else ""
        decision = decide(case.pk, case.version, action, by, reason="so it is", wnid=wnid)
        entry = AuditEntry.objects.get(action=f"case.{action}", subject=case.subject)
        assert (entry.actor, entry.person, entry.reason) == (by.pk, photo.owner_id, "so it is")
        undo(decision.pk, by)
        entry = AuditEntry.objects.get(action="case.undo", subject=case.subject)
        assert entry.detail["undone"] == action


def told_and_appealed(action: Action = Action.UNPUBLISH) -> tuple[Photo, User, Decision, Case]:
    photo, by = published_photo(), moderator()
    case = case_of_photo(photo)
    decision = decide(case.pk, case.version, action, by)
    appeal(Notification.objects.get(), "But it is my own garden.")
    return photo, by, decision, Case.objects.get(kind=Case.Kind.APPEAL)


def test_an_appeal_is_heard_by_somebody_else_and_may_have_all_as_it_was() -> None:
    photo, by, decision, case = told_and_appealed()
    other = moderator()
    assert not for_moderator(by).exists()
    with pytest.raises(PermissionDenied):
        decide(case.pk, case.version, Action.UPHOLD, by)
    reversed_ = decide(case.pk, case.version, Action.REVERSE, other)
    assert Photo.objects.get(pk=photo.pk).is_public
    assert Appeal.objects.get().state == Appeal.State.REVERSED
    assert Notification.objects.filter(kind=Notification.Kind.REVERSED).count() == 1
    undo(reversed_.pk, other)
    assert not Photo.objects.get(pk=photo.pk).is_public
    assert Appeal.objects.get().state == Appeal.State.OPEN
    decision.refresh_from_db()
    assert decision.undone_at is None


def test_what_an_appeal_reversed_is_not_done_again_once_the_photo_is_deleted() -> None:
    photo, _by, _decision, case = told_and_appealed()
    other = moderator()
    reversed_ = decide(case.pk, case.version, Action.REVERSE, other)
    delete_photos(photo.owner, [photo.pk])
    with pytest.raises(CannotUndo, match="deleted"):
        undo(reversed_.pk, other)


def test_an_appeal_that_is_upheld_changes_nothing_and_is_told() -> None:
    photo, _by, _decision, case = told_and_appealed()
    other = moderator()
    upheld = decide(case.pk, case.version, Action.UPHOLD, other)
    assert not Photo.objects.get(pk=photo.pk).is_public
    assert Appeal.objects.get().state == Appeal.State.UPHELD
    assert Notification.objects.filter(kind=Notification.Kind.UPHELD).count() == 1
    undo(upheld.pk, other)
    assert Appeal.objects.get().state == Appeal.State.OPEN


def test_an_appeal_is_over_once_the_decision_is_undone_and_comes_once() -> None:
    _photo, by, decision, case = told_and_appealed()
    with pytest.raises(CannotAppeal):
        appeal(Notification.objects.get(), "Once more.")
    undo(decision.pk, by)
    case.refresh_from_db()
    assert case.state == Case.State.GONE
    assert Appeal.objects.get().state == Appeal.State.REVERSED
    with pytest.raises(CannotAppeal):
        appeal(Notification.objects.filter(kind=Notification.Kind.DECIDED).get(), "Once more.")


@pytest.mark.parametrize("outcome", [Action.UPHOLD, Action.REVERSE])
def test_nobody_undoes_what_came_of_an_appeal_against_their_own_decision(outcome: Action) -> None:
    photo, first, second = published_photo(), moderator(), moderator()
    case = case_of_photo(photo)
    decide(case.pk, case.version, Action.UNPUBLISH, first)
    heard = appeal(Notification.objects.get(), "It is a garden.").case
    decision = decide(heard.pk, heard.version, outcome, second)
    with pytest.raises(PermissionDenied):
        undo(decision.pk, first)
    undo(decision.pk, second)


def test_nobody_has_others_asked_again_who_declined_the_suspension_that_they_proposed() -> None:
    first, second = moderator(), moderator()
    case = case_of_person(UserFactory())
    decide(case.pk, case.version, Action.SUSPEND, first)
    proposed = Case.objects.get(kind=Case.Kind.SUSPENSION)
    declined = decide(proposed.pk, proposed.version, Action.DECLINE, second)
    with pytest.raises(PermissionDenied):
        undo(declined.pk, first)

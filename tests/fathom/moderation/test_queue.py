"""A case is in front of one moderator at a time, and decided on once, however many are at it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from fathom.moderation.deciding import DecidedMeanwhile, decide, undo
from fathom.moderation.effects import CannotUndo
from fathom.moderation.models import LEASE, Case, Decision, Notification, Report
from fathom.moderation.queue import Point, claim, claim_next, for_moderator, let_go, peek, renew
from fathom.moderation.reporting import AlreadyReported
from pictograph.audit.models import AuditEntry
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import UserFactory
from tests.fathom.moderation.making import case_of_person, case_of_photo, moderator, published_photo

pytestmark = pytest.mark.usefixtures("celery_messages")
Action = Decision.Action


@pytest.mark.django_db
def test_two_moderators_are_shown_different_cases_each_in_its_turn() -> None:
    one, other = moderator(), moderator()
    first, second = case_of_person(UserFactory()), case_of_person(UserFactory())
    assert claim_next(one) == first
    assert claim_next(other) == second
    assert claim_next(one) == first
    assert claim_next(moderator()) is None


@pytest.mark.django_db
def test_whoever_goes_on_lets_go_of_what_they_had() -> None:
    one, other = moderator(), moderator()
    first, second = case_of_person(UserFactory()), case_of_person(UserFactory())
    assert claim_next(one) == first
    assert claim_next(one, Point.behind(first)) == second
    assert claim_next(other) == first
    assert claim_next(one, Point.behind(second)) is None
    let_go(other)
    assert claim_next(one) == first


@pytest.mark.django_db
@pytest.mark.parametrize("past", [-timedelta(seconds=1), 3 * LEASE])
def test_a_lease_ends_by_itself_also_one_that_a_clock_has_made_too_long(past: timedelta) -> None:
    one, other = moderator(), moderator()
    case = case_of_person(UserFactory())
    claim_next(one)
    assert claim(other, case.pk) is None
    assert renew(one, case.pk)
    Case.objects.update(claimed_until=timezone.now() + past)
    assert claim(other, case.pk) == case
    assert not renew(one, case.pk)


@pytest.mark.django_db
def test_a_case_taken_right_after_the_clock_was_read_is_not_taken_for_one_of_a_wrong_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = moderator(), moderator()
    case = case_of_person(UserFactory())
    read_before = timezone.now() - timedelta(seconds=3)
    assert claim_next(one) == case
    monkeypatch.setattr(timezone, "now", lambda: read_before)
    assert claim_next(other) is None
    assert Case.objects.get().is_claimed_by_other(other.pk)


@pytest.mark.django_db
def test_what_is_shown_next_is_what_is_loaded_ahead() -> None:
    one, other = moderator(), moderator()
    first, second, third = (case_of_person(UserFactory()) for _ in range(3))
    assert claim_next(one) == first
    assert claim_next(other) == second
    assert peek(one, for_moderator(one), first) == third


def at_once(*writes: Callable[[], object]) -> list[object]:
    """Do all of these side by side; what came of each, an error being one thing that may."""
    together = threading.Barrier(len(writes))

    def begin_together(write: Callable[[], object]) -> object:
        try:
            together.wait()
            return write()
        except (DecidedMeanwhile, CannotUndo, AlreadyReported) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(writes)) as pool:
        return [writing.result() for writing in [pool.submit(begin_together, write) for write in writes]]


@pytest.mark.django_db(transaction=True)
def test_of_several_who_ask_at_once_each_gets_a_case_of_their_own() -> None:
    moderators = [moderator() for _ in range(4)]
    for _ in range(6):
        case_of_person(UserFactory())
    got = at_once(*(partial(claim_next, by) for by in moderators))
    # Who finds all that it looked at locked may come away with nothing, and asks again.
    cases = [case for case in got if case is not None]
    assert len(cases) == len(set(cases))
    again = [claim_next(by) for by in moderators]
    assert len({case.pk for case in again if case}) == 4


@pytest.mark.django_db(transaction=True)
def test_of_several_who_decide_at_once_one_does_and_the_others_are_told() -> None:
    moderators = [moderator() for _ in range(4)]
    actions = (Action.UNPUBLISH, Action.REMOVE, Action.KEEP, Action.WARN)
    for _ in range(3):
        case = case_of_photo()
        came = at_once(
            *(partial(decide, case.pk, 0, action, by) for action, by in zip(actions, moderators, strict=True))
        )
        decided = [one for one in came if isinstance(one, Decision)]
        told = [one for one in came if isinstance(one, DecidedMeanwhile)]
        assert (len(decided), len(told)) == (1, 3)
        assert {one.decision for one in told} == set(decided)
        assert Decision.objects.filter(case=case).count() == 1
        assert AuditEntry.objects.filter(subject=case.subject, action__startswith="case.").count() == 1
        is_down = decided[0].action in (Action.UNPUBLISH, Action.REMOVE)
        assert Photo.objects.get(pk=case.photo_id or 0).is_public != is_down


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_does() -> None:
    one, other = moderator(), moderator()
    case = case_of_photo()
    decision = decide(case.pk, 0, Action.UNPUBLISH, one)
    came = at_once(partial(undo, decision.pk, one), partial(undo, decision.pk, other))
    assert sorted(type(result).__name__ for result in came) == ["CannotUndo", "Decision"]
    case.refresh_from_db()
    assert (case.version, case.state) == (2, Case.State.OPEN)
    assert Photo.objects.get(pk=case.photo_id or 0).is_public
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_at_once_make_one_case_and_the_same_person_makes_one_report() -> None:
    photo, reporters = published_photo(), [UserFactory() for _ in range(3)]
    same: list[User] = [reporters[0]] * 2
    at_once(*(partial(case_of_photo, photo, by) for by in [*reporters, *same]))
    assert Case.objects.get().report_count == 3
    assert Report.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_is_deleted_while_somebody_decides_leaves_no_half_of_either() -> None:
    from pictograph.photos.deletion import delete_photos

    by = moderator()
    for _ in range(3):
        case = case_of_photo()
        assert case.photo is not None
        owner, pk = case.photo.owner, case.photo.pk

        def decide_or_not(case: Case = case) -> object:
            try:
                return decide(case.pk, 0, Action.UNPUBLISH, by)
            except Exception as error:
                return error

        at_once(decide_or_not, partial(delete_photos, owner, [pk]))
        assert not Photo.objects.filter(pk=pk).exists()
        assert Case.objects.get(pk=case.pk).photo is None
        assert not Case.objects.waiting().filter(pk=case.pk).exists()

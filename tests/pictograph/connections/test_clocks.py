"""No clock that is wrong, theirs or ours, keeps an account from coming in for ever."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from pictograph.connections.models import Connection, Remote
from pictograph.connections.tasks import see_to
from pictograph.photos.models import Photo
from pictograph.sources.models import Source
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import anew, in_step
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_service_whose_clock_is_wrong_is_waited_for_as_long_as_it_means(
    hours: int, account: Connection, shelf: ShelfPeer
) -> None:
    before = timezone.now()
    theirs = before + timedelta(hours=hours)
    until = theirs + timedelta(seconds=90)
    headers = {"Date": format_datetime(theirs, usegmt=True), "X-RateLimit-Reset": until.isoformat()}
    right = shelf.answer
    shelf.answer = lambda asked: Answered.of({}, 429, headers)  # type: ignore[method-assign]
    done = in_step(account)
    assert done.state == Connection.State.WAITING
    shelf.answer = right  # type: ignore[method-assign]
    assert done.resume_at is not None
    meant, a_moment = timedelta(seconds=90), timedelta(seconds=2)
    assert before + meant - a_moment <= done.resume_at <= timezone.now() + meant + a_moment


@pytest.mark.parametrize("ahead", [timedelta(days=2), timedelta(days=4000)])
def test_nothing_that_speaks_of_the_far_future_is_waited_for(
    ahead: timedelta, account: Connection, shelf: ShelfPeer
) -> None:
    in_step(account)
    shelf.add(1)
    then = timezone.now() + ahead
    Connection.objects.update(resume_at=then, walked_at=then)
    Source.objects.filter(pk=account.source_id).update(scanning_since=then, scanned_at=then, scan_wanted=True)
    see_to(account.pk)
    assert Photo.objects.count() == 13
    done = anew(account)
    assert done.walked_at is not None
    assert done.walked_at <= timezone.now()
    assert (done.source.scanning_since, done.resume_at) == (None, None)


def test_a_photo_that_was_to_be_tried_in_the_far_future_is_tried_now(account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/file/b0004", times=1, answer=Answered.of({}, 500)))
    in_step(account)
    then = timezone.now() + timedelta(days=3)
    assert Remote.objects.filter(ref="b0004").update(retry_at=then) == 1
    Connection.objects.update(resume_at=then)
    see_to(account.pk)
    assert Photo.objects.count() == 12


def test_a_clock_set_forward_walks_it_all_once_more_and_loses_nothing(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    Connection.objects.update(walked_at=timezone.now() - timedelta(days=9000))
    Source.objects.filter(pk=account.source_id).update(scanned_at=timezone.now() - timedelta(days=9000))
    see_to(account.pk)
    assert Photo.objects.count() == 12
    assert len(shelf.of("/file/")) == 12

"""What stands in the way is told, heeded for as long as it lasts, and gone on after."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from pictograph.connections.downloads import AT_ONCE
from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import ATTEMPTS, sync
from pictograph.connections.tasks import see_to
from pictograph.connections.trouble import GONE_AFTER, back_off
from pictograph.photos.models import Photo
from pictograph.sources.models import Import
from tests.pictograph.connections.shelf import Shelf, ShelfPeer
from tests.pictograph.connections.syncing import anew, imported, in_step, refused, remotes, waited, whole
from tests.pictograph.providers.peers.server import Answered, Fault

State = Connection.State


def seconds_left(connection: Connection) -> float:
    assert connection.resume_at is not None
    return (connection.resume_at - timezone.now()).total_seconds()


@pytest.mark.parametrize("path", ["/list", "/file/", "/"])
def test_nothing_is_asked_while_the_service_wants_to_be_left_alone(
    path: str, account: Connection, shelf: ShelfPeer
) -> None:
    shelf.faults.append(Fault(path, answer=Answered.of({}, 429, {"Retry-After": "120"})))
    done = in_step(account)
    assert done.state == State.WAITING
    assert 110 < seconds_left(done) <= 120
    shelf.asked.clear()
    see_to(account.pk)
    assert not shelf.asked
    shelf.faults.clear()
    Connection.objects.update(resume_at=timezone.now() - timedelta(seconds=1))
    see_to(account.pk)
    in_step(account)
    assert anew(account).state == State.FINE
    assert Photo.objects.count() == 12
    assert not refused()


def test_a_storm_over_pictures_calls_back_those_that_wait_for_their_turn(account: Connection, shelf: ShelfPeer) -> None:
    shelf.page_size = 100
    shelf.add(30)
    shelf.faults.append(Fault("/file/", answer=Answered.of({}, 429, {"Retry-After": "60"})))
    in_step(account)
    assert len(shelf.of("/file/")) <= 2 * AT_ONCE
    assert set(remotes(account).values()) == {Remote.State.WAITING}


def test_a_list_that_has_few_requests_left_is_asked_no_more(account: Connection, shelf: ShelfPeer) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=200)).isoformat()
    right = shelf.list
    shelf.list = lambda asked: Answered(  # type: ignore[method-assign]
        200, right(asked).body, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    )
    done = in_step(account)
    assert (done.state, done.cursor) == (State.WAITING, "5")
    assert 150 < seconds_left(done) <= 201
    assert Photo.objects.count() == 5, "what is listed comes in meanwhile"
    assert len(shelf.of("/list")) == 1


def test_a_wait_is_heeded_though_the_turn_is_over_before(
    account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.faults.append(Fault("/list", answer=Answered.of({}, 429, {"Retry-After": "120"})))
    sync(anew(account), turn_s=0.0001)
    sync(anew(account), turn_s=0.3)
    assert anew(account).state == State.WAITING


def test_a_service_that_is_down_is_tried_less_and_less_often(account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/list", answer=Answered.of({}, 502)))
    pauses = []
    for _ in range(6):
        done = in_step(waited(account))
        assert done.state == State.TROUBLED
        pauses.append(seconds_left(done))
    assert all(later > 1.1 * sooner for sooner, later in pairwise(pauses))
    assert anew(account).failures == 6
    shelf.faults.clear()
    done = in_step(waited(account))
    assert (done.state, done.failures, done.resume_at, done.detail) == (State.FINE, 0, None, "")


def test_back_off_differs_for_each_and_has_an_end() -> None:
    now = timezone.now()
    assert len({back_off(3) for _ in range(20)}) == 20
    assert back_off(10_000) - now < timedelta(hours=16)


def test_a_list_that_always_breaks_off_at_the_same_page_is_tried_less_and_less_often(
    account: Connection, shelf: ShelfPeer
) -> None:
    right = shelf.list
    shelf.list = lambda asked: (  # type: ignore[method-assign]
        Answered.of({}, 500) if asked.query["cursor"] == "10" else right(asked)
    )
    for failures in (1, 2, 3):
        assert in_step(waited(account)).failures == failures
    assert Photo.objects.count() == 10, "what is listed comes in all the same"


@pytest.mark.parametrize("cut_after", [0, 1, 40, 300, 600])
def test_a_picture_that_is_cut_comes_whole_the_next_time(cut_after: int, account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/file/b0004", times=1, cut_after=cut_after))
    done = in_step(account)
    assert (done.state, Photo.objects.count()) == (State.FINE, 11)
    assert done.resume_at is not None
    done = in_step(waited(account))
    assert (done.resume_at, Photo.objects.count()) == (None, 12)
    assert not refused()


def test_one_photo_that_never_comes_is_left_out_in_the_end_and_keeps_nothing_else(
    account: Connection, shelf: ShelfPeer
) -> None:
    shelf.faults.append(Fault("/file/b0004", answer=Answered.of({}, 500)))
    for attempt in range(1, ATTEMPTS):
        in_step(waited(account))
        assert Remote.objects.get(ref="b0004").attempts == attempt
        assert Photo.objects.count() == 11
    assert imported().state == Import.State.RECEIVING
    done = in_step(waited(account))
    assert refused() == [("b0004.jpg", "unreadable")]
    assert (done.state, done.resume_at) == (State.FINE, None)
    assert (imported().state, imported().to_come) == (Import.State.RECEIVED, 0)
    asked = len(shelf.of("/file/b0004"))
    whole(account)
    assert len(shelf.of("/file/b0004")) == asked


def test_a_photo_whose_file_is_not_there_though_it_is_listed_is_tried_again(
    account: Connection, shelf: ShelfPeer
) -> None:
    shelf.faults.append(Fault("/file/b0004", times=2, answer=Answered.of({}, 404)))
    in_step(account)
    assert remotes(account)["b0004"] == Remote.State.WAITING
    in_step(waited(account))
    assert Photo.objects.count() == 12


def test_an_account_is_gone_when_the_service_has_said_so_a_few_times(account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/list", answer=Answered.of({}, 410)))
    for _ in range(GONE_AFTER - 1):
        assert in_step(waited(account)).state == State.TROUBLED
    assert in_step(waited(account)).state == State.GONE
    shelf.asked.clear()
    see_to(account.pk)
    assert not shelf.asked


def test_an_answer_that_makes_no_sense_is_told_and_tried_again(account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults.append(Fault("/list", times=1, answer=Answered(200, b"<html>Welcome!</html>")))
    assert in_step(account).state == State.BROKEN
    in_step(waited(account))
    assert Photo.objects.count() == 12


def test_a_fault_of_ours_is_told_without_its_words_and_not_met_again_at_once(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a-token-nobody-may-see")

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "list_photos", fail)
        with pytest.raises(KeyError):
            sync(account)
    done = anew(account)
    assert (done.state, done.detail) == (State.BROKEN, "a fault of this site: KeyError")
    assert not done.may_ask
    assert done.source.scanning_since is None
    in_step(waited(account))
    assert Photo.objects.count() == 12

"""A person pauses, calls off and makes room for an account as for any import, and sees how far it is."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from pictograph.connections.intake import Intake
from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import sync
from pictograph.connections.tasks import see_to
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources import quota
from pictograph.sources.models import Import, Source
from pictograph.sources.progress import import_status
from pictograph.sources.quota import MB
from pictograph.sources.steering import cancel, go_on, pause
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import anew, imported, in_step, originals, refused, waited
from tests.pictograph.providers.peers.server import Answered, Fault

State = Connection.State


def once_some_are_here(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something as soon as the first photos of a sync have come in."""
    keep, acts = Intake.keep, [act]

    def keep_and_act(intake: Intake, come: Any) -> None:
        keep(intake, come)
        while acts:
            acts.pop()()
        intake._looked -= 2

    monkeypatch.setattr(Intake, "keep", keep_and_act)
    monkeypatch.setattr("pictograph.connections.sync.LINGER_S", 0.0)


@pytest.fixture
def large(account: Connection, shelf: ShelfPeer) -> Connection:
    """An account with more photos than are fetched at once."""
    shelf.add(60)
    shelf.page_size = 20
    return account


def test_what_is_paused_comes_in_when_the_person_goes_on(
    large: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = large.source.owner
    with monkeypatch.context() as patch:
        once_some_are_here(patch, lambda: pause(person))
        assert not sync(anew(large))
    here = Photo.objects.count()
    assert 0 < here < 72
    status = import_status(person)
    assert (status.is_paused, status.to_come) == (True, imported().to_come)
    shelf.asked.clear()
    see_to(large.pk)
    assert not shelf.asked
    go_on(person)
    see_to(large.pk)
    in_step(large)
    assert Photo.objects.count() == 72
    assert Import.objects.count() == 1


def test_what_is_called_off_stays_away_until_it_is_asked_for(
    large: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = large.source.owner
    with monkeypatch.context() as patch:
        once_some_are_here(patch, lambda: cancel(person))
        assert not sync(anew(large))
    assert imported().state == Import.State.CANCELLED
    assert not Photo.objects.exists(), "nobody has looked at them"
    assert not originals()
    source = Source.objects.get(pk=large.source_id)
    assert (source.scan_wanted, source.every_s, source.scanning_since) == (False, 0, None)
    see_to(large.pk)
    assert imported().state == Import.State.CANCELLED
    Source.objects.update(scan_wanted=True)
    see_to(large.pk)
    in_step(large)
    assert Photo.objects.count() == 72


def test_an_import_called_off_in_the_last_moment_of_a_turn_is_not_gone_on_with(
    large: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = Intake.end

    def cancel_and_end(intake: Intake, *, is_over: bool) -> None:
        cancel(large.source.owner)
        end(intake, is_over=is_over)

    with monkeypatch.context() as patch:
        patch.setattr(Intake, "end", cancel_and_end)
        patch.setattr("pictograph.connections.sync.LISTED_AHEAD", 1)
        sync(anew(large), turn_s=0.3)
    assert not Source.objects.get(pk=large.source_id).scan_wanted
    assert not anew(large).source.is_due


def test_a_full_quota_is_told_and_gone_on_with_once_there_is_room(
    account: Connection, shelf: ShelfPeer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "LEAST_BYTES", MB // 4)
    monkeypatch.setattr("pictograph.connections.intake.LEAST_BYTES", MB // 4)
    settings.UPLOAD_QUOTA_MB = 2
    done = in_step(account)
    assert done.state == State.FULL
    assert Photo.objects.count() == 8, "what there is room for comes in"
    assert not refused()
    shelf.asked.clear()
    first = in_step(waited(account)).resume_at
    later = in_step(waited(account)).resume_at
    assert not shelf.of("/file/"), "nothing is fetched for nothing"
    assert first is not None
    assert later is not None
    assert later > first
    delete_photos(account.source.owner, list(Photo.objects.values_list("pk", flat=True)[:4]))
    done = in_step(waited(account))
    assert (done.state, Photo.objects.count()) == (State.FINE, 8)
    assert imported().state == Import.State.RECEIVED


def test_a_full_disk_is_told_and_nothing_is_fetched_until_there_is_room(
    account: Connection, shelf: ShelfPeer, settings: Settings
) -> None:
    was, settings.DISK_RESERVE_MB = settings.DISK_RESERVE_MB, 10**9
    assert in_step(account).state == State.FULL
    assert not shelf.of("/file/")
    settings.DISK_RESERVE_MB = was
    in_step(waited(account))
    assert Photo.objects.count() == 12


def test_a_disk_that_fills_up_in_the_midst_is_told(account: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pictograph.connections.downloads.TemporaryUploadedFile", fill)
        assert in_step(account).state == State.FULL
    in_step(waited(account))
    assert Photo.objects.count() == 12
    assert not refused()


@pytest.mark.parametrize("says_total", [True, False])
def test_the_person_sees_how_many_are_to_come(
    says_total: bool, large: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.total = says_total
    seen: list[tuple[int, int, int]] = []
    keep = Intake.keep

    def keep_and_look(intake: Intake, come: Any) -> None:
        keep(intake, come)
        status = import_status(large.source.owner)
        seen.append((status.to_come, status.pending, Remote.objects.count()))

    monkeypatch.setattr(Intake, "keep", keep_and_look)
    in_step(large)
    for to_come, pending, listed in seen:
        assert to_come + pending == (72 if says_total else listed)
    status = import_status(large.source.owner)
    assert (status.to_come, status.pending) == (0, 72)


def test_what_is_refused_gone_or_known_is_no_longer_to_come(account: Connection, shelf: ShelfPeer) -> None:
    shelf.books["b0003"].content = shelf.books["b0002"].content
    shelf.faults += [
        Fault("/file/b0004", answer=Answered(200, b"<html>" + b" " * 99)),
        Fault("/file/b0005", answer=Answered.of({}, 404)),
        Fault("/photo/b0005", answer=Answered.of({}, 404)),
        Fault("/file/b0006", answer=Answered.of({}, 500)),
    ]
    in_step(account)
    status = import_status(account.source.owner)
    assert (status.to_come, status.pending, status.rejected, status.duplicates) == (1, 8, 1, 1)


def test_what_is_still_coming_long_after_a_turn_is_thrown_away(
    large: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pictograph.connections.sync.DRAIN_S", 0.0)
    for _ in range(200):
        if not sync(anew(large), turn_s=0.4):
            break
    assert Photo.objects.count() == 72

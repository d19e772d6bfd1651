"""The clock on the wall is set back or forward: nothing waits for ever, and nothing under way is taken for old."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from pictograph.celery import app
from pictograph.live.consumer import News
from pictograph.people.models import User
from pictograph.photos.deletion import SWEPT_AFTER, Leftover, note_leftovers
from pictograph.queue import tasks
from pictograph.queue.claims import PhotoWork, held_photos
from pictograph.queue.clock import SteadyScheduler, WallClock
from pictograph.queue.long_work import Lease
from pictograph.queue.tasks import sweep
from pictograph.sources.folders import register
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Import, Source
from pictograph.sources.progress import import_status, is_anything_at_work
from pictograph.sources.steering import settle
from pictograph.store.outbox import Notice, note_deleted, sweep_notices, tell_store
from tests.factories import ImportFactory, PhotoFactory

SetClock = Callable[[timedelta], None]
DAY, YEAR = timedelta(days=1), timedelta(days=365)
both_ways = pytest.mark.parametrize("jump", [DAY, -DAY, YEAR, -YEAR], ids=["day", "-day", "year", "-year"])


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch, celery_messages: list[str]) -> SetClock:
    """Set the wall clock, by so much from what it truly is."""
    now = timezone.now
    monkeypatch.setattr(tasks, "_wall_clock", WallClock())
    return lambda jump: monkeypatch.setattr(timezone, "now", lambda: now() + jump)


@both_ways
def test_a_photo_is_not_held_for_longer_and_its_worker_keeps_it(
    user: User, set_clock: SetClock, jump: timedelta
) -> None:
    PhotoFactory(owner=user)
    work = PhotoWork()
    jobs = work.claim(1)
    set_clock(jump)
    work.renew(jobs)
    assert PhotoWork().claim(1) == []
    assert held_photos().count() == 1
    set_clock(timedelta())
    assert not held_photos().exists()
    assert len(PhotoWork().claim(1)) == 1


@both_ways
def test_a_folder_and_other_long_work_are_free_again(
    user: User, tmp_path: Path, set_clock: SetClock, jump: timedelta
) -> None:
    source = register(user, tmp_path)
    scan = ScanLease.take(source)
    with Lease.of("something"):
        set_clock(jump)
        source.refresh_from_db()
        assert not source.is_scanning
        assert ScanLease.take(source) is not None
        with Lease.of("something") as second:
            assert second is not None
    assert scan is not None


def test_a_folder_looked_at_in_the_future_is_looked_at_again(user: User, tmp_path: Path, set_clock: SetClock) -> None:
    source = register(user, tmp_path, every_s=Source.Schedule.DAILY)
    source.scanned_at = timezone.now() + timedelta(seconds=2)  # by a machine whose clock is ahead a little
    assert not source.is_due
    set_clock(-YEAR)
    assert source.is_due


@both_ways
def test_what_is_being_written_is_not_swept_when_the_clock_was_set(
    db: None, set_clock: SetClock, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep()
    path = "renditions/480/ab/being-written.webp"
    note_leftovers([path])
    default_storage.save(path, ContentFile(b"picture"))
    set_clock(jump)
    for _ in range(2):
        sweep()
    assert default_storage.exists(path)

    steady = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: steady + SWEPT_AFTER.total_seconds() + 1)
    set_clock(jump + SWEPT_AFTER + timedelta(seconds=1))
    sweep()
    assert not default_storage.exists(path), "what a killed process left stays for ever"
    assert not Leftover.objects.exists()


def test_an_upload_that_broke_off_in_the_future_is_not_at_work(user: User, set_clock: SetClock) -> None:
    batch = ImportFactory(owner=user, state=Import.State.RECEIVING, expected_files=3)
    assert is_anything_at_work(user)
    set_clock(-DAY)
    assert not is_anything_at_work(user)
    status = import_status(user)
    assert not status.is_receiving
    assert status.broken_off is not None
    settle(user)
    batch.refresh_from_db()
    assert batch.state == Import.State.RECEIVED


@both_ways
def test_rates_stay_sensible_and_a_standstill_is_told(user: User, set_clock: SetClock, jump: timedelta) -> None:
    batch = ImportFactory(owner=user)
    PhotoFactory.create_batch(30, owner=user, batch=batch, state="classified", finished_at=timezone.now())
    PhotoFactory(owner=user, batch=batch, queued_at=timezone.now() - timedelta(minutes=1))
    Import.objects.update(started_at=timezone.now() - timedelta(hours=1))
    assert import_status(user).rate == pytest.approx(2, rel=0.2)
    set_clock(jump)
    status = import_status(user)
    assert (status.rate, status.seconds_left, status.is_stalled) == (0, None, True)
    PhotoFactory.create_batch(15, owner=user, batch=batch, state="classified", finished_at=timezone.now())
    status = import_status(user)
    assert status.rate == pytest.approx(1, rel=0.2)
    assert not status.is_stalled


def test_a_store_is_told_again_though_that_was_to_be_in_a_year(db: None, set_clock: SetClock) -> None:
    set_clock(YEAR)
    note_deleted([7])
    tell_store([7], again=True)
    assert Notice.objects.exists()
    set_clock(timedelta())
    sweep_notices()
    assert not Notice.objects.exists()


def test_an_open_page_hears_of_photos_after_the_clock_was_set_back(user: User, set_clock: SetClock) -> None:
    news = News.after(str(timezone.now().timestamp()))
    batch = ImportFactory(owner=user)
    set_clock(-DAY)
    assert "<button" not in news.html(user, import_status(user))
    PhotoFactory(owner=user, batch=batch, state="classified", finished_at=timezone.now() + timedelta(seconds=1))
    assert "<button" in news.html(user, import_status(user))


@both_ways
def test_the_sweep_is_sent_as_often_as_ever(
    set_clock: SetClock, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: steady)
    sent: list[str] = []
    scheduler = SteadyScheduler(app, max_interval=300, lazy=True, producer=None)
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer=None: sent.append(entry.name))
    scheduler.setup_schedule()
    monkeypatch.setattr(SteadyScheduler, "producer", None)
    assert scheduler.tick() == 10
    set_clock(jump)
    monkeypatch.setattr(app, "now", timezone.now)
    assert scheduler.tick() == 10
    assert sorted(sent) == sorted(app.conf.beat_schedule)
    steady += 10
    scheduler.tick()
    assert sorted(sent) == sorted([*app.conf.beat_schedule, "sweep"])
    assert app.conf.beat_scheduler == "pictograph.queue.clock:SteadyScheduler"


def test_a_clock_that_is_kept_right_in_small_steps_runs_evenly(
    set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: steady)
    wall = WallClock()
    for second in (1, -1, 2):
        set_clock(timedelta(seconds=second))
        assert wall.even_for_s() > SWEPT_AFTER.total_seconds()
    set_clock(timedelta(minutes=1))
    assert wall.even_for_s() == 0
    steady += 5
    set_clock(timedelta(minutes=1, seconds=5))
    assert wall.even_for_s() == 5

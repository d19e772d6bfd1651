"""The sweep goes on whatever fails or lasts, and takes up nothing that another process is doing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from pictograph.people import erasing
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue import tasks
from pictograph.queue.long_work import FOLDERS_AT_ONCE, LEASE_S, SITE_THREADS, Lease, LeaseLost
from pictograph.queue.tasks import sweep
from pictograph.sources.folders import register
from pictograph.sources.models import Import, Source
from pictograph.sources.tasks import ANNOUNCED_AT_ONCE, folder_slots, scan, scan_due_sources
from pictograph.store.outbox import Notice, note_deleted
from tests.factories import ImportFactory, PhotoFactory, UserFactory, item_of


@pytest.fixture
def source(user: User, tmp_path: Path, celery_messages: list[str]) -> Source:
    """A folder that is due to be looked at."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return register(user, folder, every_s=Source.Schedule.DAILY)


class StoreIsDown(Exception):
    """What a store of another server raises when that is away."""


def test_a_store_that_is_down_keeps_no_folder_from_being_looked_at(
    source: Source, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down() -> None:
        raise StoreIsDown

    note_deleted([1])
    item_of(PhotoFactory(owner=source.owner, batch=ImportFactory(owner=source.owner, state=Import.State.CANCELLING)))
    with monkeypatch.context() as away:
        away.setattr("pictograph.store.outbox.prediction_store", down)
        with pytest.raises(StoreIsDown):
            sweep()
    assert "pictograph.sources.tasks.scan" in celery_messages
    assert "sweep_notices" in caplog.text
    assert "Traceback" in caplog.text
    sweep()
    assert not Photo.objects.exists()
    assert not Notice.objects.filter(again_at=None).exists()


def test_a_folder_of_uploads_that_cannot_be_read_keeps_nothing_else_from_being_done(
    source: Source, celery_messages: list[str], settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "gone"
    leaving = UserFactory(is_leaving=True)
    with pytest.raises(FileNotFoundError):
        sweep()
    assert "pictograph.sources.tasks.scan" in celery_messages
    assert not User.objects.filter(pk=leaving.pk).exists()


def test_of_sweeps_that_overlap_one_does_what_lasts_and_all_do_the_rest(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def short() -> None:
        done.append("short")

    def long() -> None:
        done.append("long")
        sweep()

    monkeypatch.setattr(tasks, "SHORT", (short,))
    monkeypatch.setattr(tasks, "LONG", (long,))
    sweep()
    assert done == ["short", "long", "short"]
    sweep()
    assert done.count("long") == 2


def test_an_account_that_another_process_is_erasing_is_left_to_it_while_it_lives(
    user: User, celery_messages: list[str]
) -> None:
    User.objects.filter(pk=user.pk).update(is_leaving=True)
    with Lease.of(f"erase {user.pk}") as lease:
        assert lease is not None
        sweep()
        assert User.objects.filter(pk=user.pk).exists()
        Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
        sweep()
        assert not User.objects.filter(pk=user.pk).exists()


def test_a_folder_that_another_process_is_giving_up_is_left_to_it(source: Source) -> None:
    Source.objects.update(removal=Source.Removal.KEEP)
    with Lease.of(f"remove {source.pk}"):
        scan(source.pk)
        assert Source.objects.filter(pk=source.pk).exists()
    scan(source.pk)
    assert not Source.objects.filter(pk=source.pk).exists()


def test_an_import_that_another_process_is_cancelling_is_left_to_it(user: User, celery_messages: list[str]) -> None:
    batch = ImportFactory(owner=user, state=Import.State.CANCELLING)
    photo = PhotoFactory(owner=user, batch=batch)
    with Lease.of(f"cancel {batch.pk}"):
        sweep()
        assert Photo.objects.get() == photo
    sweep()
    assert not Photo.objects.exists()


def test_a_lease_runs_out_only_without_signs_of_life_and_is_void_where_a_clock_was_set_back(db: None) -> None:
    with Lease.of("something") as lease:
        assert lease is not None
        Lease.objects.update(until=timezone.now() + timedelta(seconds=1))
        lease.beat()
        assert Lease.objects.get().until > timezone.now() + timedelta(seconds=LEASE_S / 2)
        with Lease.of("something") as second, Lease.of("something else") as other:
            assert (second, other) != (None, None)
            assert second is None
        Lease.objects.filter(pk=lease.pk).update(until=timezone.now() + timedelta(days=1))
        with Lease.of("something") as third:
            assert third is not None
    assert not Lease.objects.exists()


def test_a_lease_stands_against_a_clock_that_is_behind_and_against_a_wait_for_the_database(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lease.of("something") as lease:
        assert lease is not None
        for seconds in (2, LEASE_S - 1):
            behind = timezone.now() - timedelta(seconds=seconds)
            with monkeypatch.context() as patch:
                patch.setattr(timezone, "now", lambda behind=behind: behind)
                with Lease.of("something") as second:
                    assert second is None


def test_work_whose_lease_another_process_took_over_stops_and_leaves_that_lease_alone(db: None) -> None:
    done: list[str] = []
    with Lease.of("something") as lease:
        assert lease is not None
        Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
        with Lease.of("something") as later:
            assert later is not None
            with pytest.raises(LeaseLost):
                lease.beat()
            later.beat()
            done.append("another's")
    with Lease.of("something") as lease:
        assert lease is not None
        Lease.objects.all().delete()
        lease.beat()
        done.append("ours")
    assert done == ["another's"]


def test_erasing_stops_where_another_process_has_taken_it_over(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    PhotoFactory.create_batch(3, owner=user)
    User.objects.filter(pk=user.pk).update(is_leaving=True)
    monkeypatch.setattr("pictograph.people.erasing.CHUNK", 1)
    delete = erasing.delete_photos

    def delete_and_lose(*args: Any, **kwargs: Any) -> list[int]:
        Lease.objects.all().delete()
        return delete(*args, **kwargs)

    monkeypatch.setattr(erasing, "delete_photos", delete_and_lose)
    sweep()
    assert Photo.objects.count() == 2
    monkeypatch.undo()
    sweep()
    assert not User.objects.filter(pk=user.pk).exists()


def test_folders_never_take_all_threads_and_are_looked_at_later(source: Source) -> None:
    for _ in range(FOLDERS_AT_ONCE):
        assert folder_slots.acquire(blocking=False)
    try:
        scan(source.pk)
    finally:
        folder_slots.release(FOLDERS_AT_ONCE)
    source.refresh_from_db()
    assert source.is_due
    scan(source.pk)
    source.refresh_from_db()
    assert not source.is_due


def test_a_sweep_announces_so_many_folders_and_those_first_that_have_waited_longest(
    user: User, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    fields = {"owner": user, "kind": "folder", "every_s": Source.Schedule.DAILY}
    folders = [
        Source.objects.create(folder=f"/f{n}", scanned_at=long_ago - timedelta(days=n), **fields)
        for n in range(ANNOUNCED_AT_ONCE + 1)
    ]
    announced: list[int] = []
    monkeypatch.setattr("pictograph.sources.tasks.announce_scan", announced.append)
    scan_due_sources()
    assert announced == [folder.pk for folder in reversed(folders[1:])]


def test_a_worker_has_a_thread_left_for_the_sweep() -> None:
    assert FOLDERS_AT_ONCE + 1 < SITE_THREADS

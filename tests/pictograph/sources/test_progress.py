"""When the import page says how long it still takes, and that no worker is running."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pictograph.models import Import, Photo, User
from pictograph.sources.progress import STALLED_AFTER, import_status
from pictograph.sources.steering import go_on, pause
from tests.factories import ImportFactory, PhotoFactory

LONG_AGO = 2 * STALLED_AFTER


@pytest.fixture
def old_import(user: User) -> Import:
    batch = ImportFactory(owner=user)
    Import.objects.update(started_at=timezone.now() - LONG_AGO)
    return batch


def waiting_for(batch: Import, age: timedelta) -> Photo:
    return PhotoFactory(owner=batch.owner, batch=batch, queued_at=timezone.now() - age)


def test_photos_that_wait_for_long_while_nothing_is_done_mean_that_no_worker_runs(old_import: Import) -> None:
    waiting_for(old_import, LONG_AGO)
    assert import_status(old_import.owner).is_stalled


def test_a_photo_that_has_just_come_in_waits_for_nobody_yet(old_import: Import) -> None:
    """A slow upload lasts for minutes before a bundle of it is there."""
    waiting_for(old_import, timedelta())
    assert not import_status(old_import.owner).is_stalled


def test_a_photo_tried_again_begins_to_wait_anew(old_import: Import) -> None:
    photo = waiting_for(old_import, LONG_AGO)
    Photo.objects.filter(pk=photo.pk).update(state="failed", failure="missing")
    Photo.objects.owned_by(old_import.owner).retry()
    assert import_status(old_import.owner).is_running
    assert not import_status(old_import.owner).is_stalled


def test_where_photos_are_finished_a_worker_runs(old_import: Import) -> None:
    waiting_for(old_import, LONG_AGO)
    done = PhotoFactory(owner=old_import.owner, batch=old_import, state="classified")
    for age, is_stalled in ((STALLED_AFTER / 2, False), (LONG_AGO, True)):
        Photo.objects.filter(pk=done.pk).update(finished_at=timezone.now() - age)
        assert import_status(old_import.owner).is_stalled is is_stalled


def test_after_a_pause_the_time_left_is_told_by_the_work_since(old_import: Import) -> None:
    """A hundred photos at two a second are a minute, however long nothing was done before."""
    user, now = old_import.owner, timezone.now()
    for _ in range(100):
        waiting_for(old_import, LONG_AGO)
    pause(user)
    go_on(user)
    done = PhotoFactory(owner=user, batch=old_import, state="classified", finished_at=timezone.now())
    assert import_status(user).seconds_left is None, "one photo says nothing"
    Photo.objects.filter(pk=done.pk).update(finished_at=now - timedelta(seconds=14))
    assert import_status(user).seconds_left is None, "one of before neither"
    for age in (5, 4, 3, 2, 1):
        finished_at = timezone.now() - timedelta(seconds=age)
        for _ in range(2):
            PhotoFactory(owner=user, batch=old_import, state="classified", finished_at=finished_at)
    Photo.objects.pending().update(queued_at=timezone.now() - timedelta(seconds=5.5))
    assert import_status(user).seconds_left == pytest.approx(55, rel=0.1)


def test_while_a_few_photos_come_and_go_their_rate_is_that_of_late(old_import: Import) -> None:
    Import.objects.update(state=Import.State.RECEIVING, arrived_at=timezone.now(), expected_files=1000)
    waiting_for(old_import, timedelta(seconds=1))
    for age in range(14):
        finished_at = timezone.now() - timedelta(seconds=age)
        PhotoFactory(owner=old_import.owner, batch=old_import, state="classified", finished_at=finished_at)
    assert import_status(old_import.owner).rate == pytest.approx(14 / 15, rel=0.1)

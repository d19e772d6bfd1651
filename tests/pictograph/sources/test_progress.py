"""When the import page says that no worker is running."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pictograph.models import Import, Photo, User
from pictograph.sources.progress import STALLED_AFTER, import_status
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

"""Photos that were in hand when workers died: suspected, claimed alone, and given up at last."""

import uuid
from datetime import timedelta

from django.utils import timezone
from pytest_django import Settings

from classifier.work import Reason
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.claims import GIVE_UP_AFTER, SUSPECT_AFTER, PhotoWork
from tests.factories import (
    PhotoFactory,
)
from tests.pictograph.queue.test_claims import outcome_of


def test_what_a_dead_worker_held_is_let_go_under_the_lease_it_was_given(
    user: User, settings: Settings, celery_messages: list[str]
) -> None:
    lease = uuid.uuid4()
    PhotoFactory.create_batch(2, owner=user)
    settings.WORKER_LEASE = lease
    PhotoWork().claim(1)
    settings.WORKER_LEASE = None
    PhotoWork().claim(1)  # another worker's stays its own
    celery_messages.clear()
    PhotoWork(lease).let_go()
    (job,) = PhotoWork().claim(10)
    assert job.photo_id == min(photo.pk for photo in user.photos.all())
    assert user.photos.filter(attempts=2).count() == 1
    assert len(celery_messages) == 1


def test_photos_of_a_worker_that_is_stopped_are_not_suspected(user: User, celery_messages: list[str]) -> None:
    PhotoFactory.create_batch(3, owner=user)
    for _ in range(GIVE_UP_AFTER + 1):
        work = PhotoWork()
        assert len(work.claim(3)) == 3
        work.let_go(is_blameless=True)
    assert set(user.photos.values_list("attempts", "lease")) == {(0, None)}


def test_a_photo_that_kills_its_workers_takes_no_other_down_with_it(user: User) -> None:
    photos = PhotoFactory.create_batch(20, owner=user)
    deadly = photos[7]
    for _ in range(50):
        work = PhotoWork()
        while jobs := work.claim(8):
            if deadly.pk in [job.photo_id for job in jobs]:  # the worker dies, with all it holds
                assert len(jobs) > 1 or work.claim(8) == []
                held = Photo.objects.pending().filter(lease=work.lease)
                held.update(lease_until=timezone.now() - timedelta(seconds=1))
                break
            work.finish([outcome_of(job) for job in jobs])
        else:
            break
    deadly.refresh_from_db()
    assert (deadly.state, deadly.failure, deadly.attempts) == (Photo.State.FAILED, Reason.CRASHED, GIVE_UP_AFTER)
    assert Photo.objects.classified().count() == 19


def test_a_worker_that_could_not_give_a_suspect_back_goes_on_once_its_lease_is_over(user: User) -> None:
    suspect = PhotoFactory(owner=user, attempts=SUSPECT_AFTER)
    work = PhotoWork()
    assert [job.photo_id for job in work.claim(5)] == [suspect.pk]
    waiting = PhotoFactory(owner=user)
    assert work.claim(5) == []
    second, day = timedelta(seconds=1), timedelta(days=1)
    for lease_until in (timezone.now() - second, timezone.now() + day):  # over, or of a clock that was set back since
        Photo.objects.filter(lease__isnull=False).update(lease_until=lease_until)
        assert [job.photo_id for job in work.claim(5)] == [waiting.pk]


def test_what_a_worker_held_for_too_long_does_not_keep_it_from_a_suspect(user: User) -> None:
    suspect = PhotoFactory(owner=user, attempts=SUSPECT_AFTER)
    held = PhotoFactory(owner=user)
    work = PhotoWork()
    assert [job.photo_id for job in work.claim(1)] == [held.pk]
    assert work.claim(5) == []
    Photo.objects.filter(pk=held.pk).update(lease_until=timezone.now() - timedelta(seconds=1), attempts=GIVE_UP_AFTER)
    assert [job.photo_id for job in work.claim(5)] == [suspect.pk]

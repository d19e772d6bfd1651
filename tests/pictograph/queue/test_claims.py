"""Claims and leases: fair, exclusive, and finished exactly once."""

import time
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from classifier.work import HeldUp, Job, Outcome, PreparedPhoto, Reason
from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.origin import Origin
from pictograph.queue.claims import SUSPECT_AFTER, PhotoWork
from pictograph.queue.tasks import sweep
from pictograph.sources.models import Item, Tombstone
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from tests.factories import (
    LABRADOR,
    TABBY,
    ImportFactory,
    PhotoFactory,
    UserFactory,
    classification,
    classified_photo,
    item_of,
    picture,
)


def outcome_of(job: Job, digest: str = "", taken_at: datetime | None = None) -> Outcome:
    photo = PreparedPhoto(
        width_px=64,
        height_px=48,
        format="JPEG",
        size_bytes=1000,
        digest=digest or f"{job.photo_id:f>64d}",  # none that the factory gives
        taken_at=taken_at,
        latitude=None,
        longitude=None,
        camera="",
        thumbnail=picture("WEBP"),
        placeholder=b"tiny",
    )
    return Outcome(job, photo, classification(LABRADOR))


def test_a_claim_takes_from_everyone_in_turn(db: None) -> None:
    many, few = UserFactory(), UserFactory()
    PhotoFactory.create_batch(50, owner=many)
    PhotoFactory.create_batch(3, owner=few)
    owners = Counter(Photo.objects.get(pk=job.photo_id).owner_id for job in PhotoWork().claim(10))
    assert owners == {many.pk: 7, few.pk: 3}


def test_a_claim_passes_over_those_of_whom_enough_is_in_hand(db: None) -> None:
    many, few = UserFactory(), UserFactory()
    PhotoFactory.create_batch(5, owner=many)
    PhotoFactory.create_batch(3, owner=few)
    work = PhotoWork()
    assert {job.owner for job in work.claim(10, but_of={many.pk})} == {few.pk}
    assert work.claim(10, but_of={many.pk}) == []
    assert [job.owner for job in work.claim(10)] == [many.pk] * 5


def test_everyone_is_served_when_there_are_more_people_than_places(db: None) -> None:
    people = UserFactory.create_batch(5)
    for person in people:
        PhotoFactory.create_batch(2, owner=person)
    work = PhotoWork()
    served = [Photo.objects.get(pk=job.photo_id).owner_id for _ in range(3) for job in work.claim(2)]
    assert set(served) == {person.pk for person in people}


def test_a_claimed_photo_is_not_claimed_again_while_its_lease_lasts(user: User) -> None:
    PhotoFactory.create_batch(3, owner=user)
    first, second = PhotoWork(), PhotoWork()
    assert len(first.claim(2)) == 2
    assert len(second.claim(10)) == 1
    assert second.claim(10) == []


def test_an_expired_lease_is_claimed_again_and_the_late_worker_changes_nothing(user: User) -> None:
    photo = PhotoFactory(owner=user)
    late, quick = PhotoWork(), PhotoWork()
    (late_job,) = late.claim(1)
    Photo.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    (quick_job,) = quick.claim(1)
    late.finish([outcome_of(late_job)])
    photo.refresh_from_db()
    assert photo.state == Photo.State.PENDING
    quick.finish([outcome_of(quick_job)])
    late.finish([outcome_of(late_job)])
    photo.refresh_from_db()
    assert photo.state == Photo.State.CLASSIFIED
    assert prediction_store().counts(library_of(user.pk), 1)[""] == 1


def test_finishing_keeps_what_was_learnt_and_the_thumbnail(user: User) -> None:
    photo = PhotoFactory(owner=user)
    work = PhotoWork()
    (job,) = work.claim(1)
    taken_at = datetime(2019, 5, 4, 12, 30)
    work.finish([outcome_of(job, digest="d" * 64, taken_at=taken_at)])
    photo.refresh_from_db()
    assert (photo.width_px, photo.height_px, photo.digest) == (64, 48, "d" * 64)
    assert photo.shown_at == taken_at.replace(tzinfo=UTC)
    assert photo.date_origin == Origin.FILE
    assert photo.lease is None
    assert default_storage.exists(photo.rendition_path(GRID_SIZE))
    assert prediction_store().years(library_of(user.pk)) == {2019: 1}


def test_a_thumbnail_that_a_killed_worker_left_half_written_is_written_anew(user: User) -> None:
    photo = PhotoFactory(owner=user)
    default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(b"RIFF"))
    work = PhotoWork()
    work.finish([outcome_of(job, digest=photo.digest or "") for job in work.claim(1)])
    assert default_storage.open(photo.rendition_path(GRID_SIZE)).read() == picture("WEBP")


def test_a_failure_has_a_reason_and_does_not_hold_up_its_batch(user: User) -> None:
    bad, good = PhotoFactory(owner=user), PhotoFactory(owner=user)
    work = PhotoWork()
    jobs = work.claim(2)
    work.finish([Outcome(jobs[0], failure=Reason.DAMAGED, detail="cut off"), outcome_of(jobs[1])])
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.failure) == (Photo.State.FAILED, Reason.DAMAGED)
    assert good.state == Photo.State.CLASSIFIED


def test_the_same_bytes_twice_become_one_photo_and_the_file_is_remembered(user: User) -> None:
    batch = ImportFactory(owner=user)
    photos = PhotoFactory.create_batch(2, owner=user, batch=batch)
    for photo in photos:
        item_of(photo)
    work = PhotoWork()
    work.finish([outcome_of(job, digest="a" * 64) for job in work.claim(2)])
    (left,) = Photo.objects.owned_by(user)
    batch.refresh_from_db()
    assert left.state == Photo.State.CLASSIFIED
    assert batch.duplicates == 1
    assert [item.photo for item in Item.objects.all()] == [left, left]
    assert not Tombstone.objects.exists()


def test_two_people_may_have_the_same_photo(user: User, stranger: User) -> None:
    for owner in (user, stranger):
        PhotoFactory(owner=owner)
    work = PhotoWork()
    work.finish([outcome_of(job, digest="a" * 64) for job in work.claim(2)])
    assert Photo.objects.classified().count() == 2


def test_a_photo_deleted_meanwhile_stays_deleted(user: User) -> None:
    photo = PhotoFactory(owner=user)
    work = PhotoWork()
    jobs = work.claim(1)
    photo.delete()
    work.finish([outcome_of(job) for job in jobs])
    assert not Photo.objects.exists()
    assert prediction_store().counts(library_of(user.pk), 1) == {}


def test_a_worker_renews_what_it_holds_and_nothing_else(user: User) -> None:
    PhotoFactory.create_batch(3, owner=user)
    work, other = PhotoWork(), PhotoWork()
    held, lost, finished = work.claim(3)
    work.finish([outcome_of(finished)])
    Photo.objects.filter(pk=lost.photo_id).update(lease=other.lease)
    long_ago = timezone.now() - timedelta(seconds=1)
    Photo.objects.pending().update(lease_until=long_ago)
    work.renew([held, lost, finished])
    renewed = Photo.objects.filter(lease_until__gt=timezone.now())
    assert list(renewed.values_list("pk", flat=True)) == [held.photo_id]


@pytest.mark.parametrize(
    ("stopped_s", "is_taken_over", "is_void"), [(70, True, True), (70, False, False), (5, True, False)]
)
def test_a_worker_that_was_stopped_gives_up_what_it_holds_where_others_have_taken_over(
    user: User, monkeypatch: pytest.MonkeyPatch, stopped_s: float, is_taken_over: bool, is_void: bool
) -> None:
    PhotoFactory.create_batch(3, owner=user)
    work, steady = PhotoWork(), time.monotonic()
    jobs = work.claim(3)
    work.renew(jobs)
    monkeypatch.setattr(time, "monotonic", lambda: steady + stopped_s)
    if is_taken_over:
        Photo.objects.filter(pk=jobs[0].photo_id).update(lease=PhotoWork().lease)
    with pytest.raises(HeldUp, match="1 of its photos") if is_void else nullcontext():
        work.renew(jobs)
    work.renew(jobs)  # it has been said once


def test_released_photos_are_free_at_once_and_no_attempt_is_counted(user: User) -> None:
    PhotoFactory.create_batch(2, owner=user)
    work = PhotoWork()
    work.release(work.claim(2))
    assert set(Photo.objects.values_list("attempts", "lease")) == {(0, None)}
    assert len(PhotoWork().claim(5)) == 2


def test_a_claim_asks_once_which_imports_are_paused(user: User) -> None:
    PhotoFactory(owner=user, attempts=SUSPECT_AFTER)
    with CaptureQueriesContext(connection) as captured:
        assert len(PhotoWork().claim(5)) == 1
    assert sum("is_paused" in query["sql"] for query in captured) == 1


def test_a_good_copy_takes_the_place_of_one_that_failed(user: User) -> None:
    item_of(PhotoFactory(owner=user, state="failed", failure=Reason.DISK_FULL, digest="a" * 64))
    good = PhotoFactory(owner=user)
    work = PhotoWork()
    work.finish([outcome_of(job, digest="a" * 64) for job in work.claim(1)])
    assert Photo.objects.get() == good
    good.refresh_from_db()
    assert good.state == Photo.State.CLASSIFIED
    assert Item.objects.get().photo == good


def test_a_full_disk_fails_the_photo_with_a_reason_that_can_be_retried(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = PhotoFactory(owner=user)
    work = PhotoWork()
    jobs = work.claim(1)

    def no_space(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", no_space)
    work.finish([outcome_of(job) for job in jobs])
    photo.refresh_from_db()
    assert photo.failure == Reason.DISK_FULL
    Photo.objects.filter(pk=photo.pk).retry()
    monkeypatch.undo()
    work.finish([outcome_of(job) for job in work.claim(1)])
    photo.refresh_from_db()
    assert photo.state == Photo.State.CLASSIFIED


def test_a_photo_claimed_twice_by_a_worker_that_was_held_up_is_written_once(user: User) -> None:
    PhotoFactory(owner=user)
    work = PhotoWork()
    (job,) = work.claim(1)
    work.finish([Outcome(job, failure=Reason.UNREADABLE), outcome_of(job), outcome_of(job)])
    assert Photo.objects.get().state == Photo.State.CLASSIFIED
    assert prediction_store().years(library_of(user.pk)) == {Photo.objects.get().shown_at.year: 1}


def test_writing_results_costs_as_many_queries_for_many_photos_as_for_few(user: User) -> None:
    def queries(photos: int) -> int:
        PhotoFactory.create_batch(photos, owner=user)
        work = PhotoWork()
        outcomes = [outcome_of(job) for job in work.claim(photos)]
        with CaptureQueriesContext(connection) as captured:
            work.finish(outcomes)
        assert not Photo.objects.pending().exists()
        return len(captured)

    few, many = queries(3), queries(25)  # the first of all makes the counters too
    assert many <= few


def test_the_sweep_announces_only_free_photos(user: User, celery_messages: list[str]) -> None:
    sweep()
    assert celery_messages == []
    PhotoFactory(owner=user)
    sweep()
    assert celery_messages == ["classifier.tasks.classify_pending"]
    PhotoWork().claim(1)
    sweep()
    assert len(celery_messages) == 1


def test_a_worker_that_finds_more_than_it_takes_at_once_wakes_the_next(user: User, celery_messages: list[str]) -> None:
    PhotoFactory.create_batch(5, owner=user)
    work = PhotoWork()
    assert [len(work.claim(2)), len(celery_messages)] == [2, 1]
    assert [len(work.claim(2)), len(celery_messages)] == [2, 1], "who was woken wakes another one in its turn"
    assert [len(PhotoWork().claim(2)), len(celery_messages)] == [1, 1]


def test_claiming_costs_few_queries_however_much_is_pending(
    user: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    PhotoFactory.create_batch(100, owner=user)
    with django_assert_max_num_queries(14):
        PhotoWork().claim(32)


def test_a_lease_given_by_a_clock_that_was_set_back_is_void(user: User) -> None:
    PhotoFactory(owner=user)
    PhotoWork().claim(1)
    Photo.objects.update(lease_until=timezone.now() + timedelta(days=1))
    assert len(PhotoWork().claim(1)) == 1


def test_a_photo_in_hand_keeps_its_lease_while_the_worker_says_so(user: User) -> None:
    PhotoFactory(owner=user)
    work = PhotoWork()
    jobs = work.claim(1)
    Photo.objects.update(lease_until=timezone.now() + timedelta(seconds=1))
    work.renew(jobs)
    lease_until = Photo.objects.get().lease_until
    assert lease_until is not None
    assert lease_until > timezone.now() + timedelta(seconds=10)


def test_photos_of_a_paused_import_wait(user: User) -> None:
    batch = ImportFactory(owner=user, is_paused=True)
    PhotoFactory(owner=user, batch=batch)
    other = PhotoFactory(owner=user)
    assert [job.photo_id for job in PhotoWork().claim(5)] == [other.pk]
    batch.is_paused = False
    batch.save()
    assert len(PhotoWork().claim(5)) == 1


def due_again(photo: Photo) -> Photo:
    """A photo in the library whose file has changed."""
    Photo.objects.filter(pk=photo.pk).update(is_due=True)
    return photo


def test_a_photo_whose_file_changed_is_described_in_place_and_keeps_what_people_did(user: User) -> None:
    photo = due_again(classified_photo(TABBY, owner=user, is_public=True, date_origin=Origin.PERSON))
    former = photo.rendition_path(GRID_SIZE)
    work = PhotoWork()
    assert user.photos.classified().count() == 1
    work.finish([outcome_of(job, digest="b" * 64, taken_at=datetime(2001, 1, 1)) for job in work.claim(1)])
    changed = Photo.objects.get()
    assert (changed.pk, changed.digest, changed.is_public, changed.is_due) == (photo.pk, "b" * 64, True, False)
    assert changed.shown_at == photo.shown_at  # a person's date is stronger than the file's
    assert prediction_store().counts(library_of(user.pk), 1).get(TABBY) is None
    assert prediction_store().counts(library_of(user.pk), 1)[LABRADOR] == 1
    assert default_storage.exists(changed.rendition_path(GRID_SIZE))
    assert not default_storage.exists(former)


def test_a_photo_whose_file_can_no_longer_be_read_stays_as_it_was(user: User) -> None:
    photo = due_again(classified_photo(TABBY, owner=user))
    work = PhotoWork()
    work.finish([Outcome(job, failure=Reason.EMPTY) for job in work.claim(1)])
    photo.refresh_from_db()
    assert (photo.state, photo.is_due, photo.failure) == (Photo.State.CLASSIFIED, False, "")
    assert Item.objects.get().problem == Reason.EMPTY
    assert prediction_store().counts(library_of(user.pk), 1)[TABBY] == 1


def test_a_file_that_now_has_the_content_of_another_photo_belongs_to_that_one(user: User) -> None:
    kept = classified_photo(TABBY, owner=user, digest="c" * 64)
    overwritten = due_again(classified_photo(LABRADOR, owner=user))
    work = PhotoWork()
    work.finish([outcome_of(job, digest="c" * 64) for job in work.claim(1)])
    overwritten.refresh_from_db()
    assert overwritten.is_missing
    assert overwritten.state == Photo.State.CLASSIFIED
    assert {item.photo for item in Item.objects.all()} == {kept}

"""Claims and leases: fair, exclusive, and finished exactly once."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classifier.work import Job, Outcome, PreparedPhoto, Reason
from pictograph.models import Photo, SourceFile, User
from pictograph.photos.models import GRID_SIZE
from pictograph.queue.claims import GIVE_UP_AFTER, PhotoWork
from pictograph.queue.tasks import sweep
from pictograph.store import prediction_store, scope_of
from tests.factories import LABRADOR, ImportFactory, PhotoFactory, UserFactory, classification, picture


def outcome_of(job: Job, digest: str = "", taken_at: datetime | None = None) -> Outcome:
    photo = PreparedPhoto(
        width_px=64,
        height_px=48,
        format="JPEG",
        size_bytes=1000,
        digest=digest or f"{job.photo_id:064d}",
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
    assert prediction_store().counts(scope_of(user.pk), 1)[""] == 1


def test_finishing_keeps_what_was_learnt_and_the_thumbnail(user: User) -> None:
    photo = PhotoFactory(owner=user)
    work = PhotoWork()
    (job,) = work.claim(1)
    taken_at = datetime(2019, 5, 4, 12, 30)
    work.finish([outcome_of(job, digest="d" * 64, taken_at=taken_at)])
    photo.refresh_from_db()
    assert (photo.width_px, photo.height_px, photo.digest) == (64, 48, "d" * 64)
    assert photo.shown_at == photo.taken_at == taken_at.replace(tzinfo=UTC)
    assert photo.lease is None
    assert default_storage.exists(photo.rendition_path(GRID_SIZE))
    assert prediction_store().years(scope_of(user.pk)) == {2019: 1}


def test_a_thumbnail_that_a_killed_worker_left_half_written_is_written_anew(user: User) -> None:
    photo = PhotoFactory(owner=user)
    default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(b"RIFF"))
    work = PhotoWork()
    work.finish([outcome_of(job) for job in work.claim(1)])
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
    photos = PhotoFactory.create_batch(2, owner=user, batch=batch, original="", path="/somewhere/photo.jpg")
    SourceFile.objects.create(owner=user, path="/somewhere/copy.jpg", size_bytes=1, modified_ns=1, photo=photos[1])
    work = PhotoWork()
    work.finish([outcome_of(job, digest="a" * 64) for job in work.claim(2)])
    (left,) = Photo.objects.owned_by(user)
    batch.refresh_from_db()
    assert left.state == Photo.State.CLASSIFIED
    assert batch.duplicates == 1
    assert SourceFile.objects.get().photo == left


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
    assert prediction_store().counts(scope_of(user.pk), 1) == {}


def test_what_a_dead_worker_held_is_let_go_under_the_lease_it_was_given(
    user: User, monkeypatch: pytest.MonkeyPatch, celery_messages: list[str]
) -> None:
    lease = uuid.uuid4()
    PhotoFactory.create_batch(2, owner=user)
    monkeypatch.setattr(PhotoWork, "given_lease", lease)
    PhotoWork().claim(1)
    monkeypatch.setattr(PhotoWork, "given_lease", None)
    PhotoWork().claim(1)  # another worker's stays its own
    PhotoWork(lease).let_go()
    (job,) = PhotoWork().claim(10)
    assert job.photo_id == min(photo.pk for photo in user.photos.all())
    assert user.photos.filter(attempts=2).count() == 1
    assert len(celery_messages) == 1


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


def test_released_photos_are_free_at_once_and_no_attempt_is_counted(user: User) -> None:
    PhotoFactory.create_batch(2, owner=user)
    work = PhotoWork()
    work.release(work.claim(2))
    assert set(Photo.objects.values_list("attempts", "lease")) == {(0, None)}
    assert len(PhotoWork().claim(5)) == 2


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


def test_a_good_copy_takes_the_place_of_one_that_failed(user: User) -> None:
    PhotoFactory(owner=user, state="failed", failure=Reason.DISK_FULL, digest="a" * 64)
    good = PhotoFactory(owner=user)
    work = PhotoWork()
    work.finish([outcome_of(job, digest="a" * 64) for job in work.claim(1)])
    assert Photo.objects.get() == good
    good.refresh_from_db()
    assert good.state == Photo.State.CLASSIFIED


def test_a_full_disk_fails_the_photo_with_a_reason_that_can_be_retried(user: User, monkeypatch: object) -> None:
    photo = PhotoFactory(owner=user)
    work = PhotoWork()
    jobs = work.claim(1)

    def no_space(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", no_space)  # type: ignore[attr-defined]
    work.finish([outcome_of(job) for job in jobs])
    photo.refresh_from_db()
    assert photo.failure == Reason.DISK_FULL
    Photo.objects.filter(pk=photo.pk).retry()
    monkeypatch.undo()  # type: ignore[attr-defined]
    work.finish([outcome_of(job) for job in work.claim(1)])
    photo.refresh_from_db()
    assert photo.state == Photo.State.CLASSIFIED


def test_a_photo_claimed_twice_by_a_worker_that_was_held_up_is_written_once(user: User) -> None:
    PhotoFactory(owner=user)
    work = PhotoWork()
    (job,) = work.claim(1)
    work.finish([Outcome(job, failure=Reason.UNREADABLE), outcome_of(job), outcome_of(job)])
    assert Photo.objects.get().state == Photo.State.CLASSIFIED
    assert prediction_store().years(scope_of(user.pk)) == {Photo.objects.get().shown_at.year: 1}


def test_writing_results_costs_as_many_queries_for_many_photos_as_for_few(user: User) -> None:
    def queries(photos: int) -> int:
        PhotoFactory.create_batch(photos, owner=user)
        work = PhotoWork()
        outcomes = [outcome_of(job) for job in work.claim(photos)]
        with CaptureQueriesContext(connection) as captured:
            work.finish(outcomes)
        assert not Photo.objects.pending().exists()
        return len(captured)

    few, many = queries(3), queries(30)  # the first of all makes the counters too
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


def test_claiming_costs_few_queries_however_much_is_pending(user: User, django_assert_max_num_queries: object) -> None:
    PhotoFactory.create_batch(100, owner=user)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        PhotoWork().claim(32)

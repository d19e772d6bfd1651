"""Photos of the same content, and files that turn out to hold something else: what belongs to which after a read."""

from dataclasses import replace

import pytest

from classifier.work import Job, Outcome, Reason
from pictograph.models import Item, Photo, Tombstone
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.queue.claims import GIVE_UP_AFTER, PhotoWork
from pictograph.sources.failures import try_again, unreadable_items
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from tests.factories import LABRADOR, TABBY, PhotoFactory, classified_photo, file_of, item_of
from tests.pictograph.queue.test_claims import due_again, outcome_of


def test_a_failed_photo_of_someone_else_with_the_same_content_is_left_alone(user: User, stranger: User) -> None:
    theirs = PhotoFactory(owner=stranger, state="failed", failure=Reason.DISK_FULL, digest="a" * 64)
    mine, another_of_theirs = PhotoFactory(owner=user), PhotoFactory(owner=stranger)
    digests = {mine.pk: "a" * 64, another_of_theirs.pk: "b" * 64}
    work = PhotoWork()
    work.finish([outcome_of(job, digest=digests[job.photo_id]) for job in work.claim(5)])
    assert set(Photo.objects.classified()) == {mine, another_of_theirs}
    assert Photo.objects.failed().get() == theirs


def test_a_copy_on_a_disk_that_is_away_stays_with_the_photo_it_was_seen_to_hold(user: User) -> None:
    twin = classified_photo(TABBY, owner=user, digest="b" * 64)
    photo = due_again(shown(user, "a"))
    overwritten = file_of(photo, ref="x.jpg", digest="b" * 64)
    away = file_of(photo, "/disk", ref="y.jpg")
    work = PhotoWork()
    work.finish([outcome_of(job, digest="b" * 64) for job in work.claim(1)])
    for item in (overwritten, away):
        item.refresh_from_db()
    photo.refresh_from_db()
    assert (overwritten.photo, overwritten.digest) == (twin, "b" * 64)
    assert (away.photo, away.digest) == (photo, "a" * 64)
    assert (photo.is_missing, photo.is_due) == (False, False)


def test_a_photo_whose_other_copies_are_gone_is_missing_once_its_file_belongs_elsewhere(user: User) -> None:
    classified_photo(TABBY, owner=user, digest="b" * 64)
    photo = due_again(shown(user, "a"))
    file_of(photo, ref="x.jpg", digest="b" * 64)
    file_of(photo, "/disk", ref="y.jpg", state=Item.State.MISSING)
    work = PhotoWork()
    work.finish([outcome_of(job, digest="b" * 64) for job in work.claim(1)])
    photo.refresh_from_db()
    assert photo.is_missing


@pytest.mark.parametrize("is_buried", [False, True])
def test_a_new_photo_of_which_one_file_holds_something_known_is_read_from_the_other(
    user: User, is_buried: bool
) -> None:
    known = classified_photo(TABBY, owner=user, digest="b" * 64)
    if is_buried:
        delete_photos(user, [known.pk])
    photo = PhotoFactory(owner=user, digest="a" * 64)
    file_of(photo, ref="x.jpg")
    left = file_of(photo, "/disk", ref="y.jpg")
    work = PhotoWork()
    for digest in ("b" * 64, "a" * 64):
        work.finish([outcome_of(job, digest=digest) for job in work.claim(1)])
    photo.refresh_from_db()
    assert (photo.state, photo.digest, photo.items.get()) == (Photo.State.CLASSIFIED, "a" * 64, left)
    other = Item.objects.get(ref="x.jpg")
    assert (other.photo, other.state) == ((None, "deleted") if is_buried else (known, "present"))


def retagged(job: Job, digest: str, picture_digest: str) -> Outcome:
    outcome = outcome_of(job, digest=digest)
    assert outcome.photo is not None
    return replace(outcome, photo=replace(outcome.photo, picture_digest=picture_digest))


def test_a_copy_in_a_folder_of_what_was_deleted_stays_out_whatever_its_name(user: User) -> None:
    deleted = classified_photo(TABBY, owner=user, digest="d" * 64, picture_digest="e" * 64)
    delete_photos(user, [deleted.pk])
    for copy in PhotoFactory.create_batch(3, owner=user):
        file_of(copy)
    work = PhotoWork()
    same, again, tagged = work.claim(3)
    work.finish([outcome_of(same, "d" * 64), outcome_of(again, "d" * 64), retagged(tagged, "f" * 64, "e" * 64)])
    assert not Photo.objects.exists()
    assert set(Item.objects.values_list("state", flat=True)) == {Item.State.DELETED}
    assert prediction_store().counts(library_of(user.pk), 1) == {}


def test_an_upload_of_what_was_deleted_brings_it_back_with_other_words_in_it_too(user: User, stranger: User) -> None:
    for owner in (user, stranger):
        deleted = classified_photo(TABBY, owner=owner, digest="d" * 64, picture_digest="e" * 64)
        delete_photos(owner, [deleted.pk])
    uploaded, copy = PhotoFactory.create_batch(2, owner=user)
    item_of(uploaded)
    file_of(copy)
    work = PhotoWork()
    work.finish([retagged(job, letter * 64, "e" * 64) for job, letter in zip(work.claim(2), "fg", strict=True)])
    assert list(Photo.objects.classified().order_by("pk")) == [uploaded, copy]
    assert Tombstone.objects.filter(owner=user, digest="d" * 64).count() == 0
    assert Tombstone.objects.filter(owner=stranger).count() == 1


def test_an_upload_counts_as_sent_where_a_copy_of_it_in_a_folder_is_read(user: User) -> None:
    deleted = classified_photo(TABBY, owner=user, digest="d" * 64, picture_digest="e" * 64)
    delete_photos(user, [deleted.pk])
    uploaded = PhotoFactory(owner=user, digest="f" * 64)
    in_folder, upload = file_of(uploaded), item_of(uploaded)
    work = PhotoWork()
    (job,) = work.claim(1)
    assert job.file_id == in_folder.pk
    work.finish([retagged(job, "f" * 64, "e" * 64)])
    assert Photo.objects.classified().get() == uploaded
    assert set(uploaded.items.all()) == {in_folder, upload}


def test_a_folders_file_of_an_uploaded_photo_brings_nothing_back_that_was_not_sent(user: User) -> None:
    """The file held what was uploaded when a scan met it, and what was deleted when it was read."""
    deleted = classified_photo(TABBY, owner=user, digest="d" * 64)
    delete_photos(user, [deleted.pk])
    photo = PhotoFactory(owner=user, digest="a" * 64)
    changed, upload = file_of(photo), item_of(photo)
    work = PhotoWork()
    (job,) = work.claim(1)
    assert job.file_id == changed.pk
    work.finish([outcome_of(job, digest="d" * 64)])
    assert Tombstone.objects.filter(digest="d" * 64).exists()
    assert prediction_store().find(photo.pk) is None
    changed.refresh_from_db()
    assert (changed.photo, changed.state) == (None, Item.State.DELETED)
    (job,) = work.claim(1)
    assert job.file_id == upload.pk
    work.finish([outcome_of(job, digest="a" * 64)])
    photo.refresh_from_db()
    assert (photo.state, photo.digest) == (Photo.State.CLASSIFIED, "a" * 64)


def test_an_upload_from_before_that_is_read_anew_brings_nothing_back(user: User) -> None:
    due_again(classified_photo(TABBY, owner=user, digest="f" * 64, picture_digest="e" * 64))
    deleted = classified_photo(TABBY, owner=user, digest="d" * 64, picture_digest="e" * 64)
    delete_photos(user, [deleted.pk])
    work = PhotoWork()
    work.finish([retagged(job, "f" * 64, "e" * 64) for job in work.claim(1)])
    assert Photo.objects.classified().count() == 1
    assert Tombstone.objects.count() == 1


def shown(owner: User, letter: str) -> Photo:
    """A photo in the library without an upload."""
    photo = classified_photo(LABRADOR, owner=owner, digest=letter * 64)
    photo.items.all().delete()
    return photo


def failing(work: PhotoWork, reason: Reason) -> list[int]:
    """Let everything that is claimed fail for a reason, until there is nothing left; the items tried, in order."""
    tried: list[int] = []
    while jobs := work.claim(5):
        tried += [job.file_id for job in jobs]
        work.finish([Outcome(job, failure=reason) for job in jobs])
        assert len(tried) < 10
    return tried


def test_a_file_that_cannot_be_read_gives_way_to_a_copy(user: User) -> None:
    photo = PhotoFactory(owner=user, digest="a" * 64)
    closed, open_one = file_of(photo), file_of(photo, "/disk")
    work = PhotoWork()
    work.finish([Outcome(job, failure=Reason.FORBIDDEN) for job in work.claim(1)])
    (job,) = work.claim(1)
    assert job.file_id == open_one.pk
    work.finish([outcome_of(job, digest="a" * 64)])
    photo.refresh_from_db()
    assert (photo.state, photo.attempts) == (Photo.State.CLASSIFIED, 1)
    assert dict(Item.objects.values_list("pk", "problem")) == {closed.pk: Reason.FORBIDDEN, open_one.pk: ""}


def test_each_file_of_a_photo_is_tried_once_and_then_it_fails(user: User) -> None:
    photo = PhotoFactory(owner=user, digest="a" * 64)
    items = [file_of(photo, folder) for folder in ("/pictures", "/disk", "/other disk")]
    file_of(photo, "/away", state=Item.State.MISSING)
    Item.objects.update(digest="a" * 64)
    work = PhotoWork()
    assert failing(work, Reason.DAMAGED) == [item.pk for item in items]
    photo.refresh_from_db()
    assert (photo.state, photo.failure) == (Photo.State.FAILED, Reason.DAMAGED)
    Photo.objects.filter(pk=photo.pk).update(failure=Reason.FORBIDDEN)
    try_again(user)
    assert failing(work, Reason.FORBIDDEN) == [item.pk for item in items]


def test_a_good_upload_of_a_photo_is_not_blamed_for_the_file_that_cannot_be_read(user: User) -> None:
    photo = due_again(shown(user, "a"))
    damaged, upload = file_of(photo, digest="b" * 64), item_of(photo)
    work = PhotoWork()
    work.finish([Outcome(job, failure=Reason.DAMAGED) for job in work.claim(1)])
    assert dict(Item.objects.values_list("pk", "problem")) == {damaged.pk: Reason.DAMAGED, upload.pk: ""}
    (job,) = work.claim(1)
    assert job.file_id == upload.pk
    work.finish([outcome_of(job, digest="a" * 64)])
    photo.refresh_from_db()
    assert (photo.digest, photo.is_due, photo.is_missing) == ("a" * 64, False, False)


def test_a_full_disk_is_no_reason_to_try_a_copy(user: User) -> None:
    photo = PhotoFactory(owner=user, digest="a" * 64)
    items = [file_of(photo, folder) for folder in ("/pictures", "/disk")]
    assert failing(PhotoWork(), Reason.DISK_FULL) == [items[0].pk]
    photo.refresh_from_db()
    assert (photo.state, photo.failure) == (Photo.State.FAILED, Reason.DISK_FULL)
    assert not Item.objects.exclude(problem="").exists()


def test_a_file_that_kills_workers_gives_way_to_one_that_holds_something_else(user: User) -> None:
    photo = PhotoFactory(owner=user, digest="a" * 64, attempts=GIVE_UP_AFTER)
    deadly, _copy, other = file_of(photo), file_of(photo, "/copies"), file_of(photo, "/disk", digest="b" * 64)
    work = PhotoWork()
    (job,) = work.claim(1)
    assert job.file_id == other.pk
    work.finish([Outcome(job, failure=Reason.DAMAGED)])
    assert work.claim(1) == []
    deadly.refresh_from_db()
    assert deadly.problem == Reason.CRASHED


@pytest.mark.parametrize(("tried", "copy"), [("a" * 64, "a" * 64), ("", "a" * 64)])
def test_a_copy_of_a_file_that_kills_workers_is_not_tried(user: User, tried: str, copy: str) -> None:
    photo = PhotoFactory(owner=user, digest="a" * 64, attempts=GIVE_UP_AFTER)
    file_of(photo, digest=tried)
    file_of(photo, "/disk", digest=copy)
    assert PhotoWork().claim(1) == []
    photo.refresh_from_db()
    assert (photo.state, photo.failure) == (Photo.State.FAILED, Reason.CRASHED)


def test_a_shown_photo_is_tried_again_from_the_file_that_could_not_be_read(user: User) -> None:
    photo = shown(user, "a")
    closed, _ = file_of(photo, problem=Reason.FORBIDDEN), file_of(photo, "/disk")
    try_again(user, photo.pk)
    work = PhotoWork()
    (job,) = work.claim(1)
    assert job.file_id == closed.pk
    work.finish([outcome_of(job, digest="a" * 64)])
    assert not Item.objects.exclude(problem="").exists()


def test_the_file_that_is_tried_again_is_read_and_listed_until_then_whatever_other_files_there_are(user: User) -> None:
    photo = shown(user, "a")
    good, closed, open_now = (file_of(photo, folder) for folder in ("/pictures", "/disk", "/other disk"))
    Item.objects.exclude(pk=good.pk).update(problem=Reason.FORBIDDEN)
    try_again(user, photo.pk)
    assert set(unreadable_items(user)) == {closed, open_now}
    work = PhotoWork()
    (job,) = work.claim(1)
    assert job.file_id == closed.pk
    work.finish([Outcome(job, failure=Reason.FORBIDDEN)])
    (job,) = work.claim(1)
    assert job.file_id == open_now.pk
    assert set(unreadable_items(user)) == {closed, open_now}
    work.finish([outcome_of(job, digest="a" * 64)])
    assert work.claim(1) == []
    assert set(unreadable_items(user)) == {closed}
    photo.refresh_from_db()
    assert (photo.is_due, photo.is_missing) == (False, False)


def test_each_file_that_is_tried_again_is_read_after_one_that_could_be(user: User) -> None:
    photo = shown(user, "a")
    items = [file_of(photo, f"/disk {n}", problem=Reason.FORBIDDEN) for n in range(GIVE_UP_AFTER + 1)]
    try_again(user)
    work = PhotoWork()
    read = []
    while jobs := work.claim(1):
        read += [job.file_id for job in jobs]
        work.finish([outcome_of(job, digest="a" * 64) for job in jobs])
    assert read == [item.pk for item in items]
    assert not unreadable_items(user).exists()
    assert not Item.objects.filter(read_wanted=True).exists()


def test_a_file_tried_again_that_holds_another_photo_now_is_listed_no_more(user: User) -> None:
    twin = classified_photo(TABBY, owner=user, digest="b" * 64)
    photo = shown(user, "a")
    file_of(photo)
    closed = file_of(photo, "/disk", problem=Reason.FORBIDDEN)
    try_again(user)
    work = PhotoWork()
    work.finish([outcome_of(job, digest="b" * 64) for job in work.claim(1)])
    closed.refresh_from_db()
    assert (closed.photo, closed.problem, closed.read_wanted) == (twin, "", False)
    assert work.claim(1) == []

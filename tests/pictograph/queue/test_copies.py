"""Photos of the same content, and files that turn out to hold something else: what belongs to which after a read."""

import pytest

from classifier.work import Reason
from pictograph.models import Item, Photo
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.queue.claims import PhotoWork
from tests.factories import LABRADOR, TABBY, PhotoFactory, classified_photo, file_of
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


def shown(owner: User, letter: str) -> Photo:
    """A photo in the library without an upload."""
    photo = classified_photo(LABRADOR, owner=owner, digest=letter * 64)
    photo.items.all().delete()
    return photo

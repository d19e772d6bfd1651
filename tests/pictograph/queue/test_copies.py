"""Photos of the same content, and files that turn out to hold something else: what belongs to which after a read."""

from classifier.work import Reason
from pictograph.models import Photo
from pictograph.people.models import User
from pictograph.queue.claims import PhotoWork
from tests.factories import PhotoFactory
from tests.pictograph.queue.test_claims import outcome_of


def test_a_failed_photo_of_someone_else_with_the_same_content_is_left_alone(user: User, stranger: User) -> None:
    theirs = PhotoFactory(owner=stranger, state="failed", failure=Reason.DISK_FULL, digest="a" * 64)
    mine, another_of_theirs = PhotoFactory(owner=user), PhotoFactory(owner=stranger)
    digests = {mine.pk: "a" * 64, another_of_theirs.pk: "b" * 64}
    work = PhotoWork()
    work.finish([outcome_of(job, digest=digests[job.photo_id]) for job in work.claim(5)])
    assert set(Photo.objects.classified()) == {mine, another_of_theirs}
    assert Photo.objects.failed().get() == theirs

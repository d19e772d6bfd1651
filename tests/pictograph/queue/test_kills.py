"""Site and store share no transaction: killed between any two steps, both say the same after the next sweep."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from classifier.work import Job, Outcome
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Verdict
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover, delete_photos
from pictograph.photos.holds import release, take_down
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.queue.claims import PhotoWork
from pictograph.queue.renaming import renamed_otherwise
from pictograph.queue.tasks import sweep
from pictograph.store.interface import ALL_PHOTOS, PredictionStore
from pictograph.store.memory import MemoryStore
from pictograph.store.outbox import AGAIN_AFTER, Notice
from pictograph.store.relational.store import RelationalStore
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import LABRADOR, TABBY, PhotoFactory, UserFactory, classified_photo, item_of, picture
from tests.pictograph.queue.test_claims import outcome_of

WRITES = ("record", "rename", "update", "forget", "forget_owner")


class Killed(BaseException):
    """The process ends here."""


class Steps:
    """Counts steps, and kills just before one of them; that is just after the one before it."""

    def __init__(self) -> None:
        self.taken, self.kill_at = 0, -1

    def step(self) -> None:
        self.taken += 1
        if self.taken - 1 == self.kill_at:
            raise Killed

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*arguments: Any, **named: Any) -> Any:
            self.step()
            return call(*arguments, **named)

        return stepping


@pytest.fixture(params=[RelationalStore, MemoryStore])
def store(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> PredictionStore:
    """The site on one store."""
    kept: PredictionStore = request.param()
    for asked in ASKED:
        monkeypatch.setattr(asked, lambda: kept)
    return kept


ASKED = [
    "pictograph.store.outbox.prediction_store",
    "pictograph.queue.outcomes.prediction_store",
    "pictograph.queue.renaming.stored_predictions",
    "pictograph.people.erasing.prediction_store",
    "tests.factories.prediction_store",
]


@contextmanager
def stepping(store: PredictionStore, steps: Steps) -> Iterator[None]:
    """Every write of the store and of the storage is a step."""
    with pytest.MonkeyPatch.context() as patch:
        for name in WRITES:
            patch.setattr(store, name, steps.around(getattr(store, name)))
        for name in ("save", "delete"):
            patch.setattr(default_storage, name, steps.around(getattr(default_storage, name)))
        yield


def come_back(owner: User) -> None:
    """What happens after a kill: leases run out, the sweep comes round, a new worker takes up the work."""
    hour_ago = timezone.now() - 2 * AGAIN_AFTER
    Photo.objects.filter(lease__isnull=False).update(lease_until=hour_ago)
    for _ in range(2):
        Notice.objects.filter(again_at__isnull=False).update(again_at=hour_ago)
        Leftover.objects.update(noted_at=hour_ago)
        sweep()
        finish_all(owner)


def finish_all(owner: User) -> None:
    work = PhotoWork()
    while jobs := work.claim(10):
        work.finish([outcome(job) for job in jobs])


def outcome(job: Job) -> Outcome:
    # Two photos have the same content, so that one is dropped as a copy of the other.
    return outcome_of(job, digest=sha256(f"{job.photo_id // 2}".encode()).hexdigest(), taken_at=datetime(2020, 5, 4))


def assert_same(store: PredictionStore, people: list[User]) -> None:
    """The store says what the rows say, of every scope, and nothing is left over."""
    for owner in people:
        rows = Photo.objects.owned_by(owner).classified()
        for scope, shown in ((library_of(owner.pk), rows), (public_of(owner.pk), rows.filter(is_public=True))):
            counts = store.counts(scope, 1)
            assert counts.get(ALL_PHOTOS, 0) == shown.count()
            years = Counter(photo.shown_at.year for photo in shown)
            assert store.years(scope) == dict(sorted(years.items(), reverse=True))
            assert {record.photo_id for record in store.records(scope)} == {photo.pk for photo in shown}
            assert store.recount(scope) == []
    assert store.counts(NETWORK, 1).get(ALL_PHOTOS, 0) == Photo.objects.classified().filter(is_public=True).count()
    assert renamed_otherwise(list(Photo.objects.values_list("pk", flat=True))) == []
    files = {path for folder in ("renditions/480",) for path in stored(folder)}
    assert files == {photo.rendition_path(480) for photo in Photo.objects.classified()}
    assert not Notice.objects.filter(again_at__isnull=True).exists()


def stored(folder: str) -> list[str]:
    if not default_storage.exists(folder):
        return []
    folders, files = default_storage.listdir(folder)
    return [f"{folder}/{name}" for name in files] + [path for name in folders for path in stored(f"{folder}/{name}")]


def import_photos(owner: User) -> None:
    for photo in PhotoFactory.create_batch(3, owner=owner, digest=None):
        item_of(photo, content=picture())
    finish_all(owner)


def delete_some(owner: User) -> None:
    delete_photos(owner, list(owner.photos.values_list("pk", flat=True)[:1]))


def publish_and_withdraw(owner: User) -> None:
    publish(owner.photos.all(), is_public=True)
    first = owner.photos.first()
    assert first is not None
    publish(owner.photos.filter(pk=first.pk), is_public=False)


def take_down_and_release(owner: User) -> None:
    publish(owner.photos.all(), is_public=True)
    ids = list(owner.photos.values_list("pk", flat=True))
    take_down(ids, None, "No.")
    release(ids[:1], None)


def read_anew(owner: User) -> None:
    owner.photos.update(is_due=True)
    finish_all(owner)


def correct_and_undo(owner: User) -> None:
    ids = list(owner.photos.values_list("pk", flat=True))
    publish(owner.photos.filter(pk=ids[0]), is_public=True)
    correct(owner, ids, Verdict.IS, TABBY)
    made = correct(owner, ids, Verdict.WRONG, TABBY)
    if made is not None:
        undo(made)


def leave(owner: User) -> None:
    erase(owner)


ACTS = [*(import_photos, delete_some, publish_and_withdraw, take_down_and_release, read_anew, correct_and_undo, leave)]


@pytest.mark.parametrize("act", ACTS)
def test_a_kill_between_any_two_steps_is_made_good(
    act: Callable[[User], None], store: PredictionStore, celery_messages: list[str]
) -> None:
    kill_at = 0
    while True:
        owner, other = UserFactory(), UserFactory()
        classified_photo(TABBY, owner=other, is_public=True)
        for wnid in (LABRADOR, TABBY):
            classified_photo(wnid, owner=owner)
        steps = Steps()
        steps.kill_at = kill_at
        with stepping(store, steps):
            try:
                act(owner)
                was_killed = False
            except Killed:
                was_killed = True
        come_back(owner)
        assert_same(store, [owner, other])
        Photo.objects.all().delete()
        for person in (owner, other):
            store.forget_owner(person.pk)
        for path in stored("renditions") + stored("originals"):
            default_storage.delete(path)
        if not was_killed:
            break
        kill_at += 1
    assert kill_at > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ACTS)
def test_the_store_is_told_outside_of_any_transaction(
    act: Callable[[User], None], store: PredictionStore, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, told = UserFactory(), []
    for wnid in (LABRADOR, TABBY):
        classified_photo(wnid, owner=owner)
    for name in WRITES:

        def tell(*arguments: Any, of: Any = getattr(store, name)) -> None:
            told.append(connection.in_atomic_block)
            of(*arguments)

        monkeypatch.setattr(store, name, tell)
    act(owner)
    come_back(owner)
    assert told
    assert not any(told)

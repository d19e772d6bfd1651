"""What the store still has to be told."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store.interface import Facts
from pictograph.store.memory import MemoryStore
from pictograph.store.outbox import TOLD_WITHIN, Notice, note_changed, note_deleted, sweep_notices, tell_store
from tests.factories import BEAGLE, classified_photo, record_of


def test_what_is_to_be_forgotten_stays_so_whatever_changes_afterwards(db: None) -> None:
    with transaction.atomic():
        note_deleted([1, 2])
        note_changed([2, 3])
    assert dict(Notice.objects.values_list("pk", "is_deleted")) == {1: True, 2: True, 3: False}


def test_photos_are_published_however_many_there_are(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pictograph.photos.publishing.CHUNK", 2)
    for _ in range(5):
        classified_photo({BEAGLE: 0.9}, owner=user)
    mine = Photo.objects.owned_by(user)
    assert publish(mine, is_public=True) == 5
    assert mine.filter(is_public=True).count() == 5
    assert publish(mine, is_public=True) == 0
    assert publish(mine.filter(pk=mine.newest_first()[0].pk), is_public=False) == 1
    assert not Notice.objects.exists()


@pytest.fixture
def store(db: None, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """What the outbox tells."""
    store = MemoryStore()
    monkeypatch.setattr("pictograph.store.outbox.prediction_store", lambda: store)
    return store


@pytest.fixture
def photo(user: User, store: MemoryStore) -> Photo:
    """One that the store knows as private."""
    photo = classified_photo({BEAGLE: 0.9}, owner=user)
    store.record([record_of(photo, {BEAGLE: 0.9})])
    return photo


@contextmanager
def meanwhile(
    store: MemoryStore, act: Callable[[], object], after: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Have something happen once between what is read of a photo's row and what the store is told."""
    update, pending = store.update, [act]

    def update_later(facts: Sequence[Facts]) -> None:
        facts, is_first = list(facts), bool(pending)
        if pending:
            pending.pop()()
        update(facts)
        if is_first:
            after()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "update", update_later)
        yield


def is_public(store: MemoryStore, photo: Photo) -> bool:
    record = store.find(photo.pk)
    assert record is not None
    return record.is_public


def show(photo: Photo, is_public: bool = True) -> None:
    """Publish a photo, or withdraw it; once, whatever happens meanwhile."""
    with transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(is_public=is_public)
        note_changed([photo.pk])
    tell_store([photo.pk])


def withdraw(photo: Photo) -> None:
    show(photo, is_public=False)


def test_of_two_changes_the_later_one_is_told_last(photo: Photo, store: MemoryStore) -> None:
    with meanwhile(store, partial(withdraw, photo)):
        show(photo)
    assert not is_public(store, photo)
    assert not Notice.objects.exists()


class Killed(BaseException):
    """The process ends here."""


def be_killed() -> None:
    raise Killed


def test_who_is_killed_having_told_the_older_of_two_changes_leaves_the_later_one_to_be_told(
    photo: Photo, store: MemoryStore
) -> None:
    with meanwhile(store, partial(withdraw, photo), be_killed), pytest.raises(Killed):
        show(photo)
    sweep_notices()
    assert is_public(store, photo), "somebody else told it while its process could have been alive"
    Notice.objects.update(again_at=F("again_at") - TOLD_WITHIN)
    sweep_notices()
    assert not is_public(store, photo)
    assert not Notice.objects.exists()


def test_who_took_too_long_and_was_taken_for_dead_tells_once_more_what_is_so_by_then(
    photo: Photo, store: MemoryStore
) -> None:
    def be_taken_for_dead() -> None:
        Notice.objects.update(again_at=F("again_at") - TOLD_WITHIN)
        withdraw(photo)

    with meanwhile(store, be_taken_for_dead):
        show(photo)
    assert not is_public(store, photo)
    assert not Notice.objects.exists()


def test_a_photo_deleted_while_it_is_told_of_is_forgotten_and_once_more_in_an_hour(
    photo: Photo, user: User, store: MemoryStore
) -> None:
    with meanwhile(store, partial(delete_photos, user, [photo.pk])):
        show(photo)
    assert store.find(photo.pk) is None
    assert Notice.objects.get().is_deleted
    sweep_notices()
    assert Notice.objects.filter(again_at__gt=timezone.now()).exists()


def test_what_a_store_that_was_away_was_not_told_is_told_by_the_next_sweep(photo: Photo, store: MemoryStore) -> None:
    def be_away() -> None:
        raise ConnectionError

    with meanwhile(store, be_away), pytest.raises(ConnectionError):
        show(photo)
    sweep_notices()
    assert is_public(store, photo)

"""What the store still has to be told."""

import pytest
from django.db import transaction

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store.outbox import Notice, note_changed, note_deleted
from tests.factories import BEAGLE, classified_photo


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

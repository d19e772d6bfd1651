"""What was recorded before the network was counted by month is counted when the tables are brought up to date."""

from datetime import UTC, datetime
from importlib import import_module

from django.apps import apps
from django.db import connection
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.relational.migrations import __name__ as migrations
from pictograph.store.relational.models import ClassifiedPhoto, Growth
from pictograph.store.relational.store import RelationalStore
from pictograph.store.scope import NETWORK
from tests.factories import BEAGLE, TABBY, classified_photo


class Editor:
    """What a migration says statements to."""

    def execute(self, statement: str) -> None:
        """Say one."""
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_what_is_published_is_dated_and_counted(user: User) -> None:
    network = import_module(f"{migrations}.0003_network")
    may = datetime(2024, 5, 31, 23, tzinfo=UTC)
    photo = classified_photo(BEAGLE, owner=user, is_public=True, published_at=may)
    withdrawn = classified_photo(TABBY, owner=user, is_public=True)
    classified_photo(TABBY, owner=user)
    Photo.objects.filter(pk=withdrawn.pk).update(is_public=False, published_at=None)
    store, now = RelationalStore(), timezone.now()
    Growth.objects.all().delete()
    ClassifiedPhoto.objects.filter(pk=photo.pk).update(published_at=now)
    network.date_what_is_published(apps, Editor())
    network.count_by_month(apps, Editor())
    assert store.recount(NETWORK, is_check=True) == []
    assert store.growth(ALL_PHOTOS, 1) == {may.date().replace(day=1): 1, now.date().replace(day=1): 1}
    found = store.find(photo.pk)
    assert found is not None
    assert found.published_at == may

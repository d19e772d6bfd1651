"""What concerns many photos is done in short transactions, so that nobody waits long for a turn to write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, models
from django.utils import timezone

from classifier.work import Reason
from pictograph import transactions
from pictograph.models import Import, Item, Photo, Rejection, Source, Tombstone
from pictograph.people import erasing
from pictograph.people.models import User
from pictograph.photos import deletion, publishing
from pictograph.places import counting
from pictograph.sources import failures, folders, steering
from pictograph.store import outbox
from tests.factories import ImportFactory, PhotoFactory, UserFactory, file_of, uploads_of

MANY, CHUNK = 12, 3

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch, celery_messages: list[str]) -> None:
    """Chunks of three rows."""
    for room in (deletion, folders, steering, failures, erasing, publishing, counting, outbox):
        monkeypatch.setattr(room, "CHUNK", CHUNK)
    monkeypatch.setattr(transactions, "ROWS_TOGETHER", CHUNK)


@contextmanager
def rows_changed_at_most(most: int) -> Iterator[None]:
    """Fail where one transaction changes more rows of a table than that."""
    changed: dict[str, int] = {}
    found: list[tuple[str, int]] = []

    def count(
        execute: Callable[..., object], sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        answer = execute(sql, params, many, context)
        verb, *words = sql.split()
        if verb in ("UPDATE", "DELETE"):
            table = words[0] if verb == "UPDATE" else words[1]
            rows = context["cursor"].rowcount  # type: ignore[attr-defined]
            changed[table] = changed.get(table, 0) + max(rows, 0) if connection.in_atomic_block else rows
            found.append((table, changed[table]))
        return answer

    atomic_exit = transactions.transaction.Atomic.__exit__

    def exit_and_count_anew(self: object, *error: object) -> object:
        left = atomic_exit(self, *error)  # type: ignore[arg-type]
        if not connection.in_atomic_block:
            changed.clear()
        return left

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(count):
        patch.setattr(transactions.transaction.Atomic, "__exit__", exit_and_count_anew)
        yield
    assert found, "nothing was changed"
    longest = max(found, key=lambda one: one[1])
    assert longest[1] <= most, f"{longest[1]} rows of {longest[0]} in one transaction"


def pending(user: User) -> None:
    batch = ImportFactory(owner=user)
    until = timezone.now() + timedelta(minutes=1)
    for n, photo in enumerate(PhotoFactory.create_batch(MANY, owner=user, batch=batch, digest=None)):
        Item.objects.create(source=uploads_of(user), ref=f"originals/{n}", stored=f"originals/{n}", photo=photo)
    Photo.objects.filter(pk=photo.pk).update(lease="0" * 32, lease_until=until)


def also_in_a_folder(user: User) -> None:
    pending(user)
    source = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder="/pictures")
    ImportFactory(owner=user, source=source, state=Import.State.RECEIVING)
    Item.objects.bulk_create(Item(source=source, ref=photo.name, photo=photo) for photo in Photo.objects.all())


def paused(user: User) -> None:
    pending(user)
    user.imports.update(is_paused=True)


def failed(user: User) -> None:
    batch = ImportFactory(owner=user)
    for photo in PhotoFactory.create_batch(MANY, owner=user, batch=batch, state="failed", failure=Reason.DISK_FULL):
        file_of(photo, has_changed=True)
    Rejection.objects.bulk_create(Rejection(batch=batch, name=str(n), reason=Reason.EMPTY) for n in range(MANY))


def tried_again(user: User) -> None:
    failed(user)
    failures.try_again(user)


def unreadable(user: User) -> None:
    for photo in PhotoFactory.create_batch(MANY, owner=user, state="classified"):
        file_of(photo, problem=Reason.DISK_FULL)


def buried(user: User) -> None:
    failed(user)
    items = Item.objects.filter(photo__owner=user)
    items.update(state=Item.State.DELETED, photo=None)
    Photo.objects.all().delete()
    Tombstone.objects.bulk_create(Tombstone(owner=user, digest=str(n)) for n in range(MANY))


def remove_the_folder(user: User) -> None:
    Source.objects.filter(kind=Source.Kind.FOLDER).update(removal=Source.Removal.KEEP)
    folders.remove(Source.objects.get(kind=Source.Kind.FOLDER))


def publish_all(user: User) -> None:
    publishing.publish(Photo.objects.owned_by(user), is_public=True)


def delete_all(user: User) -> None:
    deletion.delete_photos(user, list(user.photos.values_list("pk", flat=True)))


Case = tuple[Callable[[User], None], Callable[[User], object], dict[type[models.Model], int]]
CASES: list[Case] = [
    (pending, steering.cancel, {Photo: 0, Item: 0}),
    (also_in_a_folder, steering.cancel, {Photo: 0, Item: 0}),
    (tried_again, steering.cancel, {Photo: MANY, Item: MANY}),
    (paused, steering.go_on, {Photo: MANY}),
    (failed, failures.try_again, {Photo: MANY}),
    (unreadable, failures.try_again, {Photo: MANY}),
    (failed, failures.clear_failures, {Photo: 0, Rejection: 0}),
    (unreadable, remove_the_folder, {Photo: MANY, Item: 0, Source: 0}),
    (buried, remove_the_folder, {Photo: 0, Item: 0, Rejection: MANY}),
    (buried, erasing.erase, {User: 0, Item: 0, Photo: 0, Tombstone: 0, Rejection: 0}),
    (unreadable, publish_all, {Photo: MANY}),
    (unreadable, delete_all, {Photo: 0}),
]


@pytest.mark.usefixtures("small_chunks")
def test_no_transaction_changes_many_rows_of_a_table() -> None:
    for make, act, left in CASES:
        user = UserFactory()
        make(user)
        with rows_changed_at_most(2 * CHUNK):
            act(user)
        for table, count in left.items():
            assert table._default_manager.count() == count, f"{act.__name__} where photos are {make.__name__}"
        User.objects.all().delete()
        Tombstone.objects.all().delete()

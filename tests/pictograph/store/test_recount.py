"""A recount of the relational store beside others that write: nobody waits for it, and it puts right what was off."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection

from pictograph.store.relational import recount
from pictograph.store.relational.models import CategoryCount, LeafSum, PhotoCategory
from pictograph.store.relational.store import RelationalStore
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.pictograph.store.made_up import ANNA, DOG, LABRADOR, SCOPES, TABBY, day, facts_of, record_of

pytestmark = pytest.mark.django_db(transaction=True)

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def store() -> RelationalStore:
    """A store of six photos, four of them public."""
    store = RelationalStore()
    store.record([record_of(n, LABRADOR, is_public=n < 5) for n in range(1, 7)])
    return store


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something done by another connection, to its end, once the next recount has begun to read."""

    def have(write: Callable[[], object]) -> None:
        count = recount._count

        def write_first(*args: object) -> None:
            monkeypatch.undo()
            in_another_thread(write)
            count(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(recount, "_count", write_first)

    return have


def in_another_thread(write: Callable[[], object]) -> None:
    def write_and_hang_up() -> None:
        try:
            write()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write_and_hang_up).result()


def all_right(store: RelationalStore) -> bool:
    return not any(store.recount(scope, is_check=True) for scope in SCOPES)


WRITES: list[Callable[[RelationalStore], None]] = [
    lambda store: store.record([record_of(n, TABBY, is_public=True) for n in (2, 7, 8)]),
    lambda store: store.forget([1, 2, 6]),
    lambda store: store.update([facts_of(n, day(2021), n > 4) for n in range(1, 7)]),
    lambda store: store.forget_owner(ANNA),
]


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_beside_a_check_does_not_wait_and_is_no_false_alarm(
    store: RelationalStore, meanwhile: Meanwhile, write: Callable[[RelationalStore], None]
) -> None:
    for scope in (NETWORK, public_of(ANNA), library_of(ANNA)):
        meanwhile(lambda: write(store))
        assert store.recount(scope, is_check=True) == []
    assert all_right(store)


@pytest.mark.parametrize("write", WRITES)
def test_what_was_off_is_put_right_whatever_is_written_beside(
    store: RelationalStore, meanwhile: Meanwhile, write: Callable[[RelationalStore], None]
) -> None:
    CategoryCount.objects.filter(scope=library_of(ANNA).key, wnid=DOG).update(photos=1)  # too low for what goes
    CategoryCount.objects.filter(scope=library_of(ANNA).key, wnid=LABRADOR).delete()
    LeafSum.objects.filter(scope=library_of(ANNA).key).update(photos=50)
    PhotoCategory.objects.filter(photo_id=3).delete()
    meanwhile(lambda: write(store))
    assert store.recount(library_of(ANNA))
    assert all_right(store)


def test_two_recounts_at_once_put_right_once(store: RelationalStore, meanwhile: Meanwhile) -> None:
    CategoryCount.objects.filter(wnid=DOG).update(photos=2)
    LeafSum.objects.update(photos=2)
    meanwhile(lambda: store.recount(NETWORK))
    store.recount(NETWORK)
    assert store.recount(NETWORK) == []


def test_a_check_changes_nothing(store: RelationalStore) -> None:
    CategoryCount.objects.filter(wnid=DOG).update(photos=2)
    PhotoCategory.objects.filter(photo_id=3).delete()
    said = store.recount(NETWORK, is_check=True)
    assert len(said) > 1
    assert store.recount(NETWORK, is_check=True) == said


def test_a_recount_killed_between_two_of_its_transactions_does_no_harm(
    store: RelationalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "COUNTERS_TOGETHER", 1)
    CategoryCount.objects.filter(scope=NETWORK.key).delete()
    change = recount.change_counters
    changed: list[object] = []

    def changed_twice(*args: object) -> None:
        if len(changed) == 2:
            raise KeyboardInterrupt
        changed.append(args)
        change(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(recount, "change_counters", changed_twice)
    wrong = len(store.recount(NETWORK, is_check=True))
    with pytest.raises(KeyboardInterrupt):
        store.recount(NETWORK)
    monkeypatch.undo()
    assert len(store.recount(NETWORK)) == wrong - 2
    assert all_right(store)


def test_a_counter_that_is_too_low_does_not_keep_photos_from_being_forgotten(store: RelationalStore) -> None:
    CategoryCount.objects.filter(wnid=DOG).update(photos=1)
    store.forget([1, 2, 3])
    assert store.find_many([1, 2, 3]) == []
    store.recount(library_of(ANNA))
    assert store.recount(library_of(ANNA)) == []


def test_a_rebuild_by_the_command_holds_up_nobody_who_writes(store: RelationalStore, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: store.record([record_of(9, TABBY, is_public=True)]))
    call_command("rebuild_predictions")
    assert all_right(store)

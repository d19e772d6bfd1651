"""A call that is killed between any two steps and made again leaves what one call leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from pictograph.store.interface import PredictionStore
from pictograph.store.memory import MemoryStore
from pictograph.store.shown import ShownStore
from tests.pictograph.store.made_up import (
    ANNA,
    LABRADOR,
    OTHER_NET,
    SCOPES,
    TABBY,
    day,
    everything_said,
    facts_of,
    record_of,
)

CALLS: dict[str, Callable[[PredictionStore], None]] = {
    "record": lambda store: store.record(
        [
            record_of(1, TABBY, is_public=True),
            record_of(2, LABRADOR, network=OTHER_NET),
            record_of(4, TABBY, shown_at=day(2021), is_public=True),
        ]
    ),
    "update": lambda store: store.update([facts_of(n, day(2021), is_public=n != 3) for n in (1, 2, 3)]),
    "rename": lambda store: store.rename(
        [replace(record_of(n, LABRADOR), assignments=record_of(n, TABBY).assignments) for n in (1, 2)]
    ),
    "forget": lambda store: store.forget([1, 3]),
    "forget_owner": lambda store: store.forget_owner(ANNA),
}
# A test is a transaction itself, so that the store's own begin and end in statements. They are let through: a database
# rolls back for whoever is gone.
ENDS_AND_BEGINS = ("SAVEPOINT", "ROLLBACK", "RELEASE")


class Killed(Exception):
    """What stands for the end of the process."""


class KilledDict(dict[Any, Any]):
    """A dict that takes so many changes and then no more."""

    changes_left = 0

    def _change(self) -> None:
        if self.changes_left == 0:
            raise Killed
        self.changes_left -= 1

    def __setitem__(self, key: Any, value: Any) -> None:
        self._change()
        super().__setitem__(key, value)

    def pop(self, *args: Any) -> Any:
        self._change()
        return super().pop(*args)


@contextmanager
def killed_after(store: PredictionStore, steps: int) -> Iterator[None]:
    """Let a store take so many steps: changes of a dict, or statements that a database is given."""
    if isinstance(store, ShownStore):
        store = store._store
    if isinstance(store, MemoryStore):
        mortal = KilledDict(store._kept)
        mortal.changes_left = steps
        store._kept = mortal
        try:
            yield
        finally:
            store._kept = dict(mortal)
        return
    left = steps

    def execute(run: Callable[..., Any], statement: str, *details: Any) -> Any:
        nonlocal left
        if not statement.startswith(ENDS_AND_BEGINS):
            if left == 0:
                raise Killed
            left -= 1
        return run(statement, *details)

    with connection.execute_wrapper(execute):
        yield


def begin(store: PredictionStore) -> None:
    """Three photos, one by two networks, of which one is public."""
    store.forget([1, 2, 3, 4])
    store.record([record_of(n, LABRADOR, is_public=n == 1) for n in (1, 2, 3)])
    store.record([record_of(3, TABBY, network=OTHER_NET)])


@pytest.mark.parametrize("call", CALLS)
def test_a_call_killed_at_any_step_and_made_again_leaves_what_one_call_leaves(
    store: PredictionStore, call: str
) -> None:
    begin(store)
    CALLS[call](store)
    right = everything_said(store)
    ended, steps = False, 0
    while not ended:
        begin(store)
        try:
            with killed_after(store, steps):
                CALLS[call](store)
            ended = True
        except Killed:
            for scope in SCOPES:
                assert store.recount(scope) == []
            CALLS[call](store)
        assert everything_said(store) == right
        steps += 1
    assert steps > 2


def test_a_store_killed_at_the_first_step_keeps_nothing(store: PredictionStore) -> None:
    with pytest.raises(Killed), killed_after(store, 0):
        store.record([record_of(1, LABRADOR)])
    assert store.find(1) is None

"""How writers take turns: the order in which everything is locked, and transactions that are tried again.

PostgreSQL lets many write at once, each of them waiting for the rows it wants, and two that wait for each other are a
deadlock. So all of the site waits in one order:

1. people by id (`hold_people`): whoever changes what belongs to a person holds the person's row first
2. sources, then the photos that their services list, then photos with their words, holds, flags, items and
   tombstones and what was taken down, then imports and rejections, then albums and what is in them, each by id
3. leftovers by path, then notices and what the map has not counted, by photo
4. the map's counters and the store, where one at a time writes; neither waits for the other or anything of the above

Rows of one person are changed by one transaction at a time, then, and what else happens among them needs no order. Who
does not hold the person waits for none of their rows: it passes over what is locked, as the claims of workers do, or
changes a single row in a transaction of its own. Rows that are inserted lock those that they point to only against
deletion, and only erasing deletes a person.

On SQLite one transaction at a time writes anyhow, from its first statement on (BEGIN IMMEDIATE), so that all wait there
in one line, for 30 s at most.

Nothing slow happens while anything is locked: files are read, hashed and removed, pictures decoded and categories
computed before or after. What concerns many rows is done in chunks, each of which leaves everything as it may be found.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import islice
from typing import Any, ParamSpec, TypeVar

from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

ROWS_TOGETHER = 2000  # small rows deleted or changed by one statement: about a tenth of a second
TRIES = 5
DEADLOCK, NOT_SERIALIZABLE = "40P01", "40001"  # PostgreSQL's SQLSTATE

Asked = ParamSpec("Asked")
Given = TypeVar("Given")
Entry = TypeVar("Entry")
Rows = TypeVar("Rows", bound=QuerySet[Any])


def transacted(write: Callable[Asked, Given]) -> Callable[Asked, Given]:
    """Run a function in a transaction; from the start again where the database ended it to let another one through.

    It must have no effect but on the database. Inside another transaction it is a part of that one, and tried once.
    """

    @wraps(write)
    def wrapped(*args: Asked.args, **kwargs: Asked.kwargs) -> Given:
        last = 1 if connection.in_atomic_block else TRIES
        for attempt in range(1, last + 1):
            try:
                with transaction.atomic():
                    return write(*args, **kwargs)
            except OperationalError as error:
                if attempt == last or getattr(error.__cause__, "sqlstate", "") not in (DEADLOCK, NOT_SERIALIZABLE):
                    raise
        raise AssertionError("a loop of at least one attempt returns or raises")

    return wrapped


def hold(rows: QuerySet[Any], by: str = "pk") -> list[Any]:
    """Lock rows to the end of the transaction, in the order that all lock them in; their keys."""
    return list(rows.select_for_update().order_by(by).values_list(by, flat=True))


def hold_people(ids: Iterable[int | None]) -> None:
    """Let nobody else change what belongs to some people, to the end of the transaction; the first thing in it.

    Rows of theirs can be added meanwhile by whoever does not ask.
    """
    if connection.features.has_select_for_update:
        people = get_user_model()._default_manager.filter(pk__in={pk for pk in ids if pk is not None})
        list(people.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def of_held_people(rows: Rows) -> Rows:
    """Those of some rows whose owners nobody else changes to the end of the transaction, which begins with it.

    What came meanwhile, of somebody who had none of the rows, is not among them.
    """
    owners = set(rows.order_by().values_list("owner", flat=True).distinct())
    hold_people(owners)
    return rows.filter(owner__in=owners)


def chunks(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Entries in their order, each once, as many together as one transaction takes."""
    remaining = iter(dict.fromkeys(entries))
    while chunk := list(islice(remaining, size)):
        yield chunk


def delete_in_chunks(owner_id: int, rows: QuerySet[Any]) -> Iterator[int]:
    """Delete small rows of one person that nothing points to, a chunk a transaction; how many were in each."""
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_TOGETHER]):
        yield _delete(owner_id, rows.filter(pk__in=pks))


@transacted
def _delete(owner_id: int, rows: QuerySet[Any]) -> int:
    hold_people([owner_id])
    return rows.delete()[0]

"""Adding to many counters of a table at once."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from pictograph.store.relational.tables import run_many

Row = tuple[Any, ...]  # a counter's key, and what is added to it


def add_to(counters: type[models.Model], columns: Sequence[str], changes: Counter[Any]) -> None:
    """Add to the counters of a table, which the columns tell apart; one that comes to nothing is gone.

    One that was wrong may be too low for what is taken from it. That is for a recount to find and mend, and must not
    keep a photo from being forgotten.
    """
    # A falling counter is never the first of its key, so nothing inserts a negative number.
    rising = [(*key, photos) for key, photos in sorted(changes.items()) if photos > 0]
    falling = [(*key, -photos) for key, photos in sorted(changes.items()) if photos <= 0]
    add = _add_on_postgresql if connection.vendor == "postgresql" else _add
    add(counters, columns, rising, falling)


def _add(counters: type[models.Model], columns: Sequence[str], rising: Sequence[Row], falling: Sequence[Row]) -> None:
    """Say each change in a statement of its own: no way to the database is long here."""
    table, which = counters._meta.db_table, " AND ".join(f"{column} = %s" for column in columns)
    run_many(
        f"INSERT INTO {table} ({', '.join(columns)}, photos) VALUES ({', '.join(['%s'] * len(columns))}, %s) "
        f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET photos = {table}.photos + excluded.photos",
        rising,
    )
    less = f"UPDATE {table} SET photos = CASE WHEN photos > %s THEN photos - %s ELSE 0 END WHERE {which}"
    run_many(less, [(photos, photos, *key) for *key, photos in falling])
    run_many(f"DELETE FROM {table} WHERE {which} AND photos = 0", [key for *key, _ in falling])


def _add_on_postgresql(
    counters: type[models.Model], columns: Sequence[str], rising: Sequence[Row], falling: Sequence[Row]
) -> None:
    """Say all changes in one statement, which takes a tenth of the time."""
    table, names = counters._meta.db_table, [*columns, "photos"]
    types = [counters._meta.get_field(name).db_type(connection) for name in names]
    changes = f"unnest({', '.join(f'%s::{kind}[]' for kind in types)}) AS change({', '.join(names)})"
    which = " AND ".join(f"{table}.{column} = change.{column}" for column in columns)
    with connection.cursor() as cursor:
        if rising:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM {changes} "
                f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET photos = {table}.photos + excluded.photos",
                [list(column) for column in zip(*rising, strict=True)],
            )
        if falling:
            values = [list(column) for column in zip(*falling, strict=True)]
            less = f"GREATEST({table}.photos - change.photos, 0)"
            cursor.execute(f"UPDATE {table} SET photos = {less} FROM {changes} WHERE {which}", values)
            cursor.execute(f"DELETE FROM {table} USING {changes} WHERE {which} AND {table}.photos = 0", values)

"""Writing and removing many small rows at once; the ORM takes four times as long over them as the database does.

PostgreSQL is told them in one statement, whose parameters are columns. To SQLite no way is long, and each row is said.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models

Rows = Sequence[Sequence[Any]]  # values in the order of the columns


def insert_many(table: type[models.Model], columns: Sequence[str], rows: Rows, conflict: str = "") -> None:
    """Insert rows in the order given; `conflict` is what SQL is to do ON CONFLICT."""
    if not rows:
        return
    name, named = table._meta.db_table, ", ".join(columns)
    end = f" ON CONFLICT {conflict}" if conflict else ""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"INSERT INTO {name} ({named}) SELECT * FROM {_these(table, columns)}{end}", _turned(rows))
        else:
            values = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {name} ({named}) VALUES ({values}){end}", _with_dates_adapted(rows))


def update_many(table: type[models.Model], key: Sequence[str], columns: Sequence[str], rows: Rows) -> None:
    """Change columns of the rows that have the values of the key, which come first in each of `rows`."""
    if not rows:
        return
    name = table._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            same = _same(name, key)
            changes = ", ".join(f"{column} = these.{column}" for column in columns)
            these = _these(table, [*key, *columns])
            cursor.execute(f"UPDATE {name} SET {changes} FROM {these} WHERE {same}", _turned(rows))
        else:
            same = _given(key)
            changes = ", ".join(f"{column} = %s" for column in columns)
            turned = [(*row[len(key) :], *row[: len(key)]) for row in rows]
            cursor.executemany(f"UPDATE {name} SET {changes} WHERE {same}", _with_dates_adapted(turned))


def delete_many(table: type[models.Model], columns: Sequence[str], rows: Rows, where: str) -> None:
    """Delete the rows with these values in the columns, of those that also fulfil a condition."""
    if not rows:
        return
    name = table._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            same = _same(name, columns)
            statement = f"DELETE FROM {name} USING {_these(table, columns)} WHERE {same} AND {where}"
            cursor.execute(statement, _turned(rows))
        else:
            same = _given(columns)
            cursor.executemany(f"DELETE FROM {name} WHERE {same} AND {where}", rows)


def subtract_many(table: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Take from the last of some columns, in the rows that the others tell; one that comes to nothing is gone."""
    if not rows:
        return
    name, *key, amount = (table._meta.db_table, *columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            these, values = _these(table, columns), _turned(rows)
            same = _same(name, key)
            less = f"{amount} = {name}.{amount} - these.{amount}"
            cursor.execute(
                f"DELETE FROM {name} USING {these} WHERE {same} AND {name}.{amount} <= these.{amount}", values
            )
            cursor.execute(f"UPDATE {name} SET {less} FROM {these} WHERE {same}", values)
        else:
            same = _given(key)
            cursor.executemany(f"DELETE FROM {name} WHERE {same} AND {amount} <= %s", rows)
            less = f"{amount} = {amount} - %s"
            cursor.executemany(f"UPDATE {name} SET {less} WHERE {same}", [(row[-1], *row[:-1]) for row in rows])


def array_of(values: Iterable[Any]) -> str:
    """Numbers, texts, bytes or moments as PostgreSQL reads an array; psycopg takes ten times as long to say a list."""
    values = list(values)
    say = str if set(map(type, values)) <= {int} else _element  # most are of plain numbers
    return f"{{{','.join(map(say, values))}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, str):
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


def _these(table: type[models.Model], columns: Sequence[str]) -> str:
    """Rows as `these`, of which each column is a parameter."""
    fields = {field.column: field for field in table._meta.concrete_fields}
    arrays = ", ".join(f"%s::{fields[column].db_type(connection)}[]" for column in columns)
    return f"unnest({arrays}) AS these({', '.join(columns)})"


def _same(name: str, columns: Sequence[str]) -> str:
    return " AND ".join(f"{name}.{column} = these.{column}" for column in columns)


def _given(columns: Sequence[str]) -> str:
    return " AND ".join(f"{column} = %s" for column in columns)


def _turned(rows: Rows) -> list[str]:
    return [array_of(column) for column in zip(*rows, strict=True)]


def _with_dates_adapted(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """The rows with dates in the database's form; each date is put into it once, for a photo has several rows."""
    adapt = cache(connection.ops.adapt_datetimefield_value)
    some = (next((row[n] for row in rows if row[n] is not None), None) for n in range(len(rows[0])))
    for column in [n for n, value in enumerate(some) if isinstance(value, datetime)]:
        rows = [(*row[:column], adapt(row[column]), *row[column + 1 :]) for row in rows]
    return rows

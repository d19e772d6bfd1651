"""Writing many small rows, over which the ORM would take four times as long as the database does."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

from pictograph.many import run_many


def insert(table: type[models.Model], rows: Sequence[Mapping[str, Any]], replace_by: Sequence[str] = ()) -> None:
    """Insert rows, columns by name; a row that equals one there in the columns `replace_by` replaces it."""
    if not rows:
        return
    columns = list(rows[0])
    statement = f"INSERT INTO {_quoted(table)} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
    if replace_by:
        changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in replace_by)
        statement += f" ON CONFLICT ({', '.join(replace_by)}) DO UPDATE SET {changes}"
    run_many(statement, [tuple(row.values()) for row in rows])


def _quoted(table: type[models.Model]) -> str:
    return connection.ops.quote_name(table._meta.db_table)

"""Inserting many small rows, of which the columns go by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from pictograph.many import insert_many


def insert(table: type[models.Model], rows: Sequence[Mapping[str, Any]], replace_by: Sequence[str] = ()) -> None:
    """Insert rows, no two of them equal in the columns `replace_by`; one that is in these as one there replaces it."""
    if not rows:
        return
    columns, conflict = list(rows[0]), ""
    if replace_by:
        changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in replace_by)
        conflict = f"({', '.join(replace_by)}) DO UPDATE SET {changes}"
    insert_many(table, columns, [tuple(row.values()) for row in rows], conflict)

"""Adding to many counters of a table at once."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import models

from pictograph.many import insert_many, subtract_many


def add_to(counters: type[models.Model], columns: Sequence[str], changes: Counter[Any]) -> None:
    """Add to the counters of a table, which the columns tell apart; one that comes to nothing is gone.

    One that was wrong may be too low for what is taken from it. That is for a recount to find and mend, and must not
    keep a photo from being forgotten.
    """
    # A falling counter is never the first of its key, so nothing inserts a negative number.
    rising = [(*key, photos) for key, photos in sorted(changes.items()) if photos > 0]
    falling = [(*key, -photos) for key, photos in sorted(changes.items()) if photos <= 0]
    table, named = counters._meta.db_table, (*columns, "photos")
    added = f"({', '.join(columns)}) DO UPDATE SET photos = {table}.photos + excluded.photos"
    insert_many(counters, named, rising, added)
    subtract_many(counters, named, falling)

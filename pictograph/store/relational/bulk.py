"""Many photos recorded at once, as a made-up network has them: counted by arrays, and inserted in a few statements.

What stands there afterwards is what `record` would have left. Nobody else may write meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from scipy import sparse

from pictograph.store.interface import ALL_PHOTOS, Record
from pictograph.store.relational.models import (
    EVERY_YEAR,
    CategoryCount,
    ClassifiedPhoto,
    Growth,
    LeafSum,
    PhotoCategory,
    Prediction,
)
from pictograph.store.relational.packing import pack_assignments, pack_names
from pictograph.store.relational.tables import moments, write
from pictograph.store.relational.tally import leaf_sum_rows
from pictograph.store.scope import NETWORK, library_of, public_of

TABLES = (Prediction, ClassifiedPhoto, PhotoCategory, CategoryCount, Growth, LeafSum)
TOGETHER = 50_000  # photos a transaction
MONTHS = np.datetime64("0000-01", "M")  # counted from here, as Growth counts them


@dataclass(frozen=True, eq=False)
class Bulk:
    """Published photos, by ascending id. What the network says of each is one of `records`, which are of no photo.

    All arrays are (photos,): `kinds` int32 are positions in `records`, `shown_s` and `published_s` int64 are seconds
    since 1970.
    """

    photo_ids: np.ndarray
    owner_ids: np.ndarray
    kinds: np.ndarray
    shown_s: np.ndarray
    published_s: np.ndarray
    records: Sequence[Record]

    @property
    def years(self) -> np.ndarray:
        """(photos,) int64: the year each was taken in."""
        return self.shown_s.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970

    @property
    def months(self) -> np.ndarray:
        """(photos,) int64: the month each was published in, as `Growth` counts them."""
        return (self.published_s.astype("datetime64[s]").astype("datetime64[M]") - MONTHS).astype(np.int64)


def load(bulk: Bulk, embeddings: Iterable[np.ndarray]) -> None:
    """Record photos with their embeddings, (some, d) float16 at a time. Nothing of them may be recorded yet."""
    _write_photos(bulk)
    _write_predictions(bulk, embeddings)
    _count(bulk)
    _sum(bulk)


def _write_photos(bulk: Bulk) -> None:
    """The photos and their categories; those are joined to their photos by the database itself."""
    packed = [(pack_assignments(record.assignments), pack_names(record.names)) for record in bulk.records]
    rows = _photo_rows(bulk, packed)
    listed = PhotoCategory._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE said AS SELECT photo_id AS kind, wnid, confidence, stop FROM {listed} LIMIT 0")
        cursor.execute("CREATE TEMPORARY TABLE shown (photo_id bigint, kind bigint, year smallint)")
        said = (
            (kind, one.wnid, one.confidence, one.stop)
            for kind, record in enumerate(bulk.records)
            for one in record.assignments
        )
        cursor.executemany("INSERT INTO said VALUES (%s, %s, %s, %s)", said)
        cursor.execute("CREATE INDEX said_of ON said (kind)")
    for start in range(0, len(rows), TOGETHER):
        some = slice(start, start + TOGETHER)
        with transaction.atomic(), connection.cursor() as cursor:
            write(ClassifiedPhoto, rows[some])
            shown = (bulk.photo_ids[some].tolist(), bulk.kinds[some].tolist(), bulk.years[some].tolist())
            cursor.executemany("INSERT INTO shown VALUES (%s, %s, %s)", zip(*shown, strict=True))
            cursor.execute(
                f"INSERT INTO {listed} (photo_id, owner_id, wnid, confidence, stop, shown_at, year, is_public) "
                "SELECT p.photo_id, p.owner_id, s.wnid, s.confidence, s.stop, p.shown_at, shown.year, p.is_public "
                f"FROM shown JOIN {ClassifiedPhoto._meta.db_table} p ON p.photo_id = shown.photo_id "
                "JOIN said s ON s.kind = shown.kind ORDER BY shown.photo_id, s.wnid"
            )
            cursor.execute("DELETE FROM shown")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE said")
        cursor.execute("DROP TABLE shown")

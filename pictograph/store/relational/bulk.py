"""Many photos recorded at once, as a made-up network has them: counted by arrays, and inserted in a few statements.

What stands there afterwards is what `record` would have left. Nobody else may write meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
    PublicCategory,
)
from pictograph.store.relational.packing import pack_assignments, pack_names, prediction_row
from pictograph.store.relational.tables import insert
from pictograph.store.relational.tally import LeafSums, Tally, add, change_counters, change_growth, change_sums
from pictograph.store.scope import NETWORK, library_of, public_of

TABLES = (Prediction, ClassifiedPhoto, PhotoCategory, PublicCategory, CategoryCount, Growth, LeafSum)
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


def moments(seconds: np.ndarray) -> list[str]:
    """Moments in seconds since 1970, (n,) int64, as both databases read them."""
    return [text.replace("T", " ") for text in np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()]


def _write_photos(bulk: Bulk) -> None:
    """The photos and their categories; the database itself joins these to those."""
    photos = ClassifiedPhoto._meta.db_table
    with connection.cursor() as cursor:
        _say(cursor, bulk.records)
        cursor.execute("CREATE TEMPORARY TABLE shown (photo_id bigint, kind bigint, year smallint)")
        packed = [(record.network, *_packed(record)) for record in bulk.records]
        for start in range(0, len(bulk.photo_ids), TOGETHER):
            some = slice(start, start + TOGETHER)
            kinds = bulk.kinds[some].tolist()
            columns = (bulk.photo_ids[some].tolist(), bulk.owner_ids[some].tolist(), kinds)
            dates = (moments(bulk.shown_s[some]), moments(bulk.published_s[some]))
            names = (
                *("photo_id", "owner_id", "shown_at", "published_at", "is_public", "corrections"),
                *("network", "assignments", "names"),
            )
            rows = [
                dict(zip(names, (photo, owner, shown_at, published_at, True, 0, *packed[kind]), strict=True))
                for photo, owner, kind, shown_at, published_at in zip(*columns, *dates, strict=True)
            ]
            with transaction.atomic():
                insert(ClassifiedPhoto, rows)
                shown = zip(columns[0], kinds, bulk.years[some].tolist(), strict=True)
                cursor.executemany("INSERT INTO shown VALUES (%s, %s, %s)", list(shown))
                for listed in (PhotoCategory._meta.db_table, PublicCategory._meta.db_table):
                    cursor.execute(
                        f"INSERT INTO {listed} (photo_id, owner_id, wnid, confidence, stop, shown_at, year) "
                        "SELECT p.photo_id, p.owner_id, s.wnid, s.confidence, s.stop, p.shown_at, shown.year "
                        f"FROM shown JOIN {photos} p ON p.photo_id = shown.photo_id JOIN said s ON s.kind = shown.kind "
                        "ORDER BY shown.photo_id, s.wnid"
                    )
                cursor.execute("DELETE FROM shown")
        cursor.execute("DROP TABLE said")
        cursor.execute("DROP TABLE shown")


def _say(cursor: Any, records: Sequence[Record]) -> None:
    """Make a table of what each kind is listed in."""
    columns = "kind bigint, wnid varchar(9), confidence double precision, stop smallint"
    cursor.execute(f"CREATE TEMPORARY TABLE said ({columns})")
    said = [(k, one.wnid, one.confidence, one.stop) for k, record in enumerate(records) for one in record.assignments]
    cursor.executemany("INSERT INTO said VALUES (%s, %s, %s, %s)", said)
    cursor.execute("CREATE INDEX said_of_kind ON said (kind)")


def _packed(record: Record) -> tuple[str, str]:
    return pack_assignments(record.assignments), pack_names(record.names)


def _write_predictions(bulk: Bulk, embeddings: Iterable[np.ndarray]) -> None:
    said = [prediction_row(record) for record in bulk.records]
    start = 0
    for some in embeddings:
        ids = bulk.photo_ids[start : start + len(some)].tolist()
        kinds = bulk.kinds[start : start + len(some)].tolist()
        start += len(some)
        rows = [
            said[kind] | {"photo_id": photo_id, "embedding": embedding.tobytes()}
            for photo_id, kind, embedding in zip(ids, kinds, some.astype("<f2", copy=False), strict=True)
        ]
        with transaction.atomic():
            insert(Prediction, rows)


def _count(bulk: Bulk) -> None:
    """The counters of all scopes, and how the network grew."""
    owners, owner = np.unique(bulk.owner_ids, return_inverse=True)
    years, year = np.unique(bulk.years, return_inverse=True)
    months, month = np.unique(bulk.months, return_inverse=True)
    both = [(library_of(pk).key, public_of(pk).key) for pk in owners.tolist()]
    counters: list[tuple[tuple[int, int, str, int], int]] = []
    for position, wnid, stop, photos in _counted(bulk, owner * len(years) + year):
        of_owner, of_year = divmod(position, len(years))
        counters += [((key, int(years[of_year]), wnid, stop), photos) for key in both[of_owner]]
    for position, wnid, stop, photos in _counted(bulk, owner):
        counters += [((key, EVERY_YEAR, wnid, stop), photos) for key in both[position]]
    counters += [((NETWORK.key, int(years[y]), wnid, stop), photos) for y, wnid, stop, photos in _counted(bulk, year)]
    everyone = _counted(bulk, np.zeros_like(owner))
    counters += [((NETWORK.key, EVERY_YEAR, wnid, stop), photos) for _, wnid, stop, photos in everyone]
    counters.sort()  # as the table's key is, so that it grows at its end
    for start in range(0, len(counters), TOGETHER):
        with transaction.atomic():
            change_counters(Counter(dict(counters[start : start + TOGETHER])))
    grown = {(int(months[m]), wnid, stop): photos for m, wnid, stop, photos in _counted(bulk, month)}
    with transaction.atomic():
        change_growth(Counter(grown))


def _counted(bulk: Bulk, groups: np.ndarray) -> Iterator[tuple[int, str, int, int]]:
    """Of groups of photos, (photos,) int64, each with every category that lists any, at which stop, and how many."""
    ones = np.ones(len(groups), dtype=np.int64)
    shape = (int(groups.max()) + 1 if len(groups) else 0, len(bulk.records))
    kinds = sparse.csr_array(sparse.coo_array((ones, (groups, bulk.kinds)), shape=shape))  # (groups, kinds)
    lists, listing = _listing(bulk.records)
    counted = (kinds @ listing).tocoo()  # (groups, lists)
    for group, position, photos in zip(counted.row.tolist(), counted.col.tolist(), counted.data.tolist(), strict=True):
        yield group, *lists[position], photos


def _listing(records: Sequence[Record]) -> tuple[list[tuple[str, int]], sparse.csr_array]:
    """All pairs of a category and a stop that list anything, and (kinds, pairs) int64: 1 where a pair lists a kind."""
    pairs = [[(ALL_PHOTOS, 0), *((one.wnid, one.stop) for one in record.assignments)] for record in records]
    positions = {pair: n for n, pair in enumerate(dict.fromkeys(pair for some in pairs for pair in some))}
    columns = [positions[pair] for some in pairs for pair in some]
    rows = np.repeat(np.arange(len(pairs)), [len(some) for some in pairs])
    ones = np.ones(len(columns), dtype=np.int64)
    return list(positions), sparse.csr_array((ones, (rows, columns)), shape=(len(pairs), len(positions)))


def _sum(bulk: Bulk) -> None:
    """The summed probabilities of each person and of the network; all are by one network."""
    owners, owner = np.unique(bulk.owner_ids, return_inverse=True)
    said = [record.classification.probabilities for record in bulk.records]
    classes = 1 + max((int(one.classes.max()) for one in said if len(one.classes)), default=0)
    rows = np.repeat(np.arange(len(said)), [len(one.classes) for one in said])
    columns = np.concatenate([one.classes for one in said]) if said else np.zeros(0, dtype=np.int64)
    parts = np.concatenate([one.parts for one in said]).astype(np.int64) if said else np.zeros(0, dtype=np.int64)
    of_kind = sparse.csr_array((parts, (rows, columns.astype(np.int64))), shape=(len(said), classes))
    ones = np.ones(len(owner), dtype=np.int64)
    kinds = sparse.csr_array(sparse.coo_array((ones, (owner, bulk.kinds)), shape=(len(owners), len(said))))
    sums = (kinds @ of_kind).toarray()  # (owners, classes)
    photos = kinds.sum(axis=1).tolist()
    network = bulk.records[0].network if bulk.records else 0
    totals: LeafSums = {
        (key, network): add((count, of_owner), Tally.nothing())
        for pk, count, of_owner in zip(owners.tolist(), photos, sums, strict=True)
        for key in (library_of(pk).key, public_of(pk).key)
    }
    totals[NETWORK.key, network] = add((sum(photos), sums.sum(axis=0)), Tally.nothing())
    with transaction.atomic():
        change_sums(totals)

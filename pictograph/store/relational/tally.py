"""Counters and sums of the relational store, kept up to date by what is added and taken away."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from classifier.network.labels import SparseProbabilities
from pictograph.store.interface import ALL_PHOTOS, Assignment
from pictograph.store.listings import year_of
from pictograph.store.relational.models import EVERY_YEAR, CategoryCount, LeafSum
from pictograph.store.relational.tables import insert, run_many
from pictograph.store.scope import scopes_of

Counters = Counter[tuple[int, int, str, int]]  # (scope, year, wnid, stop) -> photos
LeafSums = dict[tuple[int, int], tuple[int, np.ndarray]]  # (scope, network) -> photos, (n,) int64


@dataclass
class Tally:
    """Changes to counters and sums, gathered over a batch and applied in one go.

    They are gathered by owner and visibility, and come to the scopes only at the end.
    """

    assigned: Counter[tuple[int, bool, int, str, int]] = field(default_factory=Counter)
    photos: Counter[tuple[int, bool, int]] = field(default_factory=Counter)  # (owner, is public, network) -> photos
    parts: dict[tuple[int, bool, int], np.ndarray] = field(default_factory=dict)  # the same -> (n,) int64

    def count(
        self, owner: int, is_public: bool, shown_at: datetime, assignments: Iterable[Assignment], sign: int = 1
    ) -> None:
        """Count a photo in, or out with sign -1."""
        year = year_of(shown_at)
        self.assigned[owner, is_public, year, ALL_PHOTOS, 0] += sign
        for assignment in assignments:
            self.assigned[owner, is_public, year, assignment.wnid, assignment.stop] += sign

    def sum(self, owner: int, is_public: bool, network: int, probabilities: SparseProbabilities, sign: int = 1) -> None:
        """Add what a network said of a photo to the sums, or take it away with sign -1."""
        key = (owner, is_public, network)
        self.photos[key] += sign
        classes = int(probabilities.classes.max()) + 1 if len(probabilities.classes) else 0
        parts = self.parts[key] = _padded(self.parts.get(key, np.zeros(0, dtype=np.int64)), classes)
        parts[probabilities.classes] += sign * probabilities.parts.astype(np.int64)

    def counters(self) -> Counters:
        """The changes of every counter that changes."""
        counters: Counters = Counter()
        for (owner, is_public, year, wnid, stop), photos in self.assigned.items():
            for scope in scopes_of(owner, is_public) if photos else ():
                counters[scope.key, year, wnid, stop] += photos
                counters[scope.key, EVERY_YEAR, wnid, stop] += photos
        return Counter({key: photos for key, photos in counters.items() if photos})

    def leaf_sums(self) -> LeafSums:
        """The changes of every sum that changes."""
        sums: LeafSums = defaultdict(lambda: (0, np.zeros(0, dtype=np.int64)))
        for (owner, is_public, network), parts in self.parts.items():
            photos = self.photos[owner, is_public, network]
            for scope in scopes_of(owner, is_public) if photos or parts.any() else ():
                sums[scope.key, network] = _sum(sums[scope.key, network], (photos, parts))
        return {key: (photos, parts) for key, (photos, parts) in sums.items() if photos or len(parts)}

    def apply(self) -> None:
        """Write the changes to the database."""
        counters = self.counters()
        if counters:
            self._change_counters(counters)
        changes = self.leaf_sums()
        if changes:
            self._change_sums(changes)

    def _change_counters(self, counters: Counters) -> None:
        table = CategoryCount._meta.db_table
        which = "WHERE scope = %s AND year = %s AND wnid = %s AND stop = %s"
        # A falling counter is never the first of its key, so nothing inserts a negative number.
        run_many(
            f"INSERT INTO {table} (scope, year, wnid, stop, photos) VALUES (%s, %s, %s, %s, %s) "
            f"ON CONFLICT (scope, year, wnid, stop) DO UPDATE SET photos = {table}.photos + excluded.photos",
            [(*key, photos) for key, photos in counters.items() if photos > 0],
        )
        falling = [(photos, *key) for key, photos in counters.items() if photos < 0]
        run_many(f"UPDATE {table} SET photos = photos + %s {which}", falling)
        run_many(f"DELETE FROM {table} {which} AND photos = 0", [key for _, *key in falling])

    def _change_sums(self, changes: LeafSums) -> None:
        rows = LeafSum.objects.filter(scope__in={scope for scope, _ in changes})
        before = {(row.scope, row.network): (row.photos, unpack_parts(row.parts)) for row in rows}
        empty = (0, np.zeros(0, dtype=np.int64))
        after = {key: _sum(before.get(key, empty), change) for key, change in changes.items()}
        insert(LeafSum, leaf_sum_rows(after), replace_by=("scope", "network"))
        gone = [key for key, (photos, _) in after.items() if photos == 0]
        run_many(f"DELETE FROM {LeafSum._meta.db_table} WHERE scope = %s AND network = %s", gone)


def leaf_sum_rows(sums: LeafSums) -> list[dict[str, object]]:
    """The columns of LeafSum rows."""
    return [
        {"scope": scope, "network": network, "photos": photos, "parts": parts.astype("<i8").tobytes()}
        for (scope, network), (photos, parts) in sums.items()
    ]


def counter_rows(counters: Counters) -> list[dict[str, object]]:
    """The columns of CategoryCount rows."""
    return [
        {"scope": scope, "year": year, "wnid": wnid, "stop": stop, "photos": photos}
        for (scope, year, wnid, stop), photos in counters.items()
    ]


def unpack_parts(stored: bytes | memoryview) -> np.ndarray:
    """(n,) int64 parts of a LeafSum."""
    return np.frombuffer(bytes(stored), dtype="<i8")


def _sum(one: tuple[int, np.ndarray], other: tuple[int, np.ndarray]) -> tuple[int, np.ndarray]:
    """Both together, up to the last class that has any."""
    classes = max(len(one[1]), len(other[1]))
    parts = _padded(one[1], classes) + _padded(other[1], classes)
    used = np.flatnonzero(parts)
    return one[0] + other[0], parts[: used[-1] + 1 if len(used) else 0]


def _padded(parts: np.ndarray, classes: int) -> np.ndarray:
    """(n,) with zeros up to at least (classes,)."""
    return parts if len(parts) >= classes else np.pad(parts, (0, classes - len(parts)))

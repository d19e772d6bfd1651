"""Counters and sums of the relational store, kept up to date by what is added and taken away."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

import numpy as np
from django.db import connection, transaction

from classifier.network.labels import SparseProbabilities
from pictograph.many import delete_many
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.listings import month_of, year_of
from pictograph.store.relational.counters import add_to
from pictograph.store.relational.models import EVERY_YEAR, CategoryCount, Growth, LeafSum
from pictograph.store.relational.tables import insert
from pictograph.store.scope import scopes_of

Counters = Counter[tuple[int, int, str, int]]  # (scope, year, wnid, stop) -> photos
Grown = Counter[tuple[int, str, int]]  # (month, wnid, stop) -> photos of the network
Total = tuple[int, np.ndarray]  # photos, (n,) int64
LeafSums = dict[tuple[int, int], Total]  # by (scope, network)


@dataclass
class Tally:
    """Changes to counters and sums, gathered over a batch and applied in one go.

    They are gathered by owner and month of publishing (0: private), and come to the scopes only at the end.
    """

    assigned: Counter[tuple[int, int, int, str, int]] = field(default_factory=Counter)
    photos: Counter[tuple[int, bool, int]] = field(default_factory=Counter)  # (owner, is public, network) -> photos
    parts: dict[tuple[int, bool, int], np.ndarray] = field(default_factory=dict)  # the same -> (n,) int64

    def count(
        self,
        owner: int,
        published_at: datetime | None,
        shown_at: datetime,
        places: Iterable[tuple[str, int]],
        sign: int = 1,
    ) -> None:
        """Count a photo in, or out with sign -1; `places` are the wnids that list it, each with its safest stop."""
        year, month = year_of(shown_at), ordinal_of(month_of(published_at)) if published_at else 0
        self.assigned[owner, month, year, ALL_PHOTOS, 0] += sign
        for wnid, stop in places:
            self.assigned[owner, month, year, wnid, stop] += sign

    def sum(
        self, owner: int, is_public: bool, network: int, said: Sequence[SparseProbabilities], sign: int = 1
    ) -> None:
        """Add what a network said of photos to the sums, or take it away with sign -1."""
        key = (owner, is_public, network)
        self.photos[key] += sign * len(said)
        classes = np.concatenate([np.zeros(0, dtype=np.int64), *(one.classes for one in said)]).astype(np.int64)
        weights = np.concatenate([np.zeros(0), *(one.parts for one in said)])  # doubles hold such sums exactly
        parts = sign * np.bincount(classes, weights).astype(np.int64)
        known = self.parts.get(key, np.zeros(0, dtype=np.int64))
        longest = max(len(parts), len(known))
        self.parts[key] = _padded(known, longest) + _padded(parts, longest)

    def counters(self) -> Counters:
        """The changes of every counter that changes."""
        counters: defaultdict[tuple[int, int, str, int], int] = defaultdict(int)
        keys_of = cache(lambda owner, is_public: [scope.key for scope in scopes_of(owner, is_public)])
        for (owner, month, year, wnid, stop), photos in self.assigned.items():
            for key in keys_of(owner, month > 0) if photos else ():
                counters[key, year, wnid, stop] += photos
                counters[key, EVERY_YEAR, wnid, stop] += photos
        return Counter({key: photos for key, photos in counters.items() if photos})

    def grown(self) -> Grown:
        """The changes of every counter of a month that changes."""
        grown: Grown = Counter()
        for (_, month, _, wnid, stop), photos in self.assigned.items():
            if month:
                grown[month, wnid, stop] += photos
        return Counter({key: photos for key, photos in grown.items() if photos})

    def leaf_sums(self) -> LeafSums:
        """The changes of every sum that changes."""
        sums: LeafSums = defaultdict(self.nothing)
        for (owner, is_public, network), parts in self.parts.items():
            photos = self.photos[owner, is_public, network]
            for scope in scopes_of(owner, is_public) if photos or parts.any() else ():
                sums[scope.key, network] = add(sums[scope.key, network], (photos, parts))
        return {key: (photos, parts) for key, (photos, parts) in sums.items() if photos or len(parts)}

    @staticmethod
    def nothing() -> Total:
        """The sum of no photos."""
        return 0, np.zeros(0, dtype=np.int64)

    def apply(self) -> None:
        """Write the changes to the database."""
        change_counters(self.counters())
        change_growth(self.grown())
        change_sums(self.leaf_sums())


@contextmanager
def writing() -> Iterator[Tally]:
    """A transaction at the end of which counters and sums follow what the tally was told.

    One at a time writes to the store, last of all that it holds (`pictograph.transactions`). SQLite sees to it by
    itself.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pictograph.predictions'))")
        tally = Tally()
        yield tally
        tally.apply()


def change_counters(changes: Counters) -> None:
    """Add to counters of all scopes."""
    add_to(CategoryCount, ("scope", "year", "wnid", "stop"), changes)


def change_growth(changes: Grown) -> None:
    """Add to the counters of months."""
    add_to(Growth, ("month", "wnid", "stop"), changes)


def ordinal_of(month: date) -> int:
    """A month as one number: twelve for each year, and the months before it in its year."""
    return month.year * 12 + month.month - 1


def change_sums(changes: LeafSums) -> None:
    """Add to sums; one of no photos is gone."""
    if not changes:
        return
    rows = LeafSum.objects.filter(scope__in={scope for scope, _ in changes})
    before = {(row.scope, row.network): (row.photos, unpack_parts(row.parts)) for row in rows}
    after = {key: add(before.get(key, Tally.nothing()), change) for key, change in changes.items()}
    insert(LeafSum, leaf_sum_rows(after), replace_by=("scope", "network"))
    gone = [key for key, (photos, _) in after.items() if photos == 0]
    delete_many(LeafSum, ["scope", "network"], gone, where="photos = 0")


def leaf_sum_rows(sums: LeafSums) -> list[dict[str, object]]:
    """The columns of LeafSum rows."""
    return [
        {"scope": scope, "network": network, "photos": photos, "parts": parts.astype("<i8").tobytes()}
        for (scope, network), (photos, parts) in sums.items()
    ]


def unpack_parts(stored: bytes | memoryview) -> np.ndarray:
    """(n,) int64 parts of a LeafSum."""
    return np.frombuffer(bytes(stored), dtype="<i8")


def add(one: Total, other: Total) -> Total:
    """Both together, up to the last class that has any."""
    classes = max(len(one[1]), len(other[1]))
    parts = _padded(one[1], classes) + _padded(other[1], classes)
    used = np.flatnonzero(parts)
    return one[0] + other[0], parts[: used[-1] + 1 if len(used) else 0]


def _padded(parts: np.ndarray, classes: int) -> np.ndarray:
    """(n,) with zeros up to at least (classes,)."""
    return parts if len(parts) >= classes else np.pad(parts, (0, classes - len(parts)))

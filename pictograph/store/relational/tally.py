"""Counters and sums of the relational store, kept up to date by what is added and taken away."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.db import connection

from classifier.network.labels import SparseProbabilities
from pictograph.catalogue.tree import Placement, hierarchy
from pictograph.models import CategoryCount, LeafSum, PhotoCategory, Prediction
from pictograph.store.interface import ALL_PHOTOS, NETWORK


@dataclass
class Tally:
    """Changes to counters and sums, gathered over a batch and applied in one go."""

    counts: Counter[tuple[int, str, int, int]] = field(default_factory=Counter)  # (scope, wnid, year, stop) -> photos
    sums: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)  # (scope, model) -> (classes,) int64
    photos: Counter[tuple[int, str]] = field(default_factory=Counter)  # (scope, model) -> photos

    def add(self, prediction: Prediction, placements: Iterable[Placement | PhotoCategory], sign: int = 1) -> None:
        """Count one photo in (or out, with sign -1) for its owner and, if it is public, for the network."""
        probabilities = SparseProbabilities.decode(bytes(prediction.probabilities))
        scopes = [prediction.owner_id, NETWORK] if prediction.is_public else [prediction.owner_id]
        year = prediction.shown_at.year
        for scope in scopes:
            self.counts[scope, ALL_PHOTOS, year, 0] += sign
            for placement in placements:
                self.counts[scope, placement.wnid, year, placement.stop] += sign
            key = (scope, prediction.model)
            # A photo classified by a former network may have classes that today's label set has not.
            classes = max(len(hierarchy().classes), int(probabilities.classes.max(initial=0)) + 1)
            sums = _padded(self.sums.get(key, np.zeros(0, dtype=np.int64)), classes)
            sums[probabilities.classes] += sign * probabilities.parts.astype(np.int64)
            self.sums[key] = sums
            self.photos[key] += sign

    def apply(self) -> None:
        """Write it to the database, in key order so that two workers never wait on each other in a circle."""
        changed = sorted((*key, photos) for key, photos in self.counts.items() if photos)
        if changed:
            table = CategoryCount._meta.db_table
            with connection.cursor() as cursor:
                # A falling counter is never the first of its key, so an insert with a negative number cannot happen.
                cursor.executemany(
                    f"INSERT INTO {table} (scope, wnid, year, stop, photos) VALUES (%s, %s, %s, %s, %s) "
                    f"ON CONFLICT (scope, wnid, year, stop) DO UPDATE SET photos = {table}.photos + excluded.photos",
                    [row for row in changed if row[-1] > 0],
                )
                cursor.executemany(
                    f"UPDATE {table} SET photos = photos + %s "
                    "WHERE scope = %s AND wnid = %s AND year = %s AND stop = %s",
                    [(row[-1], *row[:-1]) for row in changed if row[-1] < 0],
                )
            if any(row[-1] < 0 for row in changed):
                CategoryCount.objects.filter(scope__in={row[0] for row in changed}, photos=0).delete()
        for (scope, model), parts in sorted(self.sums.items()):
            self._add_to_sum(scope, model, parts)

    def _add_to_sum(self, scope: int, model: str, parts: np.ndarray) -> None:
        empty = np.zeros(len(parts), dtype="<i8").tobytes()
        LeafSum.objects.get_or_create(scope=scope, model=model, defaults={"parts": empty})
        row = LeafSum.objects.select_for_update().get(scope=scope, model=model)
        row.photos += self.photos[scope, model]
        if row.photos == 0:
            row.delete()
            return
        stored = np.frombuffer(bytes(row.parts), dtype="<i8")
        classes = max(len(stored), len(parts))
        row.parts = (_padded(stored, classes) + _padded(parts, classes)).astype("<i8").tobytes()
        row.save(update_fields=["photos", "parts"])


def _padded(sums: np.ndarray, classes: int) -> np.ndarray:
    """A copy of (n,) with zeros up to at least (classes,)."""
    return np.pad(sums, (0, max(0, classes - len(sums))))

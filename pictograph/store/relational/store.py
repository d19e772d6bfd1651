"""The prediction store in the site's own database, SQLite or PostgreSQL."""

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet, Subquery, Sum, Value

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.catalogue.tree import Placement, browsing, calibration, place
from pictograph.models import CategoryCount, LeafSum, PhotoCategory, Prediction
from pictograph.pages.addresses import parse_id
from pictograph.store.interface import (
    ALL_PHOTOS,
    NETWORK,
    Changes,
    LeafVector,
    Member,
    Order,
    Page,
    PhotoPrediction,
    Placed,
    Scope,
)
from pictograph.store.relational.tally import Tally

REBUILD_CHUNK = 500
CHANGES_AT_MOST = 200

Listed = TypeVar("Listed", bound=Model)  # a row with the day of its photo


class RelationalStore:
    """Predictions in four tables: what was said, the categories, the counters, the sums."""

    def record(self, predictions: Sequence[PhotoPrediction]) -> None:
        """Keep a batch, with the categories each photo sits in."""
        latest = {p.photo_id: p for p in predictions}
        if not latest:
            return
        with transaction.atomic():
            _take_turns()
            tally = Tally()
            self._remove(list(latest), tally)
            # By the clock, so that a number is not given out again after its photo was deleted.
            sequence = max(self._last_sequence() + 1, time.time_ns() // 1000)
            rows = [_row(p, sequence + i) for i, p in enumerate(latest.values())]
            placed = place([p.classification for p in latest.values()])
            Prediction.objects.bulk_create(rows)
            _list_under(rows, placed)
            for row, placements in zip(rows, placed, strict=True):
                tally.add(row, placements)
            tally.apply()

    def classification(self, photo_id: int) -> Classification | None:
        """What was recorded of one photo."""
        row = Prediction.objects.filter(photo=photo_id).first()
        return None if row is None else _classification(row)

    def photos_in(
        self,
        scope: Scope,
        wnid: str,
        stop: int,
        *,
        order: Order = Order.BEST,
        year: int | None = None,
        after: str | None = None,
        limit: int = 60,
        outside: Sequence[str] = (),
    ) -> Page:
        """The photos of a category, or of ALL_PHOTOS, that are in none of the categories `outside`.

        A page at a time by keyset. Raises ValueError for a cursor it did not give, and for the best of ALL_PHOTOS:
        nothing is surer than that a photo is a photo, so there is only the newest (and every confidence is 1).
        """
        rows = _listed(scope, wnid, stop, order)
        if year is not None:
            rows = _in_year(rows, year)
        if outside:
            inside = PhotoCategory.objects.filter(photo=OuterRef("photo"), wnid__in=outside, stop__lte=stop)
            rows = rows.filter(~Exists(inside))
        key = "confidence" if order is Order.BEST else "shown_at"
        if after is not None:
            value, photo_id = _parse_cursor(order, after)
            # The first condition repeats what the second implies; it lets the index range start at the cursor.
            rows = rows.filter(**{f"{key}__lte": value})
            rows = rows.filter(Q(**{f"{key}__lt": value}) | Q(photo__lt=photo_id))
        found = list(rows.order_by(f"-{key}", "-photo").values_list("photo_id", "confidence", "shown_at")[: limit + 1])
        following = None
        if len(found) > limit:
            photo_id, confidence, shown_at = found[limit - 1]
            following = f"{confidence!r}:{photo_id}" if order is Order.BEST else f"{shown_at.isoformat()}~{photo_id}"
        return Page(tuple(Member(photo_id, confidence) for photo_id, confidence, _ in found[:limit]), following)

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""
        rows = CategoryCount.objects.filter(scope=scope, stop__lte=stop)
        if year is not None:
            rows = rows.filter(year=year)
        return {wnid: photos for wnid, photos in rows.values_list("wnid").annotate(Sum("photos")) if photos}

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid; categories without photos are left out."""
        counted = CategoryCount.objects.filter(scope=scope, wnid__in=wnids, stop__lte=stop, photos__gt=0)
        inside = _visible_in(scope).filter(wnid=OuterRef("wnid"), confidence__gte=calibration().stops[stop].membership)
        if year is not None:
            counted = counted.filter(year=year)
            inside = _in_year(inside, year)
        # One seek in the index a category, whatever the number of its photos.
        best = inside.order_by("-confidence", "-photo")[:1]
        found = (
            counted.values("wnid")
            .distinct()
            .annotate(best=Subquery(best.values("photo_id")), confidence=Subquery(best.values("confidence")))
        )
        rows = found.order_by("wnid").values_list("wnid", "best", "confidence")
        return {wnid: Member(photo_id, confidence) for wnid, photo_id, confidence in rows if photo_id is not None}

    def most_specific(self, photo_ids: Sequence[int], stop: int) -> dict[int, Placed]:
        """The narrowest category each photo sits in, by photo; photos that sit in none are left out."""
        depth = browsing().depth
        narrowest: dict[int, Placed] = {}
        rows = PhotoCategory.objects.filter(photo__in=photo_ids, stop__lte=stop)
        for photo_id, wnid, confidence in rows.values_list("photo_id", "wnid", "confidence"):
            # Categories of one photo are nested, so the deepest lies within all others.
            if photo_id not in narrowest or depth[wnid] > depth[narrowest[photo_id].wnid]:
                narrowest[photo_id] = Placed(wnid, confidence)
        return narrowest

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""
        rows = CategoryCount.objects.filter(scope=scope, wnid=wnid, stop__lte=stop, photos__gt=0)
        return dict(rows.order_by("-year").values_list("year").annotate(Sum("photos")))

    def leaf_vector(self, scope: Scope, model: str) -> LeafVector | None:
        """The summed probabilities by one model, None where it classified nothing."""
        row = LeafSum.objects.filter(scope=scope, model=model).first()
        return None if row is None else LeafVector(row.photos, np.frombuffer(bytes(row.parts), dtype="<i8"))

    def changes(self, scope: Scope, sequence: int) -> Changes:
        """What was recorded after a sequence number; ask first with -1 for where the stream stands now."""
        rows = _predictions_in(scope)
        if sequence < 0:
            return Changes((), rows.aggregate(last=Max("sequence"))["last"] or 0)
        found = list(
            rows.filter(sequence__gt=sequence)
            .order_by("sequence")
            .values_list("photo_id", "sequence")[:CHANGES_AT_MOST]
        )
        return Changes(tuple(photo_id for photo_id, _ in found), found[-1][1] if found else sequence)

    def set_visibility(self, photo_ids: Sequence[int], is_public: bool) -> None:
        """Publish photos to the network or take them back."""
        with transaction.atomic():
            _take_turns()
            tally = Tally()
            rows = list(Prediction.objects.filter(photo__in=photo_ids).exclude(is_public=is_public))
            categories = _categories_of([row.photo_id for row in rows])
            for row in rows:
                tally.add(row, categories[row.photo_id], sign=-1)
                row.is_public = is_public
                tally.add(row, categories[row.photo_id])
            changed = [row.photo_id for row in rows]
            Prediction.objects.filter(photo__in=changed).update(is_public=is_public)
            PhotoCategory.objects.filter(photo__in=changed).update(is_public=is_public)
            tally.apply()

    def delete(self, photo_ids: Sequence[int]) -> None:
        """Forget photos everywhere: categories, counters, sums, embeddings."""
        with transaction.atomic():
            _take_turns()
            tally = Tally()
            self._remove(photo_ids, tally)
            tally.apply()

    def forget(self, scope: Scope) -> None:
        """Drop every trace of a person whose photos have all been deleted."""
        CategoryCount.objects.filter(scope=scope).delete()
        LeafSum.objects.filter(scope=scope).delete()

    def rebuild(self, scope: Scope) -> list[str]:
        """Recompute categories, counters and sums from the stored probabilities; say each difference found."""
        with transaction.atomic():
            _take_turns()
            differences: list[str] = []
            tally = Tally()
            wanted = _predictions_in(scope)
            ids = list(wanted.order_by("photo").values_list("photo_id", flat=True))
            for start in range(0, len(ids), REBUILD_CHUNK):
                rows = list(wanted.filter(photo__in=ids[start : start + REBUILD_CHUNK]))
                differences += self._replace_categories(rows, tally)
            differences += self._replace_totals(scope, tally)
            return differences

    def _replace_categories(self, rows: Sequence[Prediction], tally: Tally) -> list[str]:
        placed = place([_classification(row) for row in rows])
        stored = _categories_of([row.photo_id for row in rows])
        wrong = []
        for row, placements in zip(rows, placed, strict=True):
            tally.add(row, placements)
            was = {(c.wnid, c.confidence, c.stop) for c in stored[row.photo_id]}
            if was != {(p.wnid, p.confidence, p.stop) for p in placements}:
                wrong.append((row, placements))
        PhotoCategory.objects.filter(photo__in=[row.photo_id for row, _ in wrong]).delete()
        _list_under([row for row, _ in wrong], [placements for _, placements in wrong])
        return [f"categories of photo {row.photo_id}" for row, _ in wrong]

    def _replace_totals(self, scope: Scope, tally: Tally) -> list[str]:
        right = {key[1:]: photos for key, photos in tally.counts.items() if key[0] == scope}
        counters = CategoryCount.objects.filter(scope=scope)
        was = {(c.wnid, c.year, c.stop): c.photos for c in counters}
        differences = [
            f"{wnid or 'all photos'} in {year} at stop {stop}: {was.get((wnid, year, stop), 0)} counted, "
            f"{right.get((wnid, year, stop), 0)} right"
            for wnid, year, stop in sorted(was.keys() | right.keys())
            if was.get((wnid, year, stop)) != right.get((wnid, year, stop))
        ]
        sums = {row.model: (row.photos, bytes(row.parts)) for row in LeafSum.objects.filter(scope=scope)}
        right_sums = {
            model: (tally.photos[owner, model], parts.astype("<i8").tobytes())
            for (owner, model), parts in tally.sums.items()
            if owner == scope
        }
        differences += [
            f"sums by {m}" for m in sorted(sums.keys() | right_sums.keys()) if sums.get(m) != right_sums.get(m)
        ]
        if differences:
            counters.delete()
            CategoryCount.objects.bulk_create(
                CategoryCount(scope=scope, wnid=w, year=y, stop=s, photos=n) for (w, y, s), n in right.items() if n
            )
            LeafSum.objects.filter(scope=scope).delete()
            LeafSum.objects.bulk_create(
                LeafSum(scope=scope, model=m, photos=photos, parts=parts) for m, (photos, parts) in right_sums.items()
            )
        return differences

    def _remove(self, photo_ids: Sequence[int], tally: Tally) -> None:
        rows = list(Prediction.objects.select_for_update().filter(photo__in=photo_ids))
        if not rows:
            return
        categories = _categories_of([row.photo_id for row in rows])
        for row in rows:
            tally.add(row, categories[row.photo_id], sign=-1)
        PhotoCategory.objects.filter(photo__in=[row.photo_id for row in rows]).delete()
        Prediction.objects.filter(photo__in=[row.photo_id for row in rows]).delete()

    def _last_sequence(self) -> int:
        return Prediction.objects.aggregate(last=Max("sequence"))["last"] or 0


def _take_turns() -> None:
    """Let one transaction at a time write, so that none deadlocks on counters and sequence numbers appear in order.

    SQLite does so by itself.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pictograph.predictions'))")


def _row(prediction: PhotoPrediction, sequence: int) -> Prediction:
    return Prediction(
        photo_id=prediction.photo_id,
        owner_id=prediction.owner_id,
        sequence=sequence,
        model=prediction.classification.model,
        probabilities=prediction.classification.probabilities.encode(),
        embedding=prediction.classification.embedding.astype("<f2").tobytes(),
        shown_at=prediction.shown_at,
        is_public=prediction.is_public,
    )


def _list_under(rows: Sequence[Prediction], placed: Sequence[Sequence[Placement]]) -> None:
    # Half a dozen small rows a photo, over which the ORM takes four times as long as the database does.
    table, adapt = PhotoCategory._meta.db_table, connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (photo_id, owner_id, wnid, confidence, stop, shown_at, is_public) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (row.photo_id, row.owner_id, p.wnid, p.confidence, p.stop, adapt(row.shown_at), row.is_public)
                for row, placements in zip(rows, placed, strict=True)
                for p in placements
            ],
        )


def _classification(row: Prediction) -> Classification:
    return Classification(
        SparseProbabilities.decode(bytes(row.probabilities)), np.frombuffer(bytes(row.embedding), "<f2"), row.model
    )


def _categories_of(photo_ids: Sequence[int]) -> dict[int, list[PhotoCategory]]:
    found: dict[int, list[PhotoCategory]] = defaultdict(list)
    for category in PhotoCategory.objects.filter(photo__in=photo_ids):
        found[category.photo_id].append(category)
    return found


def _visible_in(scope: Scope) -> QuerySet[PhotoCategory]:
    if scope == NETWORK:
        return PhotoCategory.objects.filter(is_public=True)
    return PhotoCategory.objects.filter(owner=scope)


def _predictions_in(scope: Scope) -> QuerySet[Prediction]:
    if scope == NETWORK:
        return Prediction.objects.filter(is_public=True)
    return Prediction.objects.filter(owner=scope)


def _listed(scope: Scope, wnid: str, stop: int, order: Order) -> QuerySet[Any]:
    """A row for each photo of a category or of ALL_PHOTOS, in no order yet."""
    if wnid == ALL_PHOTOS:
        if order is Order.BEST:
            raise ValueError("all photos together have no best ones")
        return _predictions_in(scope).annotate(confidence=Value(1.0))
    rows = _visible_in(scope).filter(wnid=wnid)
    if order is Order.BEST:
        return rows.filter(confidence__gte=calibration().stops[stop].membership)
    return rows.filter(stop__lte=stop)


def _in_year(rows: QuerySet[Listed], year: int) -> QuerySet[Listed]:
    rows = rows.filter(shown_at__gte=datetime(year, 1, 1, tzinfo=UTC))
    return rows.filter(shown_at__lt=datetime(year + 1, 1, 1, tzinfo=UTC))


def _parse_cursor(order: Order, after: str) -> tuple[float | datetime, int]:
    text, _, id_text = after.rpartition(":" if order is Order.BEST else "~")
    photo_id = parse_id(id_text)
    value = float(text) if order is Order.BEST else datetime.fromisoformat(text)
    is_place = math.isfinite(value) if isinstance(value, float) else value.tzinfo is not None
    if photo_id is None or not is_place:
        raise ValueError(f"no place in a category: {after!r}")
    return value, photo_id

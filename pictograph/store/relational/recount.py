"""Finding and mending what lists, counters and sums say otherwise than the records they were made from."""

from collections import Counter
from collections.abc import Sequence

from pictograph.store.relational.models import CategoryCount, ClassifiedPhoto, LeafSum, PhotoCategory
from pictograph.store.relational.packing import category_rows, unpack_assignments
from pictograph.store.relational.tables import insert
from pictograph.store.relational.tally import Counters, LeafSums, Tally, counter_rows, leaf_sum_rows
from pictograph.store.scope import Scope


def mend_lists(photo_ids: Sequence[int]) -> list[str]:
    """List photos again where they are not listed as recorded, and name those."""
    right: dict[int, list[dict[str, object]]] = {photo_id: [] for photo_id in photo_ids}
    for photo in ClassifiedPhoto.objects.filter(photo_id__in=photo_ids):
        right[photo.photo_id] = category_rows(photo, unpack_assignments(photo.assignments))
    stored: dict[int, list[dict[str, object]]] = {photo_id: [] for photo_id in photo_ids}
    columns = [field.attname for field in PhotoCategory._meta.concrete_fields if not field.primary_key]
    for row in PhotoCategory.objects.filter(photo_id__in=photo_ids).order_by("pk").values(*columns):
        stored[row["photo_id"]].append(dict(row))
    wrong = [photo_id for photo_id in photo_ids if _by_wnid(stored[photo_id]) != _by_wnid(right[photo_id])]
    PhotoCategory.objects.filter(photo_id__in=wrong).delete()
    insert(PhotoCategory, [row for photo_id in wrong for row in right[photo_id]])
    return [f"categories of photo {photo_id}" for photo_id in wrong]


def mend_totals(scope: Scope, tally: Tally) -> list[str]:
    """Make a scope's counters and sums what a tally of all its photos says, and name those that were not."""
    return _mend_counters(scope, tally) + _mend_sums(scope, tally)


def _mend_counters(scope: Scope, tally: Tally) -> list[str]:
    right: Counters = Counter({key: photos for key, photos in tally.counters().items() if key[0] == scope.key})
    rows = CategoryCount.objects.filter(scope=scope.key)
    was = {(row.scope, row.year, row.wnid, row.stop): row.photos for row in rows}
    wrong = sorted(key for key in was.keys() | right.keys() if was.get(key) != right.get(key))
    if wrong:
        rows.delete()
        insert(CategoryCount, counter_rows(right))
    return [
        f"{wnid or 'all photos'} in {year or 'every year'} at stop {stop}: "
        f"{was.get((key, year, wnid, stop), 0)} counted, {right.get((key, year, wnid, stop), 0)} right"
        for key, year, wnid, stop in wrong
    ]


def _mend_sums(scope: Scope, tally: Tally) -> list[str]:
    right: LeafSums = {key: value for key, value in tally.leaf_sums().items() if key[0] == scope.key}
    rows = LeafSum.objects.filter(scope=scope.key)
    was = {row.network: (row.photos, bytes(row.parts)) for row in rows}
    said = {network: (photos, parts.astype("<i8").tobytes()) for (_, network), (photos, parts) in right.items()}
    wrong = sorted(network for network in was.keys() | said.keys() if was.get(network) != said.get(network))
    if wrong:
        rows.delete()
        insert(LeafSum, leaf_sum_rows(right))
    return [f"sums by network {network}" for network in wrong]


def _by_wnid(rows: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {row["wnid"]: row for row in rows}

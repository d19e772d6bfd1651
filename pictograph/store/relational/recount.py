"""Finding and mending what lists, counters and sums say otherwise than the records they were made from.

All is read as it was at one moment, while others write on. What is recorded or forgotten meanwhile is added to counters
and taken from them, right or wrong, so that what they were off by is what they are off by still: it is put right by
adding too, in short transactions. A process may be killed between any two of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Exists, F, OuterRef

from classifier.network.labels import SparseProbabilities
from pictograph.store.relational.listed import assigned, within
from pictograph.store.relational.models import (
    SUMMED,
    CategoryCount,
    ClassifiedPhoto,
    Growth,
    LeafSum,
    Mending,
    PhotoCategory,
    Prediction,
    PublicCategory,
)
from pictograph.store.relational.packing import category_rows, unpack_assignments, unpack_places
from pictograph.store.relational.public import COLUMNS, list_publicly
from pictograph.store.relational.tables import insert
from pictograph.store.relational.tally import (
    Counters,
    Grown,
    LeafSums,
    Tally,
    add,
    change_counters,
    change_growth,
    change_sums,
    unpack_parts,
    writing,
)
from pictograph.store.scope import NETWORK, Scope

CHUNK = 200  # photos read, or listed again, at a time
COUNTERS_TOGETHER = 1000  # in a transaction: a fraction of a tenth of a second
# A photo forgotten of a counter that was too low takes less than it ought to; another look finds that.
LOOKS = 5


@dataclass
class Found:
    """What is wrong in a scope: the photos that are listed wrongly, and what to add to counters and sums.

    `mendings` is how many there had been at that moment: after another one, what there is to add is no longer true.
    """

    mendings: int
    said: list[str] = field(default_factory=list)
    photo_ids: list[int] = field(default_factory=list)
    counters: Counters = field(default_factory=Counter)
    grown: Grown = field(default_factory=Counter)
    sums: LeafSums = field(default_factory=dict)


def look_through(scope: Scope) -> Found:
    """Compare all of a scope with what is recorded, as of one moment; nothing is locked, and nothing changed."""
    with _one_moment():
        found = Found(Mending.objects.values_list("times", flat=True).first() or 0)
        tally = Tally()
        photos, last = within(scope).order_by("photo_id"), 0
        while chunk := list(photos.filter(photo_id__gt=last)[:CHUNK]):
            last = chunk[-1].photo_id
            _count(chunk, tally)
            found.photo_ids += _listed_wrongly([row.photo_id for row in chunk])
        strays = assigned(scope).filter(~Exists(photos.filter(photo_id=OuterRef("photo_id"))))
        found.photo_ids += sorted(set(strays.values_list("photo_id", flat=True)))
        found.said = [f"categories of photo {photo_id}" for photo_id in found.photo_ids]
        _compare_counters(scope, tally, found)
        if scope == NETWORK:
            _compare_growth(tally, found)
        _compare_sums(scope, tally, found)
    return found


def mend(found: Found) -> None:
    """Put right what was found wrong, as far as nobody else has put anything right since."""
    for start in range(0, len(found.photo_ids), CHUNK):
        with writing():
            photo_ids = _listed_wrongly(found.photo_ids[start : start + CHUNK])
            PhotoCategory.objects.filter(photo_id__in=photo_ids).delete()
            photos = ClassifiedPhoto.objects.filter(photo_id__in=photo_ids)
            insert(PhotoCategory, [row for p in photos for row in category_rows(p, unpack_assignments(p.assignments))])
            list_publicly(photo_ids)
    keys = sorted(found.counters)
    for start in range(0, len(keys), COUNTERS_TOGETHER):
        with writing():
            if not _is_next(found):
                return
            change_counters(Counter({key: found.counters[key] for key in keys[start : start + COUNTERS_TOGETHER]}))
    if found.grown:
        with writing():
            if not _is_next(found):
                return
            change_growth(found.grown)
    if found.sums:
        with writing():
            if _is_next(found):
                change_sums(found.sums)


def note_mending() -> None:
    """Put down that counters or sums are changed otherwise than by what is recorded, in the transaction that does."""
    Mending.objects.filter(pk=1).update(times=F("times") + 1)


def prepare_to_mend() -> None:
    """Have the row that counts mendings, before anything is looked at."""
    Mending.objects.get_or_create(pk=1)


def _is_next(found: Found) -> bool:
    """Count a mending, if it is the one after those that were known when its difference was found."""
    is_next = Mending.objects.filter(pk=1, times=found.mendings).update(times=found.mendings + 1) > 0
    found.mendings += 1
    return is_next


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let all that is read be of one moment, without keeping anyone from writing; in a transaction it is that one's."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:  # Django's own would wait for its turn to write
        is_postgresql = connection.vendor == "postgresql"
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql else "BEGIN")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _count(photos: Sequence[ClassifiedPhoto], tally: Tally) -> None:
    rows = {row.photo_id: row for row in photos}
    for row in photos:
        tally.count(row.owner_id, row.published_at, row.shown_at, unpack_places(row.assignments))
    said = Prediction.objects.filter(photo_id__in=rows).values_list("photo_id", "network", SUMMED)
    for photo_id, network, probabilities in said:
        row = rows[photo_id]
        tally.sum(row.owner_id, row.is_public, network, [SparseProbabilities.decode(bytes(probabilities))])


def _listed_wrongly(photo_ids: Sequence[int]) -> list[int]:
    """Those of these photos that are not listed as recorded."""
    right: dict[int, list[dict[str, object]]] = {}
    public: dict[int, list[dict[str, object]]] = {}
    for photo in ClassifiedPhoto.objects.filter(photo_id__in=photo_ids):
        right[photo.photo_id] = category_rows(photo, unpack_assignments(photo.assignments))
        public[photo.photo_id] = right[photo.photo_id] if photo.is_public else []
    wrong: set[int] = set()
    for table, expected in ((PhotoCategory, right), (PublicCategory, public)):
        stored: defaultdict[int, list[dict[str, object]]] = defaultdict(list)
        for row in table._default_manager.filter(photo_id__in=photo_ids).values(*COLUMNS):
            stored[row["photo_id"]].append(dict(row))
        wrong.update(p for p in photo_ids if _by_wnid(stored[p]) != _by_wnid(expected.get(p, [])))
    return [photo_id for photo_id in photo_ids if photo_id in wrong]


def _compare_counters(scope: Scope, tally: Tally, found: Found) -> None:
    right = {key: photos for key, photos in tally.counters().items() if key[0] == scope.key}
    rows = CategoryCount.objects.filter(scope=scope.key)
    was = {(row.scope, row.year, row.wnid, row.stop): row.photos for row in rows}
    for key in sorted(key for key in was.keys() | right.keys() if was.get(key) != right.get(key)):
        _, year, wnid, stop = key
        counted, photos = was.get(key, 0), right.get(key, 0)
        found.counters[key] = photos - counted
        found.said.append(
            f"{wnid or 'all photos'} in {year or 'every year'} at stop {stop}: {counted} counted, {photos} right"
        )


def _compare_growth(tally: Tally, found: Found) -> None:
    right = tally.grown()
    was = {(row.month, row.wnid, row.stop): row.photos for row in Growth.objects.all()}
    for key in sorted(key for key in was.keys() | right.keys() if was.get(key) != right.get(key)):
        month, wnid, stop = key
        counted, photos = was.get(key, 0), right.get(key, 0)
        found.grown[key] = photos - counted
        found.said.append(
            f"{wnid or 'all photos'} published in {month // 12}-{month % 12 + 1:02} at stop {stop}: "
            f"{counted} counted, {photos} right"
        )


def _compare_sums(scope: Scope, tally: Tally, found: Found) -> None:
    right = {network: total for (key, network), total in tally.leaf_sums().items() if key == scope.key}
    was = {row.network: (row.photos, unpack_parts(row.parts)) for row in LeafSum.objects.filter(scope=scope.key)}
    nothing = Tally.nothing()
    for network in sorted(was.keys() | right.keys()):
        (counted, parts), (photos, right_parts) = was.get(network, nothing), right.get(network, nothing)
        change = add((photos, right_parts), (-counted, -parts))
        if change[0] or len(change[1]) or (network in was) != (network in right):
            found.sums[scope.key, network] = change
            found.said.append(f"sums by network {network}")


def _by_wnid(rows: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {row["wnid"]: row for row in rows}

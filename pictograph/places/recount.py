"""Finding and mending what the map counts otherwise than the rows and the store say, in short steps.

Sightings are compared with rows and store, what a person has in a cell with their sightings, and what a cell has with
its people. A process may be killed between any two steps, and others write on meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import QuerySet

from pictograph.photos.models import Photo
from pictograph.places.counters import rewrite_cells, rewrite_person, writing
from pictograph.places.counting import CHUNK, count, counted_of, note_sightings, on_map, seen_now
from pictograph.places.levels import cells_above
from pictograph.places.models import CellCount, PersonCell, PersonOnMap, Sighting, Uncounted
from pictograph.store.interface import ALL_PHOTOS

CELLS_TOGETHER = 50  # in a transaction: a fraction of a second


def recount_map(*, is_check: bool = False) -> list[str]:
    """Compare all that the map counts, mend it, and say each difference found. A check changes nothing."""
    return [*_mend_sightings(is_check), *_mend_people(is_check), *_mend_cells(is_check)]


def _mend_sightings(is_check: bool) -> Iterator[str]:
    last = 0
    people = PersonOnMap.objects.values("pk")
    while True:
        rows = on_map(Photo.objects.filter(pk__gt=last, owner__in=people)).order_by("pk").values_list("pk", flat=True)
        sightings = Sighting.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        ids = sorted({*rows[:CHUNK], *sightings[:CHUNK]})[:CHUNK]
        if not ids:
            return
        last = ids[-1]
        right = seen_now(ids)
        was = counted_of(ids)
        wrong = [pk for pk in ids if was.get(pk) != right.get(pk)]
        yield from (f"photo {pk}" for pk in wrong)
        if wrong and not is_check:
            note_sightings(wrong)
            noted = dict(Uncounted.objects.filter(pk__in=wrong).values_list("pk", "times"))
            count(noted, seen_now(wrong))


def _mend_people(is_check: bool) -> Iterator[str]:
    owners = {*_owners(Sighting.objects.all()), *_owners(PersonCell.objects.all())}
    for owner in sorted(owners):
        with writing():
            right: defaultdict[int, Counter[str]] = defaultdict(Counter)
            for cell, wnids in Sighting.objects.filter(owner_id=owner).values_list("cell", "wnids"):
                for each in cells_above(cell):
                    right[each].update((ALL_PHOTOS, *wnids.split()))
            was = dict(PersonCell.objects.filter(owner_id=owner).values_list("cell", "photos"))
            wrong = sorted(cell for cell in was.keys() | right.keys() if was.get(cell) != right.get(cell))
            if not is_check:
                rewrite_person(owner, {cell: dict(right.get(cell, {})) for cell in wrong})
        yield from (f"person {owner} in cell {cell}" for cell in wrong)


def _mend_cells(is_check: bool) -> Iterator[str]:
    last = 0
    while True:
        cells = sorted(
            {
                cell
                for table in (CellCount, PersonCell)
                for cell in table._default_manager.filter(cell__gt=last)
                .order_by("cell")
                .values_list("cell", flat=True)
                .distinct()[:CELLS_TOGETHER]
            }
        )[:CELLS_TOGETHER]
        if not cells:
            return
        last = cells[-1]
        with writing():
            right: defaultdict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
            for cell, photos in PersonCell.objects.filter(cell__in=cells).values_list("cell", "photos"):
                for wnid, theirs in photos.items():
                    counted, people = right[wnid, cell]
                    right[wnid, cell] = counted + theirs, people + 1
            rows = CellCount.objects.filter(cell__in=cells)
            was = {(row.wnid, row.cell): (row.photos, row.people) for row in rows}
            wrong = sorted(key for key in was.keys() | right.keys() if was.get(key) != right.get(key))
            if not is_check:
                rewrite_cells({key: right.get(key) for key in wrong})
        yield from (f"{key[0] or 'all photos'} in cell {key[1]}: {was.get(key)} for {right.get(key)}" for key in wrong)


def _owners(rows: QuerySet[Sighting] | QuerySet[PersonCell]) -> set[int]:
    return set(rows.order_by("owner_id").values_list("owner_id", flat=True).distinct())

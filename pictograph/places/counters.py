"""The map's counters by cell and category, and by person: changed by what is added and taken away, and mended."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import connection, transaction

from pictograph.many import delete_many, insert_many
from pictograph.places.levels import cells_above
from pictograph.places.models import CellCount, PersonCell
from pictograph.store.interface import ALL_PHOTOS

Photos = Counter[str]  # by wnid
Cells = Counter[tuple[str, int]]  # by (wnid, cell)


class Changes:
    """Changes to the counters, gathered and then written in one go."""

    def __init__(self) -> None:
        self._here: defaultdict[tuple[int, int], Photos] = defaultdict(Counter)  # by (person, cell of a photo)
        self._photos: defaultdict[tuple[int, int], Photos] = defaultdict(Counter)  # by (person, cell of any size)

    def count(self, owner: int, cell: int, wnids: Iterable[str], sign: int) -> None:
        """Count a photo in, or out with sign -1, in its cell and all larger ones."""
        photos = self._here[owner, cell]
        for wnid in (ALL_PHOTOS, *wnids):
            photos[wnid] += sign

    def count_many(self, owner: int, cell: int, photos: Mapping[str, int]) -> None:
        """Count how many of a person's photos of each category are in a cell, and so in all larger ones."""
        for each in cells_above(cell):
            self._photos[owner, each].update(photos)

    def remove_person(self, owner: int) -> None:
        """Take away all that is counted of a person."""
        for row in PersonCell.objects.filter(owner_id=owner):
            self._photos[owner, row.cell].subtract(row.photos)

    def write(self) -> None:
        """Change the rows of people, and by what that changes those of cells."""
        for (owner, cell), changes in self._here.items():
            for each in cells_above(cell):
                self._photos[owner, each].update(changes)
        owners, cells = {owner for owner, _ in self._photos}, {cell for _, cell in self._photos}
        rows = PersonCell.objects.filter(owner_id__in=owners, cell__in=cells)
        before = {(row.owner_id, row.cell): row for row in rows}
        kept: list[PersonCell] = []
        gone: list[int] = []
        totals = Totals()
        for (owner, cell), changes in self._photos.items():
            row = before.get((owner, cell)) or PersonCell(owner_id=owner, cell=cell, photos={})
            was, row.photos = row.photos, _added(row.photos, changes)
            totals.add(cell, was, row.photos, changes)
            if row.photos:
                kept.append(row)
            elif row.pk:
                gone.append(row.pk)
        PersonCell.objects.filter(pk__in=gone).delete()
        columns, replaced = ("owner_id", "cell", "photos"), "(owner_id, cell) DO UPDATE SET photos = excluded.photos"
        insert_many(PersonCell, columns, [(r.owner_id, r.cell, json.dumps(r.photos)) for r in kept], replaced)
        totals.write()


class Totals:
    """Changes to the counters of cells by what changes of people."""

    def __init__(self) -> None:
        self._photos: Cells = Counter()
        self._people: Cells = Counter()

    def add(self, cell: int, was: Mapping[str, int], now: Mapping[str, int], wnids: Iterable[str]) -> None:
        """One person's photos of a cell have changed, at most in these categories."""
        for wnid in wnids:
            change = now.get(wnid, 0) - was.get(wnid, 0)
            if change:
                self._photos[wnid, cell] += change
                self._people[wnid, cell] += (wnid in now) - (wnid in was)

    def write(self) -> None:
        """Add to the rows of cells; one that comes to nothing is gone."""
        table = CellCount._meta.db_table
        rows = sorted((*key, change, self._people[key]) for key, change in self._photos.items() if change)
        added = ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in ("photos", "people"))
        conflict = f"(wnid, cell) DO UPDATE SET {added}"
        insert_many(CellCount, ("wnid", "cell", "photos", "people"), rows, conflict)
        falling = [(wnid, cell) for wnid, cell, change, _ in rows if change < 0]
        # By its statistics PostgreSQL expects no such row, and would compare each that there is with all of the keys;
        # of an expression it expects a third.
        delete_many(CellCount, ("wnid", "cell"), falling, f"{table}.photos + 0 <= 0")


@contextmanager
def writing() -> Iterator[Changes]:
    """A transaction at the end of which the counters follow what was gathered.

    One at a time writes them, last of all that it holds (`pictograph.transactions`). SQLite sees to it by itself.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pictograph.places'))")
        changes = Changes()
        yield changes
        changes.write()


def _added(photos: Mapping[str, int], changes: Mapping[str, int]) -> dict[str, int]:
    """Counters with changes; none is below nothing, which a recount would mend."""
    changed = {wnid: photos.get(wnid, 0) + change for wnid, change in changes.items()}
    return {wnid: count for wnid, count in {**photos, **changed}.items() if count > 0}


def rewrite_person(owner: int, photos: Mapping[int, dict[str, int]]) -> None:
    """Put what a person has in cells in the place of what was counted; the counters of the cells are to follow."""
    PersonCell.objects.filter(owner_id=owner, cell__in=photos).delete()
    PersonCell.objects.bulk_create(
        PersonCell(owner_id=owner, cell=cell, photos=theirs) for cell, theirs in photos.items() if theirs
    )


def rewrite_cells(counts: Mapping[tuple[str, int], tuple[int, int] | None]) -> None:
    """Put photos and people of categories in cells in the place of what was counted; None for none."""
    for wnid, cell in counts:
        CellCount.objects.filter(wnid=wnid, cell=cell).delete()
    CellCount.objects.bulk_create(
        CellCount(wnid=wnid, cell=cell, photos=found[0], people=found[1])
        for (wnid, cell), found in counts.items()
        if found is not None
    )

"""Where made-up photos are located, and what the map of everyone's photos counts of them, all in one go."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from scipy import sparse

from pictograph.catalogue.snapshot import calibration
from pictograph.places.counters import writing
from pictograph.places.locating import locations_of
from pictograph.places.models import PersonOnMap, Sighting
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.relational.bulk import Bulk
from pictograph.store.relational.tables import insert

TOGETHER = 50_000  # photos a transaction
PEOPLE_TOGETHER = 50

Columns = Mapping[str, Any]  # of a photo's row, by name


def located(positions: np.ndarray) -> tuple[list[Columns | None], np.ndarray]:
    """The columns of each photo that say where it is, None for nowhere; and (photos,) int64 cells, 0 for none.

    Positions are (photos, 2) float64, NaN where they are not known.
    """
    known = ~np.isnan(positions[:, 0])
    found, which = np.unique(positions[known], axis=0, return_inverse=True)
    places = [(latitude, longitude) for latitude, longitude in found.tolist()]
    of_place = locations_of(set(places))
    said: list[Columns] = [{"latitude": place[0], "longitude": place[1], **vars(of_place[place])} for place in places]
    columns: list[Columns | None] = [None] * len(positions)
    cells = np.zeros(len(positions), dtype=np.int64)
    for photo, place in zip(np.flatnonzero(known).tolist(), which.ravel().tolist(), strict=True):
        columns[photo] = said[place]
        cells[photo] = said[place]["cell"]
    return columns, cells


def write_sightings(bulk: Bulk, cells: np.ndarray) -> None:
    """Put photos on the map that are in a cell, (photos,) int64, 0 for those that it does not count."""
    seen = np.flatnonzero(cells)
    stop = calibration().default
    wnids = [tuple(one.wnid for one in record.assignments if one.stop <= stop) for record in bulk.records]
    for start in range(0, len(seen), TOGETHER):
        some = seen[start : start + TOGETHER]
        columns = (bulk.photo_ids[some].tolist(), bulk.owner_ids[some].tolist(), cells[some].tolist())
        photos = zip(*columns, bulk.kinds[some].tolist(), strict=True)
        rows = [
            {"photo_id": pk, "owner_id": owner, "cell": cell, "wnids": " ".join(wnids[kind])}
            for pk, owner, cell, kind in photos
        ]
        with transaction.atomic():
            insert(Sighting, rows)
    owners = np.unique(bulk.owner_ids[seen]).tolist()
    PersonOnMap.objects.bulk_create([PersonOnMap(owner_id=owner, after=None) for owner in owners], batch_size=500)
    for start in range(0, len(owners), PEOPLE_TOGETHER):
        some = seen[np.isin(bulk.owner_ids[seen], owners[start : start + PEOPLE_TOGETHER])]
        with writing() as changes:
            for owner, cell, photos_of in _counted(bulk, cells, some, wnids):
                changes.count_many(owner, cell, photos_of)


def _counted(
    bulk: Bulk, cells: np.ndarray, some: np.ndarray, wnids: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int, Counter[str]]]:
    """How many photos of each category people have in each cell of the smallest size."""
    kinds, kind = np.unique(bulk.kinds[some], return_inverse=True)
    groups, group = np.unique(np.stack([bulk.owner_ids[some], cells[some]], axis=1), axis=0, return_inverse=True)
    named = {wnid: n for n, wnid in enumerate(dict.fromkeys((ALL_PHOTOS, *(w for k in kinds for w in wnids[k]))))}
    lists = [[named[wnid] for wnid in (ALL_PHOTOS, *wnids[k])] for k in kinds.tolist()]
    rows = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    listing = sparse.csr_array(
        (np.ones(len(rows), dtype=np.int64), (rows, np.concatenate(lists))), shape=(len(kinds), len(named))
    )
    ones = np.ones(len(some), dtype=np.int64)
    of_group = sparse.csr_array(
        sparse.coo_array((ones, (group.ravel(), kind.ravel())), shape=(len(groups), len(kinds)))
    )
    counted, called = (of_group @ listing).tocsr(), list(named)
    for n, (owner, cell) in enumerate(groups.tolist()):
        part = slice(counted.indptr[n], counted.indptr[n + 1])
        photos = zip(counted.indices[part].tolist(), counted.data[part].tolist(), strict=True)
        yield owner, cell, Counter({called[column]: count for column, count in photos})

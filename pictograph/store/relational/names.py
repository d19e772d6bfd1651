"""Taking over in the relational store what catalogue and people have made of photos anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from classifier.network.labels import SparseProbabilities
from pictograph.many import update_many
from pictograph.store.interface import Record
from pictograph.store.relational.models import ClassifiedPhoto, PhotoCategory, Prediction
from pictograph.store.relational.packing import (
    category_rows,
    pack_assignments,
    pack_names,
    places_of,
    prediction_row,
    unpack_places,
)
from pictograph.store.relational.public import list_publicly
from pictograph.store.relational.tables import insert
from pictograph.store.relational.tally import Tally

SAID = ("model", "probabilities", "embedding", "evidence")  # the columns that a network fills


@dataclass(frozen=True, eq=False)
class _Renaming:
    """A photo as it is listed, what its sums were made of, and what takes the place of both."""

    photo: ClassifiedPhoto
    corrected: bytes | None
    summed: bytes
    new: Record

    @cached_property
    def assignments(self) -> str:
        """The new ones, packed."""
        return pack_assignments(self.new.assignments)

    @cached_property
    def after(self) -> bytes | None:
        """The corrected probabilities that it is to have."""
        return None if self.new.corrected is None else self.new.corrected.encode()


def take_names(records: Sequence[Record], tally: Tally) -> None:
    """Take over assignments, names and what sums are made of, where the store holds what these were made of."""
    renamings = _applicable({record.photo_id: record for record in records})
    for one in renamings:
        photo = one.photo
        tally.count(photo.owner_id, photo.published_at, photo.shown_at, unpack_places(photo.assignments), sign=-1)
        tally.count(photo.owner_id, photo.published_at, photo.shown_at, places_of(one.new.assignments))
    _move_sums(renamings, tally)
    update_many(
        ClassifiedPhoto,
        ["photo_id"],
        ["assignments", "names", "corrections"],
        [(r.photo.photo_id, r.assignments, pack_names(r.new.names), r.new.corrections) for r in renamings],
    )
    moved = [one for one in renamings if one.assignments != one.photo.assignments]
    photo_ids = frozenset(one.photo.photo_id for one in moved)
    PhotoCategory.objects.filter(photo_id__among=photo_ids).delete()
    insert(PhotoCategory, [row for one in moved for row in category_rows(one.photo, one.new.assignments)])
    list_publicly(photo_ids)


def _applicable(records: Mapping[int, Record]) -> list[_Renaming]:
    """Those records that are of what the store holds, and know of all the corrections that it knows of."""
    photos = ClassifiedPhoto.objects.filter(photo_id__among=records.keys()).in_bulk()
    rows = Prediction.objects.filter(photo_id__among=records.keys())
    columns = ("photo_id", "network", "corrected", *SAID)
    renamings = []
    for photo_id, network, corrected, *said in rows.order_by("photo_id").values_list(*columns):
        photo, new = photos.get(photo_id), records[photo_id]
        if photo is None or not photo.network == network == new.network or photo.corrections > new.corrections:
            continue
        row = prediction_row(new)
        if [_plain(value) for value in said] == [_plain(row[column]) for column in SAID]:
            before = None if corrected is None else bytes(corrected)
            renamings.append(_Renaming(photo, before, before if before is not None else bytes(said[1]), new))
    return renamings


def _move_sums(renamings: Sequence[_Renaming], tally: Tally) -> None:
    """Take out of sums what was in them, put in what is to be, and keep that."""
    changed = [one for one in renamings if one.corrected != one.after]
    together: dict[tuple[int, bool, int], list[_Renaming]] = defaultdict(list)
    for one in changed:
        together[one.photo.owner_id, one.photo.is_public, one.photo.network].append(one)
    for (owner, is_public, network), some in together.items():
        tally.sum(owner, is_public, network, [SparseProbabilities.decode(one.summed) for one in some], sign=-1)
        tally.sum(owner, is_public, network, [one.new.summed for one in some])
    rows = [(one.photo.photo_id, one.photo.network, one.after) for one in changed]
    update_many(Prediction, ["photo_id", "network"], ["corrected"], rows)


def _plain(value: object) -> object:
    """A column's value in the form that can be compared, whatever the database gives bytes as."""
    return bytes(value) if isinstance(value, memoryview) else value

"""Taking over in the relational store what has changed of photos: their dates, and since when they are published."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from classifier.network.labels import SparseProbabilities
from pictograph.many import update_many
from pictograph.store.interface import Facts
from pictograph.store.listings import year_of
from pictograph.store.relational.models import SUMMED, ClassifiedPhoto, PhotoCategory, Prediction
from pictograph.store.relational.packing import unpack_places
from pictograph.store.relational.public import list_publicly
from pictograph.store.relational.tally import Tally, writing

COLUMNS = ("photo_id", "owner_id", "shown_at", "published_at", "assignments")


@dataclass(frozen=True)
class _Change:
    """A photo of which something is new, and what was known of it."""

    fact: Facts
    owner: int
    shown_at: datetime
    published_at: datetime | None
    assignments: str


def take_over(facts: Sequence[Facts]) -> None:
    """Take over dates and visibility in one transaction; photos the store does not know are passed over."""
    latest = {fact.photo_id: fact for fact in facts}
    with writing() as tally:
        rows = ClassifiedPhoto.objects.filter(photo_id__among=latest.keys()).values_list(*COLUMNS)
        known = [_Change(latest[photo_id], *row) for photo_id, *row in rows]
        changed = [c for c in known if (c.shown_at, c.published_at) != (c.fact.shown_at, c.fact.published_at)]
        for change in changed:
            fact, places = change.fact, unpack_places(change.assignments)
            tally.count(change.owner, change.published_at, change.shown_at, places, sign=-1)
            tally.count(change.owner, fact.published_at, fact.shown_at, places)
        _move_sums({c.fact.photo_id: c for c in changed if (c.published_at is None) == c.fact.is_public}, tally)
        _publish([change.fact for change in changed if change.shown_at == change.fact.shown_at])
        _date([change.fact for change in changed if change.shown_at != change.fact.shown_at])


def _move_sums(moved: Mapping[int, _Change], tally: Tally) -> None:
    """Move what every network said of photos to where it counts now that they are published, or private again."""
    together: dict[tuple[int, bool, int], list[SparseProbabilities]] = defaultdict(list)
    said = Prediction.objects.filter(photo_id__among=moved.keys()).values_list("photo_id", "network", SUMMED)
    for photo_id, network, probabilities in said if moved else ():
        change = moved[photo_id]
        together[change.owner, change.fact.is_public, network].append(SparseProbabilities.decode(bytes(probabilities)))
    for (owner, is_public, network), said_of_all in together.items():
        tally.sum(owner, not is_public, network, said_of_all, sign=-1)
        tally.sum(owner, is_public, network, said_of_all)


def _publish(facts: Iterable[Facts]) -> None:
    """Write what is new where only the publishing is; of those published at one moment all in one statement."""
    at_once: dict[datetime | None, set[int]] = defaultdict(set)
    for fact in facts:
        at_once[fact.published_at].add(fact.photo_id)
    for published_at, photo_ids in at_once.items():
        photos = ClassifiedPhoto.objects.filter(photo_id__among=photo_ids)
        photos.update(published_at=published_at, is_public=published_at is not None)
    list_publicly(photo_id for some in at_once.values() for photo_id in some)


def _date(facts: Sequence[Facts]) -> None:
    """Write what is new where the date is."""
    photos = [(f.photo_id, f.shown_at, f.published_at, f.is_public) for f in facts]
    update_many(ClassifiedPhoto, ["photo_id"], ["shown_at", "published_at", "is_public"], photos)
    listed = [(f.photo_id, f.shown_at, year_of(f.shown_at)) for f in facts]
    update_many(PhotoCategory, ["photo_id"], ["shown_at", "year"], listed)
    list_publicly(fact.photo_id for fact in facts)

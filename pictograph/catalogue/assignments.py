"""From what a network says of a photo to the categories that list it and the names it shows: made here and stored.

Lists and photo pages read what is stored, so that they never disagree. When the catalogue's edition changes, the sweep
makes all of it anew from the stored probabilities, a few hundred photos at a time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from classifier.network.labels import UNIT, Classification
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import Catalogue, catalogue, catalogue_for
from pictograph.store.interface import Assignment, Name, Record
from taxonomy.hedging import NOTHING
from taxonomy.naming import say

Made = tuple[tuple[Assignment, ...], tuple[Name | None, ...]]


@dataclass(frozen=True, eq=False)
class Classified:
    """A classification with what the store must know of its photo."""

    photo_id: int
    owner_id: int
    shown_at: datetime
    published_at: datetime | None
    classification: Classification


def named(photos: Sequence[Classified]) -> list[Record]:
    """All the store keeps of photos just classified, as the present edition names them."""
    present = catalogue()
    others = Network.objects.filter(version__in={p.classification.model for p in photos} - {present.version})
    ids = dict(others.values_list("version", "pk")) | {present.version: present.network}
    editions = [catalogue_for(ids.get(photo.classification.model)) for photo in photos]
    made = _assign([photo.classification for photo in photos], editions)
    return [
        Record(p.photo_id, p.owner_id, p.shown_at, p.published_at, edition.network or 0, p.classification, *one)
        for p, edition, one in zip(photos, editions, made, strict=True)
    ]


def renamed(records: Sequence[Record]) -> list[Record]:
    """The same records with categories and names as the present edition makes them."""
    made = _assign([record.classification for record in records], [catalogue_for(record.network) for record in records])
    return [
        replace(record, assignments=assignments, names=names)
        for record, (assignments, names) in zip(records, made, strict=True)
    ]


def _assign(classifications: Sequence[Classification], editions: Sequence[Catalogue]) -> list[Made]:
    """The categories of each photo, general ones first, and what it is called at each stop.

    Worked on the stored integer parts, so that doing it again later gives the very same.
    """
    made: list[Made] = [((), ())] * len(classifications)
    together: dict[str, list[int]] = defaultdict(list)
    for position, edition in enumerate(editions):
        together[edition.version].append(position)
    for positions in together.values():
        edition = editions[positions[0]]
        for position, one in zip(positions, _say([classifications[i] for i in positions], edition), strict=True):
            made[position] = one
    return made


def _say(classifications: Sequence[Classification], edition: Catalogue) -> list[Made]:
    tree, stops = edition.tree, len(edition.calibration.stops)
    parts = np.zeros((len(classifications), len(edition.hierarchy.classes)))
    for row, classification in zip(parts, classifications, strict=True):
        row[classification.probabilities.classes] = classification.probabilities.parts
    evidence = np.array([classification.evidence for classification in classifications])
    said = say(parts / UNIT, evidence, tree, edition.calibration)
    return [
        (
            tuple(
                Assignment(tree.order[c], float(said.confidences[photo, c]), int(said.safest[photo, c]))
                for c in said.listed(photo, stops - 1)
            ),
            tuple(
                None if c == NOTHING else Name(tree.order[c], float(said.confidences[photo, c]))
                for c in said.named[photo].tolist()
            ),
        )
        for photo in range(len(classifications))
    ]

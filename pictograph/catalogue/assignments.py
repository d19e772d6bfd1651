"""From what a network says of a photo to the categories that list it and the names it shows: made here and stored.

Lists and photo pages read what is stored, so that they never disagree. When the catalogue's edition changes, the sweep
makes all of it anew from the stored probabilities, a few hundred photos at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from classifier.network.labels import UNIT, Classification
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import Catalogue, calibration_of, catalogue
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
    is_public: bool
    classification: Classification


def named(photos: Sequence[Classified]) -> list[Record]:
    """All the store keeps of photos just classified, as the present edition names them."""
    present = catalogue()
    by_version = {present.version: present} | _others(
        present, Network.objects.filter(version__in={p.classification.model for p in photos} - {present.version})
    )
    editions = [by_version.get(photo.classification.model, present) for photo in photos]
    made = _assign([photo.classification for photo in photos], editions)
    return [
        Record(p.photo_id, p.owner_id, p.shown_at, p.is_public, edition.network or 0, p.classification, *one)
        for p, edition, one in zip(photos, editions, made, strict=True)
    ]


def renamed(records: Sequence[Record]) -> list[Record]:
    """The same records with categories and names as the present edition makes them."""
    present = catalogue()
    others = _others(present, Network.objects.filter(pk__in={record.network for record in records}))
    by_network = {edition.network: edition for edition in others.values()} | {present.network: present}
    made = _assign(
        [record.classification for record in records], [by_network.get(record.network, present) for record in records]
    )
    return [
        replace(record, assignments=assignments, names=names)
        for record, (assignments, names) in zip(records, made, strict=True)
    ]


def _others(present: Catalogue, networks: Iterable[Network]) -> dict[str, Catalogue]:
    """The present edition as it is for photos that another network classified: by that one's own calibration."""
    return {
        network.version: replace(
            present, network=network.pk, version=network.version, calibration=calibration_of(network)
        )
        for network in networks
    }


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
    last = max(int(classification.probabilities.classes.max(initial=0)) for classification in classifications)
    classes = max(len(edition.hierarchy.classes), last + 1)  # a former label set may have had more
    parts = np.zeros((len(classifications), classes))
    for row, classification in zip(parts, classifications, strict=True):
        row[classification.probabilities.classes] = classification.probabilities.parts
    parts = parts[:, : len(edition.hierarchy.classes)]
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

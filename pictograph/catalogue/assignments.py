"""From what a network says of a photo to the categories that list it and the names it shows: made here and stored.

Lists and photo pages read what is stored, so that they never disagree. When the catalogue's edition changes, the sweep
makes all of it anew from the stored probabilities, a few hundred photos at a time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from classifier.network.labels import UNIT, Classification, SparseProbabilities
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import Catalogue, catalogue, catalogue_for
from pictograph.corrections.verdicts import Heard, heard_of
from pictograph.store.interface import Assignment, Name, Record
from taxonomy.corrections import Verdicts, settled
from taxonomy.hedging import NOTHING
from taxonomy.naming import say
from taxonomy.sensitivity import careful, load_sensitivity

NOTHING_SAID = Heard()


@dataclass(frozen=True, eq=False)
class Made:
    """What the catalogue and people make of one photo, as `Record` keeps it."""

    assignments: tuple[Assignment, ...]
    names: tuple[Name | None, ...]
    corrected: SparseProbabilities | None


@dataclass(frozen=True, eq=False)
class Classified:
    """A classification with what the store must know of its photo.

    `is_new_picture` where its file shows another picture than the one that people spoke of.
    """

    photo_id: int
    owner_id: int
    shown_at: datetime
    published_at: datetime | None
    classification: Classification
    is_new_picture: bool = False


def named(photos: Sequence[Classified]) -> list[Record]:
    """All the store keeps of photos just classified, as the present edition names them."""
    present = catalogue()
    others = Network.objects.filter(version__in={p.classification.model for p in photos} - {present.version})
    ids = dict(others.values_list("version", "pk")) | {present.version: present.network}
    editions = [catalogue_for(ids.get(photo.classification.model)) for photo in photos]
    heard = heard_of([photo.photo_id for photo in photos])
    heard |= {p.photo_id: heard[p.photo_id].of_none for p in photos if p.is_new_picture and p.photo_id in heard}
    said = [heard.get(photo.photo_id, NOTHING_SAID) for photo in photos]
    made = _make([photo.classification for photo in photos], editions, said)
    return [
        Record(
            photo_id=p.photo_id,
            owner_id=p.owner_id,
            shown_at=p.shown_at,
            published_at=p.published_at,
            network=edition.network or 0,
            classification=p.classification,
            assignments=one.assignments,
            names=one.names,
            corrected=one.corrected,
            corrections=of_it.corrections,
        )
        for p, edition, of_it, one in zip(photos, editions, said, made, strict=True)
    ]


def renamed(records: Sequence[Record]) -> list[Record]:
    """The same records with categories and names as the present edition makes them of what people say by now."""
    editions = [catalogue_for(record.network) for record in records]
    heard = heard_of([record.photo_id for record in records])
    said = [heard.get(record.photo_id, NOTHING_SAID) for record in records]
    made = _make([record.classification for record in records], editions, said)
    return [
        replace(
            record,
            assignments=one.assignments,
            names=one.names,
            corrected=one.corrected,
            corrections=of_it.corrections,
        )
        for record, of_it, one in zip(records, said, made, strict=True)
    ]


def listed_alone(records: Sequence[Record]) -> list[tuple[Assignment, ...]]:
    """The categories that networks list photos in, whatever people said of these."""
    return [made.assignments for made in _alone(records)]


def named_alone(records: Sequence[Record]) -> list[tuple[Name | None, ...]]:
    """What networks call photos at each stop, whatever people said of these."""
    return [made.names for made in _alone(records)]


def made_alone(said: Sequence[tuple[int, Classification]]) -> list[Made]:
    """What the present edition makes of what networks said, each with its number, whatever people said of it."""
    editions = [catalogue_for(network) for network, _ in said]
    return _make([classification for _, classification in said], editions, [NOTHING_SAID] * len(said))


def _alone(records: Sequence[Record]) -> list[Made]:
    return made_alone([(record.network, record.classification) for record in records])


def _make(
    classifications: Sequence[Classification], editions: Sequence[Catalogue], heard: Sequence[Heard]
) -> list[Made]:
    """The categories of each photo, general ones first, what it is called at each stop, and what sums are made of.

    Worked on the stored integer parts, so that doing it again later gives the very same.
    """
    made: list[Made] = [Made((), (), None)] * len(classifications)
    together: dict[str, list[int]] = defaultdict(list)
    for position, edition in enumerate(editions):
        together[edition.version].append(position)
    for positions in together.values():
        edition = editions[positions[0]]
        said = _say([classifications[i] for i in positions], edition, [heard[i].verdicts for i in positions])
        for position, one in zip(positions, said, strict=True):
            made[position] = one
    return made


def _say(classifications: Sequence[Classification], edition: Catalogue, verdicts: Sequence[Verdicts]) -> list[Made]:
    tree, stops = edition.structure, len(edition.calibration.stops)
    parts = np.zeros((len(classifications), len(edition.hierarchy.classes)))
    for row, classification in zip(parts, classifications, strict=True):
        row[classification.probabilities.classes] = classification.probabilities.parts
    evidence = np.array([classification.evidence for classification in classifications])
    verdicts = [settled(of_it, row, tree) for of_it, row in zip(verdicts, parts, strict=True)]
    spoken = {photo: of_it for photo, of_it in enumerate(verdicts) if of_it}
    at_most = careful(parts / UNIT, [of_it.affirmed for of_it in verdicts], tree, load_sensitivity())
    said = say(parts / UNIT, evidence, tree, edition.calibration, spoken, at_most)
    return [
        Made(
            assignments=tuple(
                Assignment(tree.order[c], float(said.confidences[photo, c]), int(said.safest[photo, c]))
                for c in said.listed(photo, stops - 1)
            ),
            names=tuple(
                None if c == NOTHING else Name(tree.order[c], float(said.confidences[photo, c]))
                for c in said.named[photo].tolist()
            ),
            corrected=SparseProbabilities.from_dense(said.corrected[photo]) if photo in spoken else None,
        )
        for photo in range(len(classifications))
    ]

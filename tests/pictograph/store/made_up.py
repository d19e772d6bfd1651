"""Records for the tests of the stores, made without a catalogue, photos or people."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.store.interface import Assignment, Facts, Listing, Name, Order, PredictionStore, Record
from pictograph.store.scope import NETWORK, Scope, library_of, public_of

ANNA, BEN = 1, 2
NET, OTHER_NET = 1, 2
CARNIVORE, DOG, LABRADOR, BEAGLE, CAT, TABBY = (
    "n02075296", "n02084071", "n02099712", "n02088364", "n02121620", "n02123045",
)  # fmt: skip
PATHS = {LABRADOR: (CARNIVORE, DOG), BEAGLE: (CARNIVORE, DOG), TABBY: (CARNIVORE, CAT)}
CLASSES = {LABRADOR: 208, BEAGLE: 162, TABBY: 281}
WNIDS = (CARNIVORE, DOG, LABRADOR, BEAGLE, CAT, TABBY)
MEMBERSHIP = (0.95, 0.8, 0.55)  # the confidence that lists a photo, by stop of the dial
SAFEST, MIDDLE, FREEST = STOPS = range(3)
SCOPES = (library_of(ANNA), public_of(ANNA), library_of(BEN), public_of(BEN), NETWORK)


PUBLISHED_AT = datetime(2024, 5, 20, 12, tzinfo=UTC)


def day(year: int, of_year: int = 0) -> datetime:
    """Noon of a day."""
    return datetime(year, 1 + of_year // 28 % 12, 1 + of_year % 28, 12, tzinfo=UTC)


def record_of(
    photo_id: int,
    probabilities: dict[str, float] | str,
    *,
    owner: int = ANNA,
    shown_at: datetime = day(2020),
    is_public: bool = False,
    published_at: datetime | None = None,
    network: int = NET,
) -> Record:
    """What a network and a catalogue of six categories might say: probabilities by wnid, or one wnid it is sure of."""
    if isinstance(probabilities, str):
        probabilities = {probabilities: 0.97}
    row = np.zeros(1000)
    confidence = dict.fromkeys(WNIDS, 0.0)
    for wnid, probability in probabilities.items():
        row[CLASSES[wnid]] = probability
        for category in (*PATHS[wnid], wnid):
            confidence[category] += probability
    assignments = tuple(
        Assignment(wnid, confidence[wnid], _stop_of(confidence[wnid]))
        for wnid in WNIDS
        if confidence[wnid] >= MEMBERSHIP[-1]
    )
    narrowest = [[Name(a.wnid, a.confidence) for a in assignments if a.stop <= stop][-1:] for stop in STOPS]
    return Record(
        photo_id=photo_id,
        owner_id=owner,
        shown_at=shown_at,
        published_at=published_at or (PUBLISHED_AT if is_public else None),
        network=network,
        classification=Classification(
            SparseProbabilities.from_dense(row),
            np.linspace(0, 1, 8, dtype=np.float16),
            f"network {network}",
            evidence=7.25 if network == 1 else float("inf"),
        ),
        assignments=assignments,
        names=tuple(names[0] if names else None for names in narrowest),
    )


def corrected_as(record: Record, probabilities: dict[str, float] | str, corrections: int = 1) -> Record:
    """The record once people have said of its photo that it shows something else."""
    other = record_of(record.photo_id, probabilities)
    return replace(
        record,
        assignments=other.assignments,
        names=other.names,
        corrected=other.classification.probabilities,
        corrections=corrections,
    )


def facts_of(photo_id: int, shown_at: datetime, is_public: bool) -> Facts:
    """News of a photo, published when all are where it is public."""
    return Facts(photo_id, shown_at, PUBLISHED_AT if is_public else None)


def _stop_of(confidence: float) -> int:
    return next(stop for stop in STOPS if confidence >= MEMBERSHIP[stop])


def listed(store: PredictionStore, scope: Scope, listing: Listing, page: int = 3) -> list[int]:
    """All photos of a listing in order, asked for a few at a time."""
    ids: list[int] = []
    after = None
    while True:
        answer = store.photos_in(scope, listing, after=after, limit=page)
        ids += [member.photo_id for member in answer.members]
        after = answer.after
        if after is None:
            return ids


def all_listings() -> list[Listing]:
    """Listings of every kind."""
    return [
        Listing(wnid, stop, order, year, outside)
        for wnid in ("", DOG)
        for stop in (SAFEST, FREEST)
        for order in (Order if wnid else (Order.NEWEST,))
        for year, outside in ((None, ()), (2021, ()), (None, (CAT, LABRADOR)), (2021, (CAT, LABRADOR)))
    ]


def said_by(record: Record | None) -> Any:
    """A record in a form that can be compared."""
    if record is None:
        return None
    said = record.classification
    return (
        *(record.photo_id, record.owner_id, record.shown_at, record.published_at, record.network),
        *(
            said.probabilities.encode(),
            said.embedding.tolist(),
            said.model,
            said.evidence,
            record.assignments,
            record.names,
            record.corrected and record.corrected.encode(),
            record.corrections,
        ),
    )


def everything_said(store: PredictionStore) -> Any:
    """All that a store says of anyone, to compare."""
    listings = all_listings()[::4]
    said: list[Any] = []
    for scope in SCOPES:
        sums = [store.leaf_vector(scope, network) for network in (NET, OTHER_NET)]
        said.append(
            (
                [store.counts(scope, stop, year) for stop in STOPS for year in (None, 2021)],
                [store.best_of(scope, WNIDS, MIDDLE, year) for year in (None, 2021)],
                [list(store.years(scope, wnid, MIDDLE).items()) for wnid in ("", DOG)],
                [listed(store, scope, listing, 50) for listing in listings],
                [vector and (vector.photos, vector.parts.tolist()) for vector in sums],
                [said_by(record) for record in store.records(scope)],
                store.embeddings(scope, NET).photo_ids.tolist(),
            )
        )
    for stop in STOPS:
        said.append(
            (
                [store.people_in(wnid, stop, 5) for wnid in ("", DOG)],
                store.counts_of([ANNA, BEN], ["", *WNIDS], stop),
                [list(store.growth(wnid, stop).items()) for wnid in ("", DOG)],
                store.recent(stop, PUBLISHED_AT.date()),
            )
        )
    return said

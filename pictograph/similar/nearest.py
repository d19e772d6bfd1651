"""The photos nearest to an embedding: candidates by their compact vectors, then the rows, then what is really near."""

from dataclasses import dataclass

import numpy as np

from classifier.network.labels import SparseProbabilities
from pictograph.photos.models import Photo
from pictograph.similar.collection import Collection
from pictograph.similar.compact import normalised
from pictograph.store import prediction_store
from pictograph.store.scope import Scope

# Looked at closely: each is read from several places of the disk; see `collection.WIDTH_SEARCHING`. Among few photos,
# which are all in memory, more: what shows the same may lie further away there.
CANDIDATES = 64
CANDIDATES_OF_FEW = 150
FURTHER = 4  # times as many are asked for, where many of them may not be shown
MOST_CANDIDATES = CANDIDATES_OF_FEW * FURTHER**2


@dataclass(frozen=True, eq=False)
class Near:
    """A photo, the cosine of the angle between its embedding and the one asked about, and what it may show."""

    photo_id: int
    cosine: float
    probabilities: SparseProbabilities


def nearest(
    embedding: np.ndarray, scope: Scope, collection: Collection, *, leave_out: int = 0, limit: int = CANDIDATES_OF_FEW
) -> list[Near]:
    """The photos of a scope that are nearest to an embedding (d,), nearest first.

    The files only propose: what they have of photos that were withdrawn or deleted is dropped by the rows, and where
    that leaves too few, more is asked for.
    """
    count = CANDIDATES if collection.graphs else CANDIDATES_OF_FEW
    network = collection.manifest.network
    while True:
        candidates = collection.nearest(embedding, count)
        ids = _shown(candidates.ids, scope, network, leave_out)
        if candidates.is_all or len(ids) >= CANDIDATES // 2 or count >= MOST_CANDIDATES:
            return _by_cosine(embedding, ids, network)[:limit]
        count *= FURTHER


def _shown(ids: np.ndarray, scope: Scope, network: int, leave_out: int) -> list[int]:
    """Those of the candidates that may be shown for the scope, nearest first."""
    rows = Photo.objects.in_scope(scope).classified().filter(network=network, pk__in=ids.tolist())
    there = set(rows.values_list("pk", flat=True)) - {leave_out}
    return [pk for pk in ids.tolist() if pk in there]


def _by_cosine(embedding: np.ndarray, ids: list[int], network: int) -> list[Near]:
    records = [record for record in prediction_store().find_many(ids) if record.network == network]
    if not records:
        return []
    said = [record.classification for record in records]
    cosines = normalised(np.stack([one.embedding for one in said])) @ normalised(embedding[None])[0]
    order = np.argsort(-cosines, kind="stable").tolist()
    return [Near(records[k].photo_id, float(cosines[k]), said[k].probabilities) for k in order]

"""The photos nearest to an embedding: candidates by their compact vectors, then the rows, then what is really near."""

from dataclasses import dataclass

import numpy as np

from pictograph.photos.models import Photo
from pictograph.similar.collection import Collection
from pictograph.similar.compact import normalised
from pictograph.store import prediction_store
from pictograph.store.scope import Scope

SHOWN = 48
CANDIDATES = 150  # looked at closely; see `compact.DIMENSIONS` and `collection.WIDTH_SEARCHING`
FURTHER = 4  # times as many are asked for, where many of them may not be shown
MOST_CANDIDATES = CANDIDATES * FURTHER**2
# Cosines, measured on 793 photos: 95 % of pairs of different ones are below the first, and none is above the second;
# a photo that was shrunk, brightened, mirrored or trimmed is above it, 49 times in 50.
LEAST = 0.4
NEARLY_SAME = 0.95


@dataclass(frozen=True)
class Near:
    """A photo and the cosine of the angle between what the network saw of it and what was asked about."""

    photo_id: int
    cosine: float


def nearest(
    embedding: np.ndarray, scope: Scope, collection: Collection, *, leave_out: int = 0, limit: int = SHOWN
) -> list[Near]:
    """The photos of a scope that are nearest to an embedding (d,), nearest first.

    The files only propose: what they have of photos that were withdrawn or deleted is dropped by the rows, and where
    that leaves too few, more is asked for.
    """
    count = max(CANDIDATES, 3 * limit)
    network = collection.manifest.network
    while True:
        candidates = collection.nearest(embedding, count)
        ids = _shown(candidates.ids, scope, network, leave_out)
        if candidates.is_all or len(ids) >= max(CANDIDATES // 2, limit) or count >= MOST_CANDIDATES:
            return _by_cosine(embedding, ids, network)[:limit]
        count *= FURTHER


def _shown(ids: np.ndarray, scope: Scope, network: int, leave_out: int) -> list[int]:
    """Those of the candidates that may be shown for the scope, at most CANDIDATES of them, the nearest."""
    rows = Photo.objects.in_scope(scope).classified().filter(network=network, pk__in=ids.tolist())
    there = set(rows.values_list("pk", flat=True)) - {leave_out}
    return [pk for pk in ids.tolist() if pk in there]


def _by_cosine(embedding: np.ndarray, ids: list[int], network: int) -> list[Near]:
    known = prediction_store().embeddings_of(ids, network)
    if not len(known.photo_ids):
        return []
    cosines = normalised(known.vectors) @ normalised(embedding[None])[0]
    order = np.argsort(-cosines, kind="stable")
    found = zip(known.photo_ids[order].tolist(), cosines[order].tolist(), strict=True)
    return [Near(photo_id, cosine) for photo_id, cosine in found if cosine >= LEAST]

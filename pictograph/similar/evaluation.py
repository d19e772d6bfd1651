"""How good the answers of a collection are, against comparing with every photo, and how long they take."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pictograph.photos.models import Photo
from pictograph.similar.compact import normalised
from pictograph.similar.nearest import nearest
from pictograph.similar.refreshing import collection_of
from pictograph.store import prediction_store
from pictograph.store.scope import Scope

NEAREST = 10


@dataclass(frozen=True)
class Evaluation:
    """Of the ten photos truly nearest, the share that is found; and the time of one search, rows and store included."""

    photos: int
    queries: int
    recall_at_10: float
    p50_ms: float
    p95_ms: float


def evaluate(scope: Scope, network: int, queries: int, seed: int = 0) -> Evaluation:
    """Look for what is near some photos of a scope, drawn at random, and compare with looking at all of them.

    Raises Unusable where there is no collection, ValueError where it has no more than ten photos.
    """
    collection = collection_of(scope, network)
    if len(collection) <= NEAREST:
        raise ValueError(f"of {len(collection)} photos all are near; {NEAREST + 1} are the least to look among")
    ids = collection.members["id"].astype(np.int64)
    chosen = np.sort(np.random.default_rng(seed).choice(ids, min(queries, len(ids)), replace=False))
    asked = prediction_store().embeddings_of(chosen.tolist(), network)
    truth = _nearest_of_all(scope, network, asked.photo_ids, asked.vectors)
    nearest(asked.vectors[0], scope, collection)  # the first one opens files
    found, times = [], []
    for photo_id, vector in zip(asked.photo_ids.tolist(), asked.vectors, strict=True):
        began = time.perf_counter()
        near = nearest(vector, scope, collection, leave_out=photo_id)
        times.append((time.perf_counter() - began) * 1000)
        found.append([one.photo_id for one in near[:NEAREST]])
    p50, p95 = (round(float(np.percentile(times, at)), 1) for at in (50, 95))
    return Evaluation(len(collection), len(times), _recall(found, truth), p50, p95)


def _nearest_of_all(scope: Scope, network: int, ids: np.ndarray, vectors: np.ndarray) -> list[list[int]]:
    """The ten photos nearest to each of some, itself left out, by the cosine with every photo of the scope."""
    queries = normalised(vectors)
    best, of = np.full((len(ids), 0), -2.0, np.float32), np.zeros((len(ids), 0), np.int64)
    last = 0
    while len((some := prediction_store().embeddings(scope, network, after=last)).photo_ids):
        shown = Photo.objects.in_scope(scope).classified().filter(pk__in=some.photo_ids.tolist())
        is_shown = np.isin(some.photo_ids, list(shown.values_list("pk", flat=True)))
        cosines = np.where(is_shown, queries @ normalised(some.vectors).T, -2)
        cosines[some.photo_ids[None] == ids[:, None]] = -2
        best = np.concatenate([best, cosines], axis=1)
        of = np.concatenate([of, np.broadcast_to(some.photo_ids, cosines.shape)], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :NEAREST]
        best, of = np.take_along_axis(best, order, 1), np.take_along_axis(of, order, 1)
        last = int(some.photo_ids[-1])
    return [row.tolist() for row in of]


def _recall(found: Sequence[Sequence[int]], truth: Sequence[Sequence[int]]) -> float:
    shares = [len(set(some) & set(true)) / len(true) for some, true in zip(found, truth, strict=True)]
    return round(float(np.mean(shares)), 4)

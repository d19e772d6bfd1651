"""Building a collection: what its rows say belongs in it, made of what is in its files already and what is new."""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db.models.functions import Substr

from pictograph.photos.models import Photo
from pictograph.similar.collection import MEMBER, Collection, Flat, Manifest, Unusable, concatenated, new_graph
from pictograph.similar.compact import SAMPLE, Projection
from pictograph.store import prediction_store
from pictograph.store.scope import Scope

GRAPH = 131_072  # vectors of a graph at most: what is rebuilt, in seconds, when one of its photos is withdrawn
FLAT = 32_768  # vectors beside the graphs at most; all of them are compared in 1 ms
TOGETHER = 500  # photos asked of the store at a time, where few are new
ROWS = 50_000  # rows read at a time
GROWN = 4  # a projection is made anew once there are so many times the photos that it was fitted on
ADDED_TOGETHER = 4096  # vectors a graph takes between two signs of life

Beat = Callable[[], None]


@dataclass(frozen=True)
class Plan:
    """What a collection is of: a scope's photos by one network. Many are kept in graphs, or all compared."""

    folder: Path
    scope: Scope
    network: int
    has_graphs: bool


def build(plan: Plan, counted: Sequence[int], beat: Beat = lambda: None) -> Manifest:
    """Bring the files of a collection up to its rows, and say what they are now.

    What is no longer of it leaves the files with this. `beat` is called every few seconds, and may raise to end it.
    """
    began = time.monotonic()
    plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = _rows_of(plan, beat)
    former = _former(plan, len(wanted))
    made = _Building(plan, former.projection if former else _fit(plan, wanted), beat)
    if former is not None:
        former.manifest.tidy(plan.folder)  # what a killed process left
        made.keep(former, wanted)
    made.add_new(wanted)
    return made.finish(tuple(counted), time.monotonic() - began)


def _rows_of(plan: Plan, beat: Beat) -> np.ndarray:
    """(n,) MEMBER of the photos that belong in the collection, by ascending id: the rows decide."""
    photos = Photo.objects.in_scope(plan.scope).classified().filter(network=plan.network)
    rows = photos.order_by("pk").annotate(mark=Substr("digest", 1, 8)).values_list("pk", "mark")
    found, last = [], 0
    while chunk := list(rows.filter(pk__gt=last)[:ROWS]):
        found.append(np.array([(pk, int(mark or "0", 16)) for pk, mark in chunk], dtype=MEMBER))
        last = chunk[-1][0]
        beat()
    return concatenated(found, MEMBER)


def _former(plan: Plan, count: int) -> Collection | None:
    """What is there already; None where all is to be made anew."""
    try:
        former = Collection.open(plan.folder)
    except Unusable:
        return None
    has_grown = not former.projection.fitted_on or count >= GROWN * former.projection.fitted_on
    return None if has_grown or former.manifest.network != plan.network else former


def _fit(plan: Plan, wanted: np.ndarray) -> Projection:
    """A projection that suits these photos."""
    ids = wanted["id"][:: max(1, len(wanted) // SAMPLE)][:SAMPLE]
    store = prediction_store()
    some = [store.embeddings_of(chunk, plan.network).vectors for chunk in _chunks(ids)]
    known = [vectors for vectors in some if len(vectors)]
    if not known:
        return Projection(np.zeros((1, 1), np.float32), 0)
    return Projection.fit(np.concatenate(known), len(wanted))


class _Building:
    """One building under way: a pool of vectors that stand for themselves, and graphs once it is too large."""

    def __init__(self, plan: Plan, projection: Projection, beat: Beat) -> None:
        self._plan, self._projection, self._beat = plan, projection, beat
        self._pool: list[Flat] = []
        self._graphs: list[tuple[str, int]] = []  # name, members
        self._kept = np.empty(0, np.int64)

    def keep(self, former: Collection, wanted: np.ndarray) -> None:
        """Take over what still belongs: graphs as they are, of others and of the pool what is left of them."""
        self._pool.append(_among(former.flat, wanted))
        for name, graph in zip(former.manifest.graphs, former.graphs, strict=True):
            self._beat()
            left = _is_among(graph.members, wanted)
            if left.all():
                self._graphs.append((name, len(left)))
                self._kept = np.concatenate([self._kept, graph.members["id"]])
            elif left.any():
                self._take(Flat(graph.members[left], graph.vectors()[left]))
        self._kept = np.concatenate([self._kept, *(flat.members["id"] for flat in self._pool)])
        self._kept.sort()

    def add_new(self, wanted: np.ndarray) -> None:
        """Take in what is wanted and not there yet, as far as the store knows it."""
        new = wanted[~np.isin(wanted["id"], self._kept, assume_unique=True)]
        for ids, vectors in self._embeddings(new["id"], len(wanted)):
            self._beat()
            members = new[np.searchsorted(new["id"], ids)]
            is_seen = vectors.any(axis=1)
            self._take(Flat(members[is_seen], self._projection.compact(vectors[is_seen])))

    def finish(self, counted: tuple[int, ...], took_s: float) -> Manifest:
        """Write all of it."""
        if self._pooled > FLAT and self._plan.has_graphs:
            self._absorb_small_graphs()
            self._make_graphs(at_least=1)
        manifest = Manifest(
            network=self._plan.network,
            projection=self._write("", self._projection.matrix),
            fitted_on=self._projection.fitted_on,
            flat=self._write_flat(_joined(self._pool, self._projection.matrix.shape[1])),
            graphs=tuple(name for name, _ in self._graphs),
            counted=counted,
            looked_at=time.time(),
            took_s=took_s,
        )
        manifest.write(self._plan.folder)
        return manifest

    def _embeddings(self, ids: np.ndarray, of: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What the network made of photos: one by one where they are few, else all that the scope has in passing."""
        store, network = prediction_store(), self._plan.network
        if len(ids) * 10 < of:
            for chunk in _chunks(ids):
                some = store.embeddings_of(chunk, network)
                if len(some.photo_ids):
                    yield some.photo_ids, some.vectors
            return
        last = 0
        while len((some := store.embeddings(self._plan.scope, network, after=last)).photo_ids):
            places = np.minimum(np.searchsorted(ids, some.photo_ids), len(ids) - 1)
            is_new = ids[places] == some.photo_ids  # the store may lag behind the rows
            if is_new.any():
                yield some.photo_ids[is_new], some.vectors[is_new]
            last = int(some.photo_ids[-1])

    @property
    def _pooled(self) -> int:
        return sum(len(flat.members) for flat in self._pool)

    def _take(self, flat: Flat) -> None:
        self._pool.append(flat)
        if self._plan.has_graphs:
            self._make_graphs(at_least=GRAPH)

    def _absorb_small_graphs(self) -> None:
        """Take graphs that are half empty into the pool, so that there are never many of them."""
        for name, count in [graph for graph in self._graphs if graph[1] < GRAPH // 2]:
            graph = Collection.open(self._plan.folder).graph_named(name)
            if graph is not None:
                self._pool.append(Flat(graph.members, graph.vectors()))
                self._graphs.remove((name, count))

    def _make_graphs(self, at_least: int) -> None:
        """Make graphs of the pool while it has so many vectors."""
        while self._pooled >= at_least:
            pool = _joined(self._pool, self._projection.matrix.shape[1])
            self._write_graph(Flat(pool.members[:GRAPH], pool.vectors[:GRAPH]))
            self._pool = [Flat(pool.members[GRAPH:], pool.vectors[GRAPH:])]

    def _write_graph(self, flat: Flat) -> None:
        name, index = uuid.uuid4().hex, new_graph(flat.vectors.shape[1])
        for start in range(0, len(flat.members), ADDED_TOGETHER):
            self._beat()
            some = slice(start, start + ADDED_TOGETHER)
            index.add(flat.members["id"][some].astype(np.uint64), flat.vectors[some])
        index.save(self._plan.folder / f"{name}.usearch")
        _sync(self._plan.folder / f"{name}.usearch")
        self._write("members", flat.members, name)
        self._graphs.append((name, len(flat.members)))

    def _write_flat(self, flat: Flat) -> str:
        return self._write("vectors", flat.vectors, self._write("members", flat.members))

    def _write(self, kind: str, array: np.ndarray, name: str = "") -> str:
        """Write an array; the name of its file, without its ending."""
        name = name or uuid.uuid4().hex
        file = self._plan.folder / f"{name}{'.' if kind else ''}{kind}.npy"
        np.save(file, array)
        _sync(file)
        return name


def _joined(flats: Sequence[Flat], dimensions: int) -> Flat:
    members = concatenated([flat.members for flat in flats], MEMBER)
    vectors = concatenated([flat.vectors for flat in flats if len(flat.members)], np.int8, dimensions)
    return Flat(members, vectors)


def _among(part: Flat, wanted: np.ndarray) -> Flat:
    left = _is_among(part.members, wanted)
    return Flat(part.members[left], part.vectors[left])


def _is_among(members: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(n,) bool: which members are wanted, in the state in which they are there."""
    if not len(wanted):
        return np.zeros(len(members), dtype=bool)
    places = np.minimum(np.searchsorted(wanted["id"], members["id"]), len(wanted) - 1)
    same: np.ndarray = wanted[places] == members
    return same


def _chunks(ids: np.ndarray) -> Iterator[list[int]]:
    for start in range(0, len(ids), TOGETHER):
        yield ids[start : start + TOGETHER].tolist()


def _sync(file: Path) -> None:
    """Have a file on the disk before a manifest names it."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

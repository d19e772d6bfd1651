"""A collection of compact vectors as it lies in files: those of the network's public photos, or of one library.

Each file is written once under a name of its own; a manifest names those that count, and takes its place in one step.
So readers find one state or the next, never half of one.
"""

import json
import os
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from usearch.index import Index, MetricKind, ScalarKind
from usearch.index import search as search_all

from pictograph.similar.compact import Projection

MANIFEST = "manifest.json"
USED = "used"  # a file whose time says when somebody last looked for something in the collection
MEMBER = np.dtype([("id", "<i8"), ("mark", "<u4")])  # a photo, and the state of its content
# Measured with a million vectors in eight graphs: 340 MB, built in half a minute on two cores; of the ten nearest, 64
# candidates that are looked at closely hold 98 %, found in 1.3 ms. A single graph takes nine times as long to build,
# and 100 of its candidates hold 92 %.
CONNECTIVITY, WIDTH_BUILDING, WIDTH_SEARCHING = 16, 64, 128


class Unusable(Exception):
    """There is no such collection, or its files are damaged; building it anew helps."""


@dataclass(frozen=True)
class Manifest:
    """Which files a collection consists of. `counted` is what was asked to learn whether anything has changed since."""

    network: int
    projection: str
    fitted_on: int
    flat: str
    graphs: tuple[str, ...]
    counted: tuple[int, ...]
    looked_at: float
    took_s: float

    @property
    def age_s(self) -> float:
        """Seconds since it was written."""
        return abs(time.time() - self.looked_at)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a folder. Raises Unusable."""
        try:
            written = json.loads((folder / MANIFEST).read_text())
            lists = {name: tuple(written[name]) for name in ("graphs", "counted")}
            return cls(**written | lists)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise Unusable(str(folder)) from error

    def write(self, folder: Path) -> None:
        """Let this be the state of the folder, and remove the files of the one before."""
        new = folder / f"{uuid.uuid4().hex}.part"
        with new.open("w") as file:
            json.dump(vars(self), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, folder / MANIFEST)
        self.tidy(folder)

    def tidy(self, folder: Path) -> None:
        """Remove what is not of this state: of one before, or of a process that was killed. For whoever writes."""
        names = (self.projection, self.flat, *self.graphs)
        for file in folder.iterdir():
            if file.name not in (MANIFEST, USED) and file.name.partition(".")[0] not in names:
                file.unlink(missing_ok=True)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Photos near a query by their compact vectors: `ids` (n,) int64, nearest first; `is_all` if there are no more."""

    ids: np.ndarray
    is_all: bool


@dataclass(frozen=True, eq=False)
class Flat:
    """A few vectors, all of which are compared: `members` (n,) MEMBER, `vectors` (n, k) int8."""

    members: np.ndarray
    vectors: np.ndarray

    def nearest(self, query: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Ids and distances."""
        if not len(self.members):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        found = search_all(self.vectors, query, min(count, len(self.members)), MetricKind.Cos, exact=True, threads=1)
        return self.members["id"][found.keys.astype(np.int64)], found.distances


@dataclass(frozen=True, eq=False)
class Graph:
    """Many vectors in an index whose neighbours know each other; the keys are photos."""

    members: np.ndarray
    index: Index
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def nearest(self, query: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Ids and distances."""
        with self._lock:  # an index that is only looked at has room for one search at a time
            found = self.index.search(query, min(count, len(self.members)), threads=1)
        return found.keys.astype(np.int64), found.distances

    def vectors(self) -> np.ndarray:
        """(n, k) int8 in the order of the members."""
        with self._lock:
            return np.array(self.index.get(self.members["id"].astype(np.uint64)), dtype=np.int8)


@dataclass(frozen=True, eq=False)
class Collection:
    """A collection that is open: its files are looked at where they lie, and shared by all processes."""

    manifest: Manifest
    projection: Projection
    flat: Flat
    graphs: tuple[Graph, ...]

    @classmethod
    def open(cls, folder: Path) -> "Collection":
        """Open what lies in a folder. Raises Unusable."""
        for _attempt in range(3):
            manifest = Manifest.read(folder)
            try:
                return cls._open(folder, manifest)
            except (OSError, ValueError, RuntimeError, EOFError) as error:
                damage = error  # or a newer state has taken the place of this one just now
            if manifest == Manifest.read(folder):
                break
        raise Unusable(str(folder)) from damage

    @classmethod
    def _open(cls, folder: Path, manifest: Manifest) -> "Collection":
        projection = Projection(np.load(folder / f"{manifest.projection}.npy"), manifest.fitted_on)
        flat = Flat(*(np.load(folder / f"{manifest.flat}.{kind}.npy") for kind in ("members", "vectors")))
        graphs = tuple(_open_graph(folder, name, projection.matrix.shape[1]) for name in manifest.graphs)
        if len(flat.members) != len(flat.vectors):
            raise ValueError("as many members as vectors")
        return cls(manifest, projection, flat, graphs)

    def __len__(self) -> int:
        """How many photos it has."""
        return len(self.flat.members) + sum(len(graph.members) for graph in self.graphs)

    @property
    def members(self) -> np.ndarray:
        """(n,) MEMBER of all of it."""
        return np.concatenate([self.flat.members, *(graph.members for graph in self.graphs)])

    def graph_named(self, name: str) -> Graph | None:
        """One of its graphs."""
        return dict(zip(self.manifest.graphs, self.graphs, strict=True)).get(name)

    def nearest(self, embedding: np.ndarray, count: int) -> Candidates:
        """The photos whose compact vectors are nearest to an embedding (d,)."""
        if not len(self):
            return Candidates(np.empty(0, np.int64), is_all=True)
        query = self.projection.compact(embedding[None])[0]
        found = [self.flat.nearest(query, count), *(graph.nearest(query, count) for graph in self.graphs)]
        ids = np.concatenate([ids for ids, _ in found])
        order = np.argsort(np.concatenate([distances for _, distances in found]), kind="stable")
        return Candidates(ids[order][:count], is_all=len(ids) <= count and all(len(i) < count for i, _ in found))


def _open_graph(folder: Path, name: str, dimensions: int) -> Graph:
    index = new_graph(dimensions)
    index.view(folder / f"{name}.usearch")
    members = np.load(folder / f"{name}.members.npy", mmap_mode="r")
    if len(index) != len(members):
        raise ValueError(f"{name} is damaged")
    return Graph(members, index)


def new_graph(dimensions: int) -> Index:
    """An index that nothing is in yet."""
    return Index(
        ndim=dimensions,
        metric=MetricKind.Cos,
        dtype=ScalarKind.I8,
        connectivity=CONNECTIVITY,
        expansion_add=WIDTH_BUILDING,
        expansion_search=WIDTH_SEARCHING,
    )


class Opened:
    """The collections that this process has open, each until there is a newer state of it."""

    def __init__(self, most: int = 50) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: dict[Path, tuple[tuple[int, int], Collection]] = {}

    def get(self, folder: Path) -> Collection:
        """The collection in a folder as it stands. Raises Unusable."""
        try:
            status = (folder / MANIFEST).stat()
        except OSError as error:
            with self._lock:
                self._open.pop(folder, None)
            raise Unusable(str(folder)) from error
        state = (status.st_ino, status.st_mtime_ns)
        with self._lock:
            known, collection = self._open.get(folder, (None, None))
        if collection is None or known != state:
            collection = Collection.open(folder)
        with self._lock:
            self._open.pop(folder, None)
            self._open[folder] = state, collection  # used last
            while len(self._open) > self._most:
                del self._open[next(iter(self._open))]
        return collection


opened = Opened()


def concatenated(arrays: Sequence[np.ndarray], dtype: np.dtype | type, *shape: int) -> np.ndarray:
    """Arrays after each other; none at all give an empty one of a shape."""
    return np.concatenate(arrays) if arrays else np.empty((0, *shape), dtype)

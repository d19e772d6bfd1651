"""The hypernym graph above one network's classes, as arrays."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

GRAPH_FILE = Path(__file__).parent / "data" / "wordnet.json.gz"
DEFAULT_LABEL_SET = "imagenet_1k"


@dataclass(frozen=True)
class Synset:
    """One WordNet noun: `lemmas` are its words, the first one the usual."""

    wnid: str
    lemmas: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The classes of a network and every synset above them; a DAG, parents before children.

    A synset is addressed by its position in `synsets`; a class by its position in the network's output.
    `classes[c]` is the synset of class c. In label sets of 12k and more a class can lie above another.
    """

    synsets: tuple[Synset, ...]
    parents: tuple[tuple[int, ...], ...]
    classes: np.ndarray  # (classes,) int32

    @classmethod
    def from_graph(cls, graph: Mapping[str, Any], label_set: str = DEFAULT_LABEL_SET) -> "Hierarchy":
        """Keep of a graph (as `wordnet.build_graph` makes it) the label set's classes and what lies above them.

        Raises KeyError with the known names for a label set the graph lacks.
        """
        if label_set not in graph["label_sets"]:
            raise KeyError(f"unknown label set {label_set!r}; known: {', '.join(sorted(graph['label_sets']))}")
        rows, class_rows = graph["synsets"], graph["label_sets"][label_set]
        kept: set[int] = set()
        pending = list(class_rows)
        while pending:
            row = pending.pop()
            if row not in kept:
                kept.add(row)
                pending.extend(rows[row][2])
        position = {row: i for i, row in enumerate(sorted(kept))}
        return cls(
            synsets=tuple(Synset(rows[row][0], tuple(rows[row][1])) for row in sorted(kept)),
            parents=tuple(tuple(position[p] for p in rows[row][2]) for row in sorted(kept)),
            classes=np.array([position[row] for row in class_rows], dtype=np.int32),
        )

    @classmethod
    def whole(cls, graph: Mapping[str, Any]) -> "Hierarchy":
        """Every synset of a graph, with no classes: for questions about WordNet rather than about a network."""
        return cls(
            synsets=tuple(Synset(wnid, tuple(lemmas)) for wnid, lemmas, _ in graph["synsets"]),
            parents=tuple(tuple(parents) for _, _, parents in graph["synsets"]),
            classes=np.zeros(0, dtype=np.int32),
        )

    def __len__(self) -> int:
        return len(self.synsets)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each wnid."""
        return {synset.wnid: i for i, synset in enumerate(self.synsets)}

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Hyponyms of each synset, one step down."""
        below: list[list[int]] = [[] for _ in self.synsets]
        for child, parents in enumerate(self.parents):
            for parent in parents:
                below[parent].append(child)
        return tuple(map(tuple, below))

    @cached_property
    def membership(self) -> sparse.csr_array:
        """(classes, synsets) float32, 1 where the class is at or below the synset."""
        rows: list[int] = []
        columns: list[int] = []
        for c, synset in enumerate(self.classes):
            reached = self.at_or_above([int(synset)])
            rows.extend([c] * len(reached))
            columns.extend(reached)
        ones = np.ones(len(rows), dtype=np.float32)
        return sparse.csr_array((ones, (rows, columns)), shape=(len(self.classes), len(self)))

    @cached_property
    def class_counts(self) -> np.ndarray:
        """(synsets,) int64: distinct classes at or below each synset, at least 1."""
        return np.asarray(self.membership.sum(axis=0)).astype(np.int64)

    @cached_property
    def information(self) -> np.ndarray:
        """(synsets,) float32, bits: how much naming the synset says, log2(classes / classes at or below it)."""
        return np.log2(len(self.classes) / self.class_counts).astype(np.float32)

    @cached_property
    def depth(self) -> np.ndarray:
        """(synsets,) int32: steps on the longest path from a root."""
        depth = np.zeros(len(self), dtype=np.int32)
        for i, parents in enumerate(self.parents):
            if parents:
                depth[i] = 1 + max(depth[p] for p in parents)
        return depth

    def at_or_above(self, synsets: Iterable[int]) -> set[int]:
        """The given synsets and all their ancestors."""
        return _closure(synsets, self.parents)

    def at_or_below(self, synsets: Iterable[int]) -> set[int]:
        """The given synsets and all their descendants."""
        return _closure(synsets, self.children)

    def classes_below(self, synset: int) -> frozenset[int]:
        """The classes at or below a synset: what it stands for."""
        return self._class_sets[synset]

    @cached_property
    def _class_sets(self) -> tuple[frozenset[int], ...]:
        columns = self.membership.tocsc()
        return tuple(
            frozenset(columns.indices[columns.indptr[i] : columns.indptr[i + 1]].tolist()) for i in range(len(self))
        )


def _closure(start: Iterable[int], steps: Sequence[Sequence[int]]) -> set[int]:
    reached: set[int] = set()
    pending = list(start)
    while pending:
        current = pending.pop()
        if current not in reached:
            reached.add(current)
            pending.extend(steps[current])
    return reached


def read_graph(path: Path = GRAPH_FILE) -> dict[str, Any]:
    """Read the graph file as `wordnet.write_graph` wrote it."""
    graph: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return graph


@cache
def load_hierarchy(label_set: str = DEFAULT_LABEL_SET) -> Hierarchy:
    """The hierarchy of a label set from the shipped graph file, read once per process."""
    return Hierarchy.from_graph(read_graph(), label_set)

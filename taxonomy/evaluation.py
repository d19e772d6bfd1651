"""Measure named categories against photographs whose truth is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.cut import best_cut
from taxonomy.hierarchy import Hierarchy

CALIBRATION_BINS = 15


@dataclass(frozen=True, eq=False)
class Truths:
    """What is in each photo: `right` (photos, synsets) bool, and the class where the truth is one, else -1."""

    right: np.ndarray
    leaf: np.ndarray  # (photos,) int64

    def take(self, photos: np.ndarray) -> "Truths":
        """The truths of some of the photos."""
        return Truths(self.right[photos], self.leaf[photos])


def wnids_in_name(name: str) -> list[str]:
    """The truth a file name states before its first underscore: `n02123045+n03482405_cat.jpg` shows two things.

    Raises ValueError where the name states none.
    """
    wnids = name.split("_", 1)[0].split("+")
    if not all(len(wnid) == 9 and wnid[0] == "n" and wnid[1:].isdigit() for wnid in wnids):
        raise ValueError(f"{name} does not begin with the wnids of what it shows, as in n02123045_cat.jpg")
    return wnids


def resolve_truths(truths: Sequence[Sequence[str]], hierarchy: Hierarchy, graph: Mapping[str, Any]) -> Truths:
    """Say for each photo which synsets are right: a true one, its ancestors, its descendants.

    `graph` is the whole graph file, as a truth need not lie above or among the network's classes. Raises ValueError
    for a wnid it lacks.
    """
    everything = Hierarchy.whole(graph)
    class_of = {hierarchy.synsets[synset].wnid: c for c, synset in enumerate(hierarchy.classes.tolist())}
    rows: dict[str, np.ndarray] = {}
    right = np.zeros((len(truths), len(hierarchy)), dtype=bool)
    leaf = np.full(len(truths), -1, dtype=np.int64)
    for photo, wnids in enumerate(truths):
        for wnid in wnids:
            if wnid not in rows:
                if wnid not in everything.index:
                    raise ValueError(f"{wnid} is not among the {len(everything)} synsets of the graph file")
                start = [everything.index[wnid]]
                related = everything.at_or_above(start) | everything.at_or_below(start)
                positions = [hierarchy.index.get(everything.synsets[s].wnid) for s in related]
                rows[wnid] = np.zeros(len(hierarchy), dtype=bool)
                rows[wnid][[p for p in positions if p is not None]] = True
            right[photo] |= rows[wnid]
        if len(wnids) == 1:
            leaf[photo] = class_of.get(wnids[0], -1)
    return Truths(right, leaf)


def accuracy_and_bits(named: np.ndarray, truths: Truths, hierarchy: Hierarchy) -> tuple[float, float]:
    """Share of photos named rightly and the mean information of the names in bits; `named` is (photos,) positions."""
    right = truths.right[np.arange(len(named)), named]
    return float(right.mean()), float(hierarchy.information[named].mean())


def flat_names(probabilities: np.ndarray, hierarchy: Hierarchy, threshold: float) -> np.ndarray:
    """Name the top class where its probability clears the threshold and nothing (the root) elsewhere."""
    root = int(np.argmin(hierarchy.information + hierarchy.depth))
    top = probabilities.argmax(axis=1)
    return np.where(probabilities.max(axis=1) >= threshold, hierarchy.classes[top], root)


def top_k_accuracy(probabilities: np.ndarray, truths: Truths, k: int) -> float | None:
    """Share of the photos whose true class is among the k most probable; None where no truth is a class."""
    known = truths.leaf >= 0
    if not known.any():
        return None
    top = np.argsort(-probabilities[known], axis=1)[:, :k]  # (known, k)
    return float((top == truths.leaf[known, None]).any(axis=1).mean())


def calibration_error(probabilities: np.ndarray, truths: Truths) -> float | None:
    """Expected calibration error of the top class over 15 equal bins; None where no truth is a class.

    Source: C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    known = truths.leaf >= 0
    if not known.any():
        return None
    sure = probabilities[known].max(axis=1)
    right = probabilities[known].argmax(axis=1) == truths.leaf[known]
    bins = np.minimum((sure * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs(sure[bins == b].sum() - right[bins == b].sum()) for b in range(CALIBRATION_BINS)]
    return float(sum(gaps) / known.sum())


def planted_f1(
    draws: Iterable[Mapping[str, Any]], members: Mapping[str, Iterable[str]], tree: BrowsingTree
) -> dict[str, float]:
    """Score four tiles against planted interests, for the cut and for the four most frequent flat labels.

    `draws` as `{"groups": {wnid: [file, …]}, "rest": [file, …]}`; `members` gives each file its categories by wnid, its
    flat label first. Per draw the mean over the groups of the best F1 that any tile's files reach; the mean over draws.
    """
    cut_scores, flat_scores = [], []
    for draw in draws:
        groups = [set(files) for files in draw["groups"].values()]
        files = {*draw["rest"], *(file for group in groups for file in group)}
        in_category: dict[str, set[str]] = {}
        by_label: dict[str, set[str]] = {}
        for file in files:
            label, *categories = members[file]
            by_label.setdefault(label, set()).add(file)
            for wnid in categories:
                in_category.setdefault(wnid, set()).add(file)
        cut = best_cut(tree, {wnid: len(found) for wnid, found in in_category.items()}, tiles=4)
        frequent = sorted(by_label, key=lambda label: (-len(by_label[label]), label))[:4]
        cut_scores.append(_mean_best_f1(groups, [in_category[wnid] for wnid in cut]))
        flat_scores.append(_mean_best_f1(groups, [by_label[label] for label in frequent]))
    return {"cut": float(np.mean(cut_scores)), "flat": float(np.mean(flat_scores))}


def _mean_best_f1(groups: Sequence[set[str]], tiles: Sequence[set[str]]) -> float:
    best = [max((2 * len(group & tile) / (len(group) + len(tile)) for tile in tiles), default=0.0) for group in groups]
    return float(np.mean(best))

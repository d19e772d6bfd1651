"""Measure named categories against photographs whose truth is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.certainty import Word
from taxonomy.cut import best_cut
from taxonomy.hedging import DEEPER_BITS, Calibration
from taxonomy.hierarchy import Hierarchy
from taxonomy.naming import Said

CALIBRATION_BINS = 15


@dataclass(frozen=True, eq=False)
class Truths:
    """What is in each photo: what may be said of it, and the class where the truth is one, else -1."""

    right: np.ndarray  # (photos, synsets) bool
    right_categories: np.ndarray  # (photos, categories) bool
    leaf: np.ndarray  # (photos,) int64

    def take(self, photos: np.ndarray) -> "Truths":
        """The truths of some of the photos."""
        return Truths(self.right[photos], self.right_categories[photos], self.leaf[photos])


def wnids_in_name(name: str) -> list[str]:
    """The truth a file name states before its first underscore: `n02123045+n03482405_cat.jpg` shows two things.

    Raises ValueError where the name states none.
    """
    wnids = name.split("_", 1)[0].split("+")
    if not all(len(wnid) == 9 and wnid[0] == "n" and wnid[1:].isdigit() for wnid in wnids):
        raise ValueError(f"{name} does not begin with the wnids of what it shows, as in n02123045_cat.jpg")
    return wnids


def resolve_truths(truths: Sequence[Sequence[str]], tree: BrowsingTree, graph: Mapping[str, Any]) -> Truths:
    """Say for each photo which synsets are right: a true one, its ancestors, its descendants; and which categories.

    A category is right where its synset is, or where its classes hold all of the true synset's or are among them: the
    curated tree files some synsets elsewhere than WordNet. `graph` is the whole graph file, as a truth need not lie
    above or among the network's classes. Raises ValueError for a wnid it lacks.
    """
    hierarchy, everything = tree.hierarchy, Hierarchy.whole(graph)
    class_of = {hierarchy.synsets[synset].wnid: c for c, synset in enumerate(hierarchy.classes.tolist())}
    shown_by = np.array([hierarchy.index[wnid] for wnid in tree.order])  # (categories,) synsets
    sizes = np.array([len(category.classes) for category in tree.categories.values()])
    rows: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    right = np.zeros((len(truths), len(hierarchy)), dtype=bool)
    right_categories = np.zeros((len(truths), len(tree.order)), dtype=bool)
    leaf = np.full(len(truths), -1, dtype=np.int64)
    for photo, wnids in enumerate(truths):
        for wnid in wnids:
            if wnid not in rows:
                if wnid not in everything.index:
                    raise ValueError(f"{wnid} is not among the {len(everything)} synsets of the graph file")
                start = [everything.index[wnid]]
                below = everything.at_or_below(start)
                related = [everything.synsets[s].wnid for s in everything.at_or_above(start) | below]
                synsets = np.zeros(len(hierarchy), dtype=bool)
                synsets[[hierarchy.index[other] for other in related if other in hierarchy.index]] = True
                true_classes = [c for s in below if (c := class_of.get(everything.synsets[s].wnid)) is not None]
                shared = np.asarray(tree.membership[true_classes].sum(axis=0))  # (categories,)
                is_nested = (shared > 0) & ((shared == sizes) | (shared == len(true_classes)))
                rows[wnid] = (synsets, synsets[shown_by] | is_nested)
            right[photo] |= rows[wnid][0]
            right_categories[photo] |= rows[wnid][1]
        if len(wnids) == 1:
            leaf[photo] = class_of.get(wnids[0], -1)
    return Truths(right, right_categories, leaf)


def accuracy_and_bits(named: np.ndarray, truths: Truths, hierarchy: Hierarchy) -> tuple[float, float]:
    """Share of photos named rightly and the mean information of the names in bits; `named` is (photos,) positions."""
    right = truths.right[np.arange(len(named)), named]
    return float(right.mean()), float(hierarchy.information[named].mean())


def shown_scores(said: Said, truths: Truths, tree: BrowsingTree, calibration: Calibration) -> dict[str, dict[str, Any]]:
    """Score what pages say, by target: of the photos that are named, how many rightly and with how many bits.

    `{"0.95": {"accuracy", "bits", "named": share of all photos, "words": {"surely": {"accuracy", "photos"}, …}}}`; None
    where there is nothing to measure.
    """
    scores = {}
    for i, stop in enumerate(calibration.stops):
        photos = np.flatnonzero(said.named[:, i] >= 0)
        named = said.named[photos, i]
        right = truths.right_categories[photos, named]
        word = calibration.certainty.words(said.confidences[photos, named])
        scores[f"{stop.target:g}"] = {
            "accuracy": _mean(right),
            "bits": _mean(tree.information[named]),
            "named": len(photos) / max(len(said.named), 1),
            "words": {
                str(each): {"accuracy": _mean(right[word == at]), "photos": int((word == at).sum())}
                for at, each in enumerate(Word)
            },
        }
    return scores


def listed_scores(said: Said, truths: Truths, calibration: Calibration, stop: int) -> dict[str, dict[str, Any]]:
    """Score the words of all categories that list a photo at a stop: `{"surely": {"accuracy", "listed"}, …}`."""
    listed = said.safest <= stop
    right = truths.right_categories[listed]
    word = calibration.certainty.words(said.confidences[listed])
    return {
        str(each): {"accuracy": _mean(right[word == at]), "listed": int((word == at).sum())}
        for at, each in enumerate(Word)
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def most_specific(confidences: np.ndarray, hierarchy: Hierarchy, threshold: float) -> np.ndarray:
    """Name the synset with most information among those at or above the threshold, the root where there is none.

    `confidences` (batch, synsets) gives (batch,) int64 positions.
    """
    rank = hierarchy.information + hierarchy.depth * DEEPER_BITS
    sure = confidences >= threshold
    best = np.where(sure, rank, -1.0).argmax(axis=1)
    return np.where(sure.any(axis=1), best, int(np.argmin(rank))).astype(np.int64)


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
    draws: Iterable[Mapping[str, Any]],
    files: Sequence[str],
    confidences: np.ndarray,
    labels: Sequence[str],
    tree: BrowsingTree,
    counted: float,
) -> dict[str, float]:
    """Score four tiles against planted interests, for the pictograph's choice and for the four commonest flat labels.

    `draws` as `{"groups": {wnid: [file, …]}, "rest": [file, …]}`; of each of the `files` the confidences (files,
    categories) and the flat label; a file is counted in a category from the confidence `counted` on. Per draw the mean
    over the groups of the best F1 that any tile's files reach; the mean over draws. `purity` is the share of the files
    in tiles that belong to the group their tile shows best. Raises KeyError for a file that is not among the files.
    """
    position = {file: i for i, file in enumerate(files)}
    column = {wnid: i for i, wnid in enumerate(tree.order)}
    cut_scores, flat_scores, purities = [], [], []
    for draw in draws:
        groups = [{position[file] for file in group} for group in draw["groups"].values()]
        drawn = np.array(sorted({position[file] for file in draw["rest"]}.union(*groups)), dtype=np.int64)
        counts = dict(zip(tree.order, (confidences[drawn] >= counted).sum(axis=0).tolist(), strict=True))
        chosen = best_cut(tree, counts, tiles=4)
        tiles = [set(drawn[confidences[drawn, column[wnid]] >= counted].tolist()) for wnid in chosen]
        by_label: dict[str, set[int]] = {}
        for i in drawn.tolist():
            by_label.setdefault(labels[i], set()).add(i)
        frequent = sorted(by_label, key=lambda label: (-len(by_label[label]), label))[:4]
        cut_scores.append(_mean_best_f1(groups, tiles))
        flat_scores.append(_mean_best_f1(groups, [by_label[label] for label in frequent]))
        purities.append(_purity(groups, tiles))
    return {"cut": float(np.mean(cut_scores)), "flat": float(np.mean(flat_scores)), "purity": float(np.mean(purities))}


def _mean_best_f1(groups: Sequence[set[int]], tiles: Sequence[set[int]]) -> float:
    best = [max((2 * len(group & tile) / (len(group) + len(tile)) for tile in tiles), default=0.0) for group in groups]
    return float(np.mean(best))


def _purity(groups: Sequence[set[int]], tiles: Sequence[set[int]]) -> float:
    hits = sum(max(len(group & tile) for group in groups) for tile in tiles)
    return hits / max(sum(map(len, tiles)), 1)

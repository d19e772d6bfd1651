"""Pairs of people made of photos whose truth is known, to measure what a comparison says of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.comparison import MOST_BOTH, Comparison, compare, product_rule
from taxonomy.cut import most_worth
from taxonomy.evaluation import wnids_in_name
from taxonomy.rates import Side

LISTS = ("both", "only_first", "only_second")
# Which of a draw's groups, largest first, the two have in common, and which is the first's and the second's alone.
ARRANGEMENTS = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
NAMED_FROM = 0.5  # a group of which the tree files more elsewhere is none that people of this site are told of


@dataclass(frozen=True)
class PlantedPair:
    """Two people without a photo in common, and the photos that each list should find.

    `named` says of which lists the tree has a category for what was planted.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    planted: Mapping[str, frozenset[str]]  # by list
    named: frozenset[str]


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network says of files: `probabilities` (files, classes) and `confidences` (files, categories)."""

    files: Sequence[str]
    probabilities: np.ndarray
    confidences: np.ndarray


def pairs_of(draw: Mapping[str, Any], tree: BrowsingTree) -> Iterator[PlantedPair]:
    """Make three pairs of a draw `{"groups": {wnid: [file, …]}, "rest": [file, …]}`.

    Each has one group in common, of which every other photo is the first's; one group is the first's alone, one the
    second's, and of the rest, which nobody planted, each has every other photo.
    """
    groups = sorted(draw["groups"].items(), key=lambda group: -len(group[1]))
    for arrangement in ARRANGEMENTS:
        common, first, second = (groups[i][1] for i in arrangement)
        yield PlantedPair(
            first=(*common[::2], *first, *draw["rest"][::2]),
            second=(*common[1::2], *second, *draw["rest"][1::2]),
            planted={name: frozenset(files) for name, files in zip(LISTS, (common, first, second), strict=True)},
            named=frozenset(name for name, i in zip(LISTS, arrangement, strict=True) if _is_named(tree, *groups[i])),
        )


def comparison_f1(
    draws: Iterable[Mapping[str, Any]], seen: Seen, tree: BrowsingTree, counted: float
) -> dict[str, dict[str, float]]:
    """Score comparisons of planted pairs: by list the mean F1 of its photos against those planted.

    A list's photos are all that its categories list of whom it is about, from the confidence `counted` on, so that a
    category nobody planted costs precision and a list that stays empty scores 0. `named` is the mean over what the
    tree has a category for, `all` over everything; `product` is that of `both` by the 2015 report's rule, over what is
    named. `pairs` are as many as there are. Raises KeyError for a file that is not among the files.
    """
    position = {file: i for i, file in enumerate(seen.files)}
    column = {wnid: i for i, wnid in enumerate(tree.order)}
    listed = seen.confidences >= counted
    base = seen.confidences.mean(axis=0)
    scores: dict[str, dict[str, list[float]]] = {name: {} for name in ("named", "all", "product")}
    pairs = 0
    for pair in (pair for draw in draws for pair in pairs_of(draw, tree)):
        pairs += 1
        rows = [np.array([position[file] for file in files]) for files in (pair.first, pair.second)]
        first, second = (_side(seen, listed, photos, tree) for photos in rows)
        said = compare(tree, first, second, base)
        owned = {"both": np.concatenate(rows), "only_first": rows[0], "only_second": rows[1]}
        for name, wnids in _wnids(said).items():
            f1 = _f1(wnids, owned[name], pair.planted[name], seen.files, listed, column)
            scores["all"].setdefault(name, []).append(f1)
            if name in pair.named:
                scores["named"].setdefault(name, []).append(f1)
        if "both" in pair.named:
            chosen = _by_product(tree, seen, *rows)
            f1 = _f1(chosen, owned["both"], pair.planted["both"], seen.files, listed, column)
            scores["product"].setdefault("both", []).append(f1)
    means = {kind: {name: float(np.mean(f1)) for name, f1 in lists.items()} for kind, lists in scores.items()}
    return means | {"pairs": {"all": pairs, **{name: len(f1) for name, f1 in scores["named"].items()}}}


def _is_named(tree: BrowsingTree, wnid: str, files: Sequence[str]) -> bool:
    """Whether the tree has the category, with most of what the files show."""
    if wnid not in tree.categories:
        return False
    graph = tree.hierarchy
    inside = {graph.synsets[graph.classes[c]].wnid for c in tree.categories[wnid].classes}
    return float(np.mean([not inside.isdisjoint(wnids_in_name(file)) for file in files])) >= NAMED_FROM


def _side(seen: Seen, listed: np.ndarray, photos: np.ndarray, tree: BrowsingTree) -> Side:
    counts = dict(zip(tree.order, listed[photos].sum(axis=0).tolist(), strict=True))
    return Side.from_sum(tree, seen.probabilities[photos].sum(axis=0, dtype=np.float64), len(photos), counts)


def _wnids(said: Comparison) -> dict[str, list[str]]:
    return {name: [wnid for shared in getattr(said, name) for wnid in shared.wnids] for name in LISTS}


def _by_product(tree: BrowsingTree, seen: Seen, first: np.ndarray, second: np.ndarray) -> list[str]:
    """What both photograph by the rule of 2015: the product of each class, as many categories of as many bits."""
    rates = (seen.probabilities[photos].mean(axis=0, dtype=np.float64) for photos in (first, second))
    worth = product_rule(tree, *rates) * tree.information
    return list(most_worth(tree, dict(zip(tree.order, worth.tolist(), strict=True)), MOST_BOTH))


def _f1(
    wnids: Sequence[str],
    owned: np.ndarray,
    planted: frozenset[str],
    files: Sequence[str],
    listed: np.ndarray,
    column: Mapping[str, int],
) -> float:
    columns = np.array([column[wnid] for wnid in wnids], dtype=np.int64)
    inside = listed[np.ix_(owned, columns)].any(axis=1)
    found = {files[i] for i in owned[inside].tolist()}
    return 2 * len(found & planted) / (len(found) + len(planted))

"""What corrections teach, measured: made-up libraries of labelled photos, of which a few of one kind are corrected.

Each library has 20 photos of a kind among 300 of others, all as they are, or blurred, dark or cropped, or of all these.
Five of the 20 are corrected, those first that the network does not list in the kind. Half of the libraries are as
networks see them; in the other half the network knows the kind not at all, and calls all of it something else.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from classifier.benchmarks.labelled import VARIANTS, labelled_photos, read_and_embed
from classifier.network.inference import Classifier, softmax_of_views
from pictograph.catalogue.snapshot import Catalogue
from taxonomy.browsing import BrowsingTree
from taxonomy.corrections import Verdicts
from taxonomy.evaluation import Truths, resolve_truths, wnids_in_name
from taxonomy.hedging import LEAST_BITS, Calibration
from taxonomy.hierarchy import read_graph
from taxonomy.intervals import exact_interval
from taxonomy.likeness import LEAST_SIMILAR, Example, Lessons, Space, Weights, lessons_of
from taxonomy.naming import NO_VERDICTS, Said, say

OF_KIND, OTHERS, CORRECTED = 20, 300, 5
LEAST_WRONG = 4  # of 20, not listed in the kind: else there is little to learn
MIXED = "mixed"
LIMIT = 0.0025  # of the right photos that may go wrong, for baselines whose threshold is fitted
SEED = 20261127

Learnt = dict[int, Verdicts]  # by position in the library


@dataclass(frozen=True, eq=False)
class Photos:
    """Labelled photos, each in every variant, and which of them are of each kind."""

    names: list[str]
    variants: np.ndarray
    probabilities: np.ndarray
    embeddings: np.ndarray
    evidence: np.ndarray
    truths: Truths
    kinds: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Library:
    """One made-up library; `corrected` are positions among its photos, of which the first OF_KIND are of the kind."""

    kind: str
    is_blind: bool
    photos: np.ndarray
    probabilities: np.ndarray
    said: Said
    corrected: np.ndarray


def read(classifier: Classifier, folders: Sequence[Path], keep: Path | None) -> dict[str, np.ndarray]:
    """What the network says of all photos of some folders in every variant; read from a file where that is there."""
    if keep is not None and keep.exists():
        with np.load(keep) as kept:
            if str(kept["version"]) == classifier.version:
                return dict(kept)
    parts: dict[str, list[np.ndarray]] = defaultdict(list)
    for folder in folders:
        paths = labelled_photos(folder)
        for variant in VARIANTS:
            logits, embeddings, evidence = read_and_embed(classifier, paths, variant)
            columns = (logits, embeddings, evidence, [path.name for path in paths], [variant] * len(paths))
            for name, column in zip(("logits", "embeddings", "evidence", "names", "variants"), columns, strict=True):
                parts[name].append(np.asarray(column))
    seen = {name: np.concatenate(part) for name, part in parts.items()} | {"version": np.array(classifier.version)}
    if keep is not None:
        np.savez(keep, allow_pickle=False, **seen)
    return seen


def photos_of(seen: Mapping[str, np.ndarray], words: Mapping[str, str], edition: Catalogue) -> Photos:
    """Photos with their truths: the wnids that names begin with, or that of a word that the rest begins with.

    Raises ValueError for names or words that say no truth.
    """
    tree, names = edition.tree, [str(name) for name in seen["names"]]
    wnids = [_wnids(name, words) for name in names]
    kinds: dict[str, list[int]] = defaultdict(list)
    for photo, true in enumerate(wnids):
        for wnid in true:
            category = tree.visible(wnid) if wnid in tree.hierarchy.index else None
            for above in tree.path(category.wnid) if category else ():
                kinds[above.wnid].append(photo)
    each = len(VARIANTS) * OF_KIND
    return Photos(
        names=names,
        variants=seen["variants"].astype(str),
        probabilities=softmax_of_views(seen["logits"], edition.calibration.temperature),
        embeddings=seen["embeddings"],
        evidence=seen["evidence"],
        truths=resolve_truths(wnids, tree, read_graph()),
        kinds={
            wnid: np.array(of_it)
            for wnid, of_it in kinds.items()
            if len(of_it) >= each and tree.categories[wnid].information >= LEAST_BITS
        },
    )


def libraries(photos: Photos, edition: Catalogue, draws: int) -> Iterator[Library]:
    """Draw libraries of every kind and variant; those in which there is little to correct are left out."""
    chance = np.random.default_rng(SEED)
    by_name: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(photos.names):
        by_name[name].append(at)
    for kind, of_it in photos.kinds.items():
        for variant in (*VARIANTS, MIXED):
            for _ in range(draws):
                if variant == MIXED:
                    pool = np.array([chance.choice(same) for same in by_name.values()])
                else:
                    pool = np.flatnonzero(photos.variants == variant)
                yield from _drawn(photos, edition, kind, np.intersect1d(pool, of_it), pool, chance)


def _drawn(
    photos: Photos, edition: Catalogue, kind: str, of_it: np.ndarray, pool: np.ndarray, chance: np.random.Generator
) -> Iterator[Library]:
    tree, dial = edition.tree, edition.calibration
    at = tree.position[kind]
    others = pool[~photos.truths.right_categories[pool, at]]
    chosen = np.concatenate(
        [chance.choice(of_it, OF_KIND, replace=False), chance.choice(others, min(OTHERS, len(others)), replace=False)]
    )
    for is_blind in (False, True):
        rows = photos.probabilities[chosen].copy()
        if is_blind:
            rows[:, list(tree.categories[kind].classes)] = 0
            rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1e-9)
        said = say(rows, photos.evidence[chosen], tree, dial)
        is_wrong = said.safest[:OF_KIND, at] > dial.default
        if is_wrong.sum() >= LEAST_WRONG:
            order = chance.permutation(OF_KIND)
            first = order[np.argsort(~is_wrong[order], kind="stable")]
            yield Library(kind, is_blind, chosen, rows, said, first[:CORRECTED])


def measure(photos: Photos, edition: Catalogue, draws: int) -> dict[str, Any]:
    """Each way of learning by libraries of kinds kept back from what was fitted, and the rule as it is shipped."""
    drawn = list(libraries(photos, edition, draws))
    kinds = np.random.default_rng(SEED).permutation(sorted({library.kind for library in drawn}))
    halves = [set(kinds[::2].tolist()), set(kinds[1::2].tolist())]
    fitted = [fit([one for one in drawn if one.kind in half], photos, edition) for half in halves]
    tallies: dict[str, Tally] = defaultdict(Tally)
    cosines = [_cosine_limit([one for one in drawn if one.kind in half], photos, edition) for half in halves]
    for library in drawn:
        other = 0 if library.kind in halves[1] else 1  # of the two halves the one that it is not in
        ways: dict[str, Callable[[], Learnt]] = {
            "nothing": dict,
            "siblings": partial(siblings, library, edition.tree),
            "cosine": partial(by_cosine, library, photos, cosines[other]),
            "fitted": partial(by_rule, library, photos, edition.tree, fitted[other]),
            "shipped": partial(by_rule, library, photos, edition.tree, Weights()),
        }
        for way, learn in ways.items():
            tallies[f"{way}, {'unknown kind' if library.is_blind else 'as it is'}"].add(
                library, learn(), photos, edition
            )
    return {
        "kinds": len(kinds),
        "libraries": len(drawn),
        "weights": [vars(weights) for weights in fitted],
        "cosines": [round(limit, 3) for limit in cosines],
        "ways": {way: tally.told() for way, tally in tallies.items()},
    }


class Tally:
    """What a way of learning came to: counts over many libraries, at the stop that people find the dial in."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)

    def add(self, library: Library, learnt: Learnt, photos: Photos, edition: Catalogue) -> None:
        """Count one library. What was learnt of corrected photos does not count."""
        stop, at = edition.calibration.default, edition.tree.position[library.kind]
        learnt = {photo: one for photo, one in learnt.items() if photo not in library.corrected}
        after = _after(library, learnt, photos, edition)
        truths = photos.truths.right_categories[library.photos]
        is_asked = np.isin(np.arange(len(library.photos)), library.corrected)
        was_right, is_right = (_right(said.named[:, stop], truths) & ~is_asked for said in (library.said, after))
        newly = (after.safest <= stop) & (library.said.safest > stop) & ~truths
        gone = was_right & (~is_right | newly.any(axis=1))
        of_kind = ~is_asked & (np.arange(len(is_asked)) < OF_KIND)
        for name, count in {
            "others": of_kind.sum(),
            "others_right_before": (was_right & of_kind).sum(),
            "others_right_after": (is_right & of_kind).sum(),
            "others_in_kind_before": (of_kind & (library.said.safest[:, at] <= stop)).sum(),
            "others_in_kind_after": (of_kind & (after.safest[:, at] <= stop)).sum(),
            "right_before": was_right.sum(),
            "gone_wrong": gone.sum(),
            "changed": len(learnt),
            "changed_rightly": sum(
                truths[photo, edition.tree.position[one.likened[0]]] for photo, one in learnt.items() if one.likened
            ),
        }.items():
            self.counts[name] += int(count)

    def told(self) -> dict[str, Any]:
        """Counts, and shares with exact intervals of 95 %."""
        count = self.counts
        return dict(count) | {
            "right_after_of_others": _interval(count["others_right_after"], count["others"]),
            "gone_wrong_of_right": _interval(count["gone_wrong"], count["right_before"]),
        }


def by_rule(library: Library, photos: Photos, tree: BrowsingTree, weights: Weights) -> Learnt:
    """What the product learns."""
    lessons, similar = _lessons(library, photos, tree)
    near = np.flatnonzero((similar >= LEAST_SIMILAR).any(axis=1))
    taught = replace(lessons, weights=weights).taught(similar[near], library.said.confidences[near])
    return {int(photo): Verdicts(likened=one) for photo, one in zip(near, taught, strict=True) if one is not None}


def by_cosine(library: Library, photos: Photos, limit: float) -> Learnt:
    """Whatever has an embedding near enough to that of a corrected photo is what that is."""
    near = np.flatnonzero(_cosines(library, photos) >= limit)
    return {int(photo): Verdicts(likened=(library.kind, 0.95)) for photo in near}


def siblings(library: Library, tree: BrowsingTree) -> Learnt:
    """The network's doubts go to the kind: photos of which it is the likeliest by three times what the network said."""
    confidences = library.said.confidences
    at = tree.position[library.kind]
    apart = np.array([tree.is_apart(library.kind, [other]) for other in tree.order])
    odds = 3 * confidences[:, at]
    share = odds / np.maximum(odds + confidences[:, apart].max(axis=1), 1e-9)
    found = np.flatnonzero((share > 0.75) & (confidences[:, at] >= 0.2))
    return {int(photo): Verdicts(likened=(library.kind, 0.9)) for photo in found}


def fit(drawn: Sequence[Library], photos: Photos, edition: Catalogue) -> Weights:
    """Fit the rule's weights by logistic regression over what is not listed in a category that was taught."""
    rows, right = [], []
    for library in drawn:
        lessons, similar = _lessons(library, photos, edition.tree)
        said, surer = lessons.signs(library.said.confidences)
        is_open = library.said.safest[:, lessons.categories] > edition.calibration.default
        is_open[library.corrected] = False
        is_open &= np.isfinite(similar)
        rows.append(np.stack([similar[is_open], said[is_open], surer[is_open], np.ones(is_open.sum())], axis=1))
        right.append(photos.truths.right_categories[library.photos][:, lessons.categories][is_open])
    x, y = np.concatenate(rows).astype(np.float64), np.concatenate(right)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = x @ weights
        return float((np.logaddexp(0, odds) - y * odds).mean()), x.T @ (1 / (1 + np.exp(-odds)) - y) / len(y)

    found = minimize(loss, np.zeros(4), jac=True, method="L-BFGS-B").x
    return Weights(*(round(float(value), 2) for value in found))


def _lessons(library: Library, photos: Photos, tree: BrowsingTree) -> tuple[Lessons, np.ndarray]:
    embeddings = photos.embeddings[library.photos]
    said = Verdicts(affirmed=library.kind)
    examples = [Example(embeddings[k], library.said.confidences[k], said) for k in library.corrected]
    lessons = lessons_of(examples, Space.fit(embeddings), tree)
    if lessons is None:
        raise ValueError(f"{len(examples)} photos are too few to learn from")
    return lessons, lessons.similar(embeddings)


def _cosines(library: Library, photos: Photos) -> np.ndarray:
    """(photos,) the cosine of each embedding with the nearest of a corrected photo."""
    vectors = photos.embeddings[library.photos].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    nearest: np.ndarray = (vectors @ vectors[library.corrected].T).max(axis=1)
    return nearest


def _cosine_limit(drawn: Sequence[Library], photos: Photos, edition: Catalogue) -> float:
    """The lowest cosine at which no more than LIMIT of the right photos become what they are not."""
    cosines, harms, total = [], [], 0
    for library in drawn:
        truths = photos.truths.right_categories[library.photos]
        right = _right(library.said.named[:, edition.calibration.default], truths)
        is_open = right & ~truths[:, edition.tree.position[library.kind]]
        cosines.append(_cosines(library, photos)[is_open])
        harms.append(is_open.sum())
        total += int(right.sum())
    falling = np.sort(np.concatenate(cosines))[::-1]
    return float(falling[min(int(LIMIT * total), len(falling) - 1)])


def _after(library: Library, learnt: Learnt, photos: Photos, edition: Catalogue) -> Said:
    dial: Calibration = edition.calibration
    said = say(library.probabilities, photos.evidence[library.photos], edition.tree, dial, learnt or NO_VERDICTS)
    return said


def _right(named: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """(photos,) whether photos have a name, and a right one."""
    right: np.ndarray = (named >= 0) & truths[np.arange(len(named)), named]
    return right


def _interval(hits: int, count: int) -> list[float]:
    """A share and its exact interval of 95 %."""
    return [round(float(value), 5) for value in (hits / max(count, 1), *exact_interval(hits, count))]


def _wnids(name: str, words: Mapping[str, str]) -> list[str]:
    wnids, rest = wnids_in_name(name), name.partition("_")[2]
    told = [wnid for word, wnid in words.items() if rest.startswith(f"{word}-")]
    return told or wnids

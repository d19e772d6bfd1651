"""Find the temperature, the rules of the dial and its certainty from labelled photographs, so that its promise holds.

The photographs at hand are clean, and some of them the network learnt from; people's are neither. So each photo is
also measured blurred, dark and cropped, and clean and poor pictures weigh one half each. On photos from ImageNet's
training part that mixture has about the top-1 accuracy the default network is known to reach on photos it has not seen.

A rule holds where the mean accuracy is a little above the target on every folder. The price and the floor among vague
synsets are fitted to the answers of that mixture, where to say nothing is right. The floor of pages is fitted to the
names they show, photos without one left out: to the target on clean pictures, and on poor ones to a little less. Where
a folder has few photos, an exact lower bound stands for its accuracy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.certainty import Certainty
from taxonomy.confidence import sum_rule
from taxonomy.evaluation import Truths, calibration_error
from taxonomy.hedging import DEEPER_BITS, TARGETS, Calibration, Stop, names, vague_names
from taxonomy.hierarchy import Hierarchy
from taxonomy.intervals import exact_lower_bound

CLEAN_WEIGHT = 0.5
TEMPERATURES = tuple(np.arange(0.5, 1.21, 0.05).round(2).tolist())
FLOORS = np.arange(0.505, 0.9975, 0.005).round(4)
PRICES = (0.0, 5.0, 8.0, 11.0, 14.0, 17.0, 20.0, 24.0, 28.0, 33.0, 40.0, 50.0)
MARGIN = 0.002  # "a little above": photos kept back lose about as much to having been left out of the fit
POOR_BELOW = 0.02  # how far the names of poor pictures may stay below the target
# Below so many photos of a folder, chance alone moves an accuracy by more than the steps of the dial.
FEW_PHOTOS = 150
BOUND_CONFIDENCE = 0.9
# The part of the clean labelled photos that may be taken for pictures of nothing the network knows.
EVIDENCE_COST = 0.01
LIKELY = 0.5
CANDIDATES = 40  # no photo has more categories or synsets above one half
LEAST_STEP = 0.08  # a step of the certainty curve rests on at least this part of all that was said
CONFIDENCES = np.arange(0.5, 1.0, 0.01).round(2)

Softmax = Callable[[np.ndarray, float], np.ndarray]


@dataclass(frozen=True, eq=False)
class Folder:
    """Labelled photos: truths, and by variant of the pictures (`clean` first) logits and evidence.

    `logits` (photos, views, classes) and `evidence` (photos,).
    """

    truths: Truths
    logits: Mapping[str, np.ndarray]
    evidence: Mapping[str, np.ndarray]

    def take(self, photos: np.ndarray) -> "Folder":
        """Some of the photos."""
        logits = {name: values[photos] for name, values in self.logits.items()}
        evidence = {name: values[photos] for name, values in self.evidence.items()}
        return Folder(self.truths.take(photos), logits, evidence)

    @property
    def weights(self) -> dict[str, float]:
        """How much each variant counts: clean pictures one half, the poor ones the other."""
        poor = len(self.logits) - 1
        if not poor:
            return dict.fromkeys(self.logits, 1.0)
        return {name: CLEAN_WEIGHT if name == "clean" else (1 - CLEAN_WEIGHT) / poor for name in self.logits}


@dataclass(frozen=True, eq=False)
class Candidates:
    """What could be said of the pictures of a folder: of each the candidates with more than LIKELY, surest first.

    All (pictures, CANDIDATES), filled up with a confidence of 0; `weights` (pictures,) sum to the number of photos.
    """

    confidences: np.ndarray
    information: np.ndarray
    right: np.ndarray  # bool
    weights: np.ndarray
    is_clean: np.ndarray  # (pictures,) bool
    photos: int

    def answers(self, named: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(pictures,) whether what each is called is right, and its bits; False and 0 for those without a name."""
        rows = np.arange(len(named))
        return (named >= 0) & self.right[rows, named], np.where(named >= 0, self.information[rows, named], 0.0)


def calibrate(
    folders: Sequence[Folder], tree: BrowsingTree, softmax: Softmax, temperature: float | None = None
) -> Calibration:
    """Fit the temperature, unless it is given, the rules of every target and the certainty.

    `softmax(logits, temperature)` gives (photos, classes) probabilities as the classifier makes them of its views.
    """
    temperature = fit_temperature(folders, softmax) if temperature is None else temperature
    least_evidence = fit_evidence(folders)
    shown, synsets = [], []
    for folder in folders:
        probabilities = {name: softmax(logits, temperature) for name, logits in folder.logits.items()}
        synsets.append(_synset_candidates(folder, probabilities, tree.hierarchy))
        shown.append(_category_candidates(folder, probabilities, tree, least_evidence))
    are_classes = [
        of_folder for of_folder, folder in zip(shown, folders, strict=True) if (folder.truths.leaf >= 0).all()
    ]
    stops: list[Stop] = []
    for target in TARGETS:
        membership = lowest_threshold([listed_accuracies(of_folder) for of_folder in are_classes or shown], target)
        membership = min(membership, stops[-1].membership) if stops else membership
        stops.append(fit_stop(shown, synsets, target, membership))
    return Calibration(temperature, tuple(stops), fit_certainty(shown, stops), least_evidence)


def fit_temperature(folders: Sequence[Folder], softmax: Softmax) -> float:
    """The temperature at which the top class is right as often as its probability says, where truths are classes."""

    def error(temperature: float) -> float:
        errors = [
            weight * (calibration_error(softmax(folder.logits[variant], temperature), folder.truths) or 0.0)
            for folder in folders
            for variant, weight in folder.weights.items()
        ]
        return float(sum(errors))

    return min(TEMPERATURES, key=lambda temperature: (round(error(temperature), 4), temperature))


def fit_evidence(folders: Sequence[Folder]) -> float:
    """The most evidence that may be asked for at the cost of EVIDENCE_COST of the clean photos."""
    clean = np.sort(np.concatenate([folder.evidence["clean"] for folder in folders]))
    return float(clean[int(len(clean) * EVIDENCE_COST)])


def fit_stop(shown: Sequence[Candidates], synsets: Sequence[Candidates], target: float, membership: float) -> Stop:
    """Fit the rule that says most among synsets, then the lowest floor at which the names of pages keep the promise.

    Where none does, the floor at which they come nearest, and the stop says so.
    """

    def stop(floor: float, price: float, vague_floor: float, is_reached: bool = True) -> Stop:
        floor = max(floor, vague_floor, membership)
        return Stop(target, floor, price, membership, min(vague_floor, floor), is_reached)

    def rank(vague_floor: float, price: float) -> tuple[float, float]:
        scores = [_rule_score(of_folder, stop(vague_floor, price, vague_floor)) for of_folder in synsets]
        short = max(target + MARGIN - min(accuracy for accuracy, _ in scores), 0.0)
        return -short, float(np.mean([bits for _, bits in scores]))

    vague_floor, price = max(product(FLOORS[::2].tolist(), PRICES), key=lambda rule: rank(*rule))
    kept: list[tuple[float, float]] = []
    for floor in FLOORS[max(vague_floor, membership) <= FLOORS].tolist():
        short = _short_of(shown, stop(floor, price, vague_floor), target)
        kept.append((-max(short, 0.0), -floor))
        if short <= 0:
            break
    short, floor = max(kept)
    return stop(-floor, price, vague_floor, is_reached=short >= -MARGIN)


def listed_accuracies(pictures: Candidates) -> np.ndarray:
    """(FLOORS,) how many of the photos listed in categories belong there, at each threshold."""
    weights = np.broadcast_to(pictures.weights[:, None], pictures.right.shape)
    accuracies = np.ones(len(FLOORS))
    for i, threshold in enumerate(FLOORS):
        listed = pictures.confidences >= threshold
        if listed.any():
            accuracies[i] = np.average(pictures.right[listed], weights=weights[listed])
    return accuracies


def lowest_threshold(curves: Sequence[np.ndarray], target: float) -> float:
    """The lowest of FLOORS from which on every curve stays at the target; the highest where none does."""
    holds = np.all([curve >= target for curve in curves], axis=0)
    broken = np.flatnonzero(~holds)
    first = 0 if not len(broken) else min(broken[-1] + 1, len(FLOORS) - 1)
    return float(FLOORS[first])


def fit_certainty(folders: Sequence[Candidates], stops: Sequence[Stop]) -> Certainty:
    """The accuracy of what is said with each confidence, folders weighing alike: the least of names and listings."""
    curves = []
    for stop in stops:
        called = [names(pictures.confidences, pictures.information, stop) for pictures in folders]
        curves.append(_rising(folders, [np.arange(CANDIDATES) == named[:, None] for named in called]))
        curves.append(_rising(folders, [pictures.confidences >= stop.membership for pictures in folders]))
    accuracies = np.min(curves, axis=0)
    steps = np.flatnonzero(np.diff(accuracies, prepend=-1.0))
    return Certainty(tuple(CONFIDENCES[steps].tolist()), tuple((np.floor(accuracies[steps] * 1000) / 1000).tolist()))


def _rising(folders: Sequence[Candidates], said: Sequence[np.ndarray]) -> np.ndarray:
    """(CONFIDENCES,) accuracy of what is `said`, (pictures, CANDIDATES) bool of each folder, as the best rising steps.

    Source: R. Barlow et al., "Statistical Inference under Order Restrictions", 1972 (pool adjacent violators).
    """
    total, right = np.zeros(len(CONFIDENCES)), np.zeros(len(CONFIDENCES))
    for pictures, mask in zip(folders, said, strict=True):
        cell = np.searchsorted(CONFIDENCES, pictures.confidences[mask] + 1e-9, side="right") - 1
        weights = np.broadcast_to(pictures.weights[:, None], mask.shape)[mask]
        total += np.bincount(cell, weights, len(CONFIDENCES)) / pictures.photos
        right += np.bincount(cell, weights * pictures.right[mask], len(CONFIDENCES)) / pictures.photos
    if not total.any():
        return np.ones(len(CONFIDENCES))
    steps: list[tuple[float, float, int]] = []  # what was said, how much of it is right, cells
    for count, hits in zip(total[::-1], right[::-1], strict=True):  # from the surest down, as there are most
        steps.append((count, hits, 1))
        while len(steps) > 1 and (
            steps[-2][0] < LEAST_STEP * total.sum() or steps[-1][1] * steps[-2][0] >= steps[-2][1] * steps[-1][0]
        ):
            last, before = steps.pop(), steps.pop()
            steps.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    curve = [hits / count if count else 0.0 for count, hits, cells in steps for _ in range(cells)]
    return np.array(curve[::-1])


def _rule_score(synsets: Candidates, stop: Stop) -> tuple[float, float]:
    """Accuracy and bits over all pictures of a folder, where to say nothing is right."""
    named = vague_names(synsets.confidences, synsets.information, stop)
    right, bits = synsets.answers(named)
    return (
        _accuracy(synsets, right | (named < 0), np.ones(len(named), dtype=bool)),
        float(np.average(bits, weights=synsets.weights)),
    )


def _short_of(folders: Sequence[Candidates], stop: Stop, target: float) -> float:
    """How far the names that pages show stay below what is wanted, at the worst."""
    short, poor = [], []
    for pictures in folders:
        named = names(pictures.confidences, pictures.information, stop)
        right, _ = pictures.answers(named)
        short.append(target + MARGIN - _accuracy(pictures, right, (named >= 0) & pictures.is_clean))
        if (among := (named >= 0) & ~pictures.is_clean).any():
            poor.append(_accuracy(pictures, right, among))
    return max(*short, target - POOR_BELOW + MARGIN - float(np.mean(poor or [1.0])))


def _accuracy(pictures: Candidates, right: np.ndarray, among: np.ndarray) -> float:
    """The share that is right, or its exact lower bound where a folder has few photos; 0 where there is nothing."""
    count, hits = pictures.weights[among].sum(), pictures.weights[among & right].sum()
    if not count:
        return 0.0
    is_few = pictures.photos < FEW_PHOTOS
    return float(exact_lower_bound(hits, count, BOUND_CONFIDENCE)) if is_few else float(hits / count)


def _synset_candidates(folder: Folder, probabilities: Mapping[str, np.ndarray], hierarchy: Hierarchy) -> Candidates:
    information = hierarchy.information + hierarchy.depth * DEEPER_BITS
    return _candidates(
        folder,
        {name: sum_rule(rows, hierarchy) for name, rows in probabilities.items()},
        information,
        folder.truths.right,
    )


def _category_candidates(
    folder: Folder, probabilities: Mapping[str, np.ndarray], tree: BrowsingTree, least_evidence: float
) -> Candidates:
    confidences = {name: rows @ tree.membership for name, rows in probabilities.items()}
    for name, rows in confidences.items():
        rows[folder.evidence[name] < least_evidence] = 0.0
    return _candidates(folder, confidences, tree.information, folder.truths.right_categories)


def _candidates(
    folder: Folder, confidences: Mapping[str, np.ndarray], information: np.ndarray, right: np.ndarray
) -> Candidates:
    parts: list[tuple[np.ndarray, ...]] = []
    for name, weight in folder.weights.items():
        likely = np.where(confidences[name] >= LIKELY, confidences[name], 0.0)
        surest = np.argsort(-likely, axis=1, kind="stable")[:, :CANDIDATES]
        photos = len(likely)
        parts.append(
            (
                np.take_along_axis(likely, surest, axis=1),
                information[surest],
                np.take_along_axis(right, surest, axis=1),
                np.full(photos, weight),
                np.full(photos, name == "clean"),
            )
        )
    likely, bits, is_right, weights, is_clean = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Candidates(likely, bits, is_right, weights, is_clean, len(folder.truths.leaf))

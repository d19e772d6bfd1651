"""Find the temperature and the thresholds of the dial from labelled photographs, so that its promise holds.

The photographs at hand are clean, and some of them the network learnt from; people's are neither. So each photo is
also measured blurred, dark and cropped, and clean and poor pictures weigh one half each. On photos from ImageNet's
training part that mixture has about the top-1 accuracy the default network is known to reach on photos it has not seen.

A naming threshold holds when, from it on, the lower confidence bound of the accuracy stays at the target on every
folder: a name speaks for one photo. A membership threshold holds when the share of rightly listed photos itself does:
a category page is an average over many.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.confidence import sum_rule
from taxonomy.evaluation import Truths, calibration_error
from taxonomy.hedging import Calibration, Stop, most_specific
from taxonomy.hierarchy import Hierarchy

# Below 0.9 nothing more would be listed: a photo sits in no two categories that share no class, so each has over half.
TARGETS = (0.98, 0.95, 0.9)
CLEAN_WEIGHT = 0.5
# One-sided 90 % bound of a mean of 0/1 outcomes by the normal approximation. Variants of a photo are alike, so the
# number of distinct photos counts, not that of pictures.
BOUND_Z = 1.2816
TEMPERATURES = tuple(np.arange(0.6, 1.21, 0.05).round(2).tolist())
THRESHOLDS = np.arange(0.505, 0.9975, 0.005).round(4)

Softmax = Callable[[np.ndarray, float], np.ndarray]


@dataclass(frozen=True, eq=False)
class Folder:
    """Labelled photos: truths, and by variant of the pictures (`clean` first) the logits (photos, views, classes)."""

    truths: Truths
    logits: Mapping[str, np.ndarray]

    def take(self, photos: np.ndarray) -> "Folder":
        """Some of the photos."""
        return Folder(self.truths.take(photos), {name: logits[photos] for name, logits in self.logits.items()})

    @property
    def weights(self) -> dict[str, float]:
        """How much each variant counts: clean pictures one half, the poor ones the other."""
        poor = len(self.logits) - 1
        if not poor:
            return dict.fromkeys(self.logits, 1.0)
        return {name: CLEAN_WEIGHT if name == "clean" else (1 - CLEAN_WEIGHT) / poor for name in self.logits}


def calibrate(
    model: str, folders: Sequence[Folder], hierarchy: Hierarchy, tree: BrowsingTree, softmax: Softmax
) -> Calibration:
    """Fit the temperature, then the two thresholds of every target.

    `softmax(logits, temperature)` gives (photos, classes) probabilities as the classifier makes them of its views.
    """
    temperature = fit_temperature(folders, softmax)
    naming = [naming_accuracies(folder, hierarchy, softmax, temperature) for folder in folders]
    membership = [m for folder in folders if (m := membership_precisions(folder, tree, softmax, temperature))]
    stops = tuple(
        Stop(
            target,
            lowest_threshold([curve.lower_bound for curve in naming], target),
            lowest_threshold([curve.accuracy for curve in membership or naming], target),
        )
        for target in TARGETS
    )
    return Calibration(model, temperature, stops)


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


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracy at each of THRESHOLDS, measured on `photos` distinct photos."""

    accuracy: np.ndarray
    photos: int

    @property
    def lower_bound(self) -> np.ndarray:
        """(thresholds,) what the accuracy is at least, with 90 % confidence."""
        return self.accuracy - BOUND_Z * np.sqrt(self.accuracy * (1 - self.accuracy) / self.photos)


def naming_accuracies(folder: Folder, hierarchy: Hierarchy, softmax: Softmax, temperature: float) -> Curve:
    """How often the most specific synset above each threshold is right, over the weighted variants."""
    total = np.zeros(len(THRESHOLDS))
    for variant, weight in folder.weights.items():
        confidences = sum_rule(softmax(folder.logits[variant], temperature), hierarchy)
        for i, threshold in enumerate(THRESHOLDS):
            named = most_specific(confidences, hierarchy, float(threshold))
            total[i] += weight * folder.truths.right[np.arange(len(named)), named].mean()
    return Curve(total, len(folder.truths.leaf))


def membership_precisions(folder: Folder, tree: BrowsingTree, softmax: Softmax, temperature: float) -> Curve | None:
    """How many of the photos listed in categories belong there, at each threshold; None where truths are no classes."""
    known = np.flatnonzero(folder.truths.leaf >= 0)
    if len(known) < len(folder.truths.leaf):
        return None
    belongs = tree.membership[folder.truths.leaf].toarray() > 0  # (photos, categories)
    total = np.zeros(len(THRESHOLDS))
    for variant, weight in folder.weights.items():
        confidences = softmax(folder.logits[variant], temperature) @ tree.membership
        for i, threshold in enumerate(THRESHOLDS):
            listed = confidences >= threshold
            total[i] += weight * (belongs[listed].mean() if listed.any() else 1.0)
    return Curve(total, len(known))


def lowest_threshold(curves: Sequence[np.ndarray], target: float) -> float:
    """The lowest of THRESHOLDS from which on every curve stays at the target; the highest where none does."""
    holds = np.all([curve >= target for curve in curves], axis=0)
    broken = np.flatnonzero(~holds)
    first = 0 if not len(broken) else min(broken[-1] + 1, len(THRESHOLDS) - 1)
    return float(THRESHOLDS[first])

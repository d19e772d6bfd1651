"""What pages say of photos: the one way from probabilities to a photo's name and the categories that list it."""

from dataclasses import dataclass

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.hedging import Calibration, names


@dataclass(frozen=True, eq=False)
class Said:
    """What is said of photos; categories are positions in `BrowsingTree.order`.

    `confidences` (photos, categories) float64 are all 0 for a photo of which nothing is said. `safest` (photos,
    categories) int8 is the safest stop that lists the photo there, the number of stops where none does, so that
    `safest <= stop` are the listed ones. `named` (photos, stops) int64 is what the photo is called, NOTHING (-1) where
    it has no name.
    """

    confidences: np.ndarray
    safest: np.ndarray
    named: np.ndarray

    def listed(self, photo: int, stop: int) -> np.ndarray:
        """(n,) int64: the categories that list one photo at a stop, general ones first."""
        return np.flatnonzero(self.safest[photo] <= stop)


def say(probabilities: np.ndarray, evidence: np.ndarray, tree: BrowsingTree, calibration: Calibration) -> Said:
    """Say what photos show, from their probabilities (photos, classes) and evidence (photos,)."""
    confidences = np.asarray(probabilities.astype(np.float64, copy=False) @ tree.membership)
    confidences = confidences.round(6)  # the same whatever the order in which the parts were added
    confidences[np.asarray(evidence) < calibration.least_evidence] = 0.0
    thresholds = np.array([stop.membership for stop in calibration.stops])  # falling
    safest = (confidences[:, :, None] < thresholds).sum(axis=2, dtype=np.int8)
    named = [names(confidences, tree.information, stop) for stop in calibration.stops]
    return Said(confidences, safest, np.stack(named, axis=1))

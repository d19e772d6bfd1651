"""What pages say of photos: the one way from probabilities to a photo's name and the categories that list it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.corrections import Corrected, Verdicts, corrected
from taxonomy.hedging import LEAST_BITS, NOTHING, Calibration, names

NO_VERDICTS: Mapping[int, Verdicts] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Said:
    """What is said of photos; categories are positions in `BrowsingTree.order`.

    `confidences` (photos, categories) float64 are all 0 for a photo of which nothing is said. `safest` (photos,
    categories) int8 is the safest stop that lists the photo there, the number of stops where none does, so that
    `safest <= stop` are the listed ones. `named` (photos, stops) int64 is what the photo is called, NOTHING (-1) where
    it has no name. `corrected` are the probabilities, (classes,) float64, of the photos that people spoke of.
    """

    confidences: np.ndarray
    safest: np.ndarray
    named: np.ndarray
    corrected: Mapping[int, np.ndarray] = field(default_factory=dict)

    def listed(self, photo: int, stop: int) -> np.ndarray:
        """(n,) int64: the categories that list one photo at a stop, general ones first."""
        return np.flatnonzero(self.safest[photo] <= stop)


def say(
    probabilities: np.ndarray,
    evidence: np.ndarray,
    tree: BrowsingTree,
    calibration: Calibration,
    verdicts: Mapping[int, Verdicts] = NO_VERDICTS,
    at_most: np.ndarray | None = None,
) -> Said:
    """Say what photos show, from their probabilities (photos, classes) and evidence (photos,).

    `verdicts` are what people said, by photo. What they affirmed is named and listed at every stop, and what they do
    not want to see at none. `at_most` (photos, categories) is how sure may be said of them at most, as
    `sensitivity.careful` gives it.
    """
    sees = np.asarray(evidence) >= calibration.least_evidence
    confidences = np.asarray(probabilities.astype(np.float64, copy=False) @ tree.membership)
    confidences[~sees] = 0.0
    after: dict[int, np.ndarray] = {}
    groups = _together(verdicts)
    spoken = {said: corrected(probabilities[photos], sees[photos], said, tree) for said, photos in groups.items()}
    for said, photos in groups.items():
        confidences[photos] = spoken[said].confidences
        after |= zip(photos, spoken[said].probabilities, strict=True)
    confidences = confidences.round(6)  # the same whatever the order in which the parts were added
    confidences = confidences if at_most is None else np.minimum(confidences, at_most)
    thresholds = np.array([stop.membership for stop in calibration.stops])  # falling
    safest = (confidences[:, :, None] < thresholds).sum(axis=2, dtype=np.int8)
    named = np.stack([names(confidences, tree.information, stop) for stop in calibration.stops], axis=1)
    for said, photos in groups.items():
        safest[np.ix_(np.array(photos), spoken[said].muted)] = len(calibration.stops)
        named[photos] = _renamed(named[photos], spoken[said], tree)
    return Said(confidences, safest, named, after)


def _together(verdicts: Mapping[int, Verdicts]) -> dict[Verdicts, list[int]]:
    """The photos of which people said the same."""
    groups: dict[Verdicts, list[int]] = defaultdict(list)
    for photo, said in verdicts.items():
        groups[said].append(photo)
    return groups


def _renamed(named: np.ndarray, spoken: Corrected, tree: BrowsingTree) -> np.ndarray:
    """(photos, stops) int64: names that say no less than what is affirmed, and nothing that is not to be shown."""
    known = {at: _shown(at, spoken, tree) for at in set(named.ravel().tolist())}
    return np.vectorize(lambda at: known[at], otypes=[np.int64])(named)


def _shown(name: int, spoken: Corrected, tree: BrowsingTree) -> int:
    path = [] if name == NOTHING else [tree.position[category.wnid] for category in tree.path(tree.order[name])]
    if spoken.affirmed not in (NOTHING, *path):
        path = [tree.position[category.wnid] for category in tree.path(tree.order[spoken.affirmed])]
    shown = [at for at in path if not spoken.muted[at]]
    if shown == path:
        return path[-1] if path else NOTHING
    return shown[-1] if shown and tree.information[shown[-1]] >= LEAST_BITS else NOTHING

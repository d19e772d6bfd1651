"""From class probabilities to the few categories a photo is listed under."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from django.conf import settings

from classifier.network.labels import UNIT, Classification
from taxonomy.browsing import BrowsingTree, load_browsing
from taxonomy.hedging import Calibration, load_calibration
from taxonomy.hierarchy import Hierarchy, load_hierarchy


@dataclass(frozen=True)
class Placement:
    """A category a photo sits in from `stop` of the dial on."""

    wnid: str
    confidence: float
    stop: int


@cache
def hierarchy() -> Hierarchy:
    """The hypernym graph of the site's label set."""
    return load_hierarchy(settings.CLASSIFIER_LABELS)


@cache
def browsing() -> BrowsingTree:
    """The categories people browse."""
    return load_browsing(settings.CLASSIFIER_LABELS)


@cache
def calibration() -> Calibration:
    """The thresholds of the site's network."""
    return load_calibration(settings.CLASSIFIER_MODEL)


def place(classifications: Sequence[Classification]) -> list[list[Placement]]:
    """The categories of each photo at the most specific end of the dial, general ones first.

    Worked on the stored integer parts, so that placing again later gives the very same confidences.
    """
    if not classifications:
        return []
    tree = browsing()
    wnids = list(tree.categories)
    thresholds = np.array([stop.membership for stop in calibration().stops])  # (stops,), falling
    parts = np.zeros((len(classifications), tree.membership.shape[0]), dtype=np.int64)
    for row, classification in zip(parts, classifications, strict=True):
        row[classification.probabilities.classes] = classification.probabilities.parts
    confidences = (parts @ tree.membership.astype(np.int64)) / UNIT  # (photos, categories)
    placements: list[list[Placement]] = []
    for row in confidences:
        listed = np.flatnonzero(row >= thresholds[-1])
        safest = np.argmax(row[listed, None] >= thresholds, axis=1)
        placements.append([Placement(wnids[c], float(row[c]), int(s)) for c, s in zip(listed, safest, strict=True)])
    return placements

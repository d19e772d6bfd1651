"""From class probabilities to the few categories a photo is listed under."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from django.conf import settings

from classifier.network.definition import describe_network
from classifier.network.labels import UNIT, Classification
from taxonomy.browsing import BrowsingTree, load_browsing
from taxonomy.hedging import Calibration, load_calibration
from taxonomy.hierarchy import Hierarchy, load_hierarchy
from taxonomy.naming import say


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
    """The dial of the site's network."""
    spec = describe_network(settings.CLASSIFIER_MODEL, settings.CLASSIFIER_WEIGHTS, settings.CLASSIFIER_LABELS)
    return load_calibration(spec.version_with(settings.CLASSIFIER_VIEWS))


def place(classifications: Sequence[Classification]) -> list[list[Placement]]:
    """The categories of each photo at the most specific end of the dial, general ones first.

    Worked on the stored integer parts, so that placing again later gives the very same confidences.
    """
    if not classifications:
        return []
    tree = browsing()
    parts = np.zeros((len(classifications), tree.membership.shape[0]))
    for row, classification in zip(parts, classifications, strict=True):
        row[classification.probabilities.classes] = classification.probabilities.parts
    evidence = np.array([classification.evidence for classification in classifications])
    said = say(parts / UNIT, evidence, tree, calibration())
    last = len(calibration().stops) - 1
    return [
        [
            Placement(tree.order[c], float(said.confidences[photo, c]), int(said.safest[photo, c]))
            for c in said.listed(photo, last)
        ]
        for photo in range(len(classifications))
    ]

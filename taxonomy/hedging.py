"""How specific to be: the most telling synset that is still sure enough, with thresholds calibrated for a promise.

Source: J. Deng, J. Krause, A. Berg, L. Fei-Fei, "Hedging Your Bets: Optimizing Accuracy-Specificity Trade-offs in
Large Scale Visual Recognition", CVPR 2012.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from taxonomy.hierarchy import Hierarchy

CALIBRATION_FILE = Path(__file__).parent / "data" / "calibration.json"
DEFAULT_TARGET = 0.95


@dataclass(frozen=True)
class Stop:
    """One position of the dial. `naming` and `membership` are thresholds on confidence (0 to 1).

    With `naming`, the most specific synset named is right for `target` of photos. With `membership`, so are the photos
    listed in a category. `membership` is above one half, so no photo sits in two categories that share no class.
    """

    target: float
    naming: float
    membership: float


@dataclass(frozen=True)
class Calibration:
    """The dial of one network: `stops` from the safest to the most specific, and the temperature of its softmax."""

    model: str
    temperature: float
    stops: tuple[Stop, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for thresholds that break what the rest relies on."""
        targets = [stop.target for stop in self.stops]
        if not self.stops or targets != sorted(targets, reverse=True):
            raise ValueError(f"the stops of {self.model} must fall from the safest target")
        for attribute in ("naming", "membership"):
            values = [getattr(stop, attribute) for stop in self.stops]
            if values != sorted(values, reverse=True):
                raise ValueError(f"{attribute} thresholds of {self.model} must not rise from one stop to the next")
        if any(stop.membership <= 0.5 for stop in self.stops):
            raise ValueError(f"a membership threshold of {self.model} is not above one half")

    @property
    def default(self) -> int:
        """The position of the dial that people find it in."""
        return self.nearest(DEFAULT_TARGET)

    def nearest(self, target: float) -> int:
        """The position whose target is nearest, the safer of two."""
        return min(range(len(self.stops)), key=lambda i: (abs(self.stops[i].target - target), i))


def most_specific(confidences: np.ndarray, hierarchy: Hierarchy, threshold: float) -> np.ndarray:
    """Name the synset with most information among those at or above the threshold.

    `confidences` (batch, synsets) gives (batch,) int64 positions. Among synsets that stand for the same classes the
    lowest is named. Where none clears the threshold, the root is named, which is always right and says nothing.
    """
    rank = hierarchy.information + hierarchy.depth * 1e-4  # the longest path is below 30 steps, far from a bit
    root = int(np.argmin(rank))
    best = np.where(confidences >= threshold, rank, -1.0).argmax(axis=1)
    sure = (confidences >= threshold).any(axis=1)
    return np.where(sure, best, root).astype(np.int64)


@cache
def load_calibration(model: str, file: Path = CALIBRATION_FILE) -> Calibration:
    """The calibration of a network, or the default network's thresholds where it has none of its own.

    Thresholds on confidence carry over roughly between networks trained the same way; `manage.py calibrate_labels`
    makes exact ones.
    """
    known = json.loads(file.read_text())
    return parse_calibration(model, known.get(model) or next(iter(known.values())))


def parse_calibration(model: str, values: Mapping[str, Any]) -> Calibration:
    """Read one entry of the calibration file. Raises ValueError where it is not usable."""
    stops = tuple(Stop(stop["target"], stop["naming"], stop["membership"]) for stop in values["stops"])
    return Calibration(model, values["temperature"], stops)


def dump_calibration(calibration: Calibration) -> dict[str, Any]:
    """The entry `parse_calibration` reads."""
    return {
        "temperature": calibration.temperature,
        "stops": [
            {"target": stop.target, "naming": stop.naming, "membership": stop.membership} for stop in calibration.stops
        ],
    }

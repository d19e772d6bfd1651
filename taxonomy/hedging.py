"""How specific to be: what a photo is called at each stop of the dial, by rules calibrated for one network.

Source: J. Deng, J. Krause, A. Berg, L. Fei-Fei, "Hedging Your Bets: Optimizing Accuracy-Specificity Trade-offs in
Large Scale Visual Recognition", CVPR 2012.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from taxonomy.certainty import Certainty

CALIBRATION_FILE = Path(__file__).parent / "data" / "calibration.json"
TARGETS = (0.98, 0.95, 0.9)
DEFAULT_TARGET = 0.95
# A name that leaves more than half of all classes possible says next to nothing, and is not shown.
LEAST_BITS = 1.0
NOTHING = -1
# Added to a synset's bits for each step below the root: of synsets that stand for the same classes the lowest is named.
DEEPER_BITS = 1e-4


@dataclass(frozen=True)
class Stop:
    """One position of the dial: of the names that pages show there, `target` should be right.

    A photo may be *named* by what it is with a confidence of `floor` or more; among these the name that says most wins,
    a doubt costing `price` bits per unit of confidence. It is *listed* in a category from the confidence `membership`,
    which is above one half, so that it sits in no two categories that share no class, and at most the floor, so that a
    photo is listed where its name says. A pictograph takes it into the best of its tiles from the confidence `keep`.
    `vague_floor` stands for the floor where vague synsets, which pages do not show, are answers too and right more
    often. `is_reached` says whether the target was reached where the rules were measured.
    """

    target: float
    floor: float
    price: float
    membership: float
    keep: float
    vague_floor: float
    is_reached: bool

    def __post_init__(self) -> None:
        """Raise ValueError for rules that break what the rest relies on."""
        if not 0 < self.target < 1:
            raise ValueError(f"a target is between 0 and 1, not {self.target}")
        if not 0.5 < self.membership <= self.floor <= 1:
            raise ValueError(f"the stop {self.target:g} needs 0.5 < membership <= floor <= 1")
        if not (0 < self.keep <= self.membership and 0 < self.vague_floor <= self.floor):
            raise ValueError(f"the stop {self.target:g} needs 0 < keep <= membership and 0 < vague_floor <= floor")
        if self.price < 0:
            raise ValueError(f"the price of the stop {self.target:g} is below 0")


@dataclass(frozen=True)
class Calibration:
    """The dial of one network: the temperature of its softmax and `stops` from the safest to the most specific.

    `certainty` says how often what is said is right. A photo with less evidence than `least_evidence` shows nothing the
    network knows, and nothing is said of it. Where nothing was measured, `is_measured` is False and nothing is
    promised.
    """

    temperature: float
    stops: tuple[Stop, ...]
    certainty: Certainty
    least_evidence: float
    is_measured: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError for values that break what the rest relies on."""
        if not self.temperature > 0:
            raise ValueError(f"a temperature is above 0, not {self.temperature}")
        targets = [stop.target for stop in self.stops]
        if not targets or any(a <= b for a, b in pairwise(targets)):
            raise ValueError("the stops of a dial fall from the safest target")
        for attribute in ("membership", "keep"):
            values = [getattr(stop, attribute) for stop in self.stops]
            if values != sorted(values, reverse=True):
                raise ValueError(f"{attribute} must not rise from one stop to the next")

    @classmethod
    def unmeasured(cls) -> "Calibration":
        """The careful dial of a network of which nothing is known: no promise, and never surer than probably."""
        rules = ((0.985, 30.0, 0.97), (0.97, 25.0, 0.9), (0.93, 20.0, 0.8))
        stops = tuple(
            Stop(target, floor, price, membership, membership / 2, floor, is_reached=False)
            for target, (floor, price, membership) in zip(TARGETS, rules, strict=True)
        )
        return cls(1.0, stops, Certainty((0.5, 0.9), (0.5, 0.75)), least_evidence=-np.inf, is_measured=False)

    @property
    def default(self) -> int:
        """The position of the dial that people find it in."""
        return self.nearest(DEFAULT_TARGET)

    def nearest(self, target: float) -> int:
        """The position whose target is nearest, the safer of two."""
        return min(range(len(self.stops)), key=lambda i: (abs(self.stops[i].target - target), i))


def names(confidences: np.ndarray, information: np.ndarray, stop: Stop) -> np.ndarray:
    """Name each photo by the category that maximises information + price · confidence, if that is worth a name.

    `confidences` (batch, candidates) and `information` in bits, (candidates,) or for each photo, give (batch,) int64
    positions, NOTHING where no candidate has LEAST_BITS and the floor's confidence. To say nothing is right for sure
    and has no bits, so a name must be worth more than the price itself: with a price of 20, one that is 90 % sure must
    bring 2 bits, and a step down to 80 % must bring 2 more.
    """
    return _most_worth(confidences, information, stop.floor, stop.price, LEAST_BITS)


def vague_names(confidences: np.ndarray, information: np.ndarray, stop: Stop) -> np.ndarray:
    """The same choice among all synsets, however vague: for comparing rules, where the root is an answer."""
    return _most_worth(confidences, information, stop.vague_floor, stop.price, 0.0)


def _most_worth(
    confidences: np.ndarray, information: np.ndarray, floor: float, price: float, least_bits: float
) -> np.ndarray:
    worth = information + np.float32(price) * confidences  # (batch, candidates)
    may_be_named = (confidences >= floor) & (information >= least_bits) & (worth >= price)
    best = np.where(may_be_named, worth, -np.inf).argmax(axis=1)
    return np.where(may_be_named.any(axis=1), best, NOTHING).astype(np.int64)


@cache
def shipped_calibrations(file: Path = CALIBRATION_FILE) -> Mapping[str, Calibration]:
    """The calibrations that come with the product, by what identifies a network exactly."""
    return {network: parse_calibration(values) for network, values in json.loads(file.read_text()).items()}


def load_calibration(network: str) -> Calibration:
    """The shipped calibration of exactly this network; of another one nothing is known."""
    return shipped_calibrations().get(network) or Calibration.unmeasured()


def dump_calibration(calibration: Calibration) -> dict[str, Any]:
    """What `parse_calibration` reads, of JSON's types only."""
    values = asdict(calibration)
    least = calibration.least_evidence
    values["least_evidence"] = None if np.isinf(least) else least
    values["stops"] = list(values["stops"])
    values["certainty"] = {name: list(steps) for name, steps in values["certainty"].items()}
    return values


def parse_calibration(values: Mapping[str, Any]) -> Calibration:
    """Read what `dump_calibration` wrote. Raises ValueError where it is not usable."""
    try:
        least = values["least_evidence"]
        return Calibration(
            temperature=float(values["temperature"]),
            stops=tuple(_parse_stop(stop) for stop in values["stops"]),
            certainty=Certainty(
                tuple(map(float, values["certainty"]["confidences"])),
                tuple(map(float, values["certainty"]["accuracies"])),
            ),
            least_evidence=-np.inf if least is None else float(least),
            is_measured=bool(values["is_measured"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no calibration: {error!r}") from error


def _parse_stop(values: Mapping[str, Any]) -> Stop:
    rules = ("target", "floor", "price", "membership", "keep", "vague_floor")
    return Stop(**{name: float(values[name]) for name in rules}, is_reached=bool(values["is_reached"]))

"""Where an answer teaches most: which of some names to ask about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from taxonomy.certainty import Certainty
from taxonomy.intervals import exact_interval

# How far about a confidence the curve is looked at; its steps are a few hundredths apart.
REACH = 0.05
# Where the curve is level an answer teaches something too: less than at a step of a tenth.
LEVEL = 0.02


@dataclass(frozen=True)
class Candidate:
    """A photo, what it is called, and how sure the network is of that."""

    photo_id: int
    wnid: str
    confidence: float


def most_telling(
    candidates: Sequence[Candidate], answers: Mapping[str, tuple[int, int]], certainty: Certainty
) -> Candidate | None:
    """The candidate an answer about which teaches most, the first of equals; None where there are none.

    `answers` are (right, all) by wnid. An answer is worth the more, the less is known of its category (the width of the
    exact interval, 1 where nobody answered), and the steeper the measured curve rises about its confidence.
    """
    if not candidates:
        return None
    known = np.array([answers.get(one.wnid, (0, 0)) for one in candidates], dtype=np.float64)
    low, high = exact_interval(known[:, 0], known[:, 1])
    worth = (high - low) * np.array([steepness(certainty, one.confidence) for one in candidates])
    return candidates[int(worth.argmax())]


def steepness(certainty: Certainty, confidence: float) -> float:
    """How much righter names are a little above a confidence than a little below it."""
    rise = certainty.accuracy(min(confidence + REACH, 1.0)) - certainty.accuracy(max(confidence - REACH, 0.0))
    return rise + LEVEL

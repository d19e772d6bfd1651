"""How often what is said with some confidence is right, as measured: a page takes both figure and word from it."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

# No measurement at hand is large enough to tell 99 % from always.
MOST_SHOWN = 0.99


class Word(StrEnum):
    """How sure a page sounds. The promise: of what is called so, at least `least` is right."""

    SURELY = "surely"
    VERY_LIKELY = "very likely"
    PROBABLY = "probably"
    PERHAPS = "perhaps"

    @property
    def least(self) -> float:
        """The least accuracy that allows the word."""
        return {Word.SURELY: 0.97, Word.VERY_LIKELY: 0.9, Word.PROBABLY: 0.75, Word.PERHAPS: 0.0}[self]


@dataclass(frozen=True)
class Certainty:
    """A measured curve: of what is said with a confidence from `confidences[i]` on, `accuracies[i]` is right.

    Both rise. Below the first confidence nothing was measured, and nothing is certain.
    """

    confidences: tuple[float, ...]
    accuracies: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for a curve that falls or leaves 0 to 1."""
        if not self.confidences or len(self.confidences) != len(self.accuracies):
            raise ValueError("a certainty curve needs as many accuracies as confidences, at least one")
        for values in (self.confidences, self.accuracies):
            if any(not 0 <= value <= 1 for value in values) or any(a > b for a, b in pairwise(values)):
                raise ValueError("the confidences and accuracies of a certainty curve rise from 0 to 1")

    def accuracy(self, confidence: float) -> float:
        """How often a name with such a confidence is right, 0 to MOST_SHOWN."""
        at = bisect_right(self.confidences, confidence) - 1
        return min(self.accuracies[at], MOST_SHOWN) if at >= 0 else 0.0

    def percent(self, confidence: float) -> int:
        """The figure of a page, rounded down, so that it never sounds surer than the word beside it."""
        return int(self.accuracy(confidence) * 100 + 1e-9)

    def word(self, confidence: float) -> Word:
        """The word of a page: the surest whose promise the measured accuracy keeps."""
        accuracy = self.accuracy(confidence)
        return next(word for word in Word if accuracy + 1e-9 >= word.least)

    def words(self, confidences: np.ndarray) -> np.ndarray:
        """The same for an array of confidences, as an array of the words' positions in Word."""
        at = np.searchsorted(self.confidences, confidences, side="right")  # 0 is below the curve
        words = list(Word)
        by_step = [len(words) - 1] + [words.index(self.word(confidence)) for confidence in self.confidences]
        return np.asarray(by_step)[at]

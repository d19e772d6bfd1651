"""How often someone photographs a category, how sure that is of few photos, and where two people differ in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.intervals import exact_interval

# How many imagined photos with the network's mix stand beside a person's own: z² of a 95 % interval. So many keep an
# interval of few photos true to its name. Source: A. Agresti, B. Coull, "Approximate Is Better than 'Exact' for
# Interval Estimation of Binomial Proportions", The American Statistician 52, 1998; there they are of an even mix.
STRENGTH = 4.0
# Two rates differ where their intervals share nothing. At 90 % each that is rarer by chance than once in fifty.
CERTAINTY = 0.9
LEAST_PHOTOS = 3  # two may be chance. Measured on planted pairs: F1 .876 of what both photograph against .828
# "More" is half as much again, however sure: with many photos any difference is sure. "Only" leaves the other one no
# more than strays: of a hundred photos that the most specific stop lists, up to ten are misread; or fewer than count
# as an interest at all, and a quarter at most.
MORE_FROM, ONLY_FROM, ONLY_FROM_OF_FEW = 1.5, 10.0, 4.0


@dataclass(frozen=True, eq=False)
class Side:
    """What one of the two photographs, by category in the order of `BrowsingTree.order`.

    Of `photos` photos, `expected` (categories,) float64 are in each category by the sum of their probabilities, so
    that one which is a dog with 0.8 counts 0.8; `listed` (categories,) float64 are listed there, each as one.
    """

    photos: int
    expected: np.ndarray
    listed: np.ndarray

    @classmethod
    def from_sum(cls, tree: BrowsingTree, summed: np.ndarray, photos: int, counts: Mapping[str, int]) -> "Side":
        """Of summed probabilities (classes,) of so many photos, and the photos listed in each category by wnid."""
        return cls(photos, summed_up(tree, summed), _in_order(tree, counts))

    @classmethod
    def from_counts(cls, tree: BrowsingTree, counts: Mapping[str, int], photos: int) -> "Side":
        """Of counted photos alone: a year, for which no probabilities are summed."""
        listed = _in_order(tree, counts)
        return cls(photos, listed, listed)

    @property
    def rates(self) -> np.ndarray:
        """(categories,) float64: the part of the photos in each category, 0 where there are no photos."""
        return self.expected / max(self.photos, 1)


@dataclass(frozen=True)
class Rate:
    """How often someone photographs something: of `of` photos `photos` are expected there and `listed` are listed.

    `share` is the rate and `low` to `high` its interval, all three shrunk.
    """

    photos: float
    listed: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Rates:
    """One side's rates in what is compared, (n,) each: as counted, shrunk, and their intervals."""

    photos: int
    expected: np.ndarray
    listed: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, side: Side, base: np.ndarray, gather: Callable[[np.ndarray], np.ndarray]) -> "Rates":
        """Of what `gather` makes (n,) of values by category: some of the categories, or sums of several."""
        expected = gather(side.expected)
        low, high, share = interval(expected, side.photos, gather(base))
        return cls(side.photos, expected, gather(side.listed), share, low, high)

    @property
    def rate(self) -> np.ndarray:
        """(n,) float64: the part of the photos."""
        return self.expected / max(self.photos, 1)

    @property
    def beyond_one(self) -> np.ndarray:
        """(n,) float64: the same without one photo, as a single one is no interest."""
        return np.maximum(self.expected - 1, 0.0) / max(self.photos, 1)

    def without(self, i: int, at: Sequence[int]) -> "Rates":
        """The same with the photos of one thing taken off some; shares and intervals stay those of all."""
        expected, listed = self.expected.copy(), self.listed.copy()
        expected[at] -= self.expected[i]
        listed[at] -= self.listed[i]
        return replace(self, expected=expected, listed=listed)

    def surely_more_than(self, other: "Rates") -> np.ndarray:
        """Where the intervals share nothing and the difference is worth a word; what counts is there to be seen."""
        is_worth_a_word = self.share >= MORE_FROM * other.share
        return (self.low > other.high) & is_worth_a_word & (self.listed >= LEAST_PHOTOS)

    def only_beside(self, other: "Rates") -> np.ndarray:
        """Where the other has none listed, or no more than strays."""
        ours, theirs = self.listed * max(other.photos, 1), other.listed * max(self.photos, 1)
        is_of_few = (other.listed < LEAST_PHOTOS) & (ours >= ONLY_FROM_OF_FEW * theirs)
        return (ours >= ONLY_FROM * theirs) | is_of_few

    def at(self, i: int) -> Rate:
        """All of one thing."""
        share, low, high = float(self.share[i]), float(self.low[i]), float(self.high[i])
        return Rate(float(self.expected[i]), int(self.listed[i]), self.photos, share, low, high)


def interval(expected: np.ndarray, photos: int, base: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The exact interval of rates, lower and upper ends, and the rates; shrunk towards the network's.

    The interval is exact at CERTAINTY, of the photos and STRENGTH imagined ones that show what
    the network's do. Of 5 photos 5 dogs, where a tenth of everyone's are: 0.60, from 0.29 to 0.86, instead of 1, from
    0.55 to 1.
    """
    hits = np.clip(expected, 0, photos) + STRENGTH * base
    low, high = exact_interval(hits, photos + STRENGTH, CERTAINTY)
    return low, high, hits / (photos + STRENGTH)


def summed_up(tree: BrowsingTree, summed: np.ndarray) -> np.ndarray:
    """Send a value of each class, (classes,) or (many, classes), up to the categories: (…, categories) float64."""
    return np.asarray(summed.astype(np.float64, copy=False) @ tree.membership)


def _in_order(tree: BrowsingTree, counts: Mapping[str, int]) -> np.ndarray:
    return np.array([counts.get(wnid, 0) for wnid in tree.order], dtype=np.float64)

"""Two people side by side: what both photograph, what only one does, and who does more of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from taxonomy.browsing import BrowsingTree
from taxonomy.cut import most_worth

# How many imagined photos with the network's mix stand beside a person's own: z² of a 95 % interval. So many keep an
# interval of few photos true to its name. Source: A. Agresti, B. Coull, "Approximate Is Better than 'Exact' for
# Interval Estimation of Binomial Proportions", The American Statistician 52, 1998; there they are of an even mix.
STRENGTH = 4.0
# Two rates differ where their intervals share nothing. At 90 % each that is rarer by chance than once in fifty.
CERTAINTY = 0.9
# "More" is half as much again, however sure: with many photos any difference is sure. "Only" leaves the other one no
# more than strays: of a hundred photos that the most specific stop lists, up to ten are misread.
MORE_FROM, ONLY_FROM = 1.5, 10.0
# How much more a category counts whose name people use first: more than in a pictograph, where a tile can be opened.
# Without it whoever alone has dogs of all breeds has four kinds of dogs alone.
EVERYDAY = 1.6
LEAST_PHOTOS = 3  # two may be chance. Measured on planted pairs: F1 .876 of what both photograph against .828
LEAST_TELLING = 0.02  # what says less than a fiftieth of the most telling category is not looked at
MOST_BOTH, MOST_DIFFERENT = 5, 10


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
    """How often someone photographs a category: of `of` photos `photos` are expected there and `listed` are listed.

    `share` is the rate and `low` to `high` its interval, all three shrunk.
    """

    photos: float
    listed: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Shared:
    """One category of a comparison, with both rates. `worth` orders a list: photos times bits."""

    wnid: str
    first: Rate
    second: Rate
    worth: float


@dataclass(frozen=True)
class Comparison:
    """Five lists of categories, most telling first, and how alike the two are, from 0 to 100.

    In each list no two categories share a class. Of the four that tell differences no two do either, and none of their
    categories is one of `both` or lies above one; below one they may: both photograph dogs, only one of them beagles.
    """

    similarity: float
    both: tuple[Shared, ...]
    only_first: tuple[Shared, ...]
    more_first: tuple[Shared, ...]
    more_second: tuple[Shared, ...]
    only_second: tuple[Shared, ...]


def compare(tree: BrowsingTree, first: Side, second: Side, base: np.ndarray) -> Comparison:
    """Compare two sides; `base` (categories,) are the network's rates, which both are shrunk towards.

    *Both* photograph what each has LEAST_PHOTOS of, and neither surely more, nor of what people name first above it:
    who has far more dogs has no terriers in common. Of a disjoint choice as large as may be,
    the categories that maximise Σ √(rate · rate) · bits, a photo taken off each side as in the pictograph's cut: the
    product of the 2015 report, taken at each level and not only of the classes, as two who photograph different breeds
    both photograph dogs. Those that *differ* maximise Σ (rate − rate) · bits likewise. Everyday categories count
    EVERYDAY times as much. Swapping the sides swaps the answers.
    """
    weight = tree.information.astype(np.float64) * np.where([w in tree.everyday for w in tree.order], EVERYDAY, 1.0)
    said = np.maximum(first.rates, second.rates) * weight
    is_known = bool(first.photos and second.photos)
    looked_at = np.flatnonzero(is_known & (said > 0) & (said >= LEAST_TELLING * said.max(initial=0.0)))
    one, other = (_Rates.of(side, base, looked_at) for side in (first, second))
    is_more, is_less = one.surely_more_than(other), other.surely_more_than(one)
    place = {tree.order[c]: i for i, c in enumerate(looked_at.tolist())}
    is_kind_of_different = np.array(
        [_differs_above(tree, wnid, is_more | is_less, place) for wnid in place], dtype=bool
    )
    is_alike = ~is_more & ~is_less & ~is_kind_of_different
    is_both = is_alike & (one.listed >= LEAST_PHOTOS) & (other.listed >= LEAST_PHOTOS)
    common = np.where(is_both, np.sqrt(one.beyond_one * other.beyond_one), 0.0) * weight[looked_at]
    differing = np.where(is_more, one.beyond_one - other.rate, np.where(is_less, other.beyond_one - one.rate, 0.0))
    differing *= weight[looked_at]

    def chosen(worth: np.ndarray, most: int, without: frozenset[str] = frozenset()) -> list[str]:
        candidates = {wnid: float(worth[i]) for wnid, i in place.items() if worth[i] > 0 and wnid not in without}
        found = most_worth(tree, candidates, most)
        return sorted(found, key=lambda wnid: (-candidates[wnid], wnid))

    both = chosen(common, MOST_BOTH)
    above = frozenset(category.wnid for wnid in both for category in tree.path(wnid))
    different = chosen(differing, MOST_DIFFERENT, without=above)
    is_only, is_lacking = one.only_beside(other), other.only_beside(one)

    def shared(wnids: list[str], worth: np.ndarray, kind: np.ndarray) -> tuple[Shared, ...]:
        kept = [place[wnid] for wnid in wnids if kind[place[wnid]]]
        return tuple(Shared(tree.order[looked_at[i]], one.at(i), other.at(i), float(worth[i])) for i in kept)

    return Comparison(
        similarity=similarity(tree, first, second),
        both=shared(both, common, is_both),
        only_first=shared(different, differing, is_more & is_only),
        more_first=shared(different, differing, is_more & ~is_only),
        more_second=shared(different, differing, is_less & ~is_lacking),
        only_second=shared(different, differing, is_less & is_lacking),
    )


def _differs_above(tree: BrowsingTree, wnid: str, differs: np.ndarray, place: Mapping[str, int]) -> bool:
    """Whether one surely photographs more of an everyday category above this one."""
    above = (category.wnid for category in tree.path(wnid)[:-1] if category.wnid in tree.everyday)
    return any(bool(differs[place[everyday]]) for everyday in above if everyday in place)


def summed_up(tree: BrowsingTree, summed: np.ndarray) -> np.ndarray:
    """Send a value of each class, (classes,) or (many, classes), up to the categories: (…, categories) float64."""
    return np.asarray(summed.astype(np.float64, copy=False) @ tree.membership)


def product_rule(tree: BrowsingTree, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The rule of the 2015 report: multiply two people's rates class by class, and send that up the tree.

    (classes,) each give (categories,) float64. Kept to be measured beside `compare`, which multiplies at each level.
    """
    return summed_up(tree, first * second)


def similarity(tree: BrowsingTree, first: Side, second: Side) -> float:
    """Of a hundred photos of each, how many find one of the same kind among the other's; 100 for the same mix.

    Kinds are those of `kind_wnids`. Symmetric, and 0 for two who have no kind in common, or of whom one has no photos.
    """
    if not (first.photos and second.photos):
        return 0.0
    ours, theirs = (kinds(tree, side.rates) for side in (first, second))
    return float(100 * min(1.0, np.minimum(ours, theirs).sum()))


def kinds(tree: BrowsingTree, rates: np.ndarray) -> np.ndarray:
    """Split rates by category, (categories,), into those of each kind, (kinds + 1,), which share no photo and sum to 1.

    A kind, as in `kind_wnids`, has the photos that are in none of those within it; and last come the photos in none.
    """
    wnids = kind_wnids(tree)
    column = {wnid: i for i, wnid in enumerate(tree.order)}
    position = {wnid: k for k, wnid in enumerate(wnids)}
    whole = rates[[column[wnid] for wnid in wnids]]
    own = np.append(whole, 1.0)
    for wnid, k in position.items():
        above = [position[category.wnid] for category in tree.path(wnid)[:-1] if category.wnid in position]
        own[above[-1] if above else -1] -= whole[k]
    return np.maximum(own.round(12), 0.0)  # what is left of differences is nothing


def kinds_of_sums(tree: BrowsingTree, summed: np.ndarray, photos: np.ndarray) -> np.ndarray:
    """The same for many people at once, of their sums by class.

    (people, classes) float32 of (people,) photos give (people, kinds + 1) float32, as each class is of one kind.
    """
    wnids = kind_wnids(tree)
    each = np.zeros((summed.shape[1], len(wnids) + 1), dtype=np.float32)
    each[:, -1] = 1
    for k, wnid in enumerate(wnids):  # the ones within others come after them
        classes = list(tree.categories[wnid].classes)
        each[classes] = 0
        each[classes, k] = 1
    own = summed @ each / photos[:, None].astype(np.float32)
    own[:, -1] += np.maximum(1 - own.sum(axis=1), 0.0)
    return own


def kind_wnids(tree: BrowsingTree) -> list[str]:
    """The kinds that a comparison tells apart: the everyday categories, and those at the top for what is in none."""
    return [wnid for wnid, category in tree.categories.items() if wnid in tree.everyday or category.parent is None]


@dataclass(frozen=True, eq=False)
class _Rates:
    """One side's rates in the categories looked at, (categories,) each: as counted, shrunk, and their intervals."""

    photos: int
    expected: np.ndarray
    listed: np.ndarray
    rate: np.ndarray
    beyond_one: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, side: Side, base: np.ndarray, looked_at: np.ndarray) -> "_Rates":
        expected, photos = side.expected[looked_at], max(side.photos, 1)
        low, high, share = interval(expected, side.photos, base[looked_at])
        beyond_one = np.maximum(expected - 1, 0.0) / photos
        return cls(side.photos, expected, side.listed[looked_at], expected / photos, beyond_one, share, low, high)

    def surely_more_than(self, other: "_Rates") -> np.ndarray:
        """Where the intervals share nothing and the difference is worth a word; what counts is there to be seen."""
        is_worth_a_word = self.share >= MORE_FROM * other.share
        return (self.low > other.high) & is_worth_a_word & (self.listed >= LEAST_PHOTOS)

    def only_beside(self, other: "_Rates") -> np.ndarray:
        """Where the other has none listed, or no more than strays."""
        return self.listed * max(other.photos, 1) >= ONLY_FROM * other.listed * max(self.photos, 1)

    def at(self, i: int) -> Rate:
        """All of one category."""
        share, low, high = float(self.share[i]), float(self.low[i]), float(self.high[i])
        return Rate(float(self.expected[i]), int(self.listed[i]), self.photos, share, low, high)


def interval(expected: np.ndarray, photos: int, base: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The exact interval of rates, lower and upper ends, and the rates; shrunk towards the network's.

    The interval is that of Clopper and Pearson at CERTAINTY, of the photos and STRENGTH imagined ones that show what
    the network's do. Of 5 photos 5 dogs, where a tenth of everyone's are: 0.60, from 0.29 to 0.86, instead of 1, from
    0.55 to 1. Source: C. J. Clopper, E. S. Pearson, Biometrika 26, 1934.
    """
    tail = (1 - CERTAINTY) / 2
    hits = np.clip(expected, 0, photos) + STRENGTH * base
    misses = np.maximum(photos + STRENGTH - hits, 0.0)
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1e-12), misses + 1, tail), 0.0)
    high = np.where(misses > 0, betaincinv(hits + 1, np.maximum(misses, 1e-12), 1 - tail), 1.0)
    return low, high, hits / (photos + STRENGTH)


def _in_order(tree: BrowsingTree, counts: Mapping[str, int]) -> np.ndarray:
    return np.array([counts.get(wnid, 0) for wnid in tree.order], dtype=np.float64)

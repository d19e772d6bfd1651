"""Two people side by side: what both photograph, what only one does, and who does more of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.cut import most_worth
from taxonomy.kinds import similarity
from taxonomy.levels import levels_of
from taxonomy.rates import LEAST_PHOTOS, Rate, Rates, Side, summed_up

# How much more a category counts whose name people use first: more than in a pictograph, where a tile can be opened.
# Without it whoever alone has dogs of all breeds has four kinds of dogs alone.
EVERYDAY = 1.6
LEAST_TELLING = 0.02  # what says less than a fiftieth of the most telling category is not looked at
MOST_BOTH, MOST_DIFFERENT = 5, 10


@dataclass(frozen=True)
class Shared:
    """One entry of a comparison, with both rates. `worth` orders a list: photos times bits.

    `wnids` are one category, or several that count as one, fullest first: each has too few photos to tell anything of.
    """

    wnids: tuple[str, ...]
    first: Rate
    second: Rate
    worth: float


@dataclass(frozen=True)
class Comparison:
    """Five lists of entries, most telling first, and how alike the two are, from 0 to 100.

    In each list no two categories share a class. Of the four that tell differences no two do either, and none of their
    categories is one of `both` or lies above one; below one they may: both photograph dogs, only one of them beagles.
    """

    similarity: float
    both: tuple[Shared, ...] = ()
    only_first: tuple[Shared, ...] = ()
    more_first: tuple[Shared, ...] = ()
    more_second: tuple[Shared, ...] = ()
    only_second: tuple[Shared, ...] = ()


def compare(tree: BrowsingTree, first: Side, second: Side, base: np.ndarray) -> Comparison:
    """Compare two sides; `base` (categories,) are the network's rates, which both are shrunk towards.

    *Both* photograph what each has LEAST_PHOTOS of, and neither surely more, nor of what people name first above it:
    who has far more dogs has no terriers in common. Of a disjoint choice as large as may be,
    the categories that maximise Σ √(rate · rate) · bits, a photo taken off each side as in the pictograph's cut: the
    product of the 2015 report, taken at each level and not only of the classes, as two who photograph different breeds
    both photograph dogs. Those that *differ* maximise Σ (rate − rate) · bits likewise. Everyday categories count
    EVERYDAY times as much. Above these only what no difference explains is in common: a bird-watcher and a beekeeper
    do not both photograph animals.

    What no category tells, as each has a photo or two, a level of WordNet that is spread over the tree may: then the
    categories of that level count as one, as far as they share no photo with what is told already.
    Swapping the sides swaps the answers.
    """
    if not (first.photos and second.photos):
        return Comparison(similarity(tree, first, second))
    weight = tree.information.astype(np.float64) * np.where([w in tree.everyday for w in tree.order], EVERYDAY, 1.0)
    said = np.maximum(first.rates, second.rates) * weight
    looked_at = np.flatnonzero((said > 0) & (said >= LEAST_TELLING * said.max()))
    place = {tree.order[c]: i for i, c in enumerate(looked_at.tolist())}
    sides = _Sides.of(first, second, base, lambda values: values[looked_at])

    def chosen(worth: np.ndarray, most: int, without: frozenset[str] = frozenset()) -> list[str]:
        candidates = {wnid: float(worth[i]) for wnid, i in place.items() if worth[i] > 0 and wnid not in without}
        return list(most_worth(tree, candidates, most))

    differing = sides.differing * weight[looked_at]
    left = sides.without(tree, chosen(differing, MOST_DIFFERENT), place)
    differs = sides.is_more | sides.is_less
    kinds = _within(tree, {wnid for wnid, i in place.items() if differs[i] and wnid in tree.everyday})
    is_free = np.array([wnid not in kinds for wnid in tree.order])
    common = left.common * weight[looked_at] * is_free[looked_at]
    both = chosen(common, MOST_BOTH)
    above = frozenset(category.wnid for wnid in both for category in tree.path(wnid))
    different = chosen(differing, MOST_DIFFERENT, without=above)
    entries = [("both", sides.shared(place[wnid], (wnid,), common)) for wnid in both]
    entries += [(sides.list_of(place[wnid]), sides.shared(place[wnid], (wnid,), differing)) for wnid in different]
    more = {"differing": MOST_DIFFERENT - len(different), "common": MOST_BOTH - len(both)}
    entries += _of_levels(tree, first, second, base, is_free & _apart(tree, [*both, *different]), more)
    entries.sort(key=lambda entry: (-entry[1].worth, entry[1].wnids))
    lists: dict[str, tuple[Shared, ...]] = {}
    for name, shared in entries:
        lists[name] = (*lists.get(name, ()), shared)
    return Comparison(similarity(tree, first, second), **lists)


def product_rule(tree: BrowsingTree, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The rule of the 2015 report: multiply two people's rates class by class, and send that up the tree.

    (classes,) each give (categories,) float64. Kept to be measured beside `compare`, which multiplies at each level.
    """
    return summed_up(tree, first * second)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Both sides in n things that are compared, and where one of them surely photographs more, (n,) bool."""

    one: Rates
    other: Rates
    is_more: np.ndarray
    is_less: np.ndarray

    @classmethod
    def of(cls, first: Side, second: Side, base: np.ndarray, gather: Callable[[np.ndarray], np.ndarray]) -> "_Sides":
        one, other = (Rates.of(side, base, gather) for side in (first, second))
        return cls(one, other, one.surely_more_than(other), other.surely_more_than(one))

    @property
    def differing(self) -> np.ndarray:
        """(n,) float64: by how much the one rate is above the other where one surely is, else 0."""
        more, less = self.one.beyond_one - self.other.rate, self.other.beyond_one - self.one.rate
        return np.maximum(np.where(self.is_more, more, np.where(self.is_less, less, 0.0)), 0.0)

    @property
    def common(self) -> np.ndarray:
        """(n,) float64: the root of the product of the rates where both photograph it, neither surely more, else 0."""
        are_there = (self.one.listed >= LEAST_PHOTOS) & (self.other.listed >= LEAST_PHOTOS)
        is_common = are_there & ~self.is_more & ~self.is_less
        return np.where(is_common, np.sqrt(self.one.beyond_one * self.other.beyond_one), 0.0)

    def without(self, tree: BrowsingTree, told: Iterable[str], place: Mapping[str, int]) -> "_Sides":
        """What is left of each category above the everyday ones once the categories told below it are taken off."""
        one, other = self.one, self.other
        for wnid in told:
            above = takewhile(lambda category: category.wnid not in tree.everyday, tree.path(wnid)[:-1])
            at = [place[category.wnid] for category in above if category.wnid in place]
            one, other = one.without(place[wnid], at), other.without(place[wnid], at)
        return replace(self, one=one, other=other)

    def list_of(self, i: int) -> str:
        """The list that tells of one thing."""
        if self.is_more[i]:
            return "only_first" if self.one.only_beside(self.other)[i] else "more_first"
        if self.is_less[i]:
            return "only_second" if self.other.only_beside(self.one)[i] else "more_second"
        return "both"

    def shared(self, i: int, wnids: tuple[str, ...], worth: np.ndarray) -> Shared:
        return Shared(wnids, self.one.at(i), self.other.at(i), float(worth[i]))


def _of_levels(
    tree: BrowsingTree, first: Side, second: Side, base: np.ndarray, is_free: np.ndarray, most: Mapping[str, int]
) -> Iterator[tuple[str, Shared]]:
    """The most telling levels one after the other, by list, each of free categories that no one before it has.

    `most` are so many of "differing", and then of what is "common": in a category of such both have a photo.
    """
    levels, photos = levels_of(tree), first.rates + second.rates
    sizes = np.array([len(category.classes) for category in tree.categories.values()])
    are_seen, are_shared = first.listed + second.listed > 0, first.listed * second.listed > 0
    for what, at_most in most.items():
        for _ in range(at_most):
            is_telling = (are_seen & is_free) @ levels > 1
            if what == "common":
                is_telling &= (are_shared & is_free) @ levels > 0
            free = levels[:, is_telling] * is_free[:, None]
            sides = _Sides.of(first, second, base, free.T.dot)
            worth = getattr(sides, what) * np.log2(len(tree.hierarchy.classes) / (sizes @ free))
            if not worth.any():
                break
            best = int(worth.argmax())
            members = np.flatnonzero(free[:, best])
            fullest = sorted(members[are_seen[members]].tolist(), key=lambda c: -photos[c])
            yield sides.list_of(best), sides.shared(best, tuple(tree.order[c] for c in fullest), worth)
            is_free = is_free & _apart(tree, [tree.order[c] for c in members.tolist()])


def _apart(tree: BrowsingTree, wnids: Iterable[str]) -> np.ndarray:
    """(categories,) bool: the categories that share no class with any of some."""
    taken = np.zeros(len(tree.hierarchy.classes))
    for wnid in wnids:
        taken[list(tree.categories[wnid].classes)] = 1
    return summed_up(tree, taken) == 0


def _within(tree: BrowsingTree, wnids: Set[str]) -> Set[str]:
    """The categories that lie below some."""
    below: set[str] = set()
    for category in tree.categories.values():  # parents come first
        if category.parent in wnids or category.parent in below:
            below.add(category.wnid)
    return below

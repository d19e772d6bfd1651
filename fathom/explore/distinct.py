"""What sets one set of photos apart from others: the categories that are far more frequent in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from pictograph.catalogue.snapshot import browsing
from pictograph.store.interface import ALL_PHOTOS
from taxonomy.browsing import BrowsingTree, Category
from taxonomy.intervals import LEAST
from taxonomy.rates import LEAST_PHOTOS, Rates, Side

# A person's rate is taken together with so many photos of the others' kind: one lion among ten photos is a day at the
# zoo, and must not read as a life among lions.
SHRINKAGE = 25.0
LEAST_RATIO = 1.5
PLAINLY_MORE = 20.0  # times as many; beyond that a figure says nothing more
FAR_MORE = 3.0  # times as many: surely, to be called so; after shrinking, to make no figure of few photos of others
EVERYDAY = 1.25  # how much more a category counts that people name first, as in the pictograph


@dataclass(frozen=True)
class Trait:
    """A category that one surely has more of than others: `ratio` times as many of as many photos, inf beside few.

    `at_least` times as many are there surely, by the nearer ends of both intervals.
    """

    category: Category
    count: int
    ratio: float
    at_least: float = math.inf

    @property
    def words(self) -> str:
        """Say it: "3 times as many terriers as others"."""
        name = self.category.name
        if self.ratio >= PLAINLY_MORE:
            is_far = self.at_least >= FAR_MORE
            return (_("Far more %(name)s than others") if is_far else _("More %(name)s than others")) % {"name": name}
        tenths = round(self.ratio, 1)
        times = number_format(round(tenths)) if tenths >= 5 or tenths.is_integer() else number_format(tenths, 1)
        return _("%(times)s times as many %(name)s as others") % {"times": times, "name": name}


def traits(own: Mapping[str, int], everyone: Mapping[str, int], most: int) -> tuple[Trait, ...]:
    """The categories that set someone apart from everyone else, the most telling first; none holds another.

    Both count photos by category, as the store does; those of the person are among everyone's. The rates are compared
    with the others' alone, and only what the data say differs, as in a comparison: the intervals of both share nothing.
    Of the categories with a ratio of LEAST_RATIO those are taken that say most: photos times the logarithm of the
    ratio, which is what each adds to the distance between the two.
    """
    photos, others = own.get(ALL_PHOTOS, 0), everyone.get(ALL_PHOTOS, 0) - own.get(ALL_PHOTOS, 0)
    if photos <= 0 or others <= 0:
        return ()
    tree, found = browsing(), []
    theirs_of = {wnid: max(everyone.get(wnid, 0) - count, 0) for wnid, count in own.items()}
    base = Side.from_counts(tree, everyone, photos + others).rates
    ours_there, theirs_there = (
        Rates.of(Side.from_counts(tree, counts, of), base, lambda values: values)
        for counts, of in ((own, photos), (theirs_of, others))
    )
    is_more = ours_there.surely_more_than(theirs_there)
    at_least = ours_there.low / np.maximum(theirs_there.high, LEAST)
    for wnid, category in tree.categories.items():
        count = own.get(wnid, 0)
        if count < LEAST_PHOTOS or not is_more[tree.position[wnid]]:
            continue
        theirs = theirs_of[wnid]
        rate = (theirs + 0.5) / (others + 1)  # never 0 of others
        careful = (count + SHRINKAGE * rate) / (photos + SHRINKAGE) / rate
        if careful >= LEAST_RATIO:
            worth = count * math.log(careful) * (EVERYDAY if wnid in tree.everyday else 1)
            # What is said is what the photos show: the shrunken ratio only chooses.
            is_figure = theirs >= LEAST_PHOTOS or (theirs > 0 and careful < FAR_MORE)
            ratio = (count / photos) / (theirs / others) if is_figure else math.inf
            found.append((worth, Trait(category, count, ratio, float(at_least[tree.position[wnid]]))))
    found.sort(key=lambda one: -one[0])
    return tuple(_apart(tree, [trait for _, trait in found], most))


def _apart(tree: BrowsingTree, ordered: list[Trait], most: int) -> list[Trait]:
    """The first of some that hold none of each other."""
    chosen: list[Trait] = []
    for trait in ordered:
        if len(chosen) < most and tree.is_apart(trait.category.wnid, [other.category.wnid for other in chosen]):
            chosen.append(trait)
    return chosen

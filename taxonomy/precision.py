"""How often what is said is right, by what people answer, so that no one person decides it for all.

What is measured is how often names are right as people meet them: everyone counts by their answers up to a cap, however
large their library is. Answers must be of photos drawn by chance among those that the network names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from scipy import sparse

from taxonomy.browsing import BrowsingTree
from taxonomy.intervals import exact_interval

# So many answers of one person about one category count in full; more count together as so many.
PER_PERSON = 10
LEAST_PEOPLE = 3  # with two, leaving one out leaves the other to decide


@dataclass(frozen=True)
class Answered:
    """What one person answered about one category: `right` of `answers` names were right."""

    person: int
    wnid: str
    answers: int
    right: int


@dataclass(frozen=True)
class Precision:
    """How often the names at or below a category are right.

    `people` gave `answers`, of which `right` say so. `share` is the part that is right, each person counting at most as
    much as PER_PERSON answers. `low` to `high` holds the exact interval of everyone, and those of everyone but any one
    of them, so that whatever one person says, it holds what all others say.
    """

    wnid: str
    people: int
    answers: int
    right: int
    share: float
    low: float
    high: float

    @property
    def is_shown(self) -> bool:
        """Whether enough people answered for it to be said of the network."""
        return self.people >= LEAST_PEOPLE

    @property
    def low_of_100(self) -> int:
        """Of a hundred names, so many are right at least."""
        return int(self.low * 100)

    @property
    def high_of_100(self) -> int:
        """Of a hundred names, so many are right at most."""
        return ceil(self.high * 100)


def capped(answers: np.ndarray, most: float) -> np.ndarray:
    """What each answer of people counts, where a person counts at most as much as `most` answers."""
    return np.minimum(1.0, most / np.maximum(answers, 1))


def own_precision(tree: BrowsingTree, wnid: str, answered: Iterable[Answered]) -> Precision | None:
    """One person's answers about the names at or below a category, to be shown to that person; None without any."""
    inside = set(tree.categories[wnid].classes)
    within = [a for a in answered if a.wnid in tree.categories and inside.issuperset(tree.categories[a.wnid].classes)]
    answers, right = sum(a.answers for a in within), sum(a.right for a in within)
    if not answers:
        return None
    low, high = exact_interval(np.array([right]), np.array([answers]))
    return Precision(wnid, 1, answers, right, right / answers, float(low[0]), float(high[0]))


def precisions(tree: BrowsingTree, answered: Iterable[Answered]) -> list[Precision]:
    """The precision of every category that has answers, and of those above it, in the order of the tree.

    Answers about categories that the tree lacks are left out.
    """
    column = _columns(tree)
    rows = [one for one in answered if one.wnid in column and one.answers > 0]
    if not rows:
        return []
    people, person = np.unique([one.person for one in rows], return_inverse=True)
    at = (person, [column[one.wnid] for one in rows])
    shape = (len(people), len(tree.order))
    counted = sparse.coo_array(([float(one.answers) for one in rows], at), shape).tocsr() @ _upwards(tree)
    hits = sparse.coo_array(([float(one.right) for one in rows], at), shape).tocsr() @ _upwards(tree)
    of, category = counted.nonzero()  # each pair of a person and a category
    answers = np.asarray(counted[of, category]).ravel()
    right = np.asarray(hits[of, category]).ravel()
    weight = capped(answers, PER_PERSON)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(category, values, len(tree.order))

    n, k = total(answers * weight), total(right * weight)
    low, high = exact_interval(k, n)
    without_low, without_high = exact_interval(k[category] - right * weight, n[category] - answers * weight)
    np.minimum.at(low, category, without_low)
    np.maximum.at(high, category, without_high)
    raw_answers, raw_right, voices = total(answers), total(right), total(np.ones(len(of)))
    return [
        Precision(
            wnid=tree.order[c],
            people=round(voices[c]),
            answers=round(raw_answers[c]),
            right=round(raw_right[c]),
            share=float(k[c] / n[c]),
            low=float(low[c]),
            high=float(high[c]),
        )
        for c in np.flatnonzero(n).tolist()
    ]


def _columns(tree: BrowsingTree) -> dict[str, int]:
    return {wnid: c for c, wnid in enumerate(tree.order)}


@lru_cache(maxsize=4)
def _upwards(tree: BrowsingTree) -> sparse.csr_array:
    """(categories, categories) float64, 1 where the second one is the first or above it."""
    column = _columns(tree)
    pairs = [(column[wnid], column[above.wnid]) for wnid in tree.order for above in tree.path(wnid)]
    below, above = np.array(pairs).T
    return sparse.csr_array((np.ones(len(pairs)), (below, above)), shape=(len(column), len(column)))

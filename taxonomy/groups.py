"""How often something is so among photos, how sure that is, and whether two groups of photos can be told apart.

Photos of one person are alike, so that many of them tell less than as many of different people: intervals are those of
as many independent photos as what people's shares differ by allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from taxonomy.intervals import CERTAINTY, exact_interval
from taxonomy.precision import LEAST_PEOPLE, PER_PERSON


@dataclass(frozen=True)
class Share:
    """Of `photos` photos of `people` people it is so of `hits`; the part of all such photos is `low` to `high`."""

    photos: int
    people: int
    hits: int
    low: float
    high: float

    @property
    def part(self) -> float:
        """The part of these photos."""
        return self.hits / self.photos if self.photos else 0.0


@dataclass(frozen=True)
class Change:
    """How many of the same photos have a label by one network that they lacked by the one before, and the reverse.

    `low` to `high` holds the difference that is more than chance, in photos; None where photos of fewer than
    LEAST_PEOPLE people changed, of which nothing is said.
    """

    gained: int
    lost: int
    people: int
    low: float | None = None
    high: float | None = None

    @property
    def is_sure(self) -> bool:
        """Whether there are more or fewer than chance would bring."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def certainty_among(comparisons: int, certainty: float = CERTAINTY) -> float:
    """How sure each of several intervals has to be for all of them together to be so sure: 0.95 of one, 0.995 of ten.

    Source: O. J. Dunn, "Multiple Comparisons Among Means", JASA 56, 1961, who calls it Bonferroni's.
    """
    return 1 - (1 - certainty) / max(comparisons, 1)


def independent(photos: np.ndarray, hits: np.ndarray, certainty: float = CERTAINTY) -> float:
    """The number of independent photos that tell as much as these do.

    `photos` and `hits` are (people,), with no person without a photo. The variance of the share is that of a ratio of
    sums over people; what it is with independent photos is known. Few people tell little of how people differ, hence
    Student's t. Where everything is so, or nothing, they tell nothing of it: then each counts as PER_PERSON at most.
    Source: E. L. Korn, B. I. Graubard, "Confidence Intervals for Proportions With Small Expected Number of Positive
    Counts Estimated From Survey Data", Survey Methodology 24, 1998.
    """
    people, total, so = len(photos), float(photos.sum()), float(hits.sum())
    at_most = float(np.minimum(photos, PER_PERSON).sum())
    if people < 2 or so in (0.0, total):
        return at_most
    part, tail = so / total, (1 + certainty) / 2
    variance = float(((hits - part * photos) ** 2).sum()) * people / (people - 1) / total**2
    if variance <= 0:  # all people's shares are the same
        return at_most
    of_few = float(ndtri(tail) / stdtrit(people - 1, tail)) ** 2
    return min(total, part * (1 - part) / variance * of_few)


def share_of(
    photos: Sequence[int], hits: Sequence[int], certainty: float = CERTAINTY, *, is_one_set: bool = False
) -> Share:
    """The share of photos, given of each person how many there are and of how many it is so.

    `is_one_set` of photos that somebody put together to measure with: whose they are means nothing, each counts by
    itself. Of 40 such photos, of which it is so of 10: a quarter, from 0.13 to 0.41.
    """
    of_each, so = np.array(photos, dtype=np.float64), np.array(hits, dtype=np.float64)
    of_each, so = of_each[of_each > 0], so[of_each > 0]
    total, of_which = of_each.sum(), so.sum()
    if not total:
        return Share(0, 0, 0, 0.0, 1.0)
    counts = total if is_one_set else independent(of_each, so, certainty)
    low, high = exact_interval(np.array([of_which / total * counts]), np.array([counts]), certainty)
    return Share(int(total), len(of_each), int(of_which), float(low[0]), float(high[0]))


def differ(one: Share, other: Share) -> bool:
    """Whether two shares can be told apart: their intervals share nothing."""
    return one.low > other.high or other.low > one.high


def change_of(gained: Sequence[int], lost: Sequence[int]) -> Change:
    """What changed, given of each person how many of their photos gained a label and how many lost it.

    Photos that changed in neither way tell nothing of the difference. Of those that did, the part that gained is a
    share with its interval; were it one half, the difference would be chance.
    Source: Q. McNemar, Psychometrika 12, 1947, with the exact interval in the place of his approximation.
    """
    up, down = np.array(gained, dtype=np.int64), np.array(lost, dtype=np.int64)
    changed = up + down
    up, down, changed = up[changed > 0], down[changed > 0], changed[changed > 0]
    told = Change(int(up.sum()), int(down.sum()), len(changed))
    if len(changed) < LEAST_PEOPLE:
        return told
    share = share_of(changed.tolist(), up.tolist())
    low, high = (float(changed.sum() * (2 * end - 1)) for end in (share.low, share.high))
    return Change(told.gained, told.lost, told.people, low, high)

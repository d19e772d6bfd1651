"""How much more of something there was in one set of photos than in another, and how surely. No Django, no store."""

import math
from dataclasses import dataclass

from scipy.special import betaincinv

# Of a hundred subjects that stayed as they were, about one is said to have changed.
DOUBT = 0.01


@dataclass(frozen=True)
class Ratio:
    """How many times as large a share is as another: surely not less than `least`, nor more than `most`."""

    least: float
    most: float

    @property
    def is_more(self) -> bool:
        """Whether it surely grew."""
        return self.least > 1

    @property
    def is_less(self) -> bool:
        """Whether it surely shrank."""
        return self.most < 1


def ratio(photos: int, of: int, before: int, of_before: int) -> Ratio:
    """Compare `photos` of `of` with `before` of `of_before`; where one set is empty, nothing is sure.

    Were both shares the same, the photos of both sets would fall into the first one with the probability
    of / (of + of_before). An interval for that probability is one for the ratio of the shares: Jeffreys' interval,
    which keeps its promise for few photos too. `ratio(3, 1000, 0, 1000)` says that it may be anything,
    `ratio(50, 1000, 5, 1000)` that there was surely four times as much.

    Source: Brown, Cai, DasGupta, Interval Estimation for a Binomial Proportion, 2001.
    """
    if not of or not of_before:
        return Ratio(0.0, math.inf)
    low = float(betaincinv(photos + 0.5, before + 0.5, DOUBT / 2)) if photos else 0.0
    high = float(betaincinv(photos + 0.5, before + 0.5, 1 - DOUBT / 2)) if before else 1.0
    scale = of_before / of
    return Ratio(scale * low / (1 - low), math.inf if high >= 1 else scale * high / (1 - high))

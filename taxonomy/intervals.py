"""The exact intervals of shares.

Source: C. J. Clopper, E. S. Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the
Binomial", Biometrika 26, 1934. Numbers may be fractions, where some count in part.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

CERTAINTY = 0.95  # of two-sided intervals
LEAST = 1e-12  # what counts in the place of nothing, where the formula has none


def exact_interval(hits: ArrayLike, trials: ArrayLike, certainty: float = CERTAINTY) -> tuple[np.ndarray, np.ndarray]:
    """The two-sided interval of a share, lower and upper ends, (n,) float64 each: of 10 of 10, 0.69 to 1.

    Without trials it is 0 to 1.
    """
    tail = (1 - certainty) / 2
    so, not_so = _counts(hits, trials)
    high = np.where(not_so > 0, betaincinv(so + 1, np.maximum(not_so, LEAST), 1 - tail), 1.0)
    return _low(so, not_so, tail), high


def exact_lower_bound(hits: ArrayLike, trials: ArrayLike, certainty: float) -> np.ndarray:
    """What a share is at least, one-sided, (n,) float64: of 10 of 10, 0.79 with 0.9; 0 without trials."""
    return _low(*_counts(hits, trials), 1 - certainty)


def _counts(hits: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    so = np.asarray(hits, dtype=np.float64)
    return np.maximum(so, 0.0), np.maximum(np.asarray(trials, dtype=np.float64) - so, 0.0)


def _low(so: np.ndarray, not_so: np.ndarray, tail: float) -> np.ndarray:
    return np.where(so > 0, betaincinv(np.maximum(so, LEAST), not_so + 1, tail), 0.0)

"""Figures of the map in steps, so that a difference of two says nothing of one person or one photo."""

from math import floor, log10

STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)  # of each power of ten, about as far from each other


def nearest_step(number: float) -> float:
    """The step that a number above 0 is nearest to, by what part of it they differ.

    >>> nearest_step(17), nearest_step(43), nearest_step(0.16)
    (15.0, 50.0, 0.15)
    """
    power = 10.0 ** floor(log10(number))
    step = min(STEPS, key=lambda step: max(number / power, step) / min(number / power, step))
    return float(f"{power * step:.2g}")  # a tenth of 1.5 is a little more than 0.15


def step_at_most(number: int) -> int:
    """The largest step that is no more than a whole number of at least 1.

    >>> step_at_most(4), step_at_most(18), step_at_most(199)
    (3, 15, 150)
    """
    power = 10 ** floor(log10(number))
    return max(int(step * power) for step in STEPS if step * power <= number and (step * power).is_integer())

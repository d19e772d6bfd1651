"""Figures of the map in steps, so that a difference of two says nothing of one person or one photo."""

from math import floor, log10

STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)  # of each power of ten, about as far from each other


def about(number: float) -> float:
    """The step that a number above 0 is nearest to, by what part of it they differ.

    >>> about(17), about(43), about(2.6)
    (15.0, 50.0, 3.0)
    """
    power = 10.0 ** floor(log10(number))
    return power * min(STEPS, key=lambda step: max(number / power, step) / min(number / power, step))


def at_least(number: int) -> int:
    """The largest step that is no more than a whole number of at least 1.

    >>> at_least(4), at_least(18), at_least(199)
    (3, 15, 150)
    """
    power = 10 ** floor(log10(number))
    return max(int(step * power) for step in STEPS if step * power <= number and (step * power).is_integer())

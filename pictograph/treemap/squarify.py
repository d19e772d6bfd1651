"""Squarified treemaps: areas in, rectangles out. Pure geometry, nothing of photos."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rect:
    """A rectangle; `x` grows to the right, `y` downwards."""

    x: float
    y: float
    width: float
    height: float


def squarify(areas: Sequence[float], width: float, height: float) -> list[Rect]:
    """Fill a frame with one rectangle per area, in proportion, as square as can be, in the order given.

    Give the areas in falling order for the squarest rectangles; what should end up in the last corner goes last. They
    need not add up to the frame: `squarify([6, 6, 4, 3, 2, 2, 1], 6, 4)` and ten times those areas give the same.
    Raises ValueError for an area or a side that is not a positive number.

    Source: Bruls, Huizing, van Wijk, Squarified Treemaps, 2000.
    """
    if not all(math.isfinite(side) and side > 0 for side in (*areas, width, height)):
        raise ValueError("areas and sides must be positive numbers")
    if not areas:
        return []
    scale = width * height / math.fsum(areas)
    left = [area * scale for area in areas]
    placed: list[Rect] = []
    free_width, free_height = width, height  # what stays free is always the lower right part of the frame
    while left:
        length = _row_length(left, min(free_width, free_height))
        row, left = left[:length], left[length:]
        placed += _lay(row, Rect(width - free_width, height - free_height, free_width, free_height))
        # Divided out of what is left rather than subtracted, so that tiny areas last do not drown in rounding.
        if free_width >= free_height:
            free_width = math.fsum(left) / free_height
        else:
            free_height = math.fsum(left) / free_width
    return placed


def _row_length(areas: Sequence[float], side: float) -> int:
    """How many of the next areas share a row along `side`: until its worst one would get longer."""
    worst, total = math.inf, 0.0
    smallest, largest = math.inf, 0.0
    for count, area in enumerate(areas):
        total += area
        smallest, largest = min(smallest, area), max(largest, area)
        row = max(side**2 * largest / total**2, total**2 / (side**2 * smallest))
        if row > worst:
            return count
        worst = row
    return len(areas)


def _lay(row: Sequence[float], free: Rect) -> list[Rect]:
    """Lay one row along the shorter side of the free part."""
    rects: list[Rect] = []
    along = 0.0
    upright = free.width >= free.height
    thickness = math.fsum(row) / min(free.width, free.height)
    for area in row:
        length = area / thickness
        if upright:
            rects.append(Rect(free.x, free.y + along, thickness, length))
        else:
            rects.append(Rect(free.x + along, free.y, length, thickness))
        along += length
    return rects

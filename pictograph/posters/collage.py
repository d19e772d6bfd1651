"""How the photos of one tile lie in it: in cells of one size with no holes, the first of several two by two."""

import math
from dataclasses import dataclass

# Columns, rows and whether the first photo takes four cells; as many photos as cells are needed.
PATTERNS = (
    *((1, 1, False), (2, 1, False), (1, 2, False)),
    *((columns, rows, True) for columns in range(2, 6) for rows in range(2, 6) if (columns, rows) != (2, 2)),
)
A_PHOTO_MORE = 0.045  # what a further photo is worth, in the logarithm of how far a cell is from a square


@dataclass(frozen=True)
class Cell:
    """Where a photo lies in a tile, in pixels from its corner."""

    x: int
    y: int
    width: int
    height: int


def cells(width_px: int, height_px: int, photos: int, gap_px: int, least_px: float) -> list[Cell]:
    """Cells for as many of the photos as look best; one cell where they would become smaller than `least_px`."""
    if not photos:
        return []
    best, worth = (1, 1, False), -math.inf
    for columns, rows, has_hero in PATTERNS:
        needed = columns * rows - (3 if has_hero else 0)
        across, down = width_px / columns, height_px / rows
        if needed > photos or (needed > 1 and min(across, down) < least_px):
            continue
        value = A_PHOTO_MORE * needed - abs(math.log(across / down))
        if value > worth:
            best, worth = (columns, rows, has_hero), value
    columns, rows, has_hero = best
    xs = [round(i * (width_px + gap_px) / columns) for i in range(columns + 1)]
    ys = [round(i * (height_px + gap_px) / rows) for i in range(rows + 1)]

    def cell(column: int, row: int, size: int = 1) -> Cell:
        right, foot = xs[column + size] - gap_px, ys[row + size] - gap_px
        return Cell(xs[column], ys[row], right - xs[column], foot - ys[row])

    spots = [(column, row) for row in range(rows) for column in range(columns)]
    if not has_hero:
        return [cell(*spot) for spot in spots]
    return [cell(0, 0, 2), *(cell(c, r) for c, r in spots if c > 1 or r > 1)]

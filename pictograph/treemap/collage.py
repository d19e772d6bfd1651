"""Collages: how photos are arranged in a tile, and what a frame for a whole pictograph is."""

import math
from dataclasses import dataclass
from itertools import product

from pictograph.models import Photo

CELLS_ACROSS = 3.4  # of a collage, as many as look calm
MOST_CELLS = 8  # of a collage, along either side


@dataclass(frozen=True)
class Frame:
    """A page to lay a pictograph out for, in CSS pixels of a common screen; the page scales it."""

    width_px: float
    height_px: float
    cell_px: float  # photos of a collage are not wanted smaller than this


LANDSCAPE = Frame(1360, 765, 104)
PORTRAIT = Frame(360, 576, 60)
TALL_PORTRAIT = Frame(360, 720, 60)  # a phone scrolls anyway


@dataclass(frozen=True)
class Collage:
    """A grid filled without holes by `photos` photos, the first of which covers `span` × `span` cells."""

    columns: int
    rows: int
    span: int

    @property
    def photos(self) -> int:
        """How many photos fill it."""
        return self.columns * self.rows - self.span**2 + 1


@dataclass(frozen=True)
class Place:
    """Where a tile lies in its frame (all of it in percent) and how its photos are arranged there."""

    x: float
    y: float
    width: float
    height: float
    collage: Collage

    def cell_aspect(self, frame: Frame) -> float:
        """Width over height of a photo's place in the collage."""
        width_px = self.width * frame.width_px / self.collage.columns
        return width_px / (self.height * frame.height_px / self.collage.rows)

    def needed_px(self, photo: Photo, frame: Frame, is_first: bool) -> float:
        """How wide a photo must be to cover its cell, which cuts off what does not fit."""
        cells = self.collage.span if is_first else 1
        width_px = cells * self.width / self.collage.columns * frame.width_px / 100
        height_px = cells * self.height / self.collage.rows * frame.height_px / 100
        return max(width_px, height_px * photo.aspect)


def collage_for(
    width_px: float, height_px: float, available: int, cell_px: float, across: float = CELLS_ACROSS
) -> Collage:
    """Choose the grid whose cells are closest to square and to a good size, using no more photos than there are.

    The larger the tile the larger its cells, about `across` to a side, so that it does not turn into confetti.
    """
    target = max(cell_px, math.sqrt(width_px * height_px) / across)

    def cost(collage: Collage) -> float:
        width, height = width_px / collage.columns, height_px / collage.rows
        odd_shape = abs(math.log(width / height / 1.1))
        odd_size = abs(math.log(math.sqrt(width * height) / target))
        # One photo larger than the others gives the eye a place to start; one that is all but the whole takes over.
        dull = 0.25 if collage.span == 1 and collage.photos > 3 else 0.0
        heavy = 0.2 if collage.span > 2 else 0.0
        return 1.4 * odd_shape + odd_size + dull + heavy

    sides = range(1, MOST_CELLS + 1)
    grids = (
        Collage(columns, rows, span)
        for columns, rows in product(sides, sides)
        for span in range(1, min(columns, rows) + 1)
        if span == 1 or span < max(columns, rows)
    )
    return min((grid for grid in grids if grid.photos <= max(available, 1)), key=cost)

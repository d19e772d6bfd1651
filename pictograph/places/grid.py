"""Squares of ground: the Earth cut into cells of about equal size, each known by one number.

Rows run from the south pole to the north pole, each as high as a cell is to be wide; a row is cut into as many cells as
fit at its narrower edge. So no cell is smaller than its size anywhere, but for the two at the poles, which are round.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

EARTH_KM = 40_030.2  # around; a sphere of the mean radius, 6371.0 km. Source: IUGG, mean radius R1
DEGREE_KM = EARTH_KM / 360
HECTOMETRES = 10  # in a kilometre; sizes are kept in them
SIZE_STEP, ROW_STEP = 10**12, 10**6  # a cell's number: its size, its row, its column


@dataclass(frozen=True)
class Bounds:
    """A stretch of ground in degrees; `east` may be beyond 180, where it goes on from the west."""

    south: float
    west: float
    north: float
    east: float

    @property
    def centre(self) -> tuple[float, float]:
        """Latitude and longitude in the middle."""
        return (self.south + self.north) / 2, turned((self.west + self.east) / 2)

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a place is within."""
        return self.south <= latitude <= self.north and (longitude - self.west) % 360 <= self.east - self.west


@dataclass(frozen=True)
class Grid:
    """All cells of one size."""

    size_hm: int

    @cached_property
    def rows(self) -> int:
        """From pole to pole; at least one."""
        return max(1, math.floor(EARTH_KM / 2 * HECTOMETRES / self.size_hm))

    @property
    def height(self) -> float:
        """Degrees from one row to the next."""
        return 180 / self.rows

    def columns(self, row: int) -> int:
        """Cells of a row: as many as fit at the edge nearer to a pole."""
        edge = max(abs(row * self.height - 90), abs((row + 1) * self.height - 90))
        return max(1, math.floor(EARTH_KM * HECTOMETRES * math.cos(math.radians(min(edge, 90))) / self.size_hm))

    def cell(self, latitude: float, longitude: float) -> int:
        """The cell that a place lies in."""
        row = min(self.rows - 1, max(0, math.floor((latitude + 90) / self.height)))
        columns = self.columns(row)
        column = min(columns - 1, math.floor(((longitude + 180) % 360) / 360 * columns))
        return self.size_hm * SIZE_STEP + row * ROW_STEP + column

    def rows_between(self, south: float, north: float) -> tuple[int, int]:
        """The first number of any cell in the rows that touch two latitudes or lie between, and the last."""
        first, last = (self.cell(latitude, -180) // ROW_STEP for latitude in (south, north))
        return first * ROW_STEP, (last + 1) * ROW_STEP - 1

    def cells_in(self, bounds: Bounds) -> Iterator[int]:
        """Every cell that touches a stretch of ground."""
        first, last = (self.cell(latitude, -180) % SIZE_STEP // ROW_STEP for latitude in (bounds.south, bounds.north))
        for row in range(first, last + 1):
            columns = self.columns(row)
            west = math.floor((bounds.west + 180) / 360 * columns)
            east = math.floor((bounds.east + 180) / 360 * columns)
            for column in range(west, min(east, west + columns - 1) + 1):
                yield self.size_hm * SIZE_STEP + row * ROW_STEP + column % columns


@lru_cache(maxsize=16)
def grid_of_km(size_km: float) -> Grid:
    """The cells of about so many kilometres."""
    return Grid(round(size_km * HECTOMETRES))


def grid_of(cell: int) -> Grid:
    """The grid that a cell is of."""
    return Grid(cell // SIZE_STEP)


def bounds_of(cell: int) -> Bounds:
    """The ground that a cell covers. Raises ValueError for a number that no cell has."""
    size_hm, row, column = cell // SIZE_STEP, cell % SIZE_STEP // ROW_STEP, cell % ROW_STEP
    grid = Grid(size_hm)
    if size_hm < 1 or row >= grid.rows or column >= grid.columns(row):
        raise ValueError(f"there is no cell {cell}")
    width = 360 / grid.columns(row)
    south, west = row * grid.height - 90, column * width - 180
    return Bounds(south, west, south + grid.height, west + width)


def coarser(cell: int, size_km: float) -> int:
    """The larger cell that holds the centre of a cell."""
    return grid_of_km(size_km).cell(*bounds_of(cell).centre)


def around(latitude: float, longitude: float, reach_km: float) -> Bounds:
    """The stretch of ground that has every place within so many kilometres."""
    up = reach_km / DEGREE_KM
    south, north = max(-90.0, latitude - up), min(90.0, latitude + up)
    narrowest = math.cos(math.radians(max(abs(south), abs(north))))
    across = min(180.0, up / narrowest) if narrowest > 1e-9 else 180.0
    return Bounds(south, longitude - across, north, longitude + across)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two places are apart along the ground. Source: the haversine formula."""
    (south, west), (north, east) = (tuple(map(math.radians, place)) for place in (one, other))
    chord = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return EARTH_KM / math.pi * math.asin(min(1.0, math.sqrt(chord)))


def turned(longitude: float) -> float:
    """The same meridian from -180 up to 180."""
    return (longitude + 180) % 360 - 180

"""What a map is drawn on: the land, the names of towns, the place of each thing in the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fathom.map.land import land_path
from fathom.map.projection import EqualEarth, FromAbove, Point, Projection
from pictograph.places.gazetteer import gazetteer
from pictograph.places.grid import DEGREE_KM, Bounds, around

WIDTH = 1000.0  # of a region's drawing, in its units
# Width over height of a region's drawing, and of what a phone shows in the middle of it (`.map-paper` in map.css).
SHAPE, CORE = 2.2, 1.25
# Land is drawn on the whole Earth between these latitudes; nobody lives beyond.
WORLD = Bounds(south=-57.0, west=-180.0, north=79.0, east=180.0)
WIDEST_DEGREES = 120.0  # what is wider is drawn on the whole Earth, or it would look bent
POLAR = 89.0  # degrees of latitude; what reaches beyond is drawn on the whole Earth too
CLOSEST_KM = 120.0  # from north to south; closer than that the coasts that we have are wrong, and none are drawn
EDGE = 0.005  # of the width: nothing is nearer to the edge of a sheet
LABELS = 9
APART = 0.13  # of the width: how far names of towns are from each other at least


@dataclass(frozen=True)
class Label:
    """The name of a town, where it is in the drawing."""

    name: str
    x: float
    y: float
    is_before: bool  # it stands to the left of its town, which is near the edge


@dataclass(frozen=True)
class Sheet:
    """The ground of a map: a window on the drawing, and in a region the land as a path and names of towns."""

    projection: Projection
    x: float
    y: float
    width: float
    height: float
    land: str = ""
    labels: tuple[Label, ...] = ()

    @property
    def window(self) -> str:
        """The `viewBox`."""
        return f"{self.x:.1f} {self.y:.1f} {self.width:.1f} {self.height:.1f}"

    @property
    def is_world(self) -> bool:
        """Whether it is a part of the drawing of the whole Earth, which browsers have as a file."""
        return not self.land and isinstance(self.projection, EqualEarth)

    def km(self, latitude: float) -> float:
        """Units of the drawing to a kilometre from north to south, about a latitude."""
        low, high = (self.projection.point(latitude + step, 0)[1] for step in (-0.5, 0.5))
        return (low - high) / DEGREE_KM

    def point(self, latitude: float, longitude: float) -> Point:
        """Where a place is in the drawing; one beyond the sheet, about a pole, is at its edge."""
        x, y = self.projection.point(latitude, longitude)
        edge = self.width * EDGE
        return (
            min(max(x, self.x + edge), self.x + self.width - edge),
            min(max(y, self.y + edge), self.y + self.height - edge),
        )

    def percent(self, latitude: float, longitude: float) -> Point:
        """Where a place is, in percent of the sheet."""
        x, y = self.point(latitude, longitude)
        return (x - self.x) / self.width * 100, (y - self.y) / self.height * 100


@lru_cache(maxsize=1)
def world_sheet() -> Sheet:
    """The whole Earth."""
    world = EqualEarth()
    (left, _), (right, _) = world.point(0, -180), world.point(0, 180)
    (_, top), (_, bottom) = world.point(WORLD.north, 0), world.point(WORLD.south, 0)
    return Sheet(world, left, top, right - left, bottom - top)


def region_sheet(bounds: Bounds) -> Sheet:
    """A stretch of the Earth, with what fits around it into the shape of a drawing."""
    return _region_sheet(bounds)


@lru_cache(maxsize=512)
def _region_sheet(bounds: Bounds) -> Sheet:
    view = FromAbove(_shaped(bounds), WIDTH)
    is_close = (view.bounds.north - view.bounds.south) * DEGREE_KM < CLOSEST_KM
    land = f"M0 0h{WIDTH:g}v{view.height:.1f}H0z" if is_close else land_path(view)
    return Sheet(view, 0, 0, WIDTH, view.height, land or "M0 0", labels_in(view))


def sheet_around(places: Sequence[tuple[float, float]], margin_km: float) -> Sheet:
    """The stretch of the Earth that has all of some places and ground around them; all of it where that is far."""
    bounds = bounds_around(places, margin_km)
    is_far = bounds is None or bounds.east - bounds.west > WIDEST_DEGREES or max(-bounds.south, bounds.north) > POLAR
    return world_sheet() if bounds is None or is_far else region_sheet(bounds)


def bounds_around(places: Sequence[tuple[float, float]], margin_km: float) -> Bounds | None:
    """The narrowest stretch that has all of some places, across the date line if need be; None for no places."""
    if not places:
        return None
    latitudes = [latitude for latitude, _ in places]
    longitudes = sorted({longitude for _, longitude in places})
    # It begins east of the widest stretch of the circle without a place.
    gaps = [(longitudes[n] - longitudes[n - 1]) % 360 or 360 for n in range(len(longitudes))]
    widest = max(range(len(gaps)), key=lambda n: gaps[n])
    west, east = longitudes[widest], longitudes[widest] + 360 - gaps[widest]
    margin = around((min(latitudes) + max(latitudes)) / 2, 0, margin_km)
    up = margin_km / DEGREE_KM
    south, north = max(-90.0, min(latitudes) - up), min(90.0, max(latitudes) + up)
    return Bounds(south, west - margin.east, north, east + margin.east)


def labels_in(view: FromAbove) -> tuple[Label, ...]:
    """The towns with most people in a region, as far apart as their names are long."""
    places = gazetteer().places
    bounds = view.bounds
    east_of_west = (places[:, 1] - bounds.west) % 360
    is_in = (places[:, 0] > bounds.south) & (places[:, 0] < bounds.north) & (east_of_west < bounds.east - bounds.west)
    labels: list[Label] = []
    for row in np.flatnonzero(is_in)[: LABELS * 8].tolist():
        x, y = view.point(*places[row].tolist())
        if not (WIDTH * 0.02 < x < WIDTH * 0.98 and WIDTH * 0.03 < y < view.height - WIDTH * 0.02):
            continue
        if all(abs(x - other.x) > APART * WIDTH or abs(y - other.y) > APART * WIDTH / 3 for other in labels):
            labels.append(Label(gazetteer().name_of(row), round(x, 1), round(y, 1), is_before=x > WIDTH * 0.84))
        if len(labels) == LABELS:
            break
    return tuple(labels)


def _shaped(bounds: Bounds) -> Bounds:
    """A stretch with more ground around it, until it has the shape of a drawing and a phone shows what was asked."""
    stretch = FromAbove(bounds, WIDTH).stretch
    wide, high = bounds.east - bounds.west, (bounds.north - bounds.south) * stretch
    up = max(0.0, wide / CORE - high) / 2 / stretch
    south, north = max(-89.5, bounds.south - up), min(89.5, bounds.north + up)
    across = ((north - south) * FromAbove(Bounds(south, 0, north, 1), WIDTH).stretch * SHAPE - wide) / 2
    return Bounds(south, bounds.west - across, north, bounds.east + across)

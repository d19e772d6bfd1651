"""Photos that were taken near each other, put together as far as a map has no room to show them apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Avg, Count, F, Max, Q
from django.db.models.functions import Floor
from django.http import Http404

from fathom.map.drawing import Sheet
from pictograph.photos.models import PhotoQuerySet
from pictograph.places.grid import DEGREE_KM, EARTH_KM, Bounds, around, bounds_of, distance_km, turned

ABOUT = re.compile(r"(-?\d{1,2}(?:\.\d{1,4})?),(-?\d{1,3}(?:\.\d{1,4})?),(\d{1,5}(?:\.\d)?)")
NEAREST_PINS = 0.085  # of the sheet's width; what is nearer is one pin
SMALLEST_KM = 0.2  # what lies within is one place
COARSE_KM = 150  # a map that reaches farther is made of the cells of photos, not of each photo's place
SQUARES = 40  # that a closer one is made of, from its middle to its edge
DIAGONAL = 0.75  # sizes of a cell from its middle to a corner, and a little more


@dataclass(frozen=True)
class About:
    """The ground about a place, so many kilometres each way; in addresses `41.89,12.51,25`."""

    latitude: float
    longitude: float
    km: float

    @classmethod
    def parse(cls, text: str) -> "About":
        """Read what `str` wrote. Raises Http404 for anything else."""
        found = ABOUT.fullmatch(text)
        if found is None:
            raise Http404("There is no such place.")
        about = cls(*map(float, found.groups()))
        if abs(about.latitude) > 90 or abs(about.longitude) > 180 or not 0 < about.km <= EARTH_KM:
            raise Http404("There is no such place.")
        return about

    def __str__(self) -> str:
        return f"{self.latitude:.4f},{self.longitude:.4f},{self.km:.1f}"

    @property
    def bounds(self) -> Bounds:
        """The stretch of ground."""
        return around(self.latitude, self.longitude, self.km)


@dataclass(frozen=True)
class Cluster:
    """Photos that are near each other: how many, about where, how far from there, and the newest known of them."""

    count: int
    latitude: float
    longitude: float
    newest: int
    reach_km: float

    @property
    def about(self) -> About:
        """The ground that it is on."""
        return About(self.latitude, self.longitude, max(self.reach_km, SMALLEST_KM))

    def with_one(self, other: "Cluster", away_km: float) -> "Cluster":
        """Both together, where this one is."""
        reach_km = max(self.reach_km, away_km + other.reach_km)
        newest = max(self.newest, other.newest)
        return Cluster(self.count + other.count, self.latitude, self.longitude, newest, reach_km)


def within(photos: PhotoQuerySet, bounds: Bounds) -> PhotoQuerySet:
    """Those of some photos that were taken on a stretch of ground, by their very places."""
    rows = photos.filter(latitude__gte=bounds.south, latitude__lte=bounds.north)
    west, east = turned(bounds.west), turned(bounds.east)
    if bounds.east - bounds.west >= 360:
        return rows
    if west <= east:
        return rows.filter(longitude__gte=west, longitude__lte=east)
    return rows.filter(Q(longitude__gte=west) | Q(longitude__lte=east))  # across the date line


def clusters(photos: PhotoQuerySet, at: About | None) -> list[Cluster]:
    """Photos by where they were taken: by their cells over a wide stretch, else by squares of a fraction of it."""
    if at is None or at.km > COARSE_KM:
        size_km = settings.PLACE_KM
        rows = photos.order_by().values_list("cell").annotate(Count("pk"), Max("pk"))
        return [Cluster(count, *bounds_of(cell).centre, newest, size_km * DIAGONAL) for cell, count, newest in rows]
    step_km = max(SMALLEST_KM, at.km / SQUARES)
    step = step_km / DEGREE_KM
    squares = photos.order_by().values(up=Floor(F("latitude") / step), across=Floor(F("longitude") / step))
    found = squares.annotate(n=Count("pk"), y=Avg("latitude"), x=Avg("longitude"), newest=Max("pk"))
    return [Cluster(row["n"], row["y"], row["x"], row["newest"], step_km * DIAGONAL) for row in found]


def merged(found: Sequence[Cluster], sheet: Sheet) -> list[Cluster]:
    """Clusters with those too near on a sheet taken into the larger one."""
    kept: list[tuple[float, float, Cluster]] = []
    near = NEAREST_PINS * sheet.width
    for cluster in sorted(found, key=lambda cluster: (-cluster.count, cluster.newest)):
        x, y = sheet.point(cluster.latitude, cluster.longitude)
        for n, (other_x, other_y, other) in enumerate(kept):
            if abs(x - other_x) < near and abs(y - other_y) < near:
                away_km = distance_km((other.latitude, other.longitude), (cluster.latitude, cluster.longitude))
                kept[n] = (other_x, other_y, other.with_one(cluster, away_km))
                break
        else:
            kept.append((x, y, cluster))
    return [cluster for _, _, cluster in kept]

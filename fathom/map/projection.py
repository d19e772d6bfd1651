"""From degrees to paper: the whole Earth by Equal Earth, a region of it as it looks from above its middle."""

import math
from dataclasses import dataclass
from typing import Protocol

from pictograph.places.grid import Bounds

Point = tuple[float, float]

# Source: Šavrič, Patterson and Jenny, "The Equal Earth map projection", IJGIS 33 (2019), equations 1 to 4.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
M = math.sqrt(3) / 2
WORLD_SCALE = 360  # units of the drawing to a radius of the Earth: the world is about 1,950 wide


class Projection(Protocol):
    """How a drawing is made: x grows to the east, y to the south, in units of the drawing."""

    def point(self, latitude: float, longitude: float) -> Point:
        """Where a place is in the drawing."""


@dataclass(frozen=True)
class EqualEarth:
    """The whole Earth, every area in its true proportion; 0, 0 is in the middle."""

    scale: float = WORLD_SCALE

    def point(self, latitude: float, longitude: float) -> Point:
        """Where a place is.

        >>> EqualEarth(1).point(0, 0)
        (0.0, -0.0)
        """
        theta = math.asin(M * math.sin(math.radians(latitude)))
        squared = theta * theta
        sixth = squared**3
        slope = A1 + 3 * A2 * squared + sixth * (7 * A3 + 9 * A4 * squared)
        x = math.radians(longitude) * math.cos(theta) / (M * slope)
        y = theta * (A1 + A2 * squared + sixth * (A3 + A4 * squared))
        return x * self.scale, -y * self.scale


@dataclass(frozen=True)
class FromAbove:
    """A region: meridians and parallels are straight, and as long as each other in its middle."""

    bounds: Bounds
    width: float

    @property
    def scale(self) -> float:
        """Units of the drawing to a degree of longitude."""
        return self.width / (self.bounds.east - self.bounds.west)

    @property
    def stretch(self) -> float:
        """How much longer a degree of latitude is than one of longitude in the middle of the region."""
        return 1 / max(0.02, math.cos(math.radians(self.bounds.centre[0])))

    @property
    def height(self) -> float:
        """Of the drawing."""
        return (self.bounds.north - self.bounds.south) * self.scale * self.stretch

    def point(self, latitude: float, longitude: float) -> Point:
        """Where a place is; of a meridian's turns the one nearest to the region's middle."""
        middle = (self.bounds.west + self.bounds.east) / 2
        longitude = middle + (longitude - middle + 180) % 360 - 180
        return (longitude - self.bounds.west) * self.scale, (self.bounds.north - latitude) * self.scale * self.stretch

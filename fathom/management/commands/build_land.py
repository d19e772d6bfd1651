"""Build the files of the land from Natural Earth."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fathom.map.land import LAND_FILE, WORLD_FILE, Point, packed, path_of
from fathom.map.projection import EqualEarth

SOURCE = (
    "Land of the Earth, 1:50 million. Made with Natural Earth (naturalearthdata.com), version 4.1.0, public domain."
)
STEPS = 50  # of a degree: 2 km
LEAST_BEND = 0.045  # degrees by which a corner must lie off the straight line to be kept
LEAST_AREA = 0.02  # square degrees; smaller islands would be a dot
WORLD_LEAST_AREA = 0.35
WORLD_LEAST_BEND = 0.12
NORTH, SOUTH = 84.0, -58.0  # what of the world is drawn


class Command(BaseCommand):
    """`manage.py build_land FILE`."""

    help = (
        "Build fathom/map/data/land.json and static/img/land.svg from Natural Earth's land, as GeoJSON "
        "(ne_50m_land.geojson) or TopoJSON (land-50m.json of the npm package world-atlas)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where the land is."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, simplify, write."""
        try:
            rings = list(read_rings(json.loads(options["file"].read_text())))
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"That is no GeoJSON or TopoJSON of polygons: {error}.") from error
        rings.sort(key=area, reverse=True)
        kept = [ring for ring in (simplified(ring, LEAST_BEND) for ring in rings if area(ring) > LEAST_AREA) if ring]
        land = {"source": SOURCE, "steps": STEPS, "rings": [packed(ring, STEPS) for ring in kept]}
        LAND_FILE.write_text(json.dumps(land, separators=(",", ":")) + "\n")
        WORLD_FILE.write_text(world_drawing(rings))
        self.stdout.write(f"{len(kept)} stretches of land, {sum(map(len, kept))} corners.")


def read_rings(land: Any) -> Iterator[list[Point]]:
    """The outlines of all land, as longitude and latitude."""
    if land["type"] == "Topology":
        arcs = _arcs(land)
        for shape in land["objects"]["land"]["geometries"]:
            for polygon in shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]:
                for ring in polygon:
                    yield [corner for arc in ring for corner in _arc(arcs, arc)]
    else:
        for feature in land["features"]:
            shape = feature["geometry"]
            polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
            yield from ([(x, y) for x, y, *_ in ring[:-1]] for polygon in polygons for ring in polygon)


def _arcs(land: Any) -> list[list[Point]]:
    """Source: the TopoJSON format specification, 2.1.4 (arcs) and 2.1.2 (transforms)."""
    (across, up), (west, south) = land["transform"]["scale"], land["transform"]["translate"]
    arcs = []
    for arc in land["arcs"]:
        x = y = 0
        corners = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            corners.append((x * across + west, y * up + south))
        arcs.append(corners)
    return arcs


def _arc(arcs: Sequence[list[Point]], number: int) -> list[Point]:
    """An arc without its last corner, with which the next one begins; backwards where the number says so."""
    return (arcs[number] if number >= 0 else arcs[~number][::-1])[:-1]


def area(ring: Sequence[Point]) -> float:
    """In square degrees, as wide as they are there."""
    doubled = sum(
        (ring[n - 1][0] * y - x * ring[n - 1][1]) * math.cos(math.radians(y)) for n, (x, y) in enumerate(ring)
    )
    return abs(doubled) / 2


def simplified(ring: Sequence[Point], least: float) -> list[Point]:
    """A ring of the corners that matter. Source: Douglas and Peucker, Cartographica 10 (1973), on both halves of it."""
    far = max(range(len(ring)), key=lambda n: math.dist(ring[0], ring[n]))
    corners = [*_line(ring[: far + 1], least)[:-1], *_line([*ring[far:], ring[0]], least)[:-1]]
    return corners if len(corners) > 3 else []


def _line(line: Sequence[Point], least: float) -> list[Point]:
    keep = {0, len(line) - 1}
    stretches = [(0, len(line) - 1)]
    while stretches:
        first, last = stretches.pop()
        bends = [(_off(line[n], line[first], line[last]), n) for n in range(first + 1, last)]
        bend, n = max(bends, default=(0.0, 0))
        # What lies on the edge of the data, at the poles and the date line, is no coast and stays as it is.
        if bend > least:
            keep.add(n)
            stretches += [(first, n), (n, last)]
    return [line[n] for n in sorted(keep)]


def _off(point: Point, one: Point, other: Point) -> float:
    """How far a point is from a stretch between two others, in degrees of latitude."""
    narrow = math.cos(math.radians(point[1]))
    (x, y), (ax, ay), (bx, by) = ((lon * narrow, lat) for lon, lat in (point, one, other))
    length = (bx - ax) ** 2 + (by - ay) ** 2
    part = 0.0 if length == 0 else max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return math.dist((x, y), (ax + part * (bx - ax), ay + part * (by - ay)))


def world_drawing(rings: Sequence[Sequence[Point]]) -> str:
    """The whole Earth as an SVG file with one symbol to be used by pages, in the units of `EqualEarth`."""
    world = EqualEarth()
    paths = []
    for ring in rings:
        if area(ring) > WORLD_LEAST_AREA and (corners := simplified(ring, WORLD_LEAST_BEND)):
            paths.append(path_of([world.point(latitude, longitude) for longitude, latitude in corners]))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><!-- {SOURCE} -->\n<path id="land" d="{"".join(paths)}"/></svg>\n'

"""The land of the Earth, from Natural Earth's public-domain data: read once, drawn as paths."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from fathom.map.projection import FromAbove, Point
from pictograph.places.grid import Bounds

LAND_FILE = Path(__file__).parent / "data" / "land.json"
WORLD_FILE = Path(__file__).resolve().parents[2] / "static" / "img" / "land.svg"

Ring = tuple[Point, ...]  # longitude and latitude of each corner; the first is not repeated


@lru_cache(maxsize=1)
def coasts() -> tuple[tuple[Bounds, Ring], ...]:
    """Every stretch of land with the bounds that it lies in, the largest first."""
    land = json.loads(LAND_FILE.read_text())
    return tuple((_bounds(ring), ring) for ring in (_unpacked(packed, land["steps"]) for packed in land["rings"]))


@lru_cache(maxsize=256)
def land_path(view: FromAbove) -> str:
    """The land of a region as the `d` of an SVG path, cut off a little beyond its edges."""
    region = view.bounds
    margin = (region.east - region.west) / 20
    frame = Bounds(region.south - margin, region.west - margin, region.north + margin, region.east + margin)
    parts = []
    for bounds, ring in coasts():
        for turn in (-360, 0, 360):
            if _touches(bounds, turn, frame) and (seen := clipped([(x + turn, y) for x, y in ring], frame)):
                parts.append(path_of(_drawn(seen, view)))
    return "".join(parts)


def clipped(ring: Sequence[Point], frame: Bounds) -> list[Point]:
    """What of a polygon is within a frame. Source: Sutherland and Hodgman, "Reentrant polygon clipping", CACM 17 (1974).

    >>> clipped([(0, 0), (4, 0), (4, 4), (0, 4)], Bounds(south=-1, west=1, north=9, east=2))
    [(1, 4.0), (1, 0.0), (2, 0.0), (2, 4.0)]
    """
    kept = list(ring)
    for axis, edge, sign in ((0, frame.west, 1), (0, frame.east, -1), (1, frame.south, 1), (1, frame.north, -1)):
        corners, kept = kept, []
        for n, corner in enumerate(corners):
            before = corners[n - 1]
            is_in, was_in = sign * (corner[axis] - edge) >= 0, sign * (before[axis] - edge) >= 0
            if is_in != was_in:
                part = (edge - before[axis]) / (corner[axis] - before[axis])
                other = before[1 - axis] + part * (corner[1 - axis] - before[1 - axis])
                kept.append((edge, other) if axis == 0 else (other, edge))
            if is_in:
                kept.append(corner)
    return kept


def path_of(points: Sequence[Point], digits: int = 1) -> str:
    """A closed path through points, each told from the one before; points that fall together are left out.

    >>> path_of([(0, 0), (10, 0), (10, 10.04), (10.01, 10)])
    'M0 0l10 0l0 10z'
    """
    unit = 10**digits
    steps: list[tuple[int, int]] = []
    at = (0, 0)
    for x, y in points:
        step = (round(x * unit) - at[0], round(y * unit) - at[1])
        if not steps or step != (0, 0):
            steps.append(step)
            at = (at[0] + step[0], at[1] + step[1])
    if len(steps) < 3:
        return ""
    words = [f"{x / unit:g} {y / unit:g}" for x, y in steps]
    return f"M{words[0]}l{'l'.join(words[1:])}z"


def packed(ring: Sequence[Point], steps: int) -> list[int]:
    """A ring as whole steps of a degree, each corner told from the one before."""
    flat: list[int] = []
    at = (0, 0)
    for longitude, latitude in ring:
        corner = round(longitude * steps), round(latitude * steps)
        flat += [corner[0] - at[0], corner[1] - at[1]]
        at = corner
    return flat


def _unpacked(flat: Sequence[int], steps: int) -> Ring:
    longitudes, latitudes = accumulate(flat[::2]), accumulate(flat[1::2])
    return tuple((x / steps, y / steps) for x, y in zip(longitudes, latitudes, strict=True))


def _bounds(ring: Iterable[Point]) -> Bounds:
    longitudes, latitudes = zip(*ring, strict=True)
    return Bounds(min(latitudes), min(longitudes), max(latitudes), max(longitudes))


def _touches(bounds: Bounds, turn: int, frame: Bounds) -> bool:
    is_beside = bounds.east + turn < frame.west or bounds.west + turn > frame.east
    return not (is_beside or bounds.north < frame.south or bounds.south > frame.north)


def _drawn(points: Iterable[Point], view: FromAbove) -> list[Point]:
    """Like `view.point`, of longitudes that are turned already."""
    region, scale = view.bounds, view.scale
    return [((x - region.west) * scale, (region.north - y) * scale * view.stretch) for x, y in points]

"""How a pictograph is drawn: how large each tile, and where it lies in the frame."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pictograph.treemap.squarify import Rect, squarify

# A tile must hold its name and be hit by a finger; the rest is never larger than a sixth of the frame or the largest
# category, which the page is about. A tile drawn at another size than its share says so (`Spot.is_to_scale`).
LEAST_DRAWN = 0.025
REST_DRAWN_AT_MOST = 1 / 6
REST_STRIP_FROM = 0.08
# Width over height of the frame on a desk, about; on a phone the same layout is turned over its diagonal.
FRAME_ASPECT = 1.9


@dataclass(frozen=True)
class Spot:
    """Where a tile lies, in percent of the frame, and whether it is as large as its share next to the largest."""

    x: float
    y: float
    width: float
    height: float
    is_to_scale: bool

    @property
    def turned(self) -> "Spot":
        """The spot in a frame turned over its diagonal."""
        return Spot(self.y, self.x, self.height, self.width, self.is_to_scale)

    @property
    def style(self) -> str:
        """The spot as CSS custom properties; the page turns it over for a phone."""
        return f"--x:{self.x:.4f};--y:{self.y:.4f};--w:{self.width:.4f};--h:{self.height:.4f}"


def spots(shares: Sequence[float], rest: float, aspect: float = FRAME_ASPECT) -> list[Spot]:
    """Lay out tiles of these shares, most first, and last the rest if there is any, in a frame of an aspect.

    An upright frame is one that lies, turned over its diagonal, so that the rest has a strip along its foot.
    """
    if aspect < 1:
        return [spot.turned for spot in spots(shares, rest, 1 / aspect)]
    areas = drawn_areas(shares, rest)
    wanted = [*shares, rest][: len(areas)]
    return [
        Spot(
            100 * rect.x / aspect,
            100 * rect.y,
            100 * rect.width / aspect,
            100 * rect.height,
            math.isclose(area * wanted[0], areas[0] * share, rel_tol=1e-6),
        )
        for rect, area, share in zip(_rects(areas, rest > 0, aspect), areas, wanted, strict=True)
    ]


def drawn_areas(shares: Sequence[float], rest: float) -> list[float]:
    """Parts of the frame for tiles of these shares, and last for the rest if there is any; they sum to 1.

    In proportion, but nothing gets less than LEAST_DRAWN, and the rest at most REST_DRAWN_AT_MOST and as much as the
    largest of the tiles.
    """
    wanted = list(shares)
    if rest > 0:
        most = REST_DRAWN_AT_MOST / (1 - REST_DRAWN_AT_MOST) * math.fsum(shares)
        wanted.append(min(rest, most, max(shares)) if shares else rest)
    whole = math.fsum(wanted)
    areas = [share / whole for share in wanted]
    while small := [i for i, area in enumerate(areas) if area < LEAST_DRAWN - 1e-12]:
        areas = [LEAST_DRAWN if i in small else area for i, area in enumerate(areas)]
        large = math.fsum(area for area in areas if area > LEAST_DRAWN)
        factor = (1 - LEAST_DRAWN * sum(area <= LEAST_DRAWN for area in areas)) / large
        areas = [area * factor if area > LEAST_DRAWN else area for area in areas]
    return areas


def _rects(areas: Sequence[float], has_rest: bool, aspect: float) -> list[Rect]:
    """Lay out the tiles, a rest of some size in a strip at the end so that it pushes none of them out of shape."""
    if has_rest and len(areas) > 1 and areas[-1] >= REST_STRIP_FROM:
        inner = aspect * (1 - areas[-1])
        return [*squarify(areas[:-1], inner, 1.0), Rect(inner, 0, aspect - inner, 1.0)]
    order = sorted(range(len(areas)), key=lambda i: -areas[i])
    placed = dict(zip(order, squarify([areas[i] for i in order], aspect, 1.0), strict=True))
    return [placed[i] for i in range(len(areas))]

"""A map as it is kept, drawn and put into words."""

from enum import StrEnum
from io import BytesIO

import numpy as np
from PIL import Image

from classifier.network.activation import MAP_SIDE

DRAWN_PX = 256  # a browser draws it out to the photo's size; it has no finer detail
# From where the network saw nothing to where it saw most: dark blue over grey to yellow, as in cividis, whose lightness
# tells as much as its colour, so that nobody's eyes are in the way. Red, green, blue, and how much covers the photo.
# Source: Nuñez et al., "Optimizing colormaps with consideration for color vision deficiency", PLOS ONE 2018.
COLOURS = np.array(
    [
        (0, 32, 76, 0.72),
        (30, 57, 110, 0.6),
        (124, 123, 120, 0.3),
        (225, 204, 85, 0.38),
        (255, 234, 70, 0.55),
    ]
)
SPREAD = 0.4  # of a picture: what covers more of it is all over it
WARM = 0.5  # of the most: what counts as where the network saw something


class Where(StrEnum):
    """Where most of a map lies."""

    NOWHERE = "nowhere"
    ALL_OVER = "all_over"
    TOP_LEFT = "top_left"
    TOP = "top"
    TOP_RIGHT = "top_right"
    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom_right"


THIRDS = (
    (Where.TOP_LEFT, Where.TOP, Where.TOP_RIGHT),
    (Where.LEFT, Where.MIDDLE, Where.RIGHT),
    (Where.BOTTOM_LEFT, Where.BOTTOM, Where.BOTTOM_RIGHT),
)


def heat_of(added: np.ndarray) -> np.ndarray:
    """A category's map (side, side) float as it is kept: uint8, 255 where it says most, 0 where it says no."""
    warm = np.clip(added, 0, None)
    most = float(warm.max())
    heat: np.ndarray = np.rint(255 * warm / most).astype(np.uint8) if most > 0 else np.zeros(added.shape, np.uint8)
    return heat


def where_in(kept: bytes) -> Where:
    """Where most of a map lies, for words."""
    heat = np.frombuffer(kept, np.uint8).reshape(MAP_SIDE, MAP_SIDE) / 255
    warm = np.where(heat >= WARM, heat, 0)
    if not warm.any():
        return Where.NOWHERE
    if (warm > 0).mean() > SPREAD:
        return Where.ALL_OVER
    middles = (np.arange(MAP_SIDE) + 0.5) / MAP_SIDE
    down = float(warm.sum(axis=1) @ middles / warm.sum())
    across = float(warm.sum(axis=0) @ middles / warm.sum())
    return THIRDS[int(down * 3)][int(across * 3)]


def drawn(kept: bytes) -> bytes:
    """A map as a WebP to lay over its photo, half transparent; drawn out to whatever shape that has."""
    heat = Image.frombuffer("L", (MAP_SIDE, MAP_SIDE), kept, "raw", "L", 0, 1)
    smooth = np.asarray(heat.resize((DRAWN_PX, DRAWN_PX), Image.Resampling.BICUBIC))
    steps = np.linspace(0, 255, len(COLOURS))
    table = np.stack([np.interp(np.arange(256), steps, channel) for channel in COLOURS.T], axis=1)
    table[:, 3] *= 255
    file = BytesIO()
    Image.fromarray(np.rint(table).astype(np.uint8)[smooth], "RGBA").save(file, "WEBP", quality=80, method=0)
    return file.getvalue()

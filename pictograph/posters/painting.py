"""A plan as an image of dots."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from pictograph.posters.collage import Cell
from pictograph.posters.fonts import font
from pictograph.posters.pictures import Pictures, filling, placeholder
from pictograph.posters.plan import ACCENT, ACCENT_SOFT, INK, PAPER, RADIUS, SURFACE, Line, PlacedTile, Plan
from pictograph.posters.sizes import PRINT_DPI, is_print

VEIL = 0.72  # over the photos of the rest
PACKED = 4  # zlib's level: half the time of the usual one for a few percent more
SMOOTH = 4  # times as large are round corners drawn before they are shrunk
MARK = ((1, 1, 13, 14, 3, ACCENT), (16, 1, 7, 8, 2.5, INK), (16, 11, 7, 12, 2.5, INK), (1, 17, 13, 6, 2.5, INK))
MARK_SIDE = 24


def paint(plan: Plan, pictures: Pictures) -> bytes:
    """Draw a plan as a PNG that says nothing but its dots, and of a poster how large they are printed."""
    image = Image.new("RGB", (plan.width, plan.height), PAPER)
    for tile in plan.tiles:
        drawn = _tile(tile, plan.scale, pictures)
        image.paste(drawn, (tile.x, tile.y), rounded(drawn.size, round(RADIUS * plan.scale)))
        _write(image, tile.lines)
    _write(image, plan.lines)
    image.paste(*_mark(plan.mark))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=PACKED, **({"dpi": (PRINT_DPI, PRINT_DPI)} if is_print(image.size) else {}))
    return file.getvalue()


def darkness(tile: PlacedTile) -> np.ndarray:
    """(rows,) float32: how dark each row behind the words is, 0 to 1."""
    rows = tile.y + tile.height - tile.dark_from
    at = (np.arange(rows) + 0.5) / rows
    return np.interp(at, [where for where, _ in tile.shades], [how for _, how in tile.shades]).astype(np.float32)


@lru_cache(maxsize=32)
def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with round corners."""
    mask = Image.new("L", size, 255)
    side = max(1, min(radius, *(length // 2 for length in size)))
    large = Image.new("L", (2 * side * SMOOTH, 2 * side * SMOOTH), 0)
    ImageDraw.Draw(large).ellipse((0, 0, 2 * side * SMOOTH - 1, 2 * side * SMOOTH - 1), fill=255)
    disc = large.resize((2 * side, 2 * side), Image.Resampling.BOX)
    for x, left in ((0, 0), (size[0] - side, side)):
        for y, top in ((0, 0), (size[1] - side, side)):
            mask.paste(disc.crop((left, top, left + side, top + side)), (x, y))
    return mask


def _tile(tile: PlacedTile, scale: float, pictures: Pictures) -> Image.Image:
    plain = SURFACE if tile.is_rest or tile.photos else ACCENT_SOFT
    image = Image.new("RGB", (tile.width, tile.height), PAPER if tile.photos else plain)
    for photo in tile.photos:
        cell = photo.cell
        if tile.is_rest:
            tiny = placeholder(photo.placeholder)
            drawn = filling(tiny, cell.width, cell.height) if tiny else None
        else:
            drawn = pictures.filling(photo.photo_id, cell.width, cell.height)
        image.paste(drawn or Image.new("RGB", (cell.width, cell.height), SURFACE), (cell.x, cell.y))
    if tile.is_rest:
        return Image.blend(image, Image.new("RGB", image.size, SURFACE), VEIL)
    if tile.photos:
        start = tile.dark_from - tile.y
        shades = darkness(tile) * 255
        column = Image.fromarray(shades.round().astype(np.uint8)[:, None], "L")
        shade = column.resize((tile.width, tile.height - start))
        image.paste(Image.new("RGB", shade.size, 0), (0, start), shade)
    return image


def _write(image: Image.Image, lines: tuple[Line, ...]) -> None:
    draw = ImageDraw.Draw(image)
    for line in lines:
        draw.text((line.x, line.y), line.text, line.colour, font(line.weight, line.size_px), anchor="ls")


def _mark(where: Cell) -> tuple[Image.Image, tuple[int, int]]:
    """The site's mark, and where it goes."""
    side = where.width * SMOOTH
    image = Image.new("RGB", (side, side), PAPER)
    draw = ImageDraw.Draw(image)
    unit = side / MARK_SIDE
    for x, y, width, height, radius, colour in MARK:
        box = (x * unit, y * unit, (x + width) * unit, (y + height) * unit)
        draw.rounded_rectangle(box, radius * unit, colour)
    return image.resize((where.width, where.height), Image.Resampling.LANCZOS), (where.x, where.y)

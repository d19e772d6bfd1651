"""A plan as an image of lines: SVG, with its photos in it."""

import base64
import io

from django.utils.html import escape
from PIL import Image

from pictograph.posters.fonts import outlines
from pictograph.posters.painting import MARK, MARK_SIDE, VEIL
from pictograph.posters.pictures import Pictures, filling, placeholder
from pictograph.posters.plan import ACCENT_SOFT, PAPER, RADIUS, SURFACE, Line, PlacedTile, Plan

QUALITY = 86  # of the JPEGs in it: drawing programs read these everywhere


def write_svg(plan: Plan, pictures: Pictures) -> str:
    """Write a plan as SVG. Its letters are outlines, so that no program needs the font."""
    radius = round(RADIUS * plan.scale)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{plan.width}" height="{plan.height}"'
        f' viewBox="0 0 {plan.width} {plan.height}" font-family="sans-serif">',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        *(_tile(tile, n, radius, pictures) for n, tile in enumerate(plan.tiles)),
        *map(_text, plan.lines),
        _mark(plan),
        "</svg>",
    ]
    return "\n".join(parts)


def _tile(tile: PlacedTile, number: int, radius: int, pictures: Pictures) -> str:
    box = f'x="{tile.x}" y="{tile.y}" width="{tile.width}" height="{tile.height}"'
    clip = f'<clipPath id="tile-{number}"><rect {box} rx="{radius}"/></clipPath>'
    plain = PAPER if tile.photos else SURFACE if tile.is_rest else ACCENT_SOFT
    parts = [clip, f'<g clip-path="url(#tile-{number})"><rect {box} fill="{plain}"/>']
    for photo in tile.photos:
        cell = photo.cell
        if tile.is_rest:
            tiny = placeholder(photo.placeholder)
            image = filling(tiny, max(1, cell.width // 4), max(1, cell.height // 4)) if tiny else None
        else:
            image = pictures.filling(photo.photo_id, cell.width, cell.height)
        where = f'x="{tile.x + cell.x}" y="{tile.y + cell.y}" width="{cell.width}" height="{cell.height}"'
        parts.append(f'<image {where} preserveAspectRatio="none" href="{_inline(image)}"/>' if image else "")
    if tile.is_rest:
        parts.append(f'<rect {box} fill="{SURFACE}" fill-opacity="{VEIL}"/>')
    elif tile.photos:
        stops = "".join(f'<stop offset="{at:g}" stop-opacity="{how:g}"/>' for at, how in tile.shades)
        shade = (
            f'x="{tile.x}" y="{tile.dark_from}" width="{tile.width}" height="{tile.y + tile.height - tile.dark_from}"'
        )
        parts.append(f'<linearGradient id="dark-{number}" x2="0" y2="1">{stops}</linearGradient>')
        parts.append(f'<rect {shade} fill="url(#dark-{number})"/>')
    return "".join([*parts, "</g>", *map(_text, tile.lines)])


def _text(line: Line) -> str:
    """A line as outlines, which look the same everywhere, over the words themselves, for whoever reads or searches."""
    letters, length = outlines(line.text, line.weight)
    paths = "".join(f'<path transform="translate({at:.4f} 0)" d="{path}"/>' for at, path in letters)
    across = line.width_px / length if length else line.size_px  # letters that stand closer than by themselves
    where = f'transform="translate({line.x:.1f} {line.y:.1f}) scale({across:.4f} {line.size_px})"'
    return (
        f'<text x="{line.x:.1f}" y="{line.y:.1f}" font-size="{line.size_px}" fill="none"'
        f' textLength="{line.width_px:.1f}" lengthAdjust="spacingAndGlyphs">{escape(line.text)}</text>'
        f'<g aria-hidden="true" fill="{line.colour}" {where}>{paths}</g>'
    )


def _mark(plan: Plan) -> str:
    unit = plan.mark.width / MARK_SIDE
    rects = "".join(
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{colour}"/>'
        for x, y, width, height, radius, colour in MARK
    )
    return f'<g transform="translate({plan.mark.x} {plan.mark.y}) scale({unit:.4f})">{rects}</g>'


def _inline(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"

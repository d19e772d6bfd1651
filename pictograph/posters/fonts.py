"""The letters of posters: FiraGO, which has Latin, Greek and Cyrillic, as a package brings it."""

import io
from enum import StrEnum
from functools import cache, lru_cache

import pymupdf_fonts
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import ImageFont

ELLIPSIS = "…"


class Weight(StrEnum):
    """A cut of the font, as the package calls it."""

    REGULAR = "figo"
    BOLD = "figbo"


@cache
def _letters(weight: Weight) -> bytes:
    return bytes(pymupdf_fonts.myfont(weight.value))


@lru_cache(maxsize=128)
def font(weight: Weight, size_px: int) -> ImageFont.FreeTypeFont:
    """The font at a size."""
    return ImageFont.truetype(io.BytesIO(_letters(weight)), size_px)


@cache
def _drawn(weight: Weight) -> TTFont:
    return TTFont(io.BytesIO(_letters(weight)))


@lru_cache(maxsize=512)
def _outline(weight: Weight, letter: str) -> tuple[str, float]:
    """A letter as an SVG path with its advance, both in em; a hollow box for one that the font lacks."""
    drawn = _drawn(weight)
    glyph, glyphs, em = drawn.getBestCmap().get(ord(letter), ".notdef"), drawn.getGlyphSet(), drawn["head"].unitsPerEm
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:g}")
    glyphs[glyph].draw(TransformPen(pen, (1 / em, 0, 0, -1 / em, 0, 0)))
    return pen.getCommands(), glyphs[glyph].width / em


def outlines(text: str, weight: Weight) -> tuple[list[tuple[float, str]], float]:
    """The letters of a text as SVG paths in em, each with how far along the line it begins, and how long that is."""
    at, letters = 0.0, []
    for letter in text:
        path, advance = _outline(weight, letter)
        if path:
            letters.append((at, path))
        at += advance
    return letters, at


def width_px(text: str, weight: Weight, size_px: int) -> float:
    """How wide a text is."""
    return float(font(weight, size_px).getlength(text))


def shortened(text: str, weight: Weight, size_px: int, most_px: float) -> str:
    """The text, or as much of it as fits with an ellipsis; empty where not even that does.

    >>> shortened("ocean liners", Weight.BOLD, 20, 1000)
    'ocean liners'
    """
    if width_px(text, weight, size_px) <= most_px:
        return text
    while text and width_px(text.rstrip() + ELLIPSIS, weight, size_px) > most_px:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS if text else ""


def wrapped(text: str, weight: Weight, size_px: int, most_px: float) -> list[str] | None:
    """The text in lines, broken between words; None where a word is wider than a line."""
    lines: list[str] = []
    for word in text.split():
        if width_px(word, weight, size_px) > most_px:
            return None
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_px(longer, weight, size_px) <= most_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines

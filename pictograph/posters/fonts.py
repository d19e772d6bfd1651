"""The letters of posters: FiraGO, which has Latin, Greek and Cyrillic, as a package brings it."""

import io
from enum import StrEnum
from functools import cache, lru_cache

import pymupdf_fonts
from PIL import ImageFont

ELLIPSIS = "…"
FAMILY = "FiraGO, 'Fira Sans', system-ui, sans-serif"  # for an SVG, which has no letters of its own


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

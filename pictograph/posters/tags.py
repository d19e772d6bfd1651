"""How templates offer a pictograph as an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from pictograph.posters.sizes import SIZES, Size
from pictograph.treemap.queries import Pictograph

register = template.Library()


@dataclass(frozen=True)
class Offer:
    """A size with the addresses of both kinds of image."""

    size: Size
    png: str
    svg: str


@register.inclusion_tag("posters/_save.html")
def save_menu(pictograph: Pictograph) -> dict[str, Any]:
    """The menu "Save as image" of a pictograph."""
    return {"offers": offers(pictograph)}


def offers(pictograph: Pictograph) -> Sequence[Offer]:
    """Every size of a pictograph."""
    return [Offer(size, _url(pictograph, size, "png"), _url(pictograph, size, "svg")) for size in SIZES.values()]


def _url(pictograph: Pictograph, size: Size, kind: str) -> str:
    face, category = pictograph.face, pictograph.category
    within = (category,) if category else ()
    return face.url("image_of" if category else "image", *within, size.name, kind) + pictograph.query

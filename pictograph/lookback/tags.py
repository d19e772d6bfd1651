"""Where templates lead to a look back."""

from django import template

from pictograph.lookback.queries import latest_year
from pictograph.treemap.queries import Pictograph

register = template.Library()


@register.simple_tag
def look_back_year(pictograph: Pictograph) -> int | None:
    """The year to look back at from someone's own pictograph of everything; None elsewhere."""
    if not pictograph.face.is_own or pictograph.category is not None:
        return None
    return pictograph.year or latest_year(pictograph.years)

"""How durations are written in templates."""

import math

from django import template

register = template.Library()

MINUTE_S, HOUR_S = 60, 3600


@register.filter
def time_left(seconds: float) -> str:
    """Say how long something still takes, rounded up as people would: "about 3 minutes left"."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < MINUTE_S:
        return f"about {math.ceil(seconds / 10) * 10} seconds left"
    if seconds < 1.5 * MINUTE_S:
        return "about a minute left"
    if seconds < HOUR_S:
        return f"about {math.ceil(seconds / MINUTE_S)} minutes left"
    hours = math.ceil(seconds / HOUR_S * 2) / 2
    return "about an hour left" if hours == 1 else f"about {hours:g} hours left".replace(".5", "½")

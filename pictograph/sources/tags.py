"""How durations are written in templates."""

import math

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

MINUTE_S, HOUR_S = 60, 3600


@register.filter
def time_left(seconds: float) -> str:
    """Say how long something still takes, rounded up as people would: "about 3 minutes left"."""
    if seconds < 10:
        return _("a few seconds left")
    if seconds <= MINUTE_S - 10:
        return _("about %(count)s seconds left") % {"count": math.ceil(seconds / 10) * 10}
    if seconds < 1.5 * MINUTE_S:
        return _("about a minute left")
    if seconds < HOUR_S:
        minutes = math.ceil(seconds / MINUTE_S)
        return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {"count": minutes}
    hours = math.ceil(seconds / HOUR_S * 2) / 2
    if hours == 1:
        return _("about an hour left")
    return _("about %(count)s hours left") % {"count": f"{hours:g}".replace(".5", "½")}

"""The dial on a page."""

from typing import Any

from django import template

from pictograph.catalogue.dial import positions, stop_of
from pictograph.catalogue.snapshot import calibration

register = template.Library()


@register.inclusion_tag("_dial_menu.html", takes_context=True)
def dial_menu(context: template.Context) -> dict[str, Any]:
    """Show the dial of who looks; turning it fetches this page's `<main>` anew."""
    request = context["request"]
    stops = positions()
    return {
        "positions": stops,
        "position": stops[stop_of(request.user)],
        "is_measured": calibration().is_measured,
        "is_open": getattr(request, "htmx", None) and request.htmx.trigger == "dial",
        "next": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }

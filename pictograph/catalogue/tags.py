"""The dial on a page."""

from typing import Any

from django import template

from pictograph.catalogue.dial import ShownStop, shown_stops, stop_of
from pictograph.catalogue.snapshot import calibration

register = template.Library()


@register.inclusion_tag("_dial_menu.html", takes_context=True)
def dial_menu(context: template.Context) -> dict[str, Any]:
    """Show the dial of who looks and has signed in; turning it fetches this page's `<main>` anew."""
    request = context["request"]
    return {
        "is_theirs": request.user.is_authenticated,
        "stops": shown_stops(),
        "stop": dial_stop(context),
        "is_measured": calibration().is_measured,
        "is_open": getattr(request, "htmx", None) and request.htmx.trigger == "dial",
        "next": context.get("here") or request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def dial_stop(context: template.Context) -> ShownStop:
    """Where the dial of who looks stands."""
    return shown_stops()[stop_of(context["request"].user)]

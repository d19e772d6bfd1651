"""The dial on a page."""

from typing import Any

from django import template

from pictograph.catalogue.dial import stop_of, targets

register = template.Library()


@register.inclusion_tag("_dial.html", takes_context=True)
def dial(context: template.Context) -> dict[str, Any]:
    """Show the dial of who looks; turning it fetches this page's `<main>` anew."""
    request = context["request"]
    stops, stop = targets(), stop_of(request.user)
    return {
        "targets": stops,
        "target": stops[stop],
        "next": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }

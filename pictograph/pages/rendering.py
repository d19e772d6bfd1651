"""Pages and their parts: one view, one context; only the template's name changes when htmx asks."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def asked_by_htmx(request: HttpRequest) -> bool:
    """Say whether htmx asks, for a part of a page."""
    return bool(getattr(request, "htmx", None))


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, part: str = "", status: int = 200
) -> HttpResponse:
    """Render a page, or for an htmx request its `part`.

    Without a part the page itself is rendered; if it extends `frame` (see `context.every_page`), htmx gets its title
    and `<main>` alone.
    """
    chosen = part if part and asked_by_htmx(request) else template
    response = render(request, chosen, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response

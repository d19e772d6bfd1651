"""What every page is told besides its own context."""

from typing import Any

from django.http import HttpRequest

from pictograph.partials import asked_by_htmx

# Pages that belong to a section of the bar other than the one they are named for.
SECTIONS = {"photo": "library", "delete_photos": "library", "category": "categories", "pictograph_of": "pictograph"}


def every_page(request: HttpRequest) -> dict[str, Any]:
    """Name the page, its section in the bar, and the frame it stands in: none when htmx asks for a part."""
    match = request.resolver_match
    page_name = match.url_name if match and match.url_name else "none"
    return {
        "page_name": page_name,
        "section": SECTIONS.get(page_name, page_name),
        "frame": "_main.html" if asked_by_htmx(request) else "base.html",
    }

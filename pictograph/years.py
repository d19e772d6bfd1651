"""A year in an address."""

from collections.abc import Mapping

from django.http import Http404


def year_asked(query: Mapping[str, str], name: str = "year") -> int | None:
    """The year a page is asked for, None for none. Raises Http404 for one that cannot be."""
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 0 < int(text) < 9999):
        raise Http404("There is no such year.")
    return int(text)

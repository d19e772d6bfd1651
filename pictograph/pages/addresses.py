"""What addresses and forms say: ids of rows, years."""

from collections.abc import Mapping

from django.http import Http404

DIGITS_AT_MOST = 18  # what a database's 64 bits surely hold


def parse_id(text: str) -> int | None:
    """The id a text names, None where it is none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST else None


def year_asked(query: Mapping[str, str], name: str = "year") -> int | None:
    """The year a page is asked for, None for none. Raises Http404 for one that cannot be."""
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 0 < int(text) < 9999):
        raise Http404("There is no such year.")
    return int(text)

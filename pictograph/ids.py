"""Ids of rows in requests."""

DIGITS_AT_MOST = 18  # what a database's 64 bits surely hold


def parse_id(text: str) -> int | None:
    """The id a text names, None where it is none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST else None

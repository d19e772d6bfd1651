"""How far a copy of many files is, for the terminal."""

import time
from collections.abc import Mapping

from django.core.management.base import OutputWrapper

EVERY_S = 2.0


class Progress:
    """Says every two seconds how far it is, once it takes longer than that."""

    def __init__(self, output: OutputWrapper, *, is_quiet: bool) -> None:
        self.files = 0
        self._output, self._is_quiet = output, is_quiet
        self._next = time.monotonic() + EVERY_S
        self._has_spoken = False

    def tell(self, files: int, copied_bytes: int) -> None:
        """Take note of how far it is."""
        self.files = files
        if self._is_quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        self._has_spoken = True
        self._output.write(f"\r{files:,} files, {in_words(copied_bytes)} copied   ", ending="")
        self._output.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._has_spoken:
            self._output.write("")
        self._has_spoken = False


def in_words(size_bytes: int) -> str:
    """A size as people say it.

    >>> in_words(1_234), in_words(4_200_000_000)
    ('1.2 kB', '4.2 GB')
    """
    size, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"


def in_people(counts: Mapping[str, int]) -> str:
    """How many photos of how many people: "1 photo of 2 people"."""
    photos, people = counts["photos"], counts["people"]
    return f"{photos:,} {'photo' if photos == 1 else 'photos'} of {people:,} {'person' if people == 1 else 'people'}"

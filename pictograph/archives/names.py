"""What parts are called, and which of them belong together."""

import re

_COPY = re.compile(r" ?\(\d{1,3}\)$")  # as browsers name what is downloaded twice
_ENDING = re.compile(r"\.(?:zip|tgz|tar\.gz|gz)$", re.IGNORECASE)
_NUMBER = re.compile(r"(?:[-_. ]?(?:part|teil|partie|parte)[-_. ]?\d{1,4}|[-_.]\d{1,4})$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"(\d{1,4})$")


def plain_name(name: str) -> str:
    """A file's name without folders and without what a browser adds to one that it has already."""
    last = re.split(r"[\\/]", name)[-1].replace("\0", "").strip()[-200:]
    ending = _ENDING.search(last)
    stem = last[: ending.start()] if ending else last
    return (_COPY.sub("", stem) + (ending[0] if ending else "")) or "archive.zip"


def archive_name(name: str) -> str:
    """What the parts of an archive are called alike.

    >>> archive_name("takeout-20240101T101010Z-3-001.zip"), archive_name("Summer (1).zip")
    ('takeout-20240101T101010Z', 'Summer')
    """
    stem = _ENDING.sub("", plain_name(name))
    shorter = _NUMBER.sub("", stem)
    if re.match(r"takeout-\d{8}T", stem):  # Google counts exports, and then their parts
        shorter = stem.split("-")[0] + "-" + stem.split("-")[1]
    return shorter or stem


def number_of(name: str) -> int | None:
    """The how manieth part of its archive a file is, as its name tells.

    >>> number_of("takeout-20240101T101010Z-3-001.zip"), number_of("Summer.zip")
    (1, None)
    """
    stem = _ENDING.sub("", plain_name(name))
    found = _LAST_NUMBER.search(stem)
    return int(found[1]) if found and archive_name(name) != stem else None

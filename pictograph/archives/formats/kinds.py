"""The kinds of archives, told by what is written in them and never by their names."""

import json
from collections.abc import Iterable
from enum import StrEnum

from classifier.pictures.sidecars import is_sidecar, read_sidecar
from classifier.pictures.xmp import Notes
from pictograph.archives.formats import flickr, google, meta
from pictograph.archives.formats.telling import Telling, beside

# The longest list of posts that is read: about a hundred thousand of them. It takes ten times as much of memory.
LARGEST_BYTES = 32_000_000
MOST_SIGNS = 2_000_000  # commas and opening brackets of it: a list of empty lists would take fifty times as much


class Kind(StrEnum):
    """Whose archive it is."""

    GOOGLE = "google"
    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    FLICKR = "flickr"
    PLAIN = "plain"


def may_tell(path: str) -> bool:
    """Whether an entry's name is one of those that may tell something of photos."""
    return is_sidecar(path)


def signs_in(content: bytes) -> int:
    """How many parts a JSON has at most, without reading it: commas and opening brackets."""
    return sum(map(content.count, (b",", b"[", b"{")))


def tellings_of(path: str, content: bytes) -> tuple[Kind | None, Iterable[Telling]]:
    """What an entry tells, and in whose way; (None, nothing) where it tells nothing of photos."""
    if path.lower().endswith(".xmp"):
        notes = read_sidecar(path, content)
        return (Kind.PLAIN, [Telling(beside(path), notes)]) if notes != Notes() else (None, [])
    if signs_in(content) > MOST_SIGNS:
        return None, []
    try:
        written = json.loads(content)
    except (ValueError, RecursionError):
        return None, []
    readings = (
        (Kind.GOOGLE, lambda: google.read(path, written, content)),
        (Kind.FLICKR, lambda: flickr.read(written)),
        (Kind.INSTAGRAM, lambda: meta.read_instagram(written)),
        (Kind.FACEBOOK, lambda: meta.read_facebook(written)),
    )
    for kind, read in readings:
        if (told := read()) is not None:
            return kind, told
    return None, []

"""What a scan leaves out of a folder: what systems put beside the photos, and what a person names."""

import fnmatch
import re
import unicodedata
from collections.abc import Iterable

from pictograph.sources.paths import path_of

# What photo programs, NAS and operating systems put into folders of photos: small copies, snapshots, what was thrown
# away. Names that begin with a dot (.Trash-1000, .stversions, .thumbnails, .@__thumb, ._*) are left out anyway.
# Source: the exclusions that Immich, PhotoPrism and Syncthing recommend, and the makers' own manuals.
LITTER = (
    # Synology
    "@eaDir",
    "#recycle",
    "#snapshot",
    "@tmp",
    "@sharesnap",
    # QNAP
    "@Recycle",
    "@Recently-Snapshot",
    "@__thumb",
    # Windows
    "$RECYCLE.BIN",
    "RECYCLER",
    "System Volume Information",
    "FOUND.[0-9][0-9][0-9]",
    # Linux, macOS, network shares
    "lost+found",
    "__MACOSX",
    "~snapshot",
    "Network Trash Folder",
    "Temporary Items",
    # the small copies within an Apple Photos library, and those of Lightroom
    "*.photoslibrary/resources",
    "*.photoslibrary/private",
    "*.lrdata",
)
NO_MEDIA = ".nomedia"  # Android's sign in a folder that its pictures are not for looking at


class Exclusions:
    """Decides what is left out, by names and patterns, whatever their capitals.

    A byte of a name that is no UTF-8 is written as pages show it, `caf\\xe9`.

    >>> Exclusions("raw\\n2019/*.png").leave_out("b.png", "2019/b.png")
    True
    """

    def __init__(self, text: str = "") -> None:
        own = [path_of(line.strip().removeprefix("./").strip("/")) for line in text.splitlines()]
        self._plain, self._pattern = _compile([*LITTER, *filter(None, own)])

    def leave_out(self, name: str, relative: str) -> bool:
        """Whether a file or folder of this name, at this path within the source, is none of ours."""
        if name.startswith("."):
            return True
        keys = (_key(name), _key(relative))
        return not self._plain.isdisjoint(keys) or any(self._pattern.fullmatch(key) for key in keys)

    def leave_out_path(self, relative: str) -> bool:
        """Whether a path within the source is left out, or a folder on the way to it."""
        parts = relative.split("/")
        return any(self.leave_out(part, "/".join(parts[: depth + 1])) for depth, part in enumerate(parts))


def _compile(lines: Iterable[str]) -> tuple[frozenset[str], re.Pattern[str]]:
    keys = [_key(line) for line in lines]
    patterns = [fnmatch.translate(key) for key in keys if any(sign in key for sign in "*?[")]
    return frozenset(keys), re.compile("|".join(patterns))


def _key(text: str) -> str:
    """Names that a person takes for the same, however the disk spells capitals and accents."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()

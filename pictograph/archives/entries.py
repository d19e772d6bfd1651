"""Entries: the files within an archive, by names that nobody has vouched for, and why one is left out."""

import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

LONGEST_PATH = 1500  # bytes, which an index of PostgreSQL has room for; of a single name file systems take 255
MOST_ENTRIES = 2_000_000  # of a part: a decade of photos with a sidecar each is a tenth of that
_DRIVE = re.compile(r"[A-Za-z]:")


class Why(StrEnum):
    """Why an entry did not become a photo."""

    CLIP = "clip"  # the moving part of a photo that is there
    VIDEO = "video"
    NOT_A_PICTURE = "not_a_picture"
    UNSUPPORTED = "unsupported"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"
    BOMB = "bomb"
    ENCRYPTED = "encrypted"
    PACKING = "packing"
    NESTED = "nested"
    LINK = "link"
    BAD_NAME = "bad_name"
    DELETED = "deleted"  # here, by its owner
    BINNED = "binned"  # there, before the archive was made


class Trouble(StrEnum):
    """Why a part as a whole is not read, or not to its end."""

    NO_ARCHIVE = "no_archive"
    OTHER_KIND = "other_kind"
    CUT_SHORT = "cut_short"
    BROKEN = "broken"
    SPLIT = "split"
    HOSTILE = "hostile"
    GONE = "gone"
    FORBIDDEN = "forbidden"


class PartRefused(Exception):
    """Nothing of a part can be read."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class EntryRefused(Exception):
    """An entry cannot be read, or not to its end."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Entry:
    """A file within a part: the how manieth, its path, what it says of its size, and where it lies.

    All of it is what the archive claims. `why` tells why it is not to be opened at all.
    """

    position: int
    path: str
    size_bytes: int
    packed_bytes: int = 0
    offset: int = 0
    method: int = 0
    crc: int = 0
    changed_s: float | None = None
    why: Why | None = None

    def refused(self, why: Why) -> "Entry":
        """The same, not to be opened."""
        return replace(self, why=why)


class Container(Protocol):
    """A part that is open: its entries in their order, and what is in each."""

    trouble: Trouble | None

    def entries(self) -> Iterator[Entry]:
        """The files in it, without folders. What it takes of memory does not grow with their number."""

    def blocks(self, entry: Entry) -> AbstractContextManager[Iterator[bytes]]:
        """What an entry holds, in small pieces. As it is read, EntryRefused is raised where it is not what it said."""


def plain_path(written: str) -> str | None:
    """An entry's path as it is kept and shown, None where its name is one that no honest archive has.

    No file is ever written there; but a name that leads out of the archive is no slip of the pen.

    >>> plain_path("Takeout\\\\Google Photos\\\\lake.jpg"), plain_path("../../etc/passwd")
    ('Takeout/Google Photos/lake.jpg', None)
    """
    path = written.replace("\\", "/")
    if not path or len(path.encode(errors="replace")) > LONGEST_PATH or path.startswith("/") or _DRIVE.match(path):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or any(len(part.encode(errors="replace")) > 255 for part in parts):
        return None
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in path):
        return None
    return "/".join(parts)


def shown_path(written: str) -> str:
    """A name that was refused, as far as it can be shown."""
    seen = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(s) in ("Cc", "Cs") else s for s in written[:200])
    return seen or "\N{REPLACEMENT CHARACTER}"


def kind_of_mode(mode: int) -> Why | None:
    """Whether a Unix mode is that of a link or a device, which are left where they are."""
    return None if not stat.S_IFMT(mode) or stat.S_ISREG(mode) else Why.LINK

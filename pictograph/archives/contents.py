"""One entry of a part: what it is by its first bytes, and its bytes laid down where a photo can be made of them."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from django.conf import settings

from classifier.pictures.sidecars import name_key
from classifier.pictures.sniffing import HEAD_BYTES, is_foreign_picture, sniff
from pictograph.archives.entries import Container, Entry, EntryRefused, Why
from pictograph.archives.formats.kinds import may_tell
from pictograph.sources.exclusions import Exclusions
from pictograph.sources.quota import MB
from pictograph.sources.receiving import own_folder
from pictograph.sources.walk import ENDINGS

_LITTER = Exclusions()
_SYSTEM_FILES = ("thumbs.db", "desktop.ini")
# Of QuickTime files that begin with no type, as old cameras write them; and AVI, Matroska, MPEG, Flash, Windows Media.
_FILM_STARTS = (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1", b"\x30\x26\xb2\x75")
_FILM_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_RAW_BRANDS = (b"crx ",)
_ZIP_STARTS = (b"PK\3\4", b"PK\5\6", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
# Motion photos of Google's phones end in the middle of the name: PXL_1.MP.jpg is the photo of PXL_1.MP.
_STEM_ENDING = re.compile(r"\.(?:jpe?g|hei[cf]|png|webp|avif|gif|mp4|mov|m4v|3gp|mp|mv)(?:~\d)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Laid:
    """An entry's bytes in a file of this process, with their SHA-256; whoever has one removes it, or has it moved."""

    path: str
    digest: str
    size_bytes: int

    @property
    def is_there(self) -> bool:
        """Whether nobody has moved or removed it."""
        return Path(self.path).exists()

    def remove(self) -> None:
        """Be done with it."""
        Path(self.path).unlink(missing_ok=True)


def is_litter(path: str) -> bool:
    """Whether systems and programs put a file of this path among the photos; nobody is told of these."""
    name = path.rpartition("/")[2].lower()
    return name in _SYSTEM_FILES or _LITTER.leave_out_path(path)


def may_be_photo(entry: Entry) -> bool:
    """Whether an entry is a photo by its name; what it is shows once it is opened."""
    ending = os.path.splitext(entry.path)[1].lower()
    return entry.why is None and ending in ENDINGS and not is_litter(entry.path)


def is_read(entry: Entry) -> bool:
    """Whether an entry is one to be opened for what it shows, and not for what it tells."""
    return not is_litter(entry.path) and not (may_tell(entry.path) and entry.why is None)


def stem_of(path: str) -> str:
    """What the photo and the clip of a moment have in common: their path without endings, as a key."""
    folder, _, name = path.rpartition("/")
    while ending := _STEM_ENDING.search(name):
        name = name[: ending.start()]
    return sha256(f"{name_key(folder)}/{name_key(name)}".encode(errors="replace")).hexdigest()[:32]


def lay_down(container: Container, entry: Entry, beat: Callable[[], None]) -> Laid:
    """Write a picture's bytes into a file. Raises EntryRefused for whatever is none, OSError where there is no room."""
    with container.blocks(entry) as blocks:
        head = b""
        for block in blocks:
            head += block
            if len(head) >= HEAD_BYTES:
                break
        _require_picture(head, entry)
        return _written(head, blocks, beat)


def read_whole(container: Container, entry: Entry) -> bytes:
    """All that an entry holds, which its declared size bounds. Raises EntryRefused."""
    with container.blocks(entry) as blocks:
        return b"".join(blocks)


def _require_picture(head: bytes, entry: Entry) -> None:
    if not head:
        raise EntryRefused(Why.EMPTY)
    if sniff(head) is None:
        raise EntryRefused(_what_else(head))
    if entry.size_bytes > settings.UPLOAD_MAX_MB * MB:
        raise EntryRefused(Why.TOO_LARGE)


def _what_else(head: bytes) -> Why:
    is_film = head[4:8] == b"ftyp" and head[8:12] not in _RAW_BRANDS
    if is_film or head[4:8] in _FILM_BOXES or head.startswith(_FILM_STARTS) or head[8:12] == b"AVI ":
        return Why.VIDEO
    if head.startswith(_ZIP_STARTS):
        return Why.NESTED
    return Why.UNSUPPORTED if is_foreign_picture(head) else Why.NOT_A_PICTURE


def _written(head: bytes, blocks: Iterator[bytes], beat: Callable[[], None]) -> Laid:
    digest, size = sha256(head), len(head)
    descriptor, path = mkstemp(dir=own_folder(), suffix=".entry")
    try:
        with closing(os.fdopen(descriptor, "wb")) as file:
            file.write(head)
            for block in blocks:
                file.write(block)
                digest.update(block)
                size += len(block)
                beat()
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    return Laid(path, digest.hexdigest(), size)

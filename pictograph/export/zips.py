"""A zip archive written from front to back, in constant memory.

Every entry is written with its size and checksum before its bytes, which all programs can read: what Python's own
`zipfile` and zipstream-ng write to a stream says them after the bytes, where some look for them in vain. The list of
entries at the end, which those hold in memory, waits in a file.

Source: APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import IO

MOST_32, MOST_16 = 0xFFFF_FFFF, 0xFFFF  # what is at least so large, or so many, is said in 64 bits elsewhere
UTF_8 = 1 << 11
PLAIN, WITH_64 = 20, 45  # the version of the format that an entry needs
UNIX = 3 << 8
FILE = 0o100644 << 16
EXTRA_64 = 1
BLOCK_BYTES = 1 << 18


class Method(IntEnum):
    """How the bytes of an entry are written."""

    STORED = 0
    DEFLATED = 8


class SizeChanged(Exception):
    """The bytes that came are not as many as were announced: the archive is spoilt."""


@dataclass(frozen=True)
class Entry:
    """A file of the archive: `packed` bytes are written for `size`, of which `crc` is the checksum."""

    name: str
    moment: datetime
    size: int
    packed: int
    crc: int
    method: Method = Method.STORED


class ZipWriter:
    """Gives the bytes of an archive; `listed` is an empty file for the list of its entries."""

    def __init__(self, listed: IO[bytes]) -> None:
        self._listed = listed
        self._offset = self._entries = 0

    def add(self, entry: Entry, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Write an entry. Raises SizeChanged."""
        self._listed.write(_listing(entry, self._offset))
        self._entries += 1
        yield self._counted(_head(entry))
        begun = self._offset
        for block in blocks:
            if self._offset + len(block) - begun > entry.packed:
                raise SizeChanged(entry.name)
            yield self._counted(block)
        if self._offset - begun != entry.packed:
            raise SizeChanged(entry.name)

    def add_text(self, name: str, moment: datetime, text: str) -> Iterator[bytes]:
        """Write a short text."""
        written = text.encode()
        packed = zlib.compress(written, wbits=-zlib.MAX_WBITS)
        entry = Entry(name, moment, len(written), len(packed), zlib.crc32(written), Method.DEFLATED)
        return self.add(entry, [packed])

    def end(self) -> Iterator[bytes]:
        """Write the list of entries, which ends the archive."""
        begun, size = self._offset, self._listed.tell()
        self._listed.seek(0)
        while block := self._listed.read(BLOCK_BYTES):
            yield self._counted(block)
        yield _end(begun, size, self._entries)

    def _counted(self, block: bytes) -> bytes:
        self._offset += len(block)
        return block


class PackedText:
    """A long text that is written piece by piece, packed, into a file, to become an entry once it is whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._size = self._crc = 0

    def write(self, text: str) -> None:
        """Add to it."""
        written = text.encode()
        self._size += len(written)
        self._crc = zlib.crc32(written, self._crc)
        self._file.write(self._pack.compress(written))

    def entry(self, name: str, moment: datetime) -> Entry:
        """End it."""
        self._file.write(self._pack.flush())
        return Entry(name, moment, self._size, self._file.tell(), self._crc, Method.DEFLATED)

    def blocks(self) -> Iterator[bytes]:
        """Its bytes, once it is ended."""
        self._file.seek(0)
        while block := self._file.read(BLOCK_BYTES):
            yield block


def _head(entry: Entry) -> bytes:
    is_large = max(entry.size, entry.packed) >= MOST_32
    extra = struct.pack("<HHQQ", EXTRA_64, 16, entry.size, entry.packed) if is_large else b""
    sizes = (MOST_32, MOST_32) if is_large else (entry.packed, entry.size)
    name = entry.name.encode()
    return (
        struct.pack(
            "<4sHHHHHIIIHH",
            b"PK\x03\x04",
            WITH_64 if is_large else PLAIN,
            UTF_8,
            entry.method,
            *_clock(entry.moment),
            entry.crc,
            *sizes,
            len(name),
            len(extra),
        )
        + name
        + extra
    )


def _listing(entry: Entry, offset: int) -> bytes:
    large = [number for number in (entry.size, entry.packed, offset) if number >= MOST_32]
    extra = struct.pack(f"<HH{len(large)}Q", EXTRA_64, 8 * len(large), *large) if large else b""
    name = entry.name.encode()
    version = WITH_64 if large else PLAIN
    return (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\x01\x02",
            UNIX | version,
            version,
            UTF_8,
            entry.method,
            *_clock(entry.moment),
            entry.crc,
            min(entry.packed, MOST_32),
            min(entry.size, MOST_32),
            len(name),
            len(extra),
            0,  # no comment
            0,  # on the first disk
            0,
            FILE,
            min(offset, MOST_32),
        )
        + name
        + extra
    )


def _end(begun: int, size: int, entries: int) -> bytes:
    end = struct.pack(
        "<4sHHHHIIH",
        b"PK\x05\x06",
        0,
        0,
        min(entries, MOST_16),
        min(entries, MOST_16),
        min(size, MOST_32),
        min(begun, MOST_32),
        0,
    )
    if entries < MOST_16 and max(size, begun) < MOST_32:
        return end
    record = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, UNIX | WITH_64, WITH_64, 0, 0, entries, entries, size, begun
    )
    return record + struct.pack("<4sIQI", b"PK\x06\x07", 0, begun + size, 1) + end


def _clock(moment: datetime) -> tuple[int, int]:
    """Time and date as DOS wrote them, which knew no year but those from 1980 to 2107."""
    if not 1980 <= moment.year <= 2107:
        moment = datetime(1980, 1, 1)
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (moment.year - 1980) << 9 | moment.month << 5 | moment.day

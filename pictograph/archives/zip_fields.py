"""What is written in a zip of each entry, and the bytes behind it."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 1 << 16
UTF8 = 0x800
_ZIP64, _UNIX_TIME, _UNICODE_PATH = 0x0001, 0x5455, 0x7075
_BEYOND = 0xFFFFFFFF
_MOST_EXTRAS = 100  # fields of an entry; programs write five at most


@dataclass(frozen=True)
class Fields:
    """What is written of an entry; `mode` is Unix's, 0 where it is not told, `when` is MS-DOS's day and time."""

    name: str
    flags: int
    method: int
    crc: int
    size_bytes: int
    packed_bytes: int
    offset: int
    mode: int = 0
    when: int = 0
    changed_s: float | None = None


@dataclass(frozen=True)
class Extra:
    """The same as the extra fields have it: sizes beyond 4 GB, a name in UTF-8, a time in UTC."""

    size_bytes: int
    packed_bytes: int
    offset: int
    name: str = ""
    changed_s: float | None = None


class Window:
    """A stretch of a file, taken from its beginning on, however others seek in the file meanwhile."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file, self._at, self._end = file, start, end
        self._held, self._used = b"", 0

    @property
    def is_at_end(self) -> bool:
        """Whether all has been taken."""
        return self._at >= self._end and self._used >= len(self._held)

    def take(self, length: int) -> bytes | None:
        """The next bytes, None where there are not so many."""
        while len(self._held) - self._used < length:
            self._file.seek(self._at)
            more = self._file.read(min(BLOCK, self._end - self._at))
            if not more:
                return None
            self._held, self._used = self._held[self._used :] + more, 0
            self._at += len(more)
        taken = self._held[self._used : self._used + length]
        self._used += length
        return taken


def name_of(written: bytes, flags: int) -> str:
    """A name of bytes: UTF-8 where the zip says so, or where it can be; else in the letters of the first PCs.

    macOS and many a server write UTF-8 and do not say so.
    """
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("utf-8", "replace") if flags & UTF8 else written.decode("cp437")


def read_extra(extra: bytes, name: bytes, size: int, packed: int, offset: int) -> Extra | None:
    """What the extra fields add; None where a size that must stand there does not."""
    told, changed_s = "", None
    beyond = [value == _BEYOND for value in (size, packed, offset)]
    at = looked_at = 0
    while at + 4 <= len(extra) and looked_at < _MOST_EXTRAS:
        looked_at += 1
        kind, length = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _ZIP64:
            count = min(sum(beyond), len(field) // 8)
            values = iter(struct.unpack_from(f"<{count}Q", field))
            size = next(values, size) if beyond[0] else size
            packed = next(values, packed) if beyond[1] else packed
            offset = next(values, offset) if beyond[2] else offset
            beyond = [False] * 3 if count == sum(beyond) else beyond
        elif kind == _UNIX_TIME and len(field) >= 5 and field[0] & 1:
            changed_s = float(struct.unpack_from("<i", field, 1)[0])
        elif kind == _UNICODE_PATH and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(name):
            told = field[5:].decode("utf-8", "replace")
    if any(beyond):
        return None
    return Extra(size, packed, offset, told, changed_s)


def unpacked(file: BinaryIO, begin: int, packed_bytes: int, is_deflated: bool) -> Iterator[bytes]:
    """What lies packed in a stretch of a file, in pieces that stay small whatever they are made of.

    It ends early where the stretch does, or where it is no deflate: the caller counts what it was given.
    """
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    window = Window(file, begin, begin + packed_bytes)
    while not window.is_at_end:
        block = window.take(min(BLOCK, packed_bytes))
        if block is None:
            return
        packed_bytes -= len(block)
        if not is_deflated:
            yield block
            continue
        try:
            while block and not inflating.eof:
                yield inflating.decompress(block, BLOCK)
                block = inflating.unconsumed_tail
        except zlib.error:
            return
        if inflating.eof:
            return

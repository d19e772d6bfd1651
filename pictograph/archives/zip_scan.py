"""A zip without its directory, which stands at the end: a download that broke off, or a damaged one.

Every entry has a header of its own before it. They are read from the first on; where one is not behind the other, the
next is looked for.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pictograph.archives.zip_fields import BLOCK, Extra, Fields, Window, name_of, read_extra

LOCAL, CENTRAL, DESCRIPTOR = b"PK\3\4", b"PK\1\2", b"PK\7\x08"
_LOCAL_BYTES = 30
_BEHIND = 0x8  # the flag of an entry whose sizes stand behind it
_DEFLATED = 8
_LONGEST_DESCRIPTOR = 24
# Looking for the end of an entry may go to the end of the file. A file made to have it done a million times ends early.
LOOKS_AT_MOST = 4  # times its length


class _Patience:
    """How many bytes more may be read in search of where entries end."""

    def __init__(self, size: int) -> None:
        self.left = LOOKS_AT_MOST * size + BLOCK

    def spend(self, length: int) -> bool:
        """Whether so many may be read still."""
        self.left -= length
        return self.left > 0


def scan(file: BinaryIO, size: int) -> Iterator[Fields]:
    """The entries that lie in a file, in their order, the last of them perhaps cut off."""
    patience = _Patience(size)
    at = _next_header(file, 0, size)
    while at is not None and patience.left > 0:
        read = _header(file, at)
        if read is None:
            patience.spend(BLOCK)
            at = _next_header(file, at + 4, size)
            continue
        fields, begin = read
        if fields.flags & _BEHIND and not fields.packed_bytes:
            found = _sizes_behind(file, begin, size, fields, patience)
            if found is None:
                at = _next_header(file, begin, size)
                continue
            fields = found
        yield fields
        end = begin + fields.packed_bytes
        at = _next_header(file, end if end <= size else begin, size)


def _header(file: BinaryIO, at: int) -> tuple[Fields, int] | None:
    """What a header at a place says, and where the bytes behind it begin; None where it is none."""
    file.seek(at)
    line = file.read(_LOCAL_BYTES)
    if len(line) < _LOCAL_BYTES:
        return None
    flags, method, when, crc, packed, length, names, extras = struct.unpack_from("<6xHHIIIIHH", line)
    behind = file.read(names + extras)
    if len(behind) < names + extras:
        return None
    # In a header of its own, only the two sizes stand beyond; the place is known.
    told: Extra | None = read_extra(behind[names:], behind[:names], length, packed, 0)
    if told is None:
        return None
    name = told.name or name_of(behind[:names], flags)
    return Fields(
        name, flags, method, crc, told.size_bytes, told.packed_bytes, at, when=when, changed_s=told.changed_s
    ), at + _LOCAL_BYTES + names + extras


def _next_header(file: BinaryIO, at: int, size: int) -> int | None:
    """Where the next entry's header stands; None where the directory begins before one, or the file ends."""
    held = b""
    while at < size:
        file.seek(at)
        block = held + file.read(BLOCK)
        found, directory = block.find(LOCAL), block.find(CENTRAL)
        if found >= 0 and not 0 <= directory < found:
            return at - len(held) + found
        if directory >= 0 and _is_directory(file, at - len(held) + directory):
            return None
        at += BLOCK
        held = block[-3:]
    return None


def _is_directory(file: BinaryIO, at: int) -> bool:
    """Whether a line of a directory stands here, and no four bytes of a picture that look like one."""
    file.seek(at)
    line = file.read(46)
    return len(line) < 46 or (line[6] <= 63 and line[7] <= 63)


def _sizes_behind(file: BinaryIO, begin: int, size: int, fields: Fields, patience: _Patience) -> Fields | None:
    """The entry with its sizes, where these stand behind it; None where its end is not there."""
    search = _inflated if fields.method == _DEFLATED else _stored
    ends = search(file, begin, size, patience)
    if ends is None:
        return None
    packed, length, crc = ends
    return Fields(
        fields.name, fields.flags, fields.method, crc, length, packed, fields.offset, 0, fields.when, fields.changed_s
    )


def _inflated(file: BinaryIO, begin: int, size: int, patience: _Patience) -> tuple[int, int, int] | None:
    """How long deflated bytes are, packed and not, by where the stream ends, and their CRC as told behind them."""
    inflating, window, packed, length = zlib.decompressobj(-zlib.MAX_WBITS), Window(file, begin, size), 0, 0
    while not inflating.eof:
        block = window.take(min(BLOCK, size - begin - packed)) if packed < size - begin else None
        if not block or not patience.spend(len(block)):
            return None
        packed += len(block)
        try:
            while block and not inflating.eof:
                length += len(inflating.decompress(block, BLOCK))
                block = inflating.unconsumed_tail
        except zlib.error:
            return None
    packed -= len(inflating.unused_data)
    file.seek(begin + packed)
    behind = file.read(_LONGEST_DESCRIPTOR).removeprefix(DESCRIPTOR)
    return (packed, length, struct.unpack_from("<I", behind)[0]) if len(behind) >= 12 else None


def _stored(file: BinaryIO, begin: int, size: int, patience: _Patience) -> tuple[int, int, int] | None:
    """The same of bytes that are not packed: they end where what stands behind tells their very length."""
    at = begin
    while at < size and patience.spend(BLOCK):
        file.seek(at)
        block = file.read(BLOCK + _LONGEST_DESCRIPTOR)
        found = block.find(DESCRIPTOR)
        while 0 <= found <= len(block) - 16:
            length = at + found - begin
            crc, told = struct.unpack_from("<II", block, found + 4)
            if told == length & 0xFFFFFFFF:
                return length, length, crc
            found = block.find(DESCRIPTOR, found + 1)
        at += BLOCK
    return None

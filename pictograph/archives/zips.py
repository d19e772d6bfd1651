"""Zips of any origin, read without trusting them: by their directory, or past a broken one from entry to entry.

The standard library keeps a zip's whole directory in memory, and gives up where its end is missing. Here entries are
read as they come, so that memory does not grow with their number, and of a download that broke off all that is there
can be used. Source of the layout: PKWARE's APPNOTE 6.3.10.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from pictograph.archives.entries import (
    MOST_ENTRIES,
    Entry,
    EntryRefused,
    PartRefused,
    Trouble,
    Why,
    kind_of_mode,
    plain_path,
    shown_path,
)
from pictograph.archives.zip_fields import Fields, Window, name_of, read_extra, unpacked
from pictograph.archives.zip_scan import scan

BLOCK = 1 << 16
LOCAL, CENTRAL, END, END64, LOCATOR = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
_LOCAL_BYTES, _CENTRAL_BYTES, _END_BYTES, _END64_BYTES, _LOCATOR_BYTES = 30, 46, 22, 56, 20
LONGEST_COMMENT = 0xFFFF
STORED, DEFLATED, AES = 0, 8, 99
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UNIX = 3
_NEVER = 0x00210000  # 1 January 1980, with which MS-DOS began
# Of what is larger than this, deflate that gives so much for a byte holds no photo. The most it can give is 1,032.
RATIO_FROM_BYTES, MOST_RATIO = 10_000_000, 200


class Zip:
    """A zip in an open file that can be sought. Raises PartRefused where nothing in it can be read.

    `may_be_cut` says that the file begins like one: where its end is missing, what there is of it is looked for.
    """

    def __init__(self, file: BinaryIO, *, may_be_cut: bool = True) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self.trouble: Trouble | None = None
        try:
            self._start, self._end, self._shift = _directory(file, self._size)
            self._survey()
        except _NoDirectory as missing:
            if not may_be_cut:
                raise PartRefused(Trouble.NO_ARCHIVE) from missing
            self.trouble = missing.trouble
            if next(scan(file, self._size), None) is None:
                raise PartRefused(missing.trouble) from missing

    def entries(self) -> Iterator[Entry]:
        """The files in it, in the order of its directory; where that is broken, in the order they lie in."""
        found = self._listed() if self.trouble is None else scan(self._file, self._size)
        for position, fields in enumerate(islice(found, MOST_ENTRIES)):
            if (entry := _entry(position, fields)) is not None:
                yield entry

    @contextmanager
    def blocks(self, entry: Entry) -> Iterator[Iterator[bytes]]:
        """What an entry holds. As it is read, EntryRefused is raised: damaged, not as long as it said, or a bomb."""
        yield self._blocks(entry)

    def _blocks(self, entry: Entry) -> Iterator[bytes]:
        if entry.why is not None:
            raise EntryRefused(entry.why)
        given, crc, most = 0, 0, max(RATIO_FROM_BYTES, MOST_RATIO * entry.packed_bytes)
        for block in unpacked(self._file, self._begin(entry), entry.packed_bytes, entry.method == DEFLATED):
            given, crc = given + len(block), zlib.crc32(block, crc)
            if given > entry.size_bytes:
                raise EntryRefused(Why.DAMAGED)
            if given > most:
                raise EntryRefused(Why.BOMB)
            yield block
        if given != entry.size_bytes or crc != entry.crc:
            raise EntryRefused(Why.DAMAGED)

    def _begin(self, entry: Entry) -> int:
        """Where the bytes of an entry begin: behind a header of its own."""
        self._file.seek(entry.offset)
        header = self._file.read(_LOCAL_BYTES)
        if len(header) < _LOCAL_BYTES or not header.startswith(LOCAL):
            raise EntryRefused(Why.DAMAGED)
        method, name, extra = struct.unpack_from("<8xH16xHH", header)
        if method != entry.method:
            raise EntryRefused(Why.DAMAGED)
        begin = entry.offset + _LOCAL_BYTES + name + extra
        if begin + entry.packed_bytes > self._size:
            raise EntryRefused(Why.DAMAGED)
        return begin

    def _survey(self) -> None:
        """Look the directory through once: whether it is sound, and whether its entries lie one behind the other.

        Files that are a small zip and grow without bound name the same bytes many times over.
        Source: David Fifield, "A better zip bomb", WOOT 2019.
        """
        count, claimed = 0, 0
        for fields in self._listed():
            count, claimed = count + 1, claimed + fields.packed_bytes + _LOCAL_BYTES
            if count > MOST_ENTRIES or claimed > self._start:
                raise PartRefused(Trouble.HOSTILE)

    def _listed(self) -> Iterator[Fields]:
        """The lines of the directory. Raises _NoDirectory where one is broken."""
        window = Window(self._file, self._start, self._end)
        while not window.is_at_end:
            line = window.take(_CENTRAL_BYTES)
            if line is None or not line.startswith(CENTRAL):
                raise _NoDirectory(Trouble.BROKEN)
            system, flags, method, when, crc, packed, size = struct.unpack_from("<5xBxxHHIIII", line)
            names, extras, comments, disk, attributes, offset = struct.unpack_from("<28xHHHHxxII", line)
            behind = window.take(names + extras + comments)
            if behind is None:
                raise _NoDirectory(Trouble.BROKEN)
            told = read_extra(behind[names : names + extras], behind[:names], size, packed, offset)
            if told is None or told.offset + self._shift + told.packed_bytes > self._start:
                raise _NoDirectory(Trouble.BROKEN)
            if disk not in (0, 0xFFFF):
                raise PartRefused(Trouble.SPLIT)
            yield Fields(
                name=told.name or name_of(behind[:names], flags),
                flags=flags,
                method=method,
                crc=crc,
                size_bytes=told.size_bytes,
                packed_bytes=told.packed_bytes,
                offset=told.offset + self._shift,
                mode=attributes >> 16 if system == _UNIX else 0,
                when=when,
                changed_s=told.changed_s,
            )


class _NoDirectory(Exception):
    """The directory is not where it belongs, or not what it should be."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Where the directory begins and ends, and by how much everything lies behind where it says.

    Raises _NoDirectory where the end of the file does not tell.
    """
    tail_at = max(size - _END_BYTES - LONGEST_COMMENT, 0)
    file.seek(tail_at)
    tail = file.read()
    found = tail.rfind(END)
    while found >= 0 and not _is_end(tail, found):
        found = tail.rfind(END, 0, found)
    if found < 0:
        raise _NoDirectory(Trouble.CUT_SHORT)
    disk, length, start = struct.unpack_from("<4xHxxxxxxII", tail, found)
    end = tail_at + found
    end64 = _end64(file, end)
    if end64 is not None:
        disk, length, start, end = end64
    elif 0xFFFFFFFF in (length, start):
        raise _NoDirectory(Trouble.BROKEN)
    if disk:
        raise PartRefused(Trouble.SPLIT)
    shift = end - length - start
    if shift < 0 or length > end:
        raise _NoDirectory(Trouble.BROKEN)
    return end - length, end, shift


def _is_end(tail: bytes, at: int) -> bool:
    """Whether a directory's end stands here: its comment, cut off perhaps, is all that follows."""
    if len(tail) - at < _END_BYTES:
        return False
    (comment,) = struct.unpack_from("<20xH", tail, at)
    return bool(len(tail) - at - _END_BYTES >= comment)


def _end64(file: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    """The same of a zip that is larger than 4 GB, or has more than 65,535 entries: disk, length, start, end."""
    if end < _LOCATOR_BYTES + _END64_BYTES:
        return None
    file.seek(end - _LOCATOR_BYTES)
    locator = file.read(_LOCATOR_BYTES)
    if not locator.startswith(LOCATOR):
        return None
    at = end - _LOCATOR_BYTES - _END64_BYTES
    file.seek(at)
    line = file.read(_END64_BYTES)
    if not line.startswith(END64):
        return None
    disk, length, start = struct.unpack_from("<16xI20xQQ", line)
    return disk, length, start, at


def _entry(position: int, fields: Fields) -> Entry | None:
    """An entry of what is written of it; None for a folder."""
    path = plain_path(fields.name)
    if fields.name.endswith(("/", "\\")) and not fields.size_bytes and path is not None:
        return None
    entry = Entry(
        position=position,
        path=path or shown_path(fields.name),
        size_bytes=fields.size_bytes,
        packed_bytes=fields.packed_bytes,
        offset=fields.offset,
        method=fields.method,
        crc=fields.crc,
        changed_s=fields.changed_s if fields.changed_s is not None else _dos_time(fields.when),
    )
    why = kind_of_mode(fields.mode) if path is not None else Why.BAD_NAME
    if why is None and (fields.flags & _ENCRYPTED or fields.method == AES):
        why = Why.ENCRYPTED
    elif why is None and fields.method not in (STORED, DEFLATED):
        why = Why.PACKING
    return replace(entry, why=why)


def _dos_time(when: int) -> float | None:
    """Seconds since 1970 of a wall clock's time as MS-DOS wrote it."""
    day, clock = when >> 16, when & 0xFFFF
    if when <= _NEVER:
        return None
    try:
        moment = datetime(1980 + (day >> 9), day >> 5 & 15, day & 31, clock >> 11, clock >> 5 & 63, (clock & 31) * 2)
    except ValueError:
        return None
    return moment.timestamp()  # on the site's clock, as nothing else is known

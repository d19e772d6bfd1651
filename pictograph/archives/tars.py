"""Tarballs (.tgz), which Google offers beside zips: read from the first byte to the last, as there is no other way."""

import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NoReturn, Self

from pictograph.archives.entries import (
    MOST_ENTRIES,
    Entry,
    EntryRefused,
    PartRefused,
    Trouble,
    Why,
    plain_path,
    shown_path,
)

BLOCK = 1 << 16
# Gzip gives at most 1,032 bytes for one; photos hardly give two.
MOST_RATIO = 100
RATIO_FROM_BYTES = 100_000_000
LONGEST_HEADER = 100_000  # of the extra headers that carry long names: they are kept in memory whole
# A header made to be misread may have the library stumble over its numbers, or over how many follow each other.
_BROKEN = (tarfile.TarError, EOFError, OSError, ValueError, RecursionError, zlib.error)
_EXTRA_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, b"X")


class _Header(tarfile.TarInfo):
    """A header that is refused where it asks for more memory than any name needs.

    So is one of a file with holes, which no service makes: the library keeps the list of these, of any length, and a
    few bytes stand for as much as they like.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read one. Raises HeaderError."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in _EXTRA_HEADERS and header.size > LONGEST_HEADER:
            raise tarfile.HeaderError("a header too long to be one")
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.HeaderError("a file with holes")
        return header

    def _refuse_holes(self, *_told: object) -> NoReturn:
        raise tarfile.HeaderError("a file with holes")

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_holes


class Tar:
    """A gzipped tarball in an open file. Raises PartRefused where it is none."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, 2)
        self._tar: tarfile.TarFile | None = None
        self._current: tuple[int, tarfile.TarInfo] | None = None
        self.trouble: Trouble | None = None
        try:
            self._begin().close()
        except _BROKEN as error:
            raise PartRefused(Trouble.NO_ARCHIVE) from error

    def _begin(self) -> tarfile.TarFile:
        self._file.seek(0)
        return tarfile.open(fileobj=self._file, mode="r|gz", bufsize=BLOCK, tarinfo=_Header)

    def entries(self) -> Iterator[Entry]:
        """The files in it. Each has to be read before the next is asked for."""
        position = 0
        with self._begin() as tar:
            self._tar = tar
            try:
                while (header := tar.next()) is not None:
                    tar.members.clear()  # type: ignore[attr-defined]  # it would keep all of them
                    tar.pax_headers = {}  # and what is said of all that follow, without end
                    position += 1
                    if position > MOST_ENTRIES or tar.offset > max(RATIO_FROM_BYTES, MOST_RATIO * self._size):
                        self.trouble = Trouble.HOSTILE
                        return
                    if not header.isdir():
                        self._current = position - 1, header
                        yield _entry(position - 1, header)
            except _BROKEN:
                self.trouble = Trouble.CUT_SHORT
            finally:
                self._tar = self._current = None

    @contextmanager
    def blocks(self, entry: Entry) -> Iterator[Iterator[bytes]]:
        """What the entry that was given last holds. As it is read, EntryRefused is raised where it is cut off."""
        yield self._blocks(entry)

    def _blocks(self, entry: Entry) -> Iterator[bytes]:
        if entry.why is not None:
            raise EntryRefused(entry.why)
        assert self._tar is not None
        assert self._current is not None
        assert self._current[0] == entry.position, "only the entry that was given last can be read"
        given = 0
        try:
            file = self._tar.extractfile(self._current[1])
            while file is not None and (block := file.read(BLOCK)):
                given += len(block)
                yield block
        except _BROKEN as error:
            raise EntryRefused(Why.DAMAGED) from error
        if given != entry.size_bytes:
            raise EntryRefused(Why.DAMAGED)


def _entry(position: int, header: tarfile.TarInfo) -> Entry:
    path = plain_path(header.name)
    entry = Entry(position, path or shown_path(header.name), max(header.size, 0), changed_s=float(header.mtime or 0))
    if path is None:
        return entry.refused(Why.BAD_NAME)
    return entry if header.isreg() else entry.refused(Why.LINK)

"""What Linux tells of changes in folders: inotify, by way of the C library.

The packages that wrap it follow links out of a folder, cannot leave any of it out, and stumble over names that are no
UTF-8. Source: https://man7.org/linux/man-pages/man7/inotify.7.html
"""

import ctypes
import errno
import os
import select
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

_HEADER = struct.Struct("iIII")  # watch, kinds, cookie, length of the name
_ROOM_BYTES = 1 << 20  # for thousands of events at a time

_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x2, 0x4, 0x8  # nothing that reading does
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_ANY_CHANGE = _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_ONLY_FOLDERS, _NO_LINKS, _NOT_UNLINKED = 0x01000000, 0x02000000, 0x04000000
_OVERFLOWN, _IGNORED, _IS_FOLDER = 0x4000, 0x8000, 0x40000000


class ChangesLost(Exception):
    """More has changed than the kernel could keep: nobody knows what."""


@dataclass(frozen=True)
class Change:
    """Something happened to what has a name in a watched folder; without a name, the watch has come to its end."""

    watch: int
    name: str
    kinds: int

    @property
    def is_folder(self) -> bool:
        """Whether it has the name of a folder, or had."""
        return bool(self.kinds & _IS_FOLDER)

    @property
    def is_arrival(self) -> bool:
        """Whether something by this name may be there that was not before, or could not be looked into."""
        return bool(self.kinds & (_CREATE | _MOVED_TO | _ATTRIB))


class Inotify:
    """The folders that one asked the kernel to tell of. Raises OSError where it tells nobody any more."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(self._libc, "inotify_init1"):
            raise OSError(errno.ENOSYS, "only Linux tells of changes")
        self._file = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def add(self, folder: str) -> int:
        """Have the kernel tell of a folder, not of what is below it; the number of the watch, one for each folder.

        Raises OSError: ENOSPC where it watches as many folders as it may for this user.
        """
        kinds = _ANY_CHANGE | _ONLY_FOLDERS | _NO_LINKS | _NOT_UNLINKED
        return self._checked(self._libc.inotify_add_watch(self._file, os.fsencode(folder), kinds))

    def changes(self, patience_s: float) -> Iterator[Change]:
        """What has changed since the last call, as soon as something has. Raises ChangesLost."""
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        if not poll.poll(patience_s * 1000):
            return
        events, start = os.read(self._file, _ROOM_BYTES), 0
        while start < len(events):
            watch, kinds, _cookie, length = _HEADER.unpack_from(events, start)
            start += _HEADER.size
            name = os.fsdecode(events[start : start + length].rstrip(b"\0"))
            start += length
            if kinds & _OVERFLOWN:
                raise ChangesLost
            if name or kinds & _IGNORED:
                yield Change(watch, name, kinds)

    def _checked(self, returned: int) -> int:
        if returned < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return returned

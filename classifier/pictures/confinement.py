"""What a process that reads strangers' files may still do, should one of them take it over: as little as there can be.

On Linux from 5.13 on, Landlock keeps it from every file but code, from starting programs, and from looking into other
processes; from 6.7 on from TCP, and from 6.12 on from signalling others. What it is handed open it may read. Elsewhere
it can write to no file, and that is all. Source: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all machines
_ASK_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# How many rights on files each version knows of; those of a later one know them all.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11
CODE = Path(__file__).resolve().parent.parent.parent
# What the C library may look at when it first tells the time, or loads another of its parts.
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
TIME = ("/etc/localtime", "/usr/share/zoneinfo")


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def confine() -> None:
    """Give up what reading pictures does not need, for good; before there is a second thread."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no picture of this process should it crash
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes to no file
    if sys.platform == "linux":
        with suppress(OSError):  # a kernel without it, or a container that does not let it be asked for
            _allow_reading_only(_needed())


def _needed() -> set[Path]:
    """Where code is: Python's, what is installed for it, and the packages here; not what lies beside them."""
    installed = {Path(path) for path in (*sys.path, *LIBRARIES, *TIME) if path}
    packages = {package.parent for package in CODE.glob("*/__init__.py")}
    return {path for path in installed if not CODE.is_relative_to(path.resolve())} | packages


def _allow_reading_only(paths: Iterable[Path]) -> None:
    """Raises OSError where the kernel cannot."""
    version = _call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    asked = _Ruleset(
        files=(1 << _FILE_RIGHTS.get(version, 16)) - 1,
        net=_TCP if version >= 4 else 0,
        scoped=_ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0,
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(_CREATE_RULESET, ctypes.byref(asked), size, 0)
    try:
        for path in paths:
            _allow(ruleset, path)
        if ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no new privileges")
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path) -> None:
    with suppress(OSError):  # not there
        parent = os.open(path, os.O_PATH)
        try:
            allowed = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_Beneath(allowed, parent)), 0)
        finally:
            os.close(parent)


def _call(number: int, *arguments: object) -> int:
    """A call of the system. Raises OSError."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    answer = int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *words))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer

"""Whether the site runs on its data folder: a restore and a running site exclude each other."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

LOCK = "in_use"
UNFINISHED = "restoring"  # the note in the data folder while what a restore brings takes its place

_attending: dict[Path, int] = {}


class BeingRestored(Exception):
    """The data folder is in the hands of a restore."""


class InUse(Exception):
    """A process of the site has the data folder in use."""


def attend() -> None:
    """Have the data folder in use from now until this process ends, however it ends. Raises BeingRestored.

    The lock is the kernel's, so that a killed process leaves none behind.
    """
    folder = Path(settings.DATA_DIR)
    if folder not in _attending:
        _attending[folder] = _locked(
            folder, fcntl.LOCK_SH, BeingRestored("This site is being restored. Start it when that is done.")
        )
    if (folder / UNFINISHED).exists():
        raise BeingRestored(
            "A restore was interrupted, so what is here is neither the old nor the new. Run manage.py restore again."
        )


@contextmanager
def alone() -> Iterator[None]:
    """Keep the site from starting meanwhile. Raises InUse where it runs."""
    folder = Path(settings.DATA_DIR)
    lock = _locked(folder, fcntl.LOCK_EX, InUse(f"The site runs on {folder}. Stop it, then run this again."))
    try:
        yield
    finally:
        os.close(lock)


def _locked(folder: Path, kind: int, refused: Exception) -> int:
    """A descriptor that holds the lock for as long as it is open."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            os.close(lock)
            raise refused from error
        # Some network disks know no locks; there, whoever restores has to know that nothing runs.
    return lock

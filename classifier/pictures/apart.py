"""The inside of a process that reads pictures, one after another; `readers.py` starts and stops it.

It has no database, no queue and no network: nothing but the files it is given.
"""

import contextlib
import fcntl
import hashlib
import io
import os
import resource
import select
import signal
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import BinaryIO, Protocol

import numpy as np
from PIL import Image

from classifier.pictures import memory
from classifier.pictures.confinement import confine
from classifier.pictures.prepare import Framing, prepare, read
from classifier.pictures.sidecars import read_sidecar
from classifier.pictures.thumbnail import render
from classifier.pictures.xmp import LARGEST_BYTES as LARGEST_SIDECAR_BYTES
from classifier.pictures.xmp import Notes
from classifier.work import PreparedPhoto, Reason, UnreadablePhoto

LIFE_LINE = 0  # standard input: it closes when the process that asked for the pictures dies, however it dies
MOST_MEMORY_BYTES = 2_000_000_000  # beyond what the process has before its first picture
READ_S = 60.0  # for the file; a disk has to wake up, and a slow one is not the picture's fault
DECODE_S = 20.0  # for all the rest; the largest photo that was measured takes 3
LATER_S = 5.0  # the kernel ends a picture this much later than its time, should nobody else do so
# Measured on two cores: the whole path is 4 to 5 % faster than at 0, and no faster at 10.
NICENESS = 5


class Task(Protocol):
    """What is to be made of files: the photo, and whatever lies beside it."""

    def __call__(self, content: bytes, *beside: bytes) -> object:
        """What goes back. Raises UnreadablePhoto."""


@dataclass(frozen=True)
class Preparation:
    """What is kept of a photo and what the network sees of it; `sidecars` are the names of the files beside it."""

    framing: Framing
    name: str = ""
    sidecars: tuple[str, ...] = ()

    def __call__(self, content: bytes, *beside: bytes) -> tuple[PreparedPhoto, np.ndarray]:
        """Read what lies beside, and decode once."""
        notes = [_notes(name, written) for name, written in zip(self.sidecars, beside, strict=True)]
        return prepare(content, self.framing, self.name, notes)


@dataclass(frozen=True)
class Rendering:
    """A picture to look at, and the SHA-256 of the file it is of."""

    longest_px: int

    def __call__(self, content: bytes, *beside: bytes) -> tuple[bytes, str]:
        """Decode and shrink."""
        return render(content, self.longest_px), hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Order:
    """A task with its files: bytes, or None where a descriptor follows."""

    task: Task
    contents: Sequence[bytes | None]


@dataclass(frozen=True)
class Ready:
    """The process is there, and waits for its first order."""


@dataclass(frozen=True)
class HasRead:
    """The file is read; from now on the time is the picture's own."""


@dataclass(frozen=True)
class RoomWanted:
    """How much memory the picture needs; any answer grants it, until the order is done."""

    needed_bytes: int


@dataclass(frozen=True)
class Done:
    """What a task has made."""

    made: object


@dataclass(frozen=True)
class Refused:
    """Why a task has made nothing; `unexpected` is the trace of a mistake of ours, or of a decoder's."""

    reason: Reason
    detail: str
    unexpected: str = ""


def serve(descriptor: int) -> None:
    """Work off orders until nobody can send any."""
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for those who give the orders, and bring them home
        signal.signal(number, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # of odd files; what matters of them comes back as their reason
    connection = Connection(descriptor)
    _end_with_the_line()
    os.nice(NICENESS)
    memory.ask_elsewhere(_Asking(connection))
    Image.init()
    _bound_memory()
    confine()
    with contextlib.suppress(EOFError, ConnectionError):
        connection.send(Ready())
        while True:
            order = connection.recv()
            connection.send(_answer(order, connection))


def _answer(order: Order, connection: Connection) -> Done | Refused:
    try:
        with _within(READ_S), contextlib.ExitStack() as files:
            photo, *others = [files.enter_context(_open(content, connection)) for content in order.contents]
            content = read(photo)
            beside = [read_beside(file) for file in others]
        connection.send(HasRead())
        with _within(DECODE_S):
            return Done(order.task(content, *beside))
    except UnreadablePhoto as error:
        return Refused(error.reason, error.detail)
    except MemoryError as error:
        return Refused(Reason.TOO_LARGE, repr(error))
    except BaseException as error:  # a mistake of ours, or a decoder's panic
        return Refused(Reason.DAMAGED, repr(error), traceback.format_exc())


def _open(content: bytes | None, connection: Connection) -> BinaryIO:
    return os.fdopen(recv_handle(connection), "rb") if content is None else io.BytesIO(content)


def read_beside(file: BinaryIO) -> bytes:
    """What lies beside a photo; where it cannot be read it says nothing, and never costs the photo."""
    try:
        return file.read(LARGEST_SIDECAR_BYTES + 1)
    except Exception:  # of a disk, a bucket or an archive
        return b""


def _notes(name: str, written: bytes) -> Notes:
    try:
        return read_sidecar(name, written)
    except Exception:
        return Notes()


@contextmanager
def _within(limit_s: float) -> Iterator[None]:
    """Let the kernel end this process soon after the time: also where a decoder hears of nothing else."""
    signal.setitimer(signal.ITIMER_REAL, limit_s + LATER_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@dataclass(frozen=True)
class _Asking:
    """Asks whoever gives the orders for memory; waiting for it does not count as the picture's time."""

    connection: Connection

    @contextmanager
    def __call__(self, wanted: int) -> Iterator[None]:
        if wanted:
            left_s, _ = signal.setitimer(signal.ITIMER_REAL, 0)
            self.connection.send(RoomWanted(wanted))
            self.connection.recv()
            signal.setitimer(signal.ITIMER_REAL, left_s)
        yield


def _end_with_the_line() -> None:
    """Let the kernel end this process, whatever it is doing, once the other end of the line is closed."""
    with contextlib.suppress(OSError):  # where it is no pipe: then the end of the orders ends it
        fcntl.fcntl(LIFE_LINE, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(LIFE_LINE, fcntl.F_SETFL, fcntl.fcntl(LIFE_LINE, fcntl.F_GETFL) | os.O_ASYNC)
    readable, _, _ = select.select([LIFE_LINE], [], [], 0)
    if readable:  # nothing is ever written there: it was closed before anyone listened
        os._exit(0)


def _bound_memory() -> None:
    """Make what asks for far too much fail here."""
    with contextlib.suppress(OSError, ValueError, FileNotFoundError):  # Linux tells and heeds it
        with open("/proc/self/statm") as file:
            now_bytes = int(file.read().split()[0]) * resource.getpagesize()
        most = now_bytes + MOST_MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

"""Pictures are read in processes that can be stopped: a file may be made to be slow, large, or to crash a decoder.

Such a process is a *reader*. It lives on from picture to picture, and ends with the process that started it.
"""

import contextlib
import io
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from typing import BinaryIO

from classifier.pictures import apart
from classifier.pictures.answers import receive
from classifier.pictures.apart import Done, HasRead, Order, Ready, Refused, RoomWanted, Task, read_beside
from classifier.pictures.confinement import CODE
from classifier.pictures.memory import LOOK_S, NoRoom, room_in_this_process
from classifier.pictures.prepare import read
from classifier.work import Reason, UnreadablePhoto

START_S = 60.0  # for a reader to come up; it takes 0.3 s on a machine that is not busy
HALT_S = 2.0  # for the picture in hand, once the waiting is to end
ANSWER_S = 10  # for the rest of an answer that has begun: it is all there, unless a picture has taken the reader over
END_S = 1.0  # for a reader that was killed to be gone; on a disk that does not answer it stays until that does
# Of its surroundings a reader needs what Python and the system's libraries go by; others hold passwords.
_GIVEN = re.compile(r"PATH|HOME|LANG|LANGUAGE|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|(LC|LD|DYLD|MALLOC)_\w+|PYTHON\w+")
_ORDERS = "from classifier.pictures.apart import serve; import sys; serve(int(sys.argv[1]))"


class Halted(Exception):
    """The waiting ended before the picture was done; nothing is known of it."""


class UnexpectedError(UnreadablePhoto):
    """A mistake of ours, or of a decoder's, that cost one picture; `trace` says where."""

    def __init__(self, reason: Reason, detail: str, trace: str) -> None:
        super().__init__(reason, detail)
        self.trace = trace


class Readers:
    """Readers kept for the next picture. As many are started as pictures are read at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Reader] = []

    def read(self, task: Task, files: Sequence[BinaryIO], is_halted: Callable[[], bool] = lambda: False) -> object:
        """What a reader makes of files: the photo's, and what lies beside it.

        Raises UnreadablePhoto, also where the picture takes too long or brings its reader down; Halted some seconds
        after `is_halted` has become true; RuntimeError where no reader can be started.
        """
        with self._reader() as reader:
            return reader.read(task, files, is_halted)

    @contextmanager
    def _reader(self) -> "Iterator[Reader]":
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        if reader is None or not reader.is_alive:
            reader = Reader()
        try:
            yield reader
        finally:
            with self._lock:
                if reader.is_alive:
                    self._idle.append(reader)

    def close(self) -> None:
        """End those that have nothing to do."""
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.end()


class Reader:
    """One process that reads one picture at a time, for one thread at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", ANSWER_S, 0))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _ORDERS, str(theirs.fileno())],
                env=_surroundings(),
                stdin=subprocess.PIPE,  # closes when this process dies, however it dies
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C in the terminal is for this process, which then brings its pictures home
            )
        self._connection = Connection(ours.detach())
        self.is_alive = True
        if not (self._connection.poll(START_S) and self._is_ready()):
            raise RuntimeError(f"No process to read pictures in could be started ({self.end()}).")

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def read(self, task: Task, files: Sequence[BinaryIO], is_halted: Callable[[], bool]) -> object:
        """What becomes of files; see `Readers.read`. Afterwards the reader may be dead."""
        descriptors = [_descriptor(file) for file in files]
        taken = [read, *[read_beside] * (len(files) - 1)]
        contents = [
            take(file) if number is None else None for take, file, number in zip(taken, files, descriptors, strict=True)
        ]
        try:
            self._connection.send(Order(task, contents))
            for number in descriptors:
                if number is not None:
                    send_handle(self._connection, number, self.pid)
            with contextlib.ExitStack() as room:
                answer = self._answer(is_halted, room)
        except (EOFError, ConnectionError) as error:
            raise _crash(self.end()) from error
        except BaseException:
            self.end()
            raise
        if isinstance(answer, Done):
            return answer.made
        if answer.unexpected:
            raise UnexpectedError(answer.reason, answer.detail, answer.unexpected)
        raise UnreadablePhoto(answer.reason, answer.detail)

    def _answer(self, is_halted: Callable[[], bool], room: contextlib.ExitStack) -> Done | Refused:
        is_read, has_room = False, False
        end, halt = time.monotonic() + apart.READ_S, float("inf")
        while True:
            if self._connection.poll(LOOK_S):
                answer = receive(self._connection)
                if isinstance(answer, (Done, Refused)):
                    return answer
                if isinstance(answer, HasRead) and not is_read:
                    is_read, end = True, time.monotonic() + apart.DECODE_S
                elif isinstance(answer, RoomWanted) and not has_room:
                    has_room, asked = True, time.monotonic()
                    try:
                        room.enter_context(room_in_this_process(answer.needed_bytes, is_halted))
                    except NoRoom as error:
                        raise Halted from error
                    end += time.monotonic() - asked
                    self._connection.send(None)
                else:  # a reader says either once of a picture; what has taken it over would win time by them
                    raise EOFError(f"{type(answer).__name__} out of turn")
                continue
            now = time.monotonic()
            if now > end and is_read:
                raise UnreadablePhoto(Reason.TOO_SLOW, f"more than {apart.DECODE_S:.0f} s")
            if now > end:
                raise UnreadablePhoto(Reason.UNREADABLE, f"not read in {apart.READ_S:.0f} s")
            if is_halted():
                halt = min(halt, now + HALT_S)
                if now > halt:
                    raise Halted

    def end(self) -> int | None:
        """Kill the process; how it ended, as `Popen.returncode` says it, or None where it has not."""
        self.is_alive = False
        self._connection.close()
        if self._process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):  # one that has died by itself keeps its own ending
                self._process.wait(LOOK_S)
        self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        return self._process.returncode

    def _is_ready(self) -> bool:
        with contextlib.suppress(EOFError):
            return isinstance(receive(self._connection), Ready)
        return False


def _crash(code: int | None) -> UnreadablePhoto:
    """What the ending of a reader says of its picture."""
    if code == -signal.SIGALRM:
        return UnreadablePhoto(Reason.TOO_SLOW, "stopped by the clock")
    ending = signal.Signals(-code).name if code is not None and code < 0 else f"exit status {code}"
    return UnreadablePhoto(Reason.CRASHED, f"the reader ended: {ending}")


def _surroundings() -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if _GIVEN.fullmatch(name)}
    code = os.pathsep.join(path for path in (str(CODE), given.get("PYTHONPATH", "")) if path)
    # A picture has one core; and the address space that more threads of arithmetic reserve is its own.
    return given | {"PYTHONPATH": code, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _descriptor(file: BinaryIO) -> int | None:
    """The descriptor of a plain file, which a reader can read itself; None for anything that only looks like one."""
    plain = getattr(file, "file", file)  # Django's has the plain one inside
    plain = getattr(plain, "raw", plain)
    return plain.fileno() if isinstance(plain, io.FileIO) else None

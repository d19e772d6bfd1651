"""Larger pictures, made when first wanted in processes that can be stopped: each once, few at a time."""

import atexit
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import BinaryIO, cast

from classifier.pictures.apart import Rendering
from classifier.pictures.readers import Halted, Readers
from classifier.work import Reason, UnreadablePhoto

AT_ONCE = 2  # pictures made at a time; pages are served by the same machine
TURN_S = 5.0  # how long a request waits for its turn, or for another one that makes the same picture
WAITING_AT_MOST = 16  # requests; each holds a thread of the process that serves everyone
MAKING_S = 10.0  # a person waits for it
# A picture that could not be made is not tried again for so long: each try costs as much as the one before. What may
# have been the fault of a busy machine is tried sooner.
REFUSED_S, PASSING_S = 600.0, 60.0
PASSING = (Reason.TOO_SLOW, Reason.CRASHED, Reason.UNREADABLE)
REFUSALS_KEPT = 1000


class Busy(Exception):
    """There is no time for the picture now."""


class Renderings:
    """The pictures being made for this process."""

    def __init__(self, read: Callable[..., object]) -> None:
        self._read = read
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._being_made: dict[str, Future[tuple[bytes, str]]] = {}  # by path
        self._waiting = 0
        self._refused: dict[str, tuple[float, UnreadablePhoto]] = {}  # by path: until when, and why

    def make(self, path: str, longest_px: int, opening: Callable[[], BinaryIO]) -> tuple[bytes, str]:
        """A photo's picture, to be kept at a path, and the SHA-256 of the file that it was made of.

        Raises Busy, UnreadablePhoto, and the OSError of a file that cannot be opened.
        """
        with self._lock:
            until, why = self._refused.get(path, (0.0, None))
            if why is not None and time.monotonic() < until:
                raise why
            being_made = self._being_made.get(path)
            if being_made is None:
                mine = self._being_made[path] = Future[tuple[bytes, str]]()
        if being_made is not None:
            with self._patience():
                try:
                    return being_made.result(TURN_S)
                except TimeoutError as error:
                    raise Busy from error
        try:
            made = self._make(longest_px, opening)
        except BaseException as error:
            mine.set_exception(error)
            if isinstance(error, UnreadablePhoto):
                self._refuse(path, error)
            raise
        else:
            mine.set_result(made)
            return made
        finally:
            with self._lock:
                del self._being_made[path]

    def _make(self, longest_px: int, opening: Callable[[], BinaryIO]) -> tuple[bytes, str]:
        with self._patience():
            if not self._turns.acquire(timeout=TURN_S):
                raise Busy
        try:
            end = time.monotonic() + MAKING_S
            with opening() as file:
                made = self._read(Rendering(longest_px), [file], lambda: time.monotonic() > end)
            return cast(tuple[bytes, str], made)
        except Halted as error:
            raise UnreadablePhoto(Reason.TOO_SLOW, f"more than {MAKING_S:.0f} s") from error
        finally:
            self._turns.release()

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Wait with few others, or not at all."""
        with self._lock:
            if self._waiting >= WAITING_AT_MOST:
                raise Busy
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def _refuse(self, path: str, error: UnreadablePhoto) -> None:
        with self._lock:
            self._refused.pop(path, None)
            refused_s = PASSING_S if error.reason in PASSING else REFUSED_S
            self._refused[path] = time.monotonic() + refused_s, UnreadablePhoto(error.reason, error.detail)
            while len(self._refused) > REFUSALS_KEPT:
                del self._refused[next(iter(self._refused))]


_readers = Readers()
atexit.register(_readers.close)
renderings = Renderings(_readers.read)

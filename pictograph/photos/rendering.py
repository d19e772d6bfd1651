"""Larger pictures, made when first wanted in processes that can be stopped: each once, few at a time."""

import atexit
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import BinaryIO

from classifier.pictures.answers import is_rendering, made_up
from classifier.pictures.apart import Rendering
from classifier.pictures.readers import Halted, Readers
from classifier.work import Reason, UnreadablePhoto

AT_ONCE = 2  # pictures made at a time; pages are served by the same machine
# Of one owner's photos. They may be made to be slow: there is a turn and room to wait for somebody else's.
AT_ONCE_OF_ONE = AT_ONCE - 1
TURN_S = 5.0  # how long a request waits for its turn, or for another one that makes the same picture
WAITING_AT_MOST = 16  # requests; each holds a thread of the process that serves everyone
WAITING_OF_ONE = WAITING_AT_MOST // 2
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
        self._lock = threading.Condition()
        self._being_made: dict[str, Future[tuple[bytes, str]]] = {}  # by path
        self._turns: Counter[int] = Counter()  # taken, by owner
        self._waiting: Counter[int] = Counter()  # requests, by owner
        self._refused: dict[str, tuple[float, UnreadablePhoto]] = {}  # by path: until when, and why

    def make(self, path: str, longest_px: int, opening: Callable[[], BinaryIO], owner: int) -> tuple[bytes, str]:
        """A picture of an owner's photo, to be kept at a path, and the SHA-256 of the file that it was made of.

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
            with self._patience(owner):
                try:
                    return being_made.result(TURN_S)
                except TimeoutError as error:
                    raise Busy from error
        try:
            made = self._make(longest_px, opening, owner)
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

    def _make(self, longest_px: int, opening: Callable[[], BinaryIO], owner: int) -> tuple[bytes, str]:
        with self._turn(owner):
            end = time.monotonic() + MAKING_S
            try:
                with opening() as file:
                    made = self._read(Rendering(longest_px), [file], lambda: time.monotonic() > end)
            except Halted as error:
                raise UnreadablePhoto(Reason.TOO_SLOW, f"more than {MAKING_S:.0f} s") from error
        if not is_rendering(made):
            raise made_up()
        return made

    @contextmanager
    def _turn(self, owner: int) -> Iterator[None]:
        """Wait for a turn, and have it. Raises Busy."""
        with self._patience(owner), self._lock:
            if not self._lock.wait_for(lambda: self._is_turn_of(owner), TURN_S):
                raise Busy
            self._turns[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._turns[owner] -= 1
                self._turns += Counter()  # without those who have none
                self._lock.notify_all()

    def _is_turn_of(self, owner: int) -> bool:
        return self._turns.total() < AT_ONCE and self._turns[owner] < AT_ONCE_OF_ONE

    @contextmanager
    def _patience(self, owner: int) -> Iterator[None]:
        """Wait with few others, or not at all."""
        with self._lock:
            if self._waiting.total() >= WAITING_AT_MOST or self._waiting[owner] >= WAITING_OF_ONE:
                raise Busy
            self._waiting[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting[owner] -= 1
                self._waiting += Counter()

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

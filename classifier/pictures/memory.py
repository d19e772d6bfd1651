"""Memory: what one picture, and all that are decoded at once, may take."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

# The largest picture: one that would take more is refused.
LARGEST_HELD_BYTES = 1_000_000_000
# What is no more than this is ordinary, such as a HEIF of 12 megapixels. All that is larger may be made to be large and
# slow. So each kind has room of its own: neither waits for the other.
ORDINARY_BYTES = 64_000_000
# What all pictures of a kind being decoded at once for this process may take together; a larger one is alone there.
ALL_ORDINARY_BYTES = 2 * ORDINARY_BYTES
ALL_LARGE_BYTES = 384_000_000
# What is no more than this is not asked for: nearly every photo, which then waits for nobody.
SMALL_BYTES = 32_000_000

LOOK_S = 0.2  # between two looks whether the waiting is to end


class NoRoom(Exception):
    """The waiting for room ended before there was any."""


class _MemoryBudget:
    """Bytes that may be held at once; who asks for more than is free waits, who asks for more than all gets all."""

    def __init__(self, total: int) -> None:
        self._total = self._free = total
        self._freed = threading.Condition()

    @contextmanager
    def room_for(self, wanted: int, is_halted: Callable[[], bool]) -> Iterator[None]:
        wanted = min(wanted, self._total)
        with self._freed:
            while not self._freed.wait_for(lambda: self._free >= wanted, LOOK_S):
                if is_halted():
                    raise NoRoom
            self._free -= wanted
        try:
            yield
        finally:
            with self._freed:
                self._free += wanted
                self._freed.notify_all()


_ordinary, _large = _MemoryBudget(ALL_ORDINARY_BYTES), _MemoryBudget(ALL_LARGE_BYTES)


def room_in_this_process(wanted: int, is_halted: Callable[[], bool] = lambda: False) -> AbstractContextManager[None]:
    """Wait until there are so many bytes for a picture, and hold them. Raises NoRoom where the waiting is halted."""
    return (_ordinary if wanted <= ORDINARY_BYTES else _large).room_for(wanted, is_halted)


_ask: Callable[[int], AbstractContextManager[None]] = room_in_this_process


def room_for(wanted: int) -> AbstractContextManager[None]:
    """Wait until a picture may take this many bytes, and hold them for as long as the context lasts."""
    return _ask(wanted if wanted > SMALL_BYTES else 0)


def ask_elsewhere(ask: Callable[[int], AbstractContextManager[None]]) -> None:
    """Let another process say when there is room, as it speaks for several like this one."""
    global _ask  # noqa: PLW0603 - one for the whole process
    _ask = ask

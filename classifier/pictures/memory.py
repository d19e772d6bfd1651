"""Memory: what one picture, and all that are decoded at once, may take."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

# The largest picture: one that would take more is refused.
LARGEST_HELD_BYTES = 1_000_000_000
# What all pictures being decoded at once for this process may take together; a larger one waits until it is alone.
DECODING_BYTES = 512_000_000
# What is no more than this is not asked for: nearly every photo, which then waits for nobody.
SMALL_BYTES = 32_000_000


class _MemoryBudget:
    """Bytes that may be held at once; who asks for more than is free waits, who asks for more than all gets all."""

    def __init__(self, total: int) -> None:
        self._total = self._free = total
        self._freed = threading.Condition()

    @contextmanager
    def room_for(self, wanted: int) -> Iterator[None]:
        wanted = min(wanted, self._total)
        with self._freed:
            self._freed.wait_for(lambda: self._free >= wanted)
            self._free -= wanted
        try:
            yield
        finally:
            with self._freed:
                self._free += wanted
                self._freed.notify_all()


room_in_this_process = _MemoryBudget(DECODING_BYTES).room_for
_ask: Callable[[int], AbstractContextManager[None]] = room_in_this_process


def room_for(wanted: int) -> AbstractContextManager[None]:
    """Wait until a picture may take this many bytes, and hold them for as long as the context lasts."""
    return _ask(wanted if wanted > SMALL_BYTES else 0)


def ask_elsewhere(ask: Callable[[int], AbstractContextManager[None]]) -> None:
    """Let another process say when there is room, as it speaks for several like this one."""
    global _ask  # noqa: PLW0603 - one for the whole process
    _ask = ask

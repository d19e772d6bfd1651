"""Open pages look in turn, and all of them together leave most of the processor to everything else."""

import asyncio
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pictograph.gate.lanes import Lane

Seen = TypeVar("Seen")
Own = TypeVar("Own")

# A look takes 10 to 20 ms: fifteen pages of different people come to turn every second so.
SHARE = 0.3  # of one processor


@dataclass
class _Shared:
    """A look that is waited for, and what each page that waits makes of it."""

    own: list[Callable[[Any], Any]] = field(default_factory=list)
    taken: asyncio.Task[list[Any]] | None = None


class Looks:
    """A lane of one thread, in which everyone comes in turn; after a look it rests for as long as the share asks."""

    def __init__(self) -> None:
        self._lane = Lane("looks", 1, waiting=10_000)
        self._rests_until = 0.0
        self._waiting: dict[Hashable, _Shared] = {}
        self._joining = threading.Lock()

    async def take(self, person: int, subject: Hashable, look: Callable[[], Seen], own: Callable[[Seen], Own]) -> Own:
        """Look when it is the person's turn, and make of it what is the page's own.

        Who waits for a look at the same subject shares the first one's. Raises LaneFull.
        """
        key = person, subject
        with self._joining:
            shared = self._waiting.setdefault(key, _Shared())
            place = len(shared.own)
            shared.own.append(own)
        if shared.taken is None:
            shared.taken = asyncio.create_task(self._in_turn(person, key, shared, look))
        made: Own = (await asyncio.shield(shared.taken))[place]  # when one page goes, the others look on
        return made

    async def _in_turn(self, person: int, key: Hashable, shared: _Shared, look: Callable[[], Any]) -> list[Any]:
        try:
            return await self._lane.compute(str(person), partial(self._look, key, shared, look))
        finally:
            self._close(key, shared)

    def _close(self, key: Hashable, shared: _Shared) -> None:
        """Have nobody join any more: who comes from now on is to see what changes from now on."""
        with self._joining:
            if self._waiting.get(key) is shared:
                del self._waiting[key]

    def _look(self, key: Hashable, shared: _Shared, look: Callable[[], Any]) -> list[Any]:
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        self._close(key, shared)
        # It is the work that counts; waiting for those who compute pages meanwhile is a rest already.
        began, began_s = time.monotonic(), time.thread_time()
        try:
            seen = look()
            return [own(seen) for own in shared.own]
        finally:
            self._rests_until = began + (time.thread_time() - began_s) / SHARE

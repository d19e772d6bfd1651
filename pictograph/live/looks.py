"""Open pages look in turn, and all of them together leave most of the processor to everything else."""

import asyncio
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from pictograph.gate.lanes import Lane

Seen = TypeVar("Seen")

# A look takes 10 to 20 ms: fifteen pages of different people come to turn every second so.
SHARE = 0.3  # of one processor


class Looks:
    """A lane of one thread, in which everyone comes in turn; after a look it rests for as long as the share asks."""

    def __init__(self) -> None:
        self._lane = Lane("looks", 1, waiting=10_000)
        self._rests_until = 0.0
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}

    async def take(self, person: int, subject: Hashable, look: Callable[[], Seen]) -> Seen:
        """Look when it is the person's turn. Who waits for a look at the same subject gets what the first of them sees.

        Raises LaneFull.
        """
        key = person, subject
        waiting: asyncio.Task[Seen] | None = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.create_task(self._in_turn(person, key, look))
        return await asyncio.shield(waiting)  # when one page goes, the others look on

    async def _in_turn(self, person: int, key: Hashable, look: Callable[[], Seen]) -> Seen:
        try:
            return await self._lane.compute(str(person), partial(self._look, key, look))
        finally:
            if self._waiting.get(key) is asyncio.current_task():
                del self._waiting[key]

    def _look(self, key: Hashable, look: Callable[[], Seen]) -> Seen:
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        self._waiting.pop(key, None)  # who comes from now on is to see what changes from now on
        # It is the work that counts; waiting for those who compute pages meanwhile is a rest already.
        began, began_s = time.monotonic(), time.thread_time()
        try:
            return look()
        finally:
            self._rests_until = began + (time.thread_time() - began_s) / SHARE

"""Open pages look in turn, and all of them together leave most of the processor to everything else."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from channels.db import DatabaseSyncToAsync

Seen = TypeVar("Seen")

# Fifty pages of imports at work, each look 10 ms, come to turn every 1.5 s so.
SHARE = 0.35  # of one processor


class Turns:
    """One thread, in which whoever comes first looks first; after each look it rests for as long as the share asks."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="looks")
        self._rests_until = 0.0

    async def look(self, look: Callable[[], Seen]) -> Seen:
        """Look when it is one's turn."""

        def in_turn() -> Seen:
            time.sleep(max(0.0, self._rests_until - time.monotonic()))
            began_s = time.thread_time()  # the work, not the waiting for those who compute pages meanwhile
            try:
                return look()
            finally:
                took_s = time.thread_time() - began_s
                self._rests_until = time.monotonic() + took_s * (1 / SHARE - 1)

        return await DatabaseSyncToAsync(in_turn, thread_sensitive=False, executor=self._thread)()

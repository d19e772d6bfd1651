"""Open pages look in turn, and all of them together leave most of the processor to everything else."""

import asyncio
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import close_old_connections

Seen = TypeVar("Seen")

# A look takes 10 to 20 ms: fifteen pages of different people come to turn every second so.
SHARE = 0.3  # of one processor


class Turns:
    """One thread, in which whoever comes first looks first; after each look it rests for as long as the share asks."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="looks")
        self._rests_until = 0.0
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Future[Any]] = {}

    async def look(self, subject: Hashable, look: Callable[[], Seen]) -> Seen:
        """Look when it is one's turn. Who waits for a look at the same subject gets what the first of them sees."""
        with self._lock:
            waiting: Future[Seen] | None = self._waiting.get(subject)
            if waiting is None:
                waiting = self._waiting[subject] = self._thread.submit(self._look, subject, look)
        return await asyncio.shield(asyncio.wrap_future(waiting))  # when one page goes, the others look on

    def _look(self, subject: Hashable, look: Callable[[], Seen]) -> Seen:
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        with self._lock:
            del self._waiting[subject]  # who comes from now on is to see what changes from now on
        close_old_connections()
        # It is the work that counts; waiting for those who compute pages meanwhile is a rest already.
        began, began_s = time.monotonic(), time.thread_time()
        try:
            return look()
        finally:
            self._rests_until = began + (time.thread_time() - began_s) / SHARE
            close_old_connections()

"""Sending an archive: for hours if need be, without holding a thread while its reader takes a breath."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache

from django.db import OperationalError, close_old_connections

from pictograph.queue.long_work import Lease

THREADS = 2  # for all archives of a process, which take turns block by block
BEAT_S = 15  # well within what a lease lasts

logger = logging.getLogger(__name__)


class Streamed:
    """The blocks of an archive, one after the other; ends with its lease, and ends that when it ends.

    A thread is taken for one block at a time, which the reader waits for: one who reads slowly, or not at all, holds
    some memory and nothing else.
    """

    def __init__(self, blocks: Iterator[bytes], lease: Lease, at_end: ExitStack) -> None:
        self._blocks, self._lease, self._at_end = blocks, lease, at_end
        self._lock = threading.Lock()  # blocks are made by one thread at a time, and none once it is closed
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give all blocks that are not empty. Raises what making them raises, and LeaseLost."""
        loop, threads = asyncio.get_running_loop(), _threads()
        beating = asyncio.create_task(self._beat())
        try:
            while (block := await loop.run_in_executor(threads, self._next)) is not None:
                if beating.done():
                    beating.result()
                if block:
                    yield block
        finally:
            beating.cancel()
            await asyncio.shield(loop.run_in_executor(threads, self.close))

    def close(self) -> None:
        """Make no more blocks, and let the person begin another archive."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            close_old_connections()
            try:
                getattr(self._blocks, "close", lambda: None)()
            finally:
                self._at_end.close()
                close_old_connections()

    def _next(self) -> bytes | None:
        with self._lock:
            if self._is_closed:
                return None
            close_old_connections()
            try:
                return next(self._blocks, None)
            finally:
                close_old_connections()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await asyncio.get_running_loop().run_in_executor(_threads(), self._beat_once)

    def _beat_once(self) -> None:
        close_old_connections()
        try:
            self._lease.beat()
        except OperationalError:  # the database is busy; the lease outlasts a few of these
            logger.warning("The lease of %s could not be renewed just now.", self._lease)
        finally:
            close_old_connections()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="archives")

"""Lanes: a few threads that compute answers, and the order in which requests come to them.

Python computes one page at a time whatever the number of threads. Were each request given a thread of its own, fifty
pages at once would all be late; in turn, most of them are there soon.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from django.db import close_old_connections

from pictograph.gate.room import with_room

Answer = TypeVar("Answer")


class LaneFull(Exception):
    """More requests wait than would be answered in good time."""


class Lane:
    """Threads that last, with their database connections, and those who wait for one: every address in its turn.

    So one address that asks for a thousand pages at once lets everyone else's pass in between; and as it never has the
    last thread, what it asks for may even take long. At most `waiting` wait, of one address `waiting_of_one`. A lane is
    of one event loop.
    """

    def __init__(self, name: str, threads: int, *, waiting: int = 1000, waiting_of_one: int = 500) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = threads
        self._held_by_one_at_most = max(threads - 1, 1)
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._waiting_at_most, self._of_one_at_most = waiting, waiting_of_one

    async def compute(self, address: str, answer: Callable[[], Answer]) -> Answer:
        """Have an answer computed when it is this address's turn. Raises LaneFull."""
        await self._turn(address)
        loop = asyncio.get_running_loop()

        computed = self._pool.submit(copy_context().run, _with_connections, answer)
        # A request that is given up keeps its thread until the answer is computed all the same, unless it was given up
        # before the thread began: this is called in either case.
        computed.add_done_callback(lambda _: self._leave_soon(loop, address))
        answered = asyncio.wrap_future(computed)
        try:
            return await asyncio.shield(answered)
        except asyncio.CancelledError:
            if not computed.cancel():  # the thread may be reading the request's body, which is closed after this
                await asyncio.wait([answered])
            raise

    async def _turn(self, address: str) -> None:
        if self._may_enter(address):  # then nobody else waits who might
            self._enter(address)
            return
        theirs = self._waiting.setdefault(address, deque())
        if len(theirs) >= self._of_one_at_most:
            raise LaneFull
        if sum(map(len, self._waiting.values())) >= self._waiting_at_most:
            self._make_room(len(theirs))
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        theirs.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            # It may have come in the moment in which the request was given up.
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._leave(address)
            raise

    def _make_room(self, waiting: int) -> None:
        """Turn away the last of who has the most waiting, for one that has fewer.

        Raises LaneFull where nobody has more.
        """
        greedy = max(self._waiting.values(), key=len)
        if len(greedy) <= waiting + 1:
            raise LaneFull
        last = greedy.pop()
        if not last.done():
            last.set_exception(LaneFull())

    def _may_enter(self, address: str) -> bool:
        return self._free > 0 and self._held[address] < self._held_by_one_at_most

    def _enter(self, address: str) -> None:
        self._free -= 1
        self._held[address] += 1

    def _leave_soon(self, loop: asyncio.AbstractEventLoop, address: str) -> None:
        try:
            loop.call_soon_threadsafe(self._leave, address)
        except RuntimeError:  # the loop has ended, and nobody waits in it any more
            self._leave(address)

    def _leave(self, address: str) -> None:
        self._free += 1
        self._held[address] -= 1
        if not self._held[address]:
            del self._held[address]
        for other in list(self._waiting):
            while self._may_enter(other) and (theirs := self._waiting.pop(other, None)):
                turn = theirs.popleft()
                if theirs:
                    self._waiting[other] = theirs  # behind all others
                if not turn.done():
                    self._enter(other)
                    turn.set_result(None)
                    break
            if not self._free:
                return


def _with_connections(answer: Callable[[], Answer]) -> Answer:
    """What the signals of a request do, which come in another thread: connections that failed or are old are closed."""
    close_old_connections()
    try:
        return with_room(answer)
    finally:
        close_old_connections()

"""The web server's settings, in one place for every way to start it, and what it grants a connection."""

import asyncio
import resource
import socket
from collections import Counter
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pictograph.gate.warming import begin_warming
from pictograph.people.visitors import network_of, plain_address

CONNECTIONS = 2000  # open at once; behind a proxy, which keeps a few of its own, it never comes to that
FILES = 3 * CONNECTIONS  # descriptors: a connection, what it reads or writes, the database's
HEAD_S = 20  # for the request line and all headers
HEAD_BYTES = 65_536
URL_BYTES = 8192  # it is what logs repeat
OF_ONE_ADDRESS = 200  # connections, but for a trusted proxy's, which bounds its visitors itself
PIPELINED = 20  # requests sent ahead on a connection; browsers send none
UNREAD_S = 60  # for whoever reads nothing of an answer
MESSAGE_BYTES = 4096  # of a socket: a page says when it was rendered, no more


def web_config(**options: Any) -> uvicorn.Config:
    """What uvicorn is to do; `options` say where."""
    return uvicorn.Config(
        "pictograph.asgi:application",
        http=BoundedProtocol,
        lifespan="off",
        proxy_headers=False,  # the application knows whom to believe
        log_config=None,
        log_level=settings.LOG_LEVEL,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ws_max_size=MESSAGE_BYTES,
        ws_max_queue=4,
        ws_per_message_deflate=False,  # no bombs to unpack, and no memory for each page that is open
        **options,
    )


class Server(uvicorn.Server):
    """The web process; once it accepts requests it calls `announce`, and warms up."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], object] = lambda: None) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept requests, then say so."""
        await super().startup(sockets)
        self._announce()
        begin_warming()


def allow_many_connections() -> None:
    """Raise the limit of open files as far as the most connections need it, where the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, where a head that is long or slow, or an answer that nobody reads, ends the connection."""

    _of_peer: Counter[str] = Counter()  # connections of this process

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; where there are too many, the one that has idled longest makes room."""
        super().connection_made(transport)
        self._is_in_head = True
        self._head_bytes = self._fed = 0
        self._timer: asyncio.TimerHandle | None = None
        self._at_work: RequestResponseCycle | None = None
        self._wait_for_head()
        end_if_unread(transport)
        self._peer = self._counted_peer()
        self._of_peer[self._peer] += 1
        if self._peer and self._of_peer[self._peer] > OF_ONE_ADDRESS:
            self.transport.abort()
        elif len(self.connections) > CONNECTIONS:
            idle = [other for other in self.connections if isinstance(other, BoundedProtocol) and other._is_idle]
            min(idle, key=lambda other: other._idle_since, default=self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more, and let whoever answers know."""
        self._stop_waiting()
        self._leave()
        self._of_peer[self._peer] -= 1
        if not self._of_peer[self._peer]:
            del self._of_peer[self._peer]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and count what is still a head."""
        self._fed = len(data)
        super().data_received(data)
        if not self._is_in_head:
            return
        self._head_bytes += self._fed
        if self._head_bytes > 0:
            self._wait_for_head()
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_headers_complete(self) -> None:
        """Begin a request; where too many are waiting already, end the connection."""
        self._is_in_head = False
        self._stop_waiting()
        if len(self.pipeline) >= PIPELINED:
            self._leave()
            self.transport.abort()
        if len(self.url) > URL_BYTES and not self.transport.is_closing():
            self.send_400_response("The address is too long.")
        if not self.transport.is_closing():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for the next head; what has just come in counts for this request."""
        super().on_message_complete()
        self._is_in_head, self._head_bytes = True, -self._fed
        self._idle_since = self.loop.time()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def _leave(self) -> None:
        """Tell the request at work, which need not be the last that came in, that nobody waits for its answer."""
        self.pipeline.clear()
        if self._at_work is not None and not self._at_work.response_complete:
            self._at_work.disconnected = True
            self._at_work.message_event.set()

    @property
    def _is_idle(self) -> bool:
        return self._is_in_head and (self.cycle is None or self.cycle.response_complete)

    def _counted_peer(self) -> str:
        """The visitor a connection counts for; empty for a trusted proxy."""
        peer = plain_address(self.client[0]) if self.client else ""
        try:
            address = ip_address(peer)
        except ValueError:
            return ""
        return "" if any(address in proxies for proxies in _trusted()) else network_of(peer)

    def _wait_for_head(self) -> None:
        if self._timer is None:
            self._idle_since = self.loop.time()
            self._timer = self.loop.call_later(HEAD_S, self._end_if_idle)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_if_idle(self) -> None:
        self._timer = None
        if self._is_idle:
            self.transport.abort()
        elif self._is_in_head:  # what follows may be late, as long as an answer is under way
            self._wait_for_head()


def end_if_unread(transport: asyncio.Transport) -> None:
    """Have the system end a connection whose other side takes in nothing of an answer: else it would stay for good."""
    connected: socket.socket | None = transport.get_extra_info("socket")
    if connected is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_S * 1000)


@cache
def _trusted() -> list[IPv4Network | IPv6Network]:
    return [ip_network(proxy) for proxy in settings.TRUSTED_PROXIES]

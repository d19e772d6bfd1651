"""Connections as we open them: to checked addresses alone, only for so long, and told when an answer was cut short."""

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from time import monotonic
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from pictograph.fetching.errors import ProtocolError
from pictograph.fetching.networks import is_public
from pictograph.fetching.origins import origin_of

_ONE_ADDRESS_S = 10.0  # then the next; a name often has one that is not reached from here

_MOST_LINES_BYTES = 1_000_000

_in_force = threading.local()


class Deadline:
    """When all has to be over, and how long one wait may last. The sockets of a thread go by the one in force there.

    Looking up a name cannot be ended by us; the system's resolver gives up by itself.
    """

    def __init__(self, deadline_s: float, timeout_s: float) -> None:
        self._ends = monotonic() + deadline_s
        self._timeout_s = timeout_s

    def left_s(self) -> float:
        """For how long to wait for what comes next. Raises TimeoutError where nothing is left."""
        left_s = self._ends - monotonic()
        if left_s <= 0:
            raise TimeoutError("it took too long")
        return min(left_s, self._timeout_s)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Have the sockets of this thread go by it."""
        before = getattr(_in_force, "deadline", None)
        _in_force.deadline = self
        try:
            yield
        finally:
            _in_force.deadline = before


def _left_s() -> float:
    deadline: Deadline = _in_force.deadline
    return deadline.left_s()


class _Socket(socket.socket):
    """Waits no longer than the deadline in force: a timeout of its own would begin anew with each byte."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left_s())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_left_s())
        return super().sendall(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    """The same with TLS. A handshake as a whole has the time that the socket had when it was wrapped."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left_s())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left_s())
        return super().send(*args, **kwargs)


@cache
def tls() -> ssl.SSLContext:
    """Trust whom the machine trusts, so that an operator can add an authority, and those on Mozilla's list."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TlsSocket
    return context


class _Lines(io.BufferedReader):
    """What comes in: http.client takes the end of the stream for the end of a line, and of the headers.

    What is read by the line is in the way of a body, and may be no more than that is and a little: chunks of one byte
    may have lines of their own that are a thousand times as long, and headers, or trailers, no end.
    """

    is_in_headers = True
    _spare_bytes = _MOST_LINES_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:  # a chunk that says to be -1 long would be all there is
            raise http.client.IncompleteRead(b"")
        block = super().read(size)
        self._spare_bytes += len(block)
        return block

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self._spare_bytes -= len(line)
        if self._spare_bytes < 0:
            raise ProtocolError("A server sends headers without end")
        if not line.endswith(b"\n") and len(line) != size and (line or self.is_in_headers):
            raise http.client.IncompleteRead(b"")
        return line


class _WholeResponse(http.client.HTTPResponse):
    """An answer whose headers came to their end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: io.BufferedReader = _Lines(self.fp.detach())

    def begin(self) -> None:
        super().begin()
        if isinstance(self.fp, _Lines):
            self.fp.is_in_headers = False


class _Guarded:
    """Connects to none but addresses that were checked, each at the moment of connecting to it."""

    scheme = "http"

    def __init__(self, *args: Any, private_servers: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._private_servers = private_servers

    def _new_conn(self: Any) -> socket.socket:
        is_private = origin_of(self.scheme, self.host.strip("[]"), self.port) in self._private_servers
        if self.scheme != "https" and not is_private:
            raise ProtocolError(f"{self.host} would be asked without TLS")
        try:
            found = socket.getaddrinfo(self.host.strip("[]"), self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from None
        found = [one for one in found if one[0] in (socket.AF_INET, socket.AF_INET6)]
        if not is_private:  # a name may have several addresses: one that is refused does not speak for the others
            found = [one for one in found if is_public(str(one[4][0]))]
            if not found:
                raise ProtocolError(f"{self.host} has no public address")
        for family, kind, protocol, _name, address in found:
            connected = _Socket(family, kind, protocol)
            try:
                connected.settimeout(min(_left_s(), _ONE_ADDRESS_S))
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected.connect(address)
            except OSError:
                connected.close()
            except BaseException:
                connected.close()
                raise
            else:
                return connected
        raise NewConnectionError(self, "no address answers")


class _GuardedHttp(_Guarded, HTTPConnection):
    response_class = _WholeResponse


class _GuardedHttps(_Guarded, HTTPSConnection):
    scheme = "https"
    response_class = _WholeResponse


class HttpPool(HTTPConnectionPool):
    """Connections to one private server."""

    ConnectionCls = _GuardedHttp


class HttpsPool(HTTPSConnectionPool):
    """Connections to one server."""

    ConnectionCls = _GuardedHttps

"""What all these servers share: requests and answers as values, and the faults a network or a service can have."""

import json
import socket
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

ENDLESS_BYTES = 1 << 34  # more than anyone takes


def challenge_of(verifier: str) -> str:
    """What whoever has a PKCE verifier shows before. Source: https://www.rfc-editor.org/rfc/rfc7636#section-4.2"""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class Asked:
    """A request: its path is without the query; `query` and `form` hold the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes = b""

    @property
    def form(self) -> dict[str, str]:
        """The fields of an urlencoded body."""
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        """A JSON body."""
        return json.loads(self.body or b"{}")

    @property
    def token(self) -> str:
        """The bearer token, empty where there is none."""
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""


@dataclass(frozen=True)
class Answered:
    """An answer. `claims_bytes` is what Content-Length says where that is a lie."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    claims_bytes: int | None = None

    @classmethod
    def of(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """A JSON answer."""
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


@dataclass
class Fault:
    """How the next answers go wrong: of those whose path begins so, `times` of them (for ever where it is None).

    `answer` is given in place of the right one. Otherwise the right one is cut after `cut_after` bytes of its body, or
    never ends, or redirects.
    """

    path: str = "/"
    times: int | None = None
    answer: Answered | None = None
    cut_after: int | None = None
    is_endless: bool = False


class Peer:
    """A server on loopback: what a subclass answers, and what `faults` make of that. `asked` is what came."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answered:
        """The right answer to a request."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        """`http://127.0.0.1:port`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Serve, in a thread, until the end."""
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with suppress(OSError):  # macOS has no such end, and waits for the next poll
                self._server.socket.shutdown(socket.SHUT_RDWR)
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def fault_for(self, asked: Asked) -> Fault | None:
        """The first fault that this request meets; it is used up by that."""
        with self._lock:
            self.asked.append(asked)
            for fault in self.faults:
                if asked.path.startswith(fault.path) and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    """Says nothing of whoever hangs up: tracebacks are read by `ast` for their marks, which no two threads can do."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _handler(peer: Peer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each body waits 40 ms for its headers to be acknowledged

        def converse(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, url.path, query, self.headers, body)
            fault = peer.fault_for(asked)
            self._send((fault and fault.answer) or peer.answer(asked), fault)

        do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_PROPFIND = do_SEARCH = do_REPORT = converse

        def _send(self, answered: Answered, fault: Fault | None) -> None:
            length = len(answered.body) if answered.claims_bytes is None else answered.claims_bytes
            is_endless = bool(fault and fault.is_endless)
            self.send_response_only(answered.status)
            if "Date" not in answered.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in answered.headers.items():
                self.send_header(name, value)
            has_body = answered.status not in (204, 304)
            if has_body:
                self.send_header("Content-Length", str(ENDLESS_BYTES if is_endless else length))
            self.end_headers()
            body = answered.body if fault is None or fault.cut_after is None else answered.body[: fault.cut_after]
            try:
                if has_body and self.command != "HEAD":
                    self.wfile.write(body)
                while is_endless:
                    self.wfile.write(b"\0" * 65536)
                if len(body) != length:
                    self.close_connection = True
            except OSError:  # whoever asked has hung up
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler

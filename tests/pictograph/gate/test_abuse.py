"""What strangers may try, a line each: the request, the answer it gets, the descriptors and the disk it takes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from pictograph.gate.sockets import AT_ONCE_EACH
from tests.pictograph.gate.served import UNCOLLECTED, Served

Parts = Callable[[Served], list[bytes]]
MB = 1_000_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, begun: Path) -> Iterator[Served]:
    """One web process for the whole table; it has met no error when it ends."""
    web = Served(tmp_path_factory.mktemp("served"), begun)
    yield web
    said = web.said()
    web.stop()
    assert "Exception in ASGI application" not in said, said
    assert "Internal Server Error" not in said, said


@dataclass(frozen=True)
class Abuse:
    """A request in parts, the statuses it may get ("" is no answer at all), and what it may take meanwhile."""

    what: str
    parts: Parts
    statuses: tuple[str, ...]
    descriptors: int = 2 + UNCOLLECTED
    disk_bytes: int = 0


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: application/json", "Connection: close"]
    lines += [COOKIE, CSRF] if not any(header.startswith("Cookie") for header in headers) else [CSRF]
    lines += [*headers, "", ""]
    return "\r\n".join(lines).encode()


def post(path: str, *headers: str, length: int = 0, body: bytes = b"") -> bytes:
    kinds = () if any(header.lower().startswith("content-type") for header in headers) else (FORM,)
    return head(path, f"Content-Length: {length or len(body)}", *kinds, *headers) + body


def form(parts: int, name: str, text: bytes = b"x") -> bytes:
    part = b'--cut\r\nContent-Disposition: form-data; name="files"%s\r\n\r\n%s\r\n'
    file = b'; filename="%s"' % name.encode() if name else b""
    return part % (file, text) * parts + b"--cut--\r\n"


def signed_in(web: Served) -> str:
    return f"Cookie: {cookies(web)}"


def cookies(web: Served) -> str:
    return f"sessionid={web.session}; csrftoken={TOKEN}"


FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=cut"
TOKEN = "a" * 32
COOKIE = f"Cookie: csrftoken={TOKEN}"
CSRF = f"X-CSRFToken: {TOKEN}"
CHUNKED = "Transfer-Encoding: chunked"
CHUNK = b"10000\r\n" + bytes(0x10000) + b"\r\n"
MANY = form(9_990, "a")

TABLE = [
    Abuse("3 GB that are announced", lambda _: [post("/healthz", length=3 * 10**9), bytes(5 * MB)], ("413",)),
    Abuse("40 MB in chunks", lambda _: [head("/healthz", CHUNKED), *[CHUNK] * 600], ("413", "")),
    Abuse("a chunk without an end to its head", lambda _: [head("/", CHUNKED), b"1;" + b"a" * 5 * MB], ("408", "")),
    Abuse("a form that pauses", lambda _: [post("/accounts/login/", length=900_000), bytes(500_000)], ("408",)),
    Abuse("a body for a page", lambda _: [head("/", "Content-Length: 900000000", method="GET"), bytes(MB)], ("413",)),
    Abuse("9,990 files to sign in", lambda _: [post("/accounts/login/", MULTIPART, body=MANY[:999_000])], ("400",)),
    Abuse("9,990 fields to sign in", lambda _: [post("/accounts/login/", MULTIPART, body=form(9_990, ""))], ("400",)),
    Abuse("90,000 fields", lambda _: [post("/accounts/login/", body=b"a=1&" * 90_000)], ("400", "403")),
    Abuse("a stranger's upload", lambda _: [post("/import/upload/", MULTIPART, length=400 * MB), bytes(MB)], ("401",)),
    Abuse("an upload of any length", lambda w: [head("/import/upload/", CHUNKED, signed_in(w)), CHUNK], ("411",)),
    Abuse("5 GB", lambda w: [post("/import/upload/", signed_in(w), length=5 * 10**9), bytes(MB)], ("413",)),
    Abuse(
        "an upload that pauses",
        lambda w: [post("/import/upload/", MULTIPART, signed_in(w), length=400 * MB), bytes(20 * MB)],
        ("408",),
        disk_bytes=21 * MB,
    ),
    Abuse(
        "a plain form with 200 files",
        lambda w: [
            post("/import/upload/", MULTIPART, signed_in(w), body=form(200, "a", b""))
        ],
        ("200",),
        descriptors=4 + UNCOLLECTED,
        disk_bytes=3 * MB,
    ),
    Abuse("no boundary", lambda _: [post("/dial/", "Content-Type: multipart/form-data", body=b"x")], ("400",)),
    Abuse("a packed body", lambda _: [post("/accounts/login/", "Content-Encoding: gzip", body=b"\x1f\x8b")], ("400",)),
    Abuse("a negative length", lambda _: [head("/", "Content-Length: -5"), b"x"], ("400",)),
    Abuse("two lengths", lambda _: [head("/", "Content-Length: 5", "Content-Length: 6"), b"x"], ("400",)),
    Abuse("a length and chunks", lambda _: [head("/", "Content-Length: 5", CHUNKED), b"0\r\n\r\n"], ("400",)),
    Abuse("headers without an end", lambda _: [b"GET / HTTP/1.1\r\nX: " + b"x" * 5 * MB], ("400", "")),
    Abuse("headers that pause", lambda _: [b"GET / HTTP/1.1\r\nHost: local"], ("",)),
    Abuse("a connection without a word", lambda _: [], ("",)),
    Abuse("an address without an end", lambda _: [b"GET /" + b"x" * 5 * MB], ("400", "")),
    Abuse("5,000 requests ahead", lambda _: [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5000], ("200", "")),
    Abuse("no text", lambda _: [head("/%00%ff/%c0", method="GET")], ("404", "302")),
    Abuse("odd methods", lambda _: [head("/", method="TRACE")], ("405",)),
    Abuse("a method in small letters", lambda _: [head("/", method="get")], ("400",)),
]  # fmt: skip


@pytest.mark.parametrize("abuse", TABLE, ids=lambda abuse: abuse.what)
def test_what_a_stranger_sends_takes_little_and_is_answered(served: Served, abuse: Abuse) -> None:
    with served.watched() as taken:
        answer = served.ask(*abuse.parts(served))
    assert answer[9:12].decode() in abuse.statuses, answer[:300]
    assert taken.descriptors <= abuse.descriptors
    assert taken.disk_bytes <= abuse.disk_bytes


def test_a_hundred_forms_that_pause_take_no_disk_and_leave_pages_alone(served: Served) -> None:
    with served.watched() as taken, ExitStack() as lines:
        paused = [lines.enter_context(served.connect()) for _ in range(100)]
        for line in paused:
            line.sendall(post("/accounts/login/", length=900_000) + bytes(300_000))
        assert served.ask(head("/healthz", method="GET"))[9:12] == b"200"
        # Half of them are more than one visitor may have coming in at once.
        assert Counter(line.recv(65536)[9:12] for line in paused) == {b"408": 50, b"503": 50}
    assert taken.disk_bytes == 0
    assert taken.descriptors <= 110


def open_socket(web: Served, path: str = "/live/", origin: str = "", cookie: str = "") -> ClientConnection:
    own = f"127.0.0.1:{web.port}"
    headers = {"Cookie": cookie} if cookie else {}
    return connect(f"ws://{own}{path}", origin=Origin(origin or f"http://{own}"), additional_headers=headers)


@pytest.mark.parametrize(
    ("path", "origin"),
    [("/live", ""), ("/x/" * 1000, ""), ("/live/", "http://evil.example"), ("/live/", "http://[")],
)
def test_a_socket_to_nowhere_or_from_elsewhere_is_denied(served: Served, path: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as denied:
        open_socket(served, path, origin)
    assert denied.value.response.status_code == 403


def test_a_socket_takes_small_messages_only(served: Served) -> None:
    with served.watched(), open_socket(served, cookie=cookies(served)) as socket:
        socket.send("x" * 5000)
        with pytest.raises(ConnectionClosed) as closed:
            list(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_one_person_has_so_many_sockets_and_no_more(served: Served) -> None:
    with served.watched(), ExitStack() as sockets:
        for _ in range(AT_ONCE_EACH):
            sockets.enter_context(open_socket(served, cookie=cookies(served)))
        with pytest.raises(InvalidStatus):
            open_socket(served, cookie=cookies(served))
    with open_socket(served, cookie=cookies(served)):
        pass

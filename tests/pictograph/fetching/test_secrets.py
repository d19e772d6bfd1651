"""Nothing secret is told: in an error, a log, to a server that it is not for, or by what lies about on the machine."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings

from pictograph.fetching.answers import Answer
from pictograph.fetching.client import Http
from pictograph.fetching.errors import ProtocolError, ServiceError
from tests.pictograph.fetching.raw import saying, talking
from tests.pictograph.providers.peers.server import Answered, Asked, Fault, Peer

SECRET = "s3cr3t"


class Baker(Peer):
    """Gives cookies."""

    def answer(self, asked: Asked) -> Answered:
        return Answered(200, b"{}", {"Set-Cookie": f"session={SECRET}; Path=/"})


@pytest.fixture
def peer() -> Iterator[Baker]:
    with Baker().serving() as peer:
        yield peer


def fetch(origin: str) -> None:
    http = Http([origin])
    http.get(f"{origin}/{SECRET}", query={"key": SECRET}, headers={"X-Key": SECRET}, bearer=SECRET).json  # noqa: B018


def take(origin: str) -> None:
    http = Http([origin])
    with http.stream(
        f"{origin}/{SECRET}?key={SECRET}", headers={"X-Key": SECRET}, bearer=SECRET, most_bytes=50
    ) as blocks:
        b"".join(blocks)


@pytest.mark.parametrize("go", [fetch, take])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 2",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + SECRET.encode(),
        b"HTTP/1.1 200 OK\r\n: " + SECRET.encode() + b"\r\n\r\n" + b"[" * 99,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000,
        b"HTTP/1.1 302 Found\r\nLocation: ftp://a.org/s3cr3t\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ?s3cr3t\r\n\r\n",
    ],
)
def test_neither_errors_nor_logs_tell_more_than_the_host(
    caplog: pytest.LogCaptureFixture, go: Callable[..., None], answer: bytes
) -> None:
    with caplog.at_level(logging.DEBUG), talking(saying(answer)) as origin, pytest.raises(ServiceError) as caught:
        go(origin)
    assert SECRET not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert SECRET not in caplog.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 429, 500, 503])
def test_a_refused_file_tells_no_more_than_the_host(peer: Baker, status: int) -> None:
    peer.faults = [Fault(answer=Answered(status, SECRET.encode(), {"WWW-Authenticate": SECRET}))]
    with pytest.raises(ServiceError) as caught:
        take(peer.address)
    assert SECRET not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_an_answer_shows_its_status_alone() -> None:
    assert repr(Answer(200, {"A": SECRET}, SECRET.encode(), f"https://a.org/?{SECRET}")) == "Answer(status=200)"


def test_no_cookie_is_kept(peer: Baker) -> None:
    http = Http([peer.address])
    for _ in range(2):
        http.get(f"{peer.address}/")
    assert "Cookie" not in peer.asked[1].headers


def test_the_surroundings_are_not_asked(peer: Baker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login anna password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    for name in [name for name in os.environ if name.lower() == "no_proxy"]:
        monkeypatch.delenv(name)
    Http([peer.address]).get(f"{peer.address}/")
    assert "Authorization" not in peer.asked[0].headers


def test_we_say_who_we_are_and_no_more(peer: Baker) -> None:
    Http([peer.address]).get(f"{peer.address}/", headers={"user-agent": "curl"})
    assert peer.asked[0].headers["User-Agent"] == "Pictograph"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Key": "a\r\nHost: b"},
        {"X-Key": "a\nb"},
        {"X-Key": "a\rb"},
        {"X-Key": "a\x00b"},
        {"X-Key": "ä"},
        {"X-Key\r\nHost": "b"},
        {"X Key": "b"},
        {"X:Key": "b"},
        {"": "b"},
        {"Ä": "b"},
        {"X-Key": " a"},
        {"X-Key": "a\n"},
        {"Host": "example.org"},
        {"content-length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "upgrade"},
    ],
)
def test_a_header_that_could_begin_another_is_not_sent(peer: Baker, headers: dict[str, str]) -> None:
    http = Http([peer.address])
    with pytest.raises(ProtocolError):
        http.get(f"{peer.address}/", headers=headers)
    with pytest.raises(ProtocolError):
        http.post(f"{peer.address}/", headers=headers, form={})
    with pytest.raises(ProtocolError), http.stream(f"{peer.address}/", headers=headers):
        pass
    assert peer.asked == []


@pytest.mark.parametrize("token", ["a\r\nHost: b", "a\n", "ä", "\ud800"])
def test_a_token_that_could_begin_another_header_is_not_sent(peer: Baker, token: str) -> None:
    with pytest.raises(ProtocolError):
        Http([peer.address]).get(f"{peer.address}/", bearer=token)
    assert peer.asked == []


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_half_a_character_is_not_sent(peer: Baker, text: str) -> None:
    http = Http([peer.address])
    with pytest.raises(ProtocolError):
        http.get(f"{peer.address}/", query={"cursor": text})
    with pytest.raises(ProtocolError):
        http.post(f"{peer.address}/", form={"cursor": text})
    with pytest.raises(ProtocolError):
        http.get(f"{peer.address}/{text}")
    assert peer.asked == []


def test_whoever_sets_up_logging_last_the_library_repeats_no_address() -> None:
    loggers = cast(dict[str, Any], settings.LOGGING["loggers"])
    assert loggers["urllib3"]["level"] == logging.getLevelName(logging.CRITICAL)
    assert logging.getLogger("urllib3.connection").getEffectiveLevel() == logging.CRITICAL

"""Whoever answers a byte at a time is not waited for longer than for any other: each would be answered in a minute."""

import socket
import threading
from contextlib import suppress

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import Transient
from tests.pictograph.fetching.raw import Talk, dripping, talking

LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 1200\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SLOW = [
    dripping(b"HTTP/1.1 200 ", b"O", b"\r\nContent-Length: 0\r\n\r\n"),
    dripping(b"HTTP/1.1 200 OK\r\nA: ", b"b", b"\r\nContent-Length: 0\r\n\r\n"),
    dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    dripping(LONG, b"a", b""),
    dripping(CHUNKED, b"1\r\na\r\n", b"0\r\n\r\n"),
    dripping(CHUNKED + b"5;", b"a", b"\r\naaaaa\r\n0\r\n\r\n"),
    dripping(CHUNKED + b"0\r\n", b"A: b\r\n", b"\r\n"),
    dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a", b""),
]


@pytest.mark.parametrize("talk", SLOW)
def test_a_slow_answer_ends_at_the_deadline(talk: Talk) -> None:
    with talking(talk) as origin, pytest.raises(Transient):
        Http([origin], timeout_s=30, deadline_s=0.5).get(f"{origin}/")


@pytest.mark.parametrize("talk", SLOW)
def test_a_slow_file_ends_at_the_deadline(talk: Talk) -> None:
    with talking(talk) as origin, pytest.raises(Transient):
        take(origin)


def take(origin: str) -> None:
    with Http([origin], timeout_s=30).stream(f"{origin}/", deadline_s=0.5) as blocks:
        b"".join(blocks)


def test_all_redirects_have_one_deadline() -> None:
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /%s\r\n\r\n"

    def talk(connected: socket.socket) -> None:
        threading.Event().wait(0.4)
        connected.sendall(moved % b"a")

    with talking(talk) as origin, pytest.raises(Transient):
        Http([origin], timeout_s=30, deadline_s=0.7).get(f"{origin}/")


def test_silence_is_waited_for_no_longer_than_the_timeout() -> None:
    is_over = threading.Event()

    def talk(connected: socket.socket) -> None:
        is_over.wait(60)
        connected.sendall(LONG + b"a" * 1200)

    with talking(talk) as origin:
        with pytest.raises(Transient):
            Http([origin], timeout_s=0.3, deadline_s=60).get(f"{origin}/")
        is_over.set()


def test_a_server_that_takes_no_connection_is_waited_for_no_longer_than_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        waiting = []
        for _ in range(4):  # those that still fit into its queue
            one = socket.socket()
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(deaf.getsockname())
            waiting.append(one)
        origin = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(Transient):
            Http([origin], timeout_s=0.3, deadline_s=60).get(f"{origin}/")
        for one in waiting:
            one.close()

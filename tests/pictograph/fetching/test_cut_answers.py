"""An answer that is cut short is none, wherever the cut is."""

from collections.abc import Callable

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import Transient
from tests.pictograph.fetching.conftest import short
from tests.pictograph.fetching.raw import saying, talking

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LONG = HEAD + b"Content-Length: 11\r\n\r\n" + b'{"a": true}'
CHUNKED = HEAD + b'Transfer-Encoding: chunked\r\n\r\n06;x=y\r\n{"a": \r\n005\r\ntrue}\r\n0\r\nTrailer: a\r\n\r\n'
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /longer\r\nContent-Length: 0\r\n\r\n"


def ask(origin: str) -> bytes:
    return Http([origin]).get(f"{origin}/").body


def take(origin: str) -> bytes:
    with Http([origin]).stream(f"{origin}/") as blocks:
        return b"".join(blocks)


BOTH = pytest.mark.parametrize("fetch", [ask, take])


@BOTH
@pytest.mark.parametrize("answer", [LONG, CHUNKED])
def test_a_whole_answer_is_taken(fetch: Callable[[str], bytes], answer: bytes) -> None:
    with talking(saying(answer)) as origin:
        assert fetch(origin) == b'{"a": true}'


@BOTH
@pytest.mark.parametrize("length", range(len(LONG)))
def test_an_answer_cut_anywhere_is_worth_trying_again(fetch: Callable[[str], bytes], length: int) -> None:
    with talking(saying(LONG[:length])) as origin, pytest.raises(Transient):
        fetch(origin)


# After the chunk that says it is the last, nothing is missing but what nobody reads.
LAST_CHUNK = CHUNKED.index(b"0\r\nTrailer") + len(b"0\r\n")


@BOTH
@pytest.mark.parametrize("length", range(len(HEAD), LAST_CHUNK))
def test_an_answer_in_chunks_cut_anywhere_is_worth_trying_again(fetch: Callable[[str], bytes], length: int) -> None:
    with talking(saying(CHUNKED[:length])) as origin, pytest.raises(Transient):
        fetch(origin)


@BOTH
def test_an_answer_without_trailers_is_whole(fetch: Callable[[str], bytes]) -> None:
    with talking(saying(CHUNKED[:LAST_CHUNK])) as origin:
        assert fetch(origin) == b'{"a": true}'


@pytest.mark.parametrize("length", range(len(MOVED)))
def test_a_redirect_cut_anywhere_is_not_followed(length: int) -> None:
    with talking(saying(MOVED[:length])) as origin, pytest.raises(Transient):
        ask(origin)


@BOTH
@pytest.mark.parametrize("size", [b"-1", b"-5", b"", b"x", b"0x", b" ", b"1 1", b"ffffffffffffffffff"])
def test_a_chunk_of_no_possible_size_is_none(fetch: Callable[[str], bytes], size: bytes) -> None:
    answer = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + b"a" * 100 + b"\r\n0\r\n\r\n"
    with talking(saying(answer)) as origin, pytest.raises(Transient):
        fetch(origin)


@pytest.mark.parametrize(
    "answer",
    [
        *(b"\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail ESMTP\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n"),
        *(b"HTTP/1.1 2000 OK\r\n\r\n", b"HTTP/9 200 OK\r\n\r\n", b"\x00" * 100_000, b"HTTP/1.1 200 " + b"a" * 100_000),
        *(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100_000, b"HTTP/1.1 200 OK\r\n" + b"A: a\r\n" * 1000),
    ],
    ids=short,
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with talking(saying(answer)) as origin, pytest.raises(Transient):
        ask(origin)


def test_a_server_that_hangs_up_at_once_is_worth_trying_again() -> None:
    with talking(saying(b"")) as origin, pytest.raises(Transient):
        ask(origin)


def test_a_server_that_is_not_there_is_worth_trying_again() -> None:
    with talking(saying(b"")) as origin:
        pass
    with pytest.raises(Transient):
        ask(origin)

"""No more of an answer is taken than there may be, whatever it says of itself."""

import gzip
import zlib

import pytest

from pictograph.fetching.client import MOST_ANSWER_BYTES, Http
from pictograph.fetching.errors import ProtocolError, ServiceError, Transient
from tests.pictograph.fetching.conftest import short
from tests.pictograph.fetching.raw import saying, talking, without_end

MB = 1_000_000
GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"


def bomb(size: int) -> bytes:
    """Zeros, zipped to a thousandth."""
    zipping = zlib.compressobj(9, wbits=31)
    return b"".join(zipping.compress(b"\0" * MB) for _ in range(size // MB)) + zipping.flush()


def chunk(body: bytes) -> bytes:
    """One chunk of a body."""
    return b"%x\r\n%s\r\n" % (len(body), body)


def test_an_answer_of_exactly_the_most_is_taken_and_one_byte_more_is_not() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with talking(saying(head + b"a" * MOST_ANSWER_BYTES)) as origin:
        assert len(Http([origin]).get(f"{origin}/").body) == MOST_ANSWER_BYTES
    with talking(saying(head + b"a" * (MOST_ANSWER_BYTES + 1))) as origin, pytest.raises(ProtocolError):
        Http([origin]).get(f"{origin}/")


ENDLESS = [
    (b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65536),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(b"a" * 65536)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"a" * 65536),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(b"a" * 65536)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"a" * 65536),
]


@pytest.mark.parametrize(("head", "block"), ENDLESS, ids=short)
def test_an_endless_answer_ends_at_the_most(head: bytes, block: bytes) -> None:
    with talking(without_end(head, block)) as origin, pytest.raises(ProtocolError):
        Http([origin]).get(f"{origin}/")


@pytest.mark.parametrize(("head", "block"), ENDLESS, ids=short)
def test_an_endless_file_ends_at_the_most(head: bytes, block: bytes) -> None:
    taken: list[int] = []
    with talking(without_end(head, block)) as origin, pytest.raises(ProtocolError):
        take(origin, taken)
    assert sum(taken) <= MB


def take(origin: str, taken: list[int]) -> None:
    with Http([origin]).stream(f"{origin}/", most_bytes=MB) as blocks:
        taken.extend(len(one) for one in blocks)


@pytest.mark.parametrize(
    ("head", "block"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", b"a" * 65536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"a" * 65536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 30_000 + b"\r\na\r\n"),
    ],
    ids=short,
)
def test_headers_trailers_and_chunk_sizes_without_end_are_no_answer(head: bytes, block: bytes) -> None:
    with talking(without_end(head, block)) as origin, pytest.raises((ProtocolError, Transient)):
        Http([origin], timeout_s=600, deadline_s=600).get(f"{origin}/")


def test_a_file_in_tiny_chunks_is_taken() -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 400_000 + b"0\r\n\r\n"
    with talking(saying(said)) as origin, Http([origin]).stream(f"{origin}/") as blocks:
        assert b"".join(blocks) == b"a" * 400_000


def test_a_file_that_says_it_is_too_long_is_refused_before_any_of_it() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n"
    with talking(saying(said)) as origin, pytest.raises(ProtocolError):
        Http([origin]).stream(f"{origin}/", most_bytes=MB).__enter__()


@pytest.mark.parametrize("name", [b"gzip", b"x-gzip", b"GZIP "])
def test_a_zipped_answer_is_unzipped(name: bytes) -> None:
    body = gzip.compress(b'{"a": "%s"}' % (b"b" * 200_000))
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (name, len(body))
    with talking(saying(said + body)) as origin:
        assert Http([origin]).get(f"{origin}/").json == {"a": "b" * 200_000}


def test_a_zip_bomb_ends_at_the_most() -> None:
    body = bomb(500 * MB)
    assert len(body) < MB
    said = GZIP + b"Content-Length: %d\r\n\r\n" % len(body)
    with talking(saying(said + body)) as origin, pytest.raises(ProtocolError, match="more than"):
        Http([origin]).get(f"{origin}/")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(gzip.compress(b"a")) + b"a",
        gzip.compress(b"") * 2,
        gzip.compress(b"a")[:5] + b"a" * 100,
        b"no zip at all",
    ],
    ids=["one in another and more", "two", "cut and gone on with", "none"],  # a zip says when it was made
)
def test_a_zip_that_is_more_or_less_than_one_is_refused(body: bytes) -> None:
    said = GZIP + b"Content-Length: %d\r\n\r\n" % len(body)
    with talking(saying(said + body)) as origin, pytest.raises(ProtocolError):
        Http([origin]).get(f"{origin}/")


def test_a_zip_cut_short_is_worth_trying_again() -> None:
    body = gzip.compress(b"a" * 1000)[:-4]
    said = GZIP + b"Content-Length: %d\r\n\r\n" % len(body)
    with talking(saying(said + body)) as origin, pytest.raises(Transient):
        Http([origin]).get(f"{origin}/")


def test_empty_zips_without_end_are_refused() -> None:
    with talking(without_end(GZIP + b"\r\n", gzip.compress(b"") * 1000)) as origin, pytest.raises(ProtocolError):
        Http([origin]).get(f"{origin}/")


@pytest.mark.parametrize("name", [b"br", b"deflate", b"zstd", b"gzip, gzip", b"gzip, identity", b"nonsense"])
def test_an_answer_packed_in_another_way_is_refused(name: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + name + b"\r\nContent-Length: 1\r\n\r\na"
    with talking(saying(said)) as origin, pytest.raises(ProtocolError):
        Http([origin]).get(f"{origin}/")


def test_a_file_is_taken_as_it_is_or_not_at_all() -> None:
    body = gzip.compress(b"a")
    said = GZIP + b"Content-Length: %d\r\n\r\n" % len(body)
    with talking(saying(said + body)) as origin, pytest.raises(ProtocolError), Http([origin]).stream(f"{origin}/"):
        pass


def test_a_file_of_which_a_storage_says_how_it_was_sent_there_is_taken() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Encoding: aws-chunked\r\nContent-Length: 1\r\n\r\na"
    with talking(saying(said)) as origin, Http([origin]).stream(f"{origin}/") as blocks:
        assert b"".join(blocks) == b"a"


@pytest.mark.parametrize("status", [b"204 No Content", b"206 Partial Content", b"205 Reset Content", b"226 IM Used"])
def test_what_is_not_a_whole_file_is_refused(status: bytes) -> None:
    said = b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"
    with talking(saying(said)) as origin, pytest.raises(ProtocolError), Http([origin]).stream(f"{origin}/"):
        pass


def test_an_answer_without_a_body_may_say_how_long_it_would_be() -> None:
    said = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99999999999\r\n\r\n"
    with talking(saying(said)) as origin:
        assert Http([origin]).get(f"{origin}/").body == b""


@pytest.mark.parametrize("lengths", [b"5, 6", b"5\r\nContent-Length: 6", b"1" * 5000, b"0x5", b"+5"], ids=short)
def test_an_answer_of_contradictory_lengths_is_none(lengths: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + lengths + b"\r\n\r\nabcde"
    with talking(saying(said)) as origin, pytest.raises(ServiceError):
        Http([origin]).get(f"{origin}/")

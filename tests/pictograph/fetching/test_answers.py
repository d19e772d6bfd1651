"""What an answer says: JSON, text, links, and what its status means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pictograph.fetching.answers import Answer, raise_for
from pictograph.fetching.errors import (
    AuthExpired,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from tests.pictograph.fetching.conftest import short

URL = "https://photos.example.org/api/list?page=1"


def answer(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, URL)


@pytest.mark.parametrize(("body", "value"), [(b"null", None), (b'{"a": [1]}', {"a": [1]}), ('"ü"'.encode(), "ü")])
def test_json_is_read(body: bytes, value: Any) -> None:
    assert answer(body).json == value


@pytest.mark.parametrize("body", [b"[" + b"[]," * 300_000 + b"1]", b"[" + b'{"":0},' * 300_000 + b"1]"], ids=short)
def test_json_that_would_fill_the_memory_is_not_read(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="too many parts"):
        answer(body).json  # noqa: B018


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"<html>", b"{", b"{'a': 1}", b'{"a": 1} b', b"NaN", b"[Infinity]", b"-Infinity", b"\xff\xfe\x00"),
        *(b'"\xc3"', b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b"\x00", b"undefined"),
    ],
    ids=short,
)
def test_json_that_is_none_is_no_answer(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        answer(body).json  # noqa: B018


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("", "ü".encode(), "ü"),
        ("text/html; charset=UTF-8", "ü".encode(), "ü"),
        ("text/html", b"\xfc", "\ufffd"),
        ('text/html; charset="ISO-8859-1"', b"\xfc", "ü"),
        ("a/b;charset=latin1;c=d", b"\xfc", "ü"),
        ("text/html; charset=nonsense", b"a", "a"),
        ("a/b; charset=rot13", b"a", "a"),
        ("a/b; charset=idna", b"a", "a"),
    ],
)
def test_text_is_read_whatever_it_is(kind: str, body: bytes, text: str) -> None:
    assert answer(body, Content_Type=kind).text == text


@pytest.mark.parametrize(
    ("header", "links"),
    [
        (
            '<https://a.org/?max_id=5>; rel="next", <https://a.org/?min_id=9>; rel="prev"',
            {"next": "https://a.org/?max_id=5", "prev": "https://a.org/?min_id=9"},
        ),
        ("</api?a=b,c;d>;rel=next", {"next": "https://photos.example.org/api?a=b,c;d"}),
        ('<?page=2> ; title="a, <b>; rel=x" ; REL=NEXT', {"next": "https://photos.example.org/api/list?page=2"}),
        (
            '<a>; rel="first  next"',
            {"first": "https://photos.example.org/api/a", "next": "https://photos.example.org/api/a"},
        ),
        ('<a>; rel="next"; rel="prev", <b>; rel="next"', {"next": "https://photos.example.org/api/a"}),
        ('<a>; title="a \\" b"; rel=next', {"next": "https://photos.example.org/api/a"}),
        ('<a>; anchor="#b"; rel=next', {}),
        ("<a>; title*=UTF-8''a%20b; rel=next", {"next": "https://photos.example.org/api/a"}),
        (", ,<a>;rel=next", {}),
        ("<a>", {}),
        ("<a>; rel", {}),
        ("<>; rel=next", {"next": URL}),
        ("<https://[>; rel=next", {}),
        *((text, {}) for text in ("", "a", "<", "<a", ";", "<a>;;rel=next", '<a>; rel="next', "next", "<" * 20_000)),
        ("<a>; rel=next" + " " * 20_000 + "x", {"next": "https://photos.example.org/api/a"}),
        ("<a>; a=" + '"' + "\\" * 20_000, {}),
    ],
    ids=short,
)
def test_links_are_read(header: str, links: dict[str, str]) -> None:
    assert answer(Link=header).links == links


def test_headers_are_found_however_they_are_spelt() -> None:
    assert answer(LINK="<a>; rel=next").headers["link"] == "<a>; rel=next"
    assert answer(dATE="Sun, 06 Nov 1994 08:49:37 GMT").sent_at == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT", "\x00", "Sun", "1" * 5000, ",,,", "  "]
)
def test_a_date_that_is_none_says_nothing(date: str) -> None:
    assert answer(Date=date).sent_at is None


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((401, AuthExpired), (403, ScopeMissing), (404, Gone), (410, Gone), (429, RateLimited)),
        *((408, Transient), (425, Transient), (500, Transient), (502, Transient), (503, Transient), (599, Transient)),
        *((100, ProtocolError), (301, ProtocolError), (304, ProtocolError), (400, ProtocolError), (422, ProtocolError)),
        *((600, ProtocolError), (999, ProtocolError), (0, ProtocolError)),
    ],
)
def test_a_status_is_raised_as_what_it_means(status: int, error: type[ServiceError]) -> None:
    with pytest.raises(ServiceError) as caught:
        raise_for(answer(b"secret", status))
    assert type(caught.value) is error
    assert str(caught.value) == f"photos.example.org answered with {status}"


@pytest.mark.parametrize("status", [200, 201, 204, 207, 299])
def test_success_raises_nothing(status: int) -> None:
    raise_for(answer(status=status))


def test_a_service_that_asks_to_wait_is_waited_for() -> None:
    now = datetime.now(UTC)
    with pytest.raises(RateLimited) as caught:
        raise_for(answer(status=503, Retry_After="120"))
    assert now + timedelta(seconds=120) <= caught.value.retry_at
    with pytest.raises(RateLimited) as caught:
        raise_for(answer(status=429))  # without a word how long
    assert now < caught.value.retry_at < now + timedelta(days=1)

"""Whatever a service answers, only the typed errors come of it: each value of its right answers is replaced in turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from email.message import Message
from json import dumps, loads
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from pictograph.fetching.answers import Answer
from pictograph.fetching.client import Http
from pictograph.fetching.errors import ServiceError
from tests.pictograph.providers.conftest import Trial
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.server import Asked, Peer

ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    1e308,
    10**30,
    "",
    "\ud800\x00\n",
    "x" * 70_000,
    "http://[",
    [],
    {},
    [[None]],
    {"a": {}},
]
ODD_BODIES = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"[[]]",
    b'"text"',
    b"17",
    b"NaN",
    b"[null]",
    b'{"a":',
    b"\xff\xfe\x00",
    b"[" * 90_000,
    b"<!doctype html><h1>Hello</h1>",
    b"<a:multistatus xmlns:a='DAV:'/>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
]


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_in(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from paths_in(inner, (*path, at))


def shortened(value: Any) -> Any:
    """The same, with the first and the last row of each list: those between are of the same kind."""
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in (*value[:1], *value[1:][-1:])]
    return value


def replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """The same, with one value replaced."""
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], odd)
    return copy


class Meddler(Http):
    """Asks the peer without a network, records its right answers, and changes the one to `meddled`."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(private_servers=[peer.address])
        self.peer, self.answers, self.meddled, self.body = peer, dict[str, bytes](), "", b""
        self.clock = ""

    def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
        query: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = {},
        bearer: str = "",
    ) -> Answer:
        """What the peer answers, or something odd."""
        parts = urlsplit(url)
        content = urlencode(form).encode() if form is not None else dumps(json).encode() if json is not None else body
        sent: Message[str, str] = Message()
        for name, value in {**headers, **({"Authorization": f"Bearer {bearer}"} if bearer else {})}.items():
            sent[name] = value
        asked = Asked(method, parts.path, dict(parse_qsl(parts.query)) | dict(query), sent, content or b"")
        answered, at = self.peer.answer(asked), f"{method} {parts.path}"
        self.answers[at] = answered.body
        told = {**answered.headers, "Date": self.clock} if self.clock else answered.headers
        return Answer(answered.status, told, self.body if at == self.meddled else answered.body, url)


def odd_bodies(answers: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Every request, with every odd answer to it."""
    for at, answered in answers.items():
        for body in ODD_BODIES:
            yield at, body
        try:
            value = shortened(loads(answered))
        except ValueError:
            continue
        for path in paths_in(value):
            for odd in ODD_VALUES:
                yield at, dumps(replaced(value, path, odd)).encode()


def calls_of(trial: Trial) -> dict[str, Callable[[], object]]:
    """All that asks something of a server."""
    provider = trial.provider
    calls = trial.calls() | {
        "test": lambda: provider.test(CALLBACK),
        "register": lambda: provider.register_client(CALLBACK),
    }
    if trial.credentials.refresh:
        calls["refresh"] = lambda: provider.refresh(trial.credentials)
    return calls | {"revoke": lambda: provider.revoke(trial.credentials)}


def see_that_only_typed_errors_come(http: Meddler, call: Callable[[], object]) -> None:
    http.answers, http.meddled = {}, ""
    with suppress(ServiceError):
        call()
    for at, body in odd_bodies(dict(http.answers)):
        http.meddled, http.body = at, body
        try:
            call()
        except ServiceError:
            continue
        except Exception as error:
            raise AssertionError(f"at {at}: {body[:300]!r}") from error


def test_an_odd_answer_is_left_out_or_is_a_typed_error(trial: Trial) -> None:
    http = Meddler(trial.bench.peer)
    for call in calls_of(replace(trial, provider=trial.bench.provider(http))).values():
        see_that_only_typed_errors_come(http, call)


def test_an_odd_answer_while_signing_in_is_a_typed_error(trial: Trial) -> None:
    http = Meddler(trial.bench.peer)
    provider = trial.bench.provider(http)

    def come_back() -> None:
        consent = trial.provider.ask_consent(CALLBACK, "state")  # unchanged: a browser has to find its way there
        if answer := trial.bench.visit(consent.url):
            provider.take_answer(CALLBACK, answer, consent.keeps)

    see_that_only_typed_errors_come(http, lambda: provider.ask_consent(CALLBACK, "state"))
    see_that_only_typed_errors_come(http, come_back)


@pytest.mark.parametrize("clock", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday"])
def test_a_clock_that_cannot_be_is_not_gone_by(clock: str, trial: Trial) -> None:
    http = Meddler(trial.bench.peer)
    http.clock = clock
    provider = trial.bench.provider(http)
    page = provider.list_photos(trial.credentials, trial.bench.wanted())
    assert "0001" not in page.since[:4]
    assert "9999" not in page.since[:4]

"""What is sent is what was meant, over connections that are kept, by many threads at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import ServiceError
from tests.pictograph.providers.peers.server import Answered, Asked, Fault, Peer


class Echo(Peer):
    """Says what it was asked; counts who connects."""

    def answer(self, asked: Asked) -> Answered:
        return Answered.of({"path": asked.path, "query": dict(asked.query), "body": asked.body.decode()})


@pytest.fixture
def peer() -> Iterator[Echo]:
    with Echo().serving() as peer:
        yield peer


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Those that come in from now on."""
    came: list[object] = []
    process = ThreadingHTTPServer.process_request

    def count(server: ThreadingHTTPServer, request: object, address: object) -> None:
        came.append(address)
        process(server, request, address)  # type: ignore[arg-type]

    monkeypatch.setattr(ThreadingHTTPServer, "process_request", count)
    return came


def test_a_query_is_added_to_what_the_address_has(peer: Echo) -> None:
    http = Http([peer.address])
    assert http.get(f"{peer.address}/a?b=c#d", query={"e": "f &ü"}).json["query"] == {"b": "c", "e": "f &ü"}
    assert http.get(f"{peer.address}", query=[("e", "f")]).json == {"path": "/", "query": {"e": "f"}, "body": ""}
    assert http.get(f"{peer.address}/a b/ü").json["path"] == "/a%20b/%C3%BC"


def test_a_form_json_and_bytes_are_sent_as_such(peer: Echo) -> None:
    http = Http([peer.address])
    http.post(f"{peer.address}/", form={"a": "b c", "d": "ü"}, bearer="token")
    http.post(f"{peer.address}/", json={"a": ["ü"]})
    http.request(
        "PROPFIND", f"{peer.address}/", body=b"<a/>", headers={"Content-Type": "application/xml", "Depth": "1"}
    )
    http.post(f"{peer.address}/")
    form, document, propfind, empty = peer.asked
    assert form.form == {"a": "b c", "d": "ü"}
    assert form.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert form.token == "token"
    assert json.loads(document.body) == {"a": ["ü"]}
    assert document.headers["Content-Type"] == "application/json"
    assert (propfind.method, propfind.body, propfind.headers["Depth"]) == ("PROPFIND", b"<a/>", "1")
    assert empty.headers["Content-Length"] == "0"


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 404, 429, 500, 503])
def test_an_answer_of_any_status_is_an_answer(peer: Echo, status: int) -> None:
    peer.faults = [Fault(answer=Answered(status, b"words", {"X-Reason": "a"}))]
    answer = Http([peer.address]).get(f"{peer.address}/")
    assert (answer.status, answer.body, answer.headers["x-reason"]) == (status, b"words", "a")


def test_a_connection_is_kept_for_the_next_request(peer: Echo, connections: list[object]) -> None:
    http = Http([peer.address])
    for _ in range(5):
        http.get(f"{peer.address}/")
        with http.stream(f"{peer.address}/") as blocks:
            b"".join(blocks)
    assert len(connections) == 1


def test_a_connection_is_not_kept_after_half_a_file(peer: Echo, connections: list[object]) -> None:
    http = Http([peer.address])
    peer.faults = [Fault(path="/long", answer=Answered(200, b"a" * 1_000_000))]
    with http.stream(f"{peer.address}/long") as blocks:
        next(iter(blocks))
    assert http.get(f"{peer.address}/").json["path"] == "/"
    assert len(connections) == 2


def test_another_request_may_be_made_while_a_file_comes_in(peer: Echo) -> None:
    http = Http([peer.address])
    peer.faults = [Fault(path="/long", answer=Answered(200, b"a" * 1_000_000))]
    with http.stream(f"{peer.address}/long") as blocks:
        sizes = [len(block) for block in blocks if http.get(f"{peer.address}/").json["path"] == "/"]
    assert sum(sizes) == 1_000_000


def test_many_threads_share_a_client(peer: Echo) -> None:
    http = Http([peer.address])
    peer.faults = [Fault(path="/cut", cut_after=3)]

    def ask(number: int) -> object:
        if number % 5 == 0:
            with pytest.raises(ServiceError):
                http.get(f"{peer.address}/cut/{number}")
        with http.stream(f"{peer.address}/file/{number}") as blocks:
            file = json.loads(b"".join(blocks))["path"]
        return file, http.post(f"{peer.address}/{number}", body=b"%d" % number).json["body"]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(200))) == [(f"/file/{number}", f"{number}") for number in range(200)]

"""Bodies that are not taken are answered in words, whatever stopped them, and read no further than need be."""

import asyncio
import errno
import json
from typing import Any

import pytest

from pictograph.gate import bodies, refusals
from pictograph.gate.bodies import Gate
from pictograph.gate.visitors import AtOnce, Visit
from tests.pictograph.gate.senders import Sender, scope_of

FULL = OSError(errno.ENOSPC, "No space left on device")
pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_form_comes_in() -> None:
    sender = Sender(scope_of(content_length="6"))
    await sender.send(b"abc", b"def", b"")
    assert (await sender.answer())[0] == 200
    assert sender.kept == b"abcdef"


async def test_a_body_that_says_it_is_too_long_is_answered_before_any_of_it_is_read() -> None:
    sender = Sender(scope_of(content_length=str(3 * 10**9), accept="application/json", expect="100-continue"))
    status, headers, body = await sender.answer()
    assert status == 413
    assert headers[b"connection"] == b"close"
    assert "Send less" in json.loads(body)["message"]
    assert sender.kept == b""


async def test_a_body_that_says_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FORM_BYTES", 5)
    sender = Sender(scope_of(transfer_encoding="chunked"))
    await sender.send(b"abc", b"def", b"ghi")
    assert (await sender.answer())[0] == 413
    assert sender.kept == b"abc"
    assert sender.input_queue.empty()  # browsers take an answer in the middle of sending for a broken connection


async def test_what_is_refused_is_read_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FORM_BYTES", 5)
    monkeypatch.setattr(bodies, "DRAINED_BYTES", 10)
    sender = Sender(scope_of())
    await sender.send(*[b"123456"] * 10)
    assert (await sender.answer())[0] == 413
    assert sender.input_queue.qsize() == 7


async def test_a_form_that_does_not_come_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FORM_S", 0.05)
    monkeypatch.setattr(bodies, "DRAINED_S", 0.05)
    sender = Sender(scope_of(content_length="6", accept="text/html", accept_language="en"))
    await sender.send(b"abc", is_all=False)
    status, headers, body = await sender.answer()
    assert status == 408
    assert headers[b"content-type"].startswith(b"text/html")
    assert headers[b"x-frame-options"] == b"DENY"
    assert b"Check the connection" in body


async def test_an_upload_has_to_come_in_at_some_rate() -> None:
    pieces = [b"x" * 10_000] * 100 + [b"x"] * 1000
    body = bodies.Body(
        Pieces(pieces).receive, most=10**9, is_upload=True, forms=bodies.Forms(), visit=Visit("", AtOnce(1), AtOnce(1))
    )
    with pytest.raises(refusals.Refused) as refused:
        await one_a_second(body)
    assert refused.value.refusal is refusals.TOO_SLOW
    assert 10_000 * 100 < body.received < 10_000 * 100 + 600  # as long as what came fast has earned


class Pieces:
    """A sender that always has a piece ready, after a moment."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = iter(pieces)

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": next(self.pieces), "more_body": True}


async def one_a_second(body: bodies.Body) -> None:
    while True:
        body._began -= 1
        await body.receive()


async def test_forms_that_wait_in_memory_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FORMS_BYTES", 5)
    sender = Sender(scope_of(accept="application/json"))
    await sender.send(b"abc", b"def", b"")
    status, headers, _ = await sender.answer()
    assert status == 503
    assert headers[b"retry-after"] == b"2"
    gate = sender.application
    assert isinstance(gate, Gate)
    assert gate.forms._sum == 0


async def test_a_disk_that_fills_up_is_named_in_the_language_of_whoever_sends() -> None:
    sender = Sender(scope_of(accept_language="de", accept="application/json"), error=FULL)
    await sender.send(b"abc", b"def", b"")
    status, _, body = await sender.answer()
    assert status == 507
    assert "Festplatte" in json.loads(body)["message"]
    assert sender.input_queue.empty()


async def test_other_errors_of_the_application_pass_through() -> None:
    sender = Sender(scope_of(), error=OSError(errno.EIO, "Broken"))
    await sender.send(b"abc", b"def")
    with pytest.raises(OSError, match="Broken"):
        await sender.receive_output(timeout=5)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_length": "500000000"}, 401),
        ({"content_length": "500000000", "cookie": "sessionid=invented"}, 401),
        ({"content_length": "5000000000"}, 413),
        ({"transfer_encoding": "chunked"}, 411),
    ],
)
async def test_nobody_uploads_without_being_signed_in_or_more_than_they_may(
    headers: dict[str, Any], status: int
) -> None:
    sender = Sender(scope_of("/import/upload/", accept="application/json", expect="100-continue", **headers))
    assert (await sender.answer())[0] == status
    assert sender.kept == b""

"""One visitor has a share of what goes on at once, through whatever proxy it comes."""

import asyncio

import pytest

from pictograph.gate.bodies import Gate, Receive, Scope, Send
from pictograph.gate.refusals import Refused
from pictograph.gate.visitors import AtOnce, Visit
from tests.pictograph.gate.senders import Sender, scope_of

pytestmark = pytest.mark.django_db(transaction=True)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("every sender puts its own in the place of this")


def coming_from(address: str) -> Scope:
    return scope_of(content_length="6") | {"client": (address, 5000)}


async def begun(gate: Gate, address: str) -> Sender:
    sender = Sender(coming_from(address), gate=gate)
    await sender.send(b"abc", is_all=False)
    return sender


async def test_forms_that_do_not_come_to_an_end_keep_only_their_own_visitor_out() -> None:
    gate = Gate(nothing)
    gate.bodies = AtOnce(2)
    slow = [await begun(gate, "2001:db8::1"), await begun(gate, "2001:db8::2")]  # of one house
    await asyncio.sleep(0.05)
    refused = await begun(gate, "2001:db8::3")
    status, headers, body = await refused.answer()
    assert (status, headers[b"retry-after"], refused.kept) == (503, b"5", b"")
    assert b"Try again" in body
    other = await begun(gate, "2001:db8:1::1")
    await other.send(b"def")
    assert (await other.answer())[0] == 200
    for sender in slow:
        await sender.send(b"def")
        assert (await sender.answer())[0] == 200
    again = await begun(gate, "2001:db8::3")
    await again.send(b"def")
    assert (await again.answer())[0] == 200


async def test_what_is_refused_for_another_reason_counts_until_it_is_answered() -> None:
    gate = Gate(nothing)
    gate.requests = AtOnce(1)
    too_long = Sender(scope_of(content_length=str(3 * 10**9)) | {"client": ("192.0.2.7", 5000)}, gate=gate)
    await too_long.receive_output(timeout=10)  # the answer has begun, and what is still sent is read and thrown away
    assert (await (await begun(gate, "192.0.2.7")).answer())[0] == 503
    await too_long.send(b"abc")
    await too_long.wait(timeout=10)
    last = await begun(gate, "192.0.2.7")
    await last.send(b"def")
    assert (await last.answer())[0] == 200


async def test_a_browser_that_left_counts_no_more() -> None:
    gate = Gate(nothing)
    gate.bodies = AtOnce(1)
    gone = await begun(gate, "192.0.2.7")
    await asyncio.sleep(0.05)
    gone.future.cancel()
    await asyncio.sleep(0.05)
    assert not gate.bodies._of
    assert not gate.requests._of


def test_a_request_of_which_all_has_come_in_leaves_its_place_to_the_next_body() -> None:
    requests, bodies = AtOnce(2), AtOnce(1)
    first, second, third = (Visit("192.0.2.7", requests, bodies) for _ in range(3))
    first.begin(has_body=True)
    with pytest.raises(Refused):
        second.begin(has_body=True)
    second.end()
    first.has_come_in()
    second.begin(has_body=True)
    with pytest.raises(Refused):  # two are not answered yet
        third.begin(has_body=False)
    third.end()
    first.end()
    third.begin(has_body=False)

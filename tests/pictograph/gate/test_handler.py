"""Pages, pictures and what is sent to the site do not wait for each other."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse

from pictograph.gate import refusals
from pictograph.gate.handler import ASKING, LaneHandler
from pictograph.gate.lanes import Lane
from pictograph.gate.uploads import SENDER


class Browser(ApplicationCommunicator):
    """One request, and its answer."""

    def __init__(
        self,
        handler: LaneHandler,
        path: str,
        method: str = "GET",
        address: str = "192.0.2.1",
        said: Mapping[str, object] = MappingProxyType({}),  # by what stands before the handler
    ) -> None:
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "client": (address, 5000)}
        headers = [(b"host", b"testserver"), (b"accept-language", b"en")]
        super().__init__(handler, scope | {"headers": headers} | dict(said))

    async def ask(self) -> None:
        await self.send_input({"type": "http.request", "body": b""})

    async def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        start = await self.receive_output(timeout=30)
        body = await self.receive_output(timeout=30)
        return start["status"], dict(start["headers"]), body["body"]


@pytest.fixture
def blocked() -> Iterator[threading.Event]:
    """Until it is set, slow pages and larger pictures are being computed."""
    may_end = threading.Event()
    yield may_end
    may_end.set()


@pytest.fixture
def handler(blocked: threading.Event, monkeypatch: pytest.MonkeyPatch) -> LaneHandler:
    """The site's handler with answers of a test."""

    def get_response(request: HttpRequest) -> HttpResponse:
        if "slow" in request.path or "1440" in request.path or ASKING.match(request.path):
            assert blocked.wait(30)
        return HttpResponse(request.path)

    handler = LaneHandler()
    monkeypatch.setattr(handler, "get_response", get_response)
    return handler


async def hold_up(handler: LaneHandler, path: str, method: str, count: int) -> list[Browser]:
    browsers = [Browser(handler, path, method) for _ in range(count)]
    for browser in browsers:
        await browser.ask()
    await asyncio.sleep(0.05)
    return browsers


@pytest.mark.parametrize(
    ("busy", "method", "free", "free_method"),
    [
        ("/slow/", "GET", "/photos/7/480.webp", "GET"),
        ("/slow/", "GET", "/import/upload/", "POST"),
        ("/slow/", "POST", "/accounts/login/", "POST"),
        ("/accounts/slow/", "POST", "/import/start/", "POST"),
        ("/slow/", "POST", "/photos/", "GET"),
        ("/connect/1/", "POST", "/import/start/", "POST"),
        ("/connect/1/back/", "GET", "/photos/", "GET"),
        ("/accounts/delete/", "POST", "/accounts/login/", "POST"),
        ("/connections/1/pick/", "POST", "/import/start/", "POST"),
        ("/import/services/1/test/", "POST", "/import/start/", "POST"),
        ("/photos/8/1440.webp", "GET", "/photos/7/480.webp", "GET"),
        ("/photos/8/1440.webp", "GET", "/photos/", "GET"),
        ("/slow/", "POST", "/photos/7/480.webp", "GET"),
        ("/explore/pictograph/image/slow.png", "GET", "/explore/", "GET"),
        ("/p/slow/card.png", "GET", "/p/token/photos/8/480.webp", "GET"),
        ("/pictograph/image/slow.svg", "GET", "/photos/8/2880.webp", "GET"),
    ],
)
async def test_one_kind_of_request_does_not_wait_for_another(
    handler: LaneHandler, blocked: threading.Event, busy: str, method: str, free: str, free_method: str
) -> None:
    waiting = await hold_up(handler, busy, method, 5)
    browser = Browser(handler, free, free_method)
    await browser.ask()
    assert (await browser.answer())[0] == 200
    blocked.set()
    for one in waiting:
        assert (await one.answer())[0] == 200


async def test_where_too_much_waits_an_address_is_asked_to_come_back_and_others_are_served(
    handler: LaneHandler, blocked: threading.Event
) -> None:
    handler._pages = Lane("pages", 1, waiting=10, waiting_of_one=1)
    waiting = await hold_up(handler, "/slow/", "GET", 2)
    refused, other = Browser(handler, "/photos/"), Browser(handler, "/photos/", address="192.0.2.2")
    await refused.ask()
    status, headers, body = await refused.answer()
    assert (status, headers[b"Retry-After"]) == (503, b"5")
    assert headers[b"Content-Type"].startswith(b"text/html")
    assert b"<h1>One moment</h1>" in body
    assert b'<a class="button" href="">Try again</a>' in body
    await other.ask()
    blocked.set()
    for one in [*waiting, other]:
        assert (await one.answer())[0] == 200


async def test_whoever_asks_for_many_posters_is_asked_to_come_back_and_others_have_theirs(
    handler: LaneHandler, blocked: threading.Event
) -> None:
    poster = "/explore/pictograph/image/slow.png"
    waiting = await hold_up(handler, poster, "GET", 24)
    refused = [browser for browser in waiting if not browser.output_queue.empty()]
    assert len(refused) == 24 - 6  # one is drawn, five wait
    for browser in refused:
        status, headers, _ = await browser.answer()
        assert (status, headers[b"Retry-After"]) == (503, b"5")
    other = Browser(handler, "/explore/pictograph/image/square.png", address="192.0.2.2")
    await other.ask()
    assert (await other.answer())[0] == 200
    blocked.set()
    for browser in waiting:
        if browser not in refused:
            assert (await browser.answer())[0] == 200


async def test_the_page_of_a_browser_that_left_while_it_waited_is_not_computed(
    handler: LaneHandler, blocked: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []
    answer: Callable[[HttpRequest], Any] = handler.get_response

    def get_response(request: HttpRequest) -> Any:
        computed.append(request.path)
        return answer(request)

    monkeypatch.setattr(handler, "get_response", get_response)
    handler._pages = Lane("pages", 1)
    (slow,) = await hold_up(handler, "/slow/", "GET", 1)
    gone = Browser(handler, "/photos/")
    await gone.ask()
    await asyncio.sleep(0.05)
    await gone.send_input({"type": "http.disconnect"})
    await gone.wait(timeout=5)
    blocked.set()
    assert (await slow.answer())[0] == 200
    assert computed == ["/slow/"]


async def test_uploads_of_one_person_hold_up_nobody_elses_from_however_many_addresses(
    handler: LaneHandler, blocked: threading.Event
) -> None:
    uploads = [
        Browser(handler, "/slow/", "POST", address=f"192.0.2.{n}", said={SENDER: 7}) for n in range(12)
    ]  # each with hundreds of files
    for upload in uploads:
        await upload.ask()
    await asyncio.sleep(0.05)
    others: list[dict[str, object]] = [{SENDER: 8}, {}]
    for sent in others:  # another's upload, and whatever else is sent
        other = Browser(handler, "/import/start/", "POST", address="192.0.2.1", said=sent)
        await other.ask()
        assert (await other.answer())[0] == 200
    blocked.set()
    for upload in uploads:
        assert (await upload.answer())[0] == 200


async def test_a_visitor_with_too_much_going_on_is_answered_without_a_page(
    handler: LaneHandler, blocked: threading.Event
) -> None:
    waiting = await hold_up(handler, "/slow/", "GET", 12)
    refused = Browser(handler, "/photos/", said={refusals.KEY: refusals.CROWDED})
    await refused.ask()
    assert (await refused.answer())[0] == 503
    blocked.set()
    for one in waiting:
        assert (await one.answer())[0] == 200

"""What comes in over HTTP before Django sees it, which keeps whole bodies: how long, how fast, and of whom.

A body that is not taken is answered by Django all the same, with an empty one in its place: in the right language, as a
page or in JSON, with the headers that every answer has.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.urls import reverse

from pictograph.gate import images, refusals, uploads
from pictograph.gate.refusals import Refusal, Refused
from pictograph.gate.visitors import BODIES_COMING_IN, REQUESTS_IN_HAND, AtOnce, Visit
from pictograph.pages import full_disk
from pictograph.people.visitors import network_of

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

FORM_BYTES = 1_000_000  # deleting 100,000 chosen photos, whose ids are sent, takes less
FORM_S = 60  # for a whole form
FORMS_BYTES = 64_000_000  # of all forms that are coming in: they wait in memory
SILENT_S = 60  # an upload of which no byte comes for so long is over
# From the first minute on, an upload has to come in this fast on average: a tenth of the slowest line that is any use.
LEAST_BYTES_PER_S = 2000
# Browsers read no answer before they have sent everything. So what is refused is read for a while, and thrown away.
DRAINED_BYTES = 32_000_000
DRAINED_S = 30


class Body:
    """A request's body as it comes in, bounded in length and time."""

    def __init__(self, receive: Receive, most: int, is_upload: bool, forms: "Forms", visit: Visit) -> None:
        self._receive, self._most, self._is_upload, self._forms = receive, most, is_upload, forms
        self._visit = visit
        self._began = time.monotonic()
        self.received = 0
        self.is_complete = False

    async def receive(self) -> Message:
        """The next piece. Raises Refused where it comes too late, or is one too many."""
        if self.is_complete:
            return await self._receive()  # the word that the sender is gone, for which there is no hurry
        try:
            async with asyncio.timeout(self._patience_s()):
                message = await self._receive()
        except TimeoutError:
            raise Refused(refusals.TOO_SLOW) from None
        length = len(message.get("body", b""))
        self.received += length
        self.is_complete = not message.get("more_body", False)
        if self.received > self._most:
            raise Refused(refusals.TOO_LARGE)
        if self.is_complete:
            self._visit.has_come_in()
        elif not self._is_upload:
            self._forms.hold(self, length)
        return message

    def _patience_s(self) -> float:
        waited = time.monotonic() - self._began
        if not self._is_upload:
            return max(FORM_S - waited, 0)
        return max(min(SILENT_S, SILENT_S + self.received / LEAST_BYTES_PER_S - waited), 0)

    async def drain(self) -> None:
        """Read on for a while and keep nothing."""
        left = DRAINED_BYTES
        try:
            async with asyncio.timeout(DRAINED_S):
                while not self.is_complete and left > 0:
                    message = await self._receive()
                    left -= len(message.get("body", b""))
                    self.is_complete = not message.get("more_body", False)
        except TimeoutError:
            pass


class Forms:
    """The forms that are coming in to this process: what of them waits in memory."""

    def __init__(self) -> None:
        self._held: dict[Body, int] = {}
        self._sum = 0

    def hold(self, body: Body, length: int) -> None:
        """Keep so much more of a form. Raises Refused where memory is to hold no more of them."""
        self._held[body] = self._held.get(body, 0) + length
        self._sum += length
        if self._sum > FORMS_BYTES:
            raise Refused(refusals.BUSY)

    def let_go(self, body: Body) -> None:
        """Be done with a form."""
        self._sum -= self._held.pop(body, 0)


class Gate:
    """ASGI middleware: lets in small forms, images to ask about, of signed-in people uploads; answers for the rest."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.forms = Forms()
        self.uploads = uploads.Bodies()
        self.images = images.Images()
        self.requests, self.bodies = AtOnce(REQUESTS_IN_HAND), AtOnce(BODIES_COMING_IN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: before its body is read, or in the middle."""
        visit = Visit(_visitor(scope), self.requests, self.bodies)
        try:
            await self._take(scope, receive, send, visit)
        finally:
            visit.end()

    async def _take(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        is_upload = any(_is_sent_to(scope, page) for page in uploads.PAGES)
        is_image = _is_sent_to(scope, "similar_to_image")
        most = uploads.most_bytes() if is_upload else images.MOST_BYTES if is_image else FORM_BYTES
        body = Body(receive, most, is_upload or is_image, self.forms, visit)
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            visit.begin(_has_body(scope))
            if is_upload:
                scope, place = await self._placed(scope)
            else:
                place = self.images.place_for(_visitor(scope), _declared(scope)) if is_image else _small(scope)
            with place:
                await self.application(scope, body.receive, sending)
            return
        except Refused as refused:
            refusal = refused.refusal
        except OSError as error:
            if has_begun or not full_disk.is_full_disk(error):
                raise
            refusal = Refusal(full_disk.INSUFFICIENT_STORAGE, full_disk.TITLE, full_disk.WORDS)
        finally:
            self.forms.let_go(body)
        await self._refuse(refusal, scope, body, send)

    async def _placed(self, scope: Scope) -> tuple[Scope, AbstractContextManager[None]]:
        """An upload with the id of who sends it, and a place for it."""
        length = uploads.require_length(_declared(scope))
        person, usage = await uploads.sender(_header(scope, b"cookie").decode("latin-1"))
        return scope | {uploads.SENDER: person.pk}, self.uploads.place_for(person, length, usage)

    async def _refuse(self, refusal: Refusal, scope: Scope, body: Body, send: Send) -> None:
        """Have Django answer, send that at once, and read for a while what the sender goes on sending."""
        messages = await self._answer(refusal, scope)
        for message in messages:
            await send(message | {"more_body": True} if "body" in message else message)
        # Whoever waits for leave to send, or reads while sending, needs nothing more.
        waits_for_leave = b"100-continue" in _header(scope, b"expect").lower() and not body.received
        if not waits_for_leave and refusal is not refusals.CROWDED:
            await body.drain()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _answer(self, refusal: Refusal, scope: Scope) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        unasked = (b"content-length", b"transfer-encoding", b"content-type")
        headers = [(name, value) for name, value in scope["headers"] if name not in unasked]
        is_told = asyncio.Event()

        async def nothing() -> Message:
            if not is_told.is_set():
                is_told.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            await asyncio.Event().wait()
            raise AssertionError("nobody leaves in the middle of an answer")

        async def keep(message: Message) -> None:
            messages.append(dict(message))

        await self.application(scope | {refusals.KEY: refusal, "headers": headers}, nothing, keep)
        messages[0]["headers"] = [*messages[0]["headers"], (b"Connection", b"close")]
        return messages


def _is_sent_to(scope: Scope, page: str) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == reverse(page))


def _visitor(scope: Scope) -> str:
    """Whose request it is, as requests are counted."""
    return network_of((scope.get("client") or ("",))[0])


def _small(scope: Scope) -> AbstractContextManager[None]:
    """Leave to come in for a form, by the length it says it has. Raises Refused."""
    if (_declared(scope) or 0) > FORM_BYTES:
        raise Refused(refusals.TOO_LARGE)
    return nullcontext()


def _declared(scope: Scope) -> int | None:
    """The length a body is said to have, None where that is left open."""
    text = _header(scope, b"content-length")
    return int(text) if text.isdigit() and len(text) < 20 else None


def _has_body(scope: Scope) -> bool:
    return _declared(scope) != 0 and bool(_header(scope, b"content-length") or _header(scope, b"transfer-encoding"))


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for header, value in scope["headers"] if header == name), b"")

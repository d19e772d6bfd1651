"""A full disk met outside any view: while a request is still coming in, or by the database."""

import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.defaults import server_error as any_server_error

from classifier.work import Reason, reason_of
from pictograph.pages.language import language_asked

WORDS = _("The server's disk is full. Free some space on it, then go on; nothing that was sent is lost.")
INSUFFICIENT_STORAGE = 507

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def is_full_disk(error: BaseException | None) -> bool:
    """Whether an error says that there is no space left."""
    if isinstance(error, OperationalError):
        return "disk is full" in str(error)  # SQLite; PostgreSQL has a disk of its own
    return isinstance(error, OSError) and reason_of(error) is Reason.DISK_FULL


def answer(request: HttpRequest) -> HttpResponse:
    """Say it, in the form that was asked for."""
    if request.accepts("text/html"):
        context = {"title": _("There is no room left"), "words": WORDS}
        return render(request, "500.html", context, status=INSUFFICIENT_STORAGE)
    return JsonResponse({"message": str(WORDS), "results": []}, status=INSUFFICIENT_STORAGE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that no view caught: a full disk in its own words, others as Django does."""
    return answer(request) if is_full_disk(sys.exc_info()[1]) else any_server_error(request)


class FullDiskAnswer:
    """ASGI middleware: answers for a body that the disk had no room to hold, which Django never gets to see."""

    def __init__(self, application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; say 507 where its body does not fit."""
        has_begun = is_received = False

        async def receiving() -> Mapping[str, Any]:
            nonlocal is_received
            message = await receive()
            is_received = not message.get("more_body", False)
            return message

        async def sending(message: Mapping[str, Any]) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.application(scope, receiving, sending)
        except OSError as error:
            if has_begun or not is_full_disk(error):
                raise
            while not is_received:  # browsers take an answer in the middle of sending for a broken connection
                await receiving()
            with override(language_asked(scope.get("headers", ()))):
                body = json.dumps({"message": str(WORDS), "results": []}).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": INSUFFICIENT_STORAGE, "headers": headers})
            await send({"type": "http.response.body", "body": body})

"""Why a request is not taken, and the answer that says so. The ASGI side decides; Django writes the page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KEY = "pictograph.refusal"  # in a request's ASGI scope


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the page that was asked for. Where the sender is to wait, `retry_after_s` says how long."""

    status: int
    title: str | Promise
    words: str | Promise
    retry_after_s: int = 0


class Refused(Exception):
    """A request is not taken any further."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


TOO_LARGE = Refusal(413, _("That is too much"), _("This is more than the site takes at once. Send less at a time."))
UPLOAD_TOO_LARGE = Refusal(
    413, _("That is too much"), _("This is more than the site takes in one go. Choose fewer photos at a time.")
)
NO_LENGTH = Refusal(
    411, _("How long is it?"), _("An upload has to say how long it is. Send it with a Content-Length of its own.")
)
TOO_SLOW = Refusal(
    408,
    _("That took too long"),
    _("What you sent came in too slowly, or not at all. Check the connection, then send it again."),
)
SIGNED_OUT = Refusal(
    401,
    _("You are not signed in"),
    _("Your session has ended. Sign in again and go on; the files that were not sent yet are still here."),
)
BUSY = Refusal(
    503,
    _("One moment"),
    _("More is coming in just now than the site takes at once. Try again in a moment."),
    retry_after_s=2,
)
# Of a visitor who has too much going on already: answered as where a lane is full, and nothing more is read of it.
CROWDED = replace(BUSY, retry_after_s=5)


def scope_of(request: HttpRequest) -> dict[str, Any]:
    """What stands before Django knows of a request; nothing of one that did not come by ASGI."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    return scope


class RefusalAnswer:
    """Django middleware: answers what the gate has refused, in the language and the form that were asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on what was let in."""
        refusal: Refusal | None = scope_of(request).get(KEY)
        return self.get_response(request) if refusal is None else answer(request, refusal)


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say why a request was not taken: to a script in JSON, to a person on a page."""
    wants_page = request.accepts("text/html")
    if refusal is SIGNED_OUT and wants_page:
        return redirect("account_login")
    if wants_page:
        context = {"title": refusal.title, "words": refusal.words}
        response = render(request, "500.html", context, status=refusal.status)
    else:
        response = JsonResponse({"message": str(refusal.words), "results": []}, status=refusal.status)
    if refusal.retry_after_s:
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response

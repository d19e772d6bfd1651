"""Django's handler for ASGI, with pages computed in lanes."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, gettext, override

from pictograph.gate.lanes import Lane, LaneFull
from pictograph.people.visitors import network_of
from pictograph.photos.models import GRID_SIZE

PICTURE = re.compile(r"^/photos/\d+/(?:(\d+)\.webp|original/)$")
QUICK = ("/healthz", f"/{settings.STATIC_URL.strip('/')}/")
RETRY_S = 5


class LaneHandler(ASGIHandler):
    """Computes a few pages at a time, and beside them pictures, and what is sent to the site.

    All middleware and views of the site are plain functions. Django would take them from the event loop to a thread
    and back at each border between the two kinds of middleware; here a request changes threads once.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        # Of one address two at a time: Python computes one, while the database or the compression is at the other.
        self._pages = Lane("pages", 3)
        self._pictures = Lane("pictures", 3)
        self._larger_pictures = Lane("larger pictures", 4)  # made when first wanted, and originals, read to prove them
        self._quick = Lane("quick", 2)  # whether the site answers, and files that are read alone
        self._sent = Lane("sent", 8)  # what changes something may wait for the database, or for a disk
        # For signals, and for closing requests: few take long, and those remove files.
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="aside")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request. What Django runs beside the view runs in one thread, not in a new one for each request."""
        async with ThreadSensitiveContext(executor=self._aside):
            await self.handle(scope, receive, send)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Have the response computed in the lane of its kind."""
        try:
            lane, address = self._lane(request), network_of(request.META.get("REMOTE_ADDR") or "")
            response: HttpResponseBase = await lane.compute(address, partial(self.get_response, request))
        except LaneFull:
            response = _busy(request)
        setattr(response, "_handler_class", type(self))  # noqa: B010 - Django's own mark
        return response

    def _lane(self, request: HttpRequest) -> Lane:
        if request.method not in ("GET", "HEAD"):
            return self._sent
        if request.path_info.startswith(QUICK):
            return self._quick
        picture = PICTURE.match(request.path_info)
        if picture is None:
            return self._pages
        return self._pictures if picture[1] == str(GRID_SIZE) else self._larger_pictures


def _busy(request: HttpRequest) -> HttpResponse:
    """Ask a browser to come back; scripts of the site do so by themselves."""
    can_load_again = request.method in ("GET", "HEAD")
    page = _busy_page(get_language_from_request(request), can_load_again)
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = str(RETRY_S)
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _busy_page(language: str, can_load_again: bool) -> str:
    """Rendered once: a site that is asked too much computes nothing to say so."""
    with override(language):
        words = gettext("Very much is asked of this site just now. Try again in a few seconds.")
        context = {"title": gettext("One moment"), "words": words, "can_load_again": can_load_again}
        return render_to_string("500.html", context)

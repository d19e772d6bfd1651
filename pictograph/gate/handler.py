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
from django.urls import reverse
from django.utils.translation import get_language_from_request, gettext, override

from pictograph.gate import refusals
from pictograph.gate.lanes import Lane, LaneFull
from pictograph.gate.refusals import scope_of
from pictograph.gate.uploads import SENDER
from pictograph.people.visitors import network_of
from pictograph.photos.models import GRID_SIZE

PICTURE = re.compile(r"^(?:/p/[\w-]+)?/photos/\d+/(?:(\d+)\.webp|original/)$")
POSTER = re.compile(r"\.(?:png|svg)$")
# Where passwords are compared, which takes a good part of a second on purpose, and where mails are handed over.
DOORS = ("/accounts/", "/admin/login/", "/p/")
# Where another server is asked while the browser waits, for a minute if that one wants to.
ASKING = re.compile(r"^/(?:accounts/delete/|connect/\d+/(?:back/)?|connections/\d+/pick/|import/services/\d+/test/)$")
QUICK = ("/healthz", f"/{settings.STATIC_URL.strip('/')}/")


class LaneHandler(ASGIHandler):
    """Computes a few pages at a time, and beside them pictures, posters, and what is sent to the site.

    All middleware and views of the site are plain functions. Django would take them from the event loop to a thread
    and back at each border between the two kinds of middleware; here a request changes threads once.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        # Python computes one answer at a time, and shares its time evenly among the threads that want to. So threads
        # of other lanes make pages late, more than they are of use: with 3 for pages, 3 for pictures and 8 for all that
        # is sent, the slowest pages of `bench load` took four times as long, and imports half as long again.
        self._pages = Lane("pages", 4)
        self._pictures = Lane("pictures", 2)
        self._larger_pictures = Lane("larger pictures", 4)  # made when first wanted, and originals, read to prove them
        # Drawn in seconds, for anyone. Whoever asks for many is soon told to come back, and draws one at a time.
        self._posters = Lane("posters", 2, waiting=16, waiting_of_one=5)
        self._quick = Lane("quick", 2)  # whether the site answers, and files that are read alone
        self._sent = Lane("sent", 3)  # what changes something may wait for the database, or for a disk
        self._uploads = Lane("uploads", 3)  # by person: each may bring hundreds of files, from many addresses
        self._images = Lane("images", 2)  # to ask about: read in a second, and of anyone
        self._doors = Lane("doors", 2)
        # Whoever has a server that is slow on purpose, and some addresses, keeps only others who sign in so waiting.
        self._asking = Lane("asking", 6)
        # For signals, and for closing requests: few take long, and those remove files.
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="aside")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request. What Django runs beside the view runs in one thread, not in a new one for each request."""
        async with ThreadSensitiveContext(executor=self._aside):
            await self.handle(scope, receive, send)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Have the response computed in the lane of its kind."""
        try:
            if scope_of(request).get(refusals.KEY) is refusals.CROWDED:
                raise LaneFull
            lane, whose = self._lane(request)
            response: HttpResponseBase = await lane.compute(whose, partial(self.get_response, request))
        except LaneFull:
            response = _busy(request)
        setattr(response, "_handler_class", type(self))  # noqa: B010 - Django's own mark
        return response

    def _lane(self, request: HttpRequest) -> tuple[Lane, str]:
        """Where a request is answered, and whose turn it is there."""
        if (sender := scope_of(request).get(SENDER)) is not None:
            return self._uploads, str(sender)
        return self._lane_of_path(request), network_of(request.META.get("REMOTE_ADDR") or "")

    def _lane_of_path(self, request: HttpRequest) -> Lane:
        if ASKING.match(request.path_info) and (request.method == "POST" or request.path_info.endswith("/back/")):
            return self._asking
        if request.method not in ("GET", "HEAD"):
            if request.path_info == reverse("similar_to_image"):
                return self._images
            return self._doors if request.path_info.startswith(DOORS) else self._sent
        if request.path_info.startswith(QUICK):
            return self._quick
        if POSTER.search(request.path_info):
            return self._posters
        picture = PICTURE.match(request.path_info)
        if picture is None:
            return self._pages
        return self._pictures if picture[1] == str(GRID_SIZE) else self._larger_pictures


def _busy(request: HttpRequest) -> HttpResponse:
    """Ask a browser to come back; scripts of the site do so by themselves."""
    can_load_again = request.method in ("GET", "HEAD")
    page = _busy_page(get_language_from_request(request), can_load_again)
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = str(refusals.CROWDED.retry_after_s)
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _busy_page(language: str, can_load_again: bool) -> str:
    """Rendered once: a site that is asked too much computes nothing to say so."""
    with override(language):
        words = gettext("Very much is asked of this site just now. Try again in a few seconds.")
        context = {"title": refusals.BUSY.title, "words": words, "can_load_again": can_load_again}
        return render_to_string("500.html", context)

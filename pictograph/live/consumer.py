"""Live updates: the web process watches the database and sends what changed as HTML.

Every open page is watched by the process that holds its socket, so any number of web processes need no channel between
them.
"""

import asyncio
import contextlib
import logging
import time
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string

from pictograph.people.models import User
from pictograph.sources.progress import running_progress
from pictograph.sources.views import import_context

logger = logging.getLogger(__name__)
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

# Seconds between two looks: while photos are being classified, and while nothing happens.
BUSY_S, IDLE_S = 0.7, 2.0
ASK_AGAIN_S = 15.0  # whether the person is still signed in
SIGNED_OUT, TRY_AGAIN = 4401, 1011


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page. `?view=import` asks for all of the import page, else only the indicator in the bar is kept."""

    async def connect(self) -> None:
        """Accept a signed-in person's page and begin to watch."""
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.accept()
            await self.close(code=SIGNED_OUT)
            return
        await self.accept()
        self.session_key = self.scope["session"].session_key
        self.is_import_page = b"view=import" in self.scope["query_string"]
        self.watching = asyncio.create_task(self._watch(user))

    async def disconnect(self, code: int) -> None:
        """Stop watching."""
        if (watching := getattr(self, "watching", None)) is not None:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, user: User) -> None:
        seen: dict[str, str] = {}
        asked_at = time.monotonic()
        while True:
            began = time.monotonic()
            try:
                if began - asked_at > ASK_AGAIN_S:
                    asked_at = began
                    # Not signed out meanwhile, no new password, not shut out: read anew, as for a request.
                    if await get_user({"session": SessionStore(self.session_key)}) != user:
                        await self.close(code=SIGNED_OUT)
                        return
                fragments, is_running = await database_sync_to_async(_fragments)(user, self.is_import_page)
            except DatabaseError:
                logger.exception("Live updates stopped; the page will open them again.")
                await self.close(code=TRY_AGAIN)
                return
            changed = {name: html for name, html in fragments.items() if seen.get(name) != html}
            if changed:
                await self.send("".join(changed.values()))
                seen.update(changed)
            # All pages take turns in one thread: where a look takes long, none looks more than a tenth of the time.
            await asyncio.sleep(max(BUSY_S if is_running else IDLE_S, 9 * (time.monotonic() - began)))


class SameOrigin:
    """ASGI middleware: only this site's own pages open a socket; cookies alone would let in those of other ports."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Pass on what comes from the host it is sent to, or from a trusted origin; deny the rest."""
        headers = dict(scope["headers"])
        origin, host = (headers.get(name, b"").decode("latin-1") for name in (b"origin", b"host"))
        is_own = urlsplit(origin).netloc == host and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
        if is_own or origin in settings.CSRF_TRUSTED_ORIGINS:
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def _fragments(user: User, is_import_page: bool) -> tuple[dict[str, str], bool]:
    """The parts of the page by template, and whether an import is running."""
    if not is_import_page:
        context: dict[str, Any] = {"progress": running_progress(user)}
        templates = ["sources/_indicator.html"]
    else:
        context = import_context(user)
        templates = [f"sources/_{part}.html" for part in ("indicator", "progress", "failures", "arrivals", "counts")]
    return {template: render_to_string(template, context) for template in templates}, context["progress"].is_running

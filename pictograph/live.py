"""Live updates: the web process watches the database and sends what changed as HTML.

Every open page is watched by the process that holds its socket, so any number of web processes need no channel between
them.
"""

import asyncio
import contextlib
import logging
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.template.loader import render_to_string

from pictograph.imports.progress import running_progress
from pictograph.imports.views import import_context
from pictograph.models import User

logger = logging.getLogger(__name__)

# Seconds between two looks: while photos are being classified, and while nothing happens.
BUSY_S, IDLE_S = 0.7, 2.0
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
        while True:
            try:
                fragments, is_running = await database_sync_to_async(_fragments)(user, self.is_import_page)
            except DatabaseError:
                logger.exception("Live updates stopped; the page will open them again.")
                await self.close(code=TRY_AGAIN)
                return
            changed = {name: html for name, html in fragments.items() if seen.get(name) != html}
            if changed:
                await self.send("".join(changed.values()))
                seen.update(changed)
            await asyncio.sleep(BUSY_S if is_running else IDLE_S)


def _fragments(user: User, is_import_page: bool) -> tuple[dict[str, str], bool]:
    """The parts of the page by template, and whether an import is running."""
    if not is_import_page:
        context: dict[str, Any] = {"progress": running_progress(user)}
        templates = ["imports/_indicator.html"]
    else:
        context = import_context(user)
        templates = [f"imports/_{part}.html" for part in ("indicator", "progress", "failures", "arrivals", "counts")]
    return {template: render_to_string(template, context) for template in templates}, context["progress"].is_running

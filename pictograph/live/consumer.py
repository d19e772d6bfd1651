"""Live updates: the web process watches the database and sends what changed as HTML.

Every open page is watched by the process that holds its socket, so any number of web processes need no channel between
them.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from pictograph.live.looks import Looks
from pictograph.pages.language import language_asked
from pictograph.people.models import User
from pictograph.sources.imports import import_page
from pictograph.sources.progress import (
    NEWS_AT_MOST,
    ImportStatus,
    count_news,
    current_imports,
    import_status,
    running_status,
)

logger = logging.getLogger(__name__)
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

# Seconds between two looks: while photos are being classified, and while nothing happens.
BUSY_S, IDLE_S = 0.7, 2.0
AT_LEAST_S = 0.15  # between two looks, where a page asks for one
ALL_S = 3.0  # between two looks at all of the import page: how far it is takes a fifth of that
ASK_AGAIN_S = 15.0  # whether the person is still signed in
SIGNED_OUT, TRY_AGAIN = 4401, 1011

# Of the import page; of other pages the first alone. While an import moves the first two are looked at more often.
PARTS = ("indicator", "progress", "failures", "arrivals", "counts")

looks = Looks()


@dataclass
class News:
    """What a page does not show yet: photos classified since it was rendered, of the imports at work meanwhile."""

    since: datetime | None = None
    batch_ids: set[int] = field(default_factory=set)

    @classmethod
    def after(cls, since: str) -> "News":
        """News of a page that says when it was rendered, in seconds since 1970; none of one that does not."""
        try:
            return cls(datetime.fromtimestamp(float(since), UTC))
        except (ValueError, OverflowError, OSError):
            return cls()

    def html(self, user: User, status: ImportStatus) -> str:
        """The button that shows them."""
        if self.since is None:
            return ""
        self.since = min(self.since, timezone.now())  # a page rendered before the clock was set back
        if not self.batch_ids:  # an import may have ended since the page was rendered
            self.batch_ids.update(batch.pk for batch in current_imports(user))
        self.batch_ids.update(status.batch_ids)
        # A small one may have come and gone between two looks.
        self.batch_ids.update(user.imports.filter(started_at__gt=self.since).values_list("pk", flat=True))
        context = {
            "news": count_news(list(self.batch_ids), self.since),
            "news_at_most": NEWS_AT_MOST,
            "news_since": f"{self.since.timestamp():.6f}",
        }
        return render_to_string("sources/_news.html", context)


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page. `?view=import` asks for all of the import page, else only the indicator in the bar is kept.

    `?since=` asks for word of photos classified after that moment too. A page may send `{"since": …}` when it has come
    up to date, and `{"look": true}` when it knows of a change.
    """

    async def connect(self) -> None:
        """Accept a signed-in person's page and begin to watch."""
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.accept()
            await self.close(code=SIGNED_OUT)
            return
        await self.accept()
        self.session_key = self.scope["session"].session_key
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.is_import_page = query.get("view") == ["import"]
        self.news = News.after(query.get("since", [""])[0])
        self.language = language_asked(self.scope["headers"])
        self.asked = asyncio.Event()
        self.watching = asyncio.create_task(self._watch(user))

    async def disconnect(self, code: int) -> None:
        """Stop watching."""
        if (watching := getattr(self, "watching", None)) is not None:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Look at once, where the page asks."""
        try:
            asked = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if isinstance(asked, dict) and hasattr(self, "asked"):
            if "since" in asked:
                self.news = News.after(str(asked["since"]))
            self.asked.set()

    async def _watch(self, user: User) -> None:
        """Look until the page goes; where a look fails, for whatever reason, have the page open the socket anew."""
        try:
            await self._keep_looking(user)
        except Exception:
            logger.exception("Live updates stopped; the page will open them again.")
            await self.close(code=TRY_AGAIN)

    def _parts(self, is_all: bool) -> tuple[str, ...]:
        """The parts of the page to look at."""
        if not self.is_import_page:
            return PARTS[:1]
        return PARTS if is_all else PARTS[:2]

    async def _keep_looking(self, user: User) -> None:
        seen: dict[str, str] = {}
        asked_at = time.monotonic()
        all_at, was_moving = -ALL_S, False
        while True:
            began = time.monotonic()
            if began - asked_at > ASK_AGAIN_S:
                asked_at = began
                # Not signed out meanwhile, no new password, not shut out: read anew, as for a request.
                if await get_user({"session": SessionStore(self.session_key)}) != user:
                    await self.close(code=SIGNED_OUT)
                    return
            is_all = self.asked.is_set() or began - all_at >= ALL_S
            self.asked.clear()
            if is_all:
                all_at = began
            parts = self._parts(is_all)
            # Several pages of a person show the same, but for what each has not shown yet.
            look = partial(_look, user, parts, self.language)
            own = partial(_with_news, user, self.news, self.language)
            fragments, is_moving = await looks.take(user.pk, (parts, self.language), look, own)
            if was_moving and not is_moving and not is_all:  # what came of it is all there now
                self.asked.set()
            was_moving = is_moving
            changed = {name: html for name, html in fragments.items() if seen.get(name) != html}
            if changed:
                with contextlib.suppress(OSError):  # the page has just gone, as `disconnect` is about to hear
                    await self.send("".join(changed.values()))
                seen.update(changed)
            await asyncio.sleep(AT_LEAST_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.asked.wait(), (BUSY_S if is_moving else IDLE_S) - AT_LEAST_S)


class SameOrigin:
    """ASGI middleware: only this site's own pages open a socket; cookies alone would let in those of other ports."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Pass on what comes from the host it is sent to, or from a trusted origin; deny the rest."""
        headers = dict(scope["headers"])
        origin, host = (headers.get(name, b"").decode("latin-1") for name in (b"origin", b"host"))
        is_own = _netloc(origin) == host and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
        if is_own or origin in settings.CSRF_TRUSTED_ORIGINS:
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # "http://[" and the like
        return None


def _look(user: User, parts: Sequence[str], language: str) -> tuple[dict[str, str], ImportStatus]:
    """Parts of the page as HTML, in a language, and how far the imports are that they tell of."""
    context: dict[str, Any]
    with override(language):
        if parts == PARTS:
            page = import_page(user)
            context = {"page": page, "progress": page.progress}
        else:
            context = {"progress": import_status(user) if len(parts) > 1 else running_status(user)}
        return {part: render_to_string(f"sources/_{part}.html", context) for part in parts}, context["progress"]


def _with_news(
    user: User, news: News, language: str, seen: tuple[dict[str, str], ImportStatus]
) -> tuple[dict[str, str], bool]:
    """The parts with what is new to one page, and whether they are about to change."""
    fragments, status = seen
    with override(language):
        html = news.html(user, status)
    return fragments | ({"news": html} if html else {}), status.is_moving

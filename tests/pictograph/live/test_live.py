"""Live updates reach the page they concern, and nobody else's."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from pictograph.live import consumer
from pictograph.live.consumer import SIGNED_OUT, TRY_AGAIN, LiveConsumer, News, SameOrigin
from pictograph.models import Photo, User
from pictograph.sources.progress import ImportStatus
from pictograph.store import prediction_store
from tests.factories import ImportFactory, PhotoFactory, UserFactory, record_of
from tests.pictograph.held import Held

pytestmark = pytest.mark.django_db(transaction=True)


def session_of(user: User) -> SessionStore:
    """A session this person is signed in with."""
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    return session


class OpenPage(ApplicationCommunicator):
    """A browser's end of the socket."""

    def __init__(self, user: Any, query: str = "") -> None:
        scope = {"type": "websocket", "path": "/live/", "query_string": query.encode(), "headers": [], "user": user}
        scope["session"] = session_of(user) if user.is_authenticated else SessionStore()
        super().__init__(LiveConsumer.as_asgi(), scope)

    async def connect(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(timeout=5))["type"] == "websocket.accept"

    async def receive(self) -> str:
        return str((await self.receive_output(timeout=30))["text"])

    async def close(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=5)


async def test_the_import_page_hears_of_each_photo_as_it_is_classified() -> None:
    user = await database_sync_to_async(UserFactory)()
    photo = await database_sync_to_async(pending_photo)(user)
    page = OpenPage(user, "view=import")
    await page.connect()
    first = await page.receive()
    assert 'id="progress"' in first
    await database_sync_to_async(classify)(photo)
    later = await page.receive()
    assert 'id="progress"' in later
    later += await page.receive()
    assert 'id="arrivals"' in later
    assert f"/photos/{photo.pk}/" in later
    assert 'id="counts"' in later
    await page.close()


async def test_other_pages_hear_of_the_indicator_only() -> None:
    user = await database_sync_to_async(UserFactory)()
    await database_sync_to_async(pending_photo)(user)
    page = OpenPage(user)
    await page.connect()
    message = await page.receive()
    assert 'id="indicator"' in message
    assert 'id="arrivals"' not in message
    await page.close()


async def test_nothing_is_sent_while_nothing_changes_and_never_of_another_person() -> None:
    user = await database_sync_to_async(UserFactory)()
    page = OpenPage(user, "view=import")
    await page.connect()
    await page.receive()
    other = await database_sync_to_async(UserFactory)()
    photo = await database_sync_to_async(pending_photo)(other)
    await database_sync_to_async(classify)(photo)
    assert await page.receive_nothing(timeout=3, interval=0.1)
    await page.close()


async def test_a_visitor_who_is_not_signed_in_is_turned_away() -> None:
    page = OpenPage(AnonymousUser())
    await page.connect()
    closed = await page.receive_output(timeout=30)
    assert closed["type"] == "websocket.close"
    assert closed["code"] == SIGNED_OUT


def sign_out(user: User, page: OpenPage) -> None:
    page.scope["session"].flush()


def change_password(user: User, page: OpenPage) -> None:
    user.set_password("another secret word")
    user.save()


def shut_out(user: User, page: OpenPage) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("end", [sign_out, change_password, shut_out])
async def test_an_open_page_hears_nothing_more_once_the_session_has_ended(
    end: Callable[[User, OpenPage], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pictograph.live.consumer.ASK_AGAIN_S", 0)
    user = await database_sync_to_async(UserFactory)()
    page = OpenPage(user)
    await page.connect()
    await page.receive()
    await database_sync_to_async(end)(user, page)
    closed = await page.receive_output(timeout=30)
    assert (closed["type"], closed["code"]) == ("websocket.close", SIGNED_OUT)


class StoreIsDown(Exception):
    """What a store of another server raises when that is away."""


@pytest.mark.parametrize("error", [StoreIsDown, OperationalError])
async def test_a_page_whose_watching_ends_badly_is_told_to_open_it_again(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_: Any) -> None:
        raise error

    user = await database_sync_to_async(UserFactory)()
    page = OpenPage(user)
    await page.connect()
    await page.receive()
    monkeypatch.setattr("pictograph.live.consumer.running_status", down)
    closed = await page.receive_output(timeout=30)
    assert (closed["type"], closed["code"]) == ("websocket.close", TRY_AGAIN)
    assert error.__name__ in caplog.text
    await page.close()


@pytest.mark.parametrize(
    ("host", "origin", "is_let_in"),
    [
        ("photos.local:8000", "http://photos.local:8000", True),
        ("photos.local", "https://photos.local", True),
        ("[::1]", "http://[::1]", True),
        ("photos.local:8000", "https://trusted.example", True),
        ("photos.local:8000", "http://photos.local:9000", False),  # another program on the same machine
        ("evil.example", "http://evil.example", False),
        ("photos.local:8000", "null", False),
        ("photos.local:8000", "", False),
    ],
)
async def test_only_pages_of_this_site_open_a_socket(
    host: str, origin: str, is_let_in: bool, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["photos.local", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example"]

    async def let_in(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    page = ApplicationCommunicator(SameOrigin(let_in), {"type": "websocket", "path": "/live/", "headers": headers})
    await page.send_input({"type": "websocket.connect"})
    answer = await page.receive_output(timeout=5)
    assert (answer["type"] == "websocket.accept") is is_let_in


def pending_photo(user: User) -> Photo:
    return PhotoFactory(owner=user, batch=ImportFactory(owner=user))


def classify(photo: Photo) -> None:
    photo.state, photo.is_due, photo.finished_at = Photo.State.CLASSIFIED, False, timezone.now()
    photo.save()
    prediction_store().record([record_of(photo, "n02099712")])


async def test_an_open_page_hears_how_many_photos_are_new_since_it_was_rendered() -> None:
    user = await database_sync_to_async(UserFactory)()
    photo = await database_sync_to_async(pending_photo)(user)
    page = OpenPage(user, f"since={time.time()}")
    await page.connect()
    assert "new: show" not in await page.receive()
    await database_sync_to_async(classify)(photo)
    message = await page.receive()
    assert "1 new: show" in message
    await page.send_input({"type": "websocket.receive", "text": json.dumps({"since": time.time()})})
    assert "new: show" not in await page.receive()
    await page.close()


@pytest.mark.parametrize("nonsense", ["x", "[]", "null", "[" * 100_000, '{"since": "never"}', '{"since": 1e300}'])
async def test_messages_that_make_no_sense_are_taken_calmly(nonsense: str) -> None:
    user = await database_sync_to_async(UserFactory)()
    page = OpenPage(user)
    await page.connect()
    await page.receive()
    await page.send_input({"type": "websocket.receive", "text": nonsense})
    assert await page.receive_nothing(timeout=0.5, interval=0.1)
    await page.close()


def test_an_import_that_came_and_went_between_two_looks_is_news_too() -> None:
    user = UserFactory()
    classify(pending_photo(user))
    news = News.after(str(time.time()))
    assert "new: show" not in news.html(user, ImportStatus())
    classify(pending_photo(user))
    assert "1 new: show" in news.html(user, ImportStatus())
    assert News.after("").html(user, ImportStatus()) == ""


async def test_pages_of_one_person_share_a_look_whenever_each_was_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    user = await database_sync_to_async(UserFactory)()
    photo = await database_sync_to_async(pending_photo)(user)
    await database_sync_to_async(classify)(photo)
    asked: list[User] = []
    ask = consumer.running_status

    def ask_and_note(user: User) -> ImportStatus:
        asked.append(user)
        return ask(user)

    monkeypatch.setattr(consumer, "running_status", ask_and_note)
    began: list[str] = []
    before = Held("before", began)
    holding = asyncio.create_task(consumer.looks.take(0, "before", before, str))
    old, young = OpenPage(user, f"since={time.time() - 60}"), OpenPage(user, f"since={time.time() + 60}")
    for page in (old, young):
        await page.connect()
    await asyncio.sleep(0.2)
    before.may_end.set()
    await holding
    assert "1 new: show" in await old.receive()
    assert "new: show" not in await young.receive()
    assert len(asked) == 1
    for page in (old, young):
        await page.close()

"""Live updates reach the page they concern, and nobody else's."""

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from pictograph.live import SIGNED_OUT, LiveConsumer
from pictograph.models import Photo, User
from pictograph.store import prediction_store
from tests.factories import ImportFactory, PhotoFactory, UserFactory, prediction_of

pytestmark = pytest.mark.django_db(transaction=True)


class OpenPage(ApplicationCommunicator):
    """A browser's end of the socket."""

    def __init__(self, user: Any, query: str = "") -> None:
        scope = {"type": "websocket", "path": "/live/", "query_string": query.encode(), "headers": [], "user": user}
        super().__init__(LiveConsumer.as_asgi(), scope)

    async def connect(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(timeout=5))["type"] == "websocket.accept"

    async def receive(self) -> str:
        return str((await self.receive_output(timeout=5))["text"])

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
    closed = await page.receive_output(timeout=5)
    assert closed["type"] == "websocket.close"
    assert closed["code"] == SIGNED_OUT


def pending_photo(user: User) -> Photo:
    return PhotoFactory(owner=user, batch=ImportFactory(owner=user))


def classify(photo: Photo) -> None:
    photo.state, photo.finished_at = Photo.State.CLASSIFIED, photo.created_at
    photo.save()
    prediction_store().record([prediction_of(photo, "n02099712")])

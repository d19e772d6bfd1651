"""Taking everything with you: asked for by the person alone, sent to one reader at a time, and ended with them."""

import asyncio
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from pictograph.export.streaming import Streamed
from pictograph.gate.handler import LaneHandler
from pictograph.people.models import User
from pictograph.queue.long_work import Lease, LeaseLost
from tests.factories import TABBY, classified_photo, picture
from tests.pictograph.people.signing import PASSWORD, sign_in

EXPORT = reverse("export")
SCOPE = {
    "type": "http",
    "method": "POST",
    "path": EXPORT,
    "query_string": b"",
    "client": ("192.0.2.1", 5000),
    "headers": [(b"host", b"testserver")],
}


def test_it_is_asked_for_in_a_form_by_who_has_just_proved_themselves(client: Client, user: User) -> None:
    client.force_login(user)
    assert "Confirm first that it is you." in client.get(EXPORT).content.decode()
    answer = client.post(EXPORT)
    assert answer.headers["Location"] == f"{reverse('account_reauthenticate')}?next=%2Faccounts%2Fexport%2F"
    assert client.post(answer.headers["Location"], {"password": PASSWORD}).headers["Location"] == EXPORT
    page = client.get(EXPORT).content.decode()
    assert "Download" in page
    assert not Lease.objects.exists(), "looking at the page begins nothing"


def test_a_form_of_another_site_gets_nothing(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(EXPORT).status_code == 403


def test_the_page_says_how_much_it_is_and_that_it_begins_anew(client: Client, user: User) -> None:
    client.force_login(user)
    assert "You have no photos yet." in client.get(EXPORT).content.decode()
    classified_photo(TABBY, owner=user, size_bytes=3_000_000)
    assert "your photo, 3.0 MB" in client.get(EXPORT).content.decode()
    classified_photo(TABBY, owner=user, size_bytes=2_000_000_000)
    page = client.get(EXPORT).content.decode()
    assert "your 2 photos, 2.0 GB" in page
    assert "A download that breaks off begins anew." in page
    assert EXPORT in client.get(reverse("delete_account")).content.decode()


def test_all_of_it_is_sent(transactional_db: None, user: User) -> None:
    content = picture()
    photo = classified_photo(TABBY, content=content, owner=user, name="cat.jpg")
    client = Client()
    sign_in(client, user.username)
    answer = client.post(EXPORT)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="pictograph-{user.username}-')
    assert "no-store" in answer.headers["Cache-Control"]
    opened = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    assert opened.testzip() is None
    assert "photos" in opened.read("README.txt").decode()
    (told,) = json.loads(opened.read("library.json"))["photos"]
    assert opened.read(told["file"]) == content
    assert told["sha256"] == photo.digest
    answer.close()
    assert not Lease.objects.exists()


def test_one_person_gets_one_at_a_time(client: Client, user: User) -> None:
    sign_in(client, user.username)
    with Lease.of(f"export {user.pk}"):
        answer = client.post(EXPORT)
        assert answer.status_code == 409
        assert "A download is under way already." in answer.content.decode()


def test_an_answer_that_is_given_up_frees_the_person(transactional_db: None, user: User) -> None:
    client = Client()
    sign_in(client, user.username)
    answer = client.post(EXPORT)
    assert Lease.objects.exists()
    answer.close()
    assert not Lease.objects.exists()


class Blocks:
    """Blocks that are counted, with what became of whoever made them."""

    def __init__(self, count: int) -> None:
        self.made, self.is_closed, self.threads = 0, False, set[str]()
        self._count = count

    def __iter__(self) -> Iterator[bytes]:
        try:
            for _ in range(self._count):
                self.made += 1
                self.threads.add(threading.current_thread().name)
                yield b"" if self.made % 2 else b"x"
        finally:
            self.is_closed = True


@pytest.fixture
def no_lease(monkeypatch: pytest.MonkeyPatch) -> Lease:
    """One that is in no database."""
    monkeypatch.setattr(Lease, "beat", lambda lease: None)
    return Lease(work="export 1")


def test_blocks_are_made_as_they_are_read_and_no_thread_waits_for_a_slow_reader(no_lease: Lease) -> None:
    blocks = Blocks(1000)

    async def read_some() -> int:
        stream = aiter(Streamed(iter(blocks), no_lease, ExitStack()))
        for _ in range(3):
            assert await anext(stream) == b"x"
        made = blocks.made
        await asyncio.sleep(0.05)  # a reader that takes a breath
        assert blocks.made == made
        await stream.aclose()  # type: ignore[attr-defined]
        return made

    assert asyncio.run(read_some()) == 6
    assert blocks.is_closed
    assert all(name.startswith("archives") for name in blocks.threads)


def test_many_slow_readers_keep_nobody_waiting(no_lease: Lease) -> None:
    async def read() -> float:
        slow = [aiter(Streamed(iter(Blocks(10)), no_lease, ExitStack())) for _ in range(50)]
        for stream in slow:
            await anext(stream)
        begun = time.monotonic()
        async for _ in Streamed(iter(Blocks(10)), no_lease, ExitStack()):
            pass
        for stream in slow:
            await stream.aclose()  # type: ignore[attr-defined]
        return time.monotonic() - begun

    assert asyncio.run(read()) < 5


def test_a_reader_that_is_gone_ends_it_in_the_middle_of_a_block(no_lease: Lease) -> None:
    may_go_on, has_begun, at_end = threading.Event(), threading.Event(), ExitStack()
    ended: list[str] = []
    at_end.callback(ended.append, "lease")

    def blocks() -> Iterator[bytes]:
        try:
            has_begun.set()
            may_go_on.wait(10)
            yield b"x"
        finally:
            ended.append("blocks")

    async def read() -> None:
        async for _ in Streamed(blocks(), no_lease, at_end):
            pass

    async def leave() -> None:
        reading = asyncio.create_task(read())
        await asyncio.to_thread(has_begun.wait, 10)
        reading.cancel()
        may_go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(leave())
    assert ended == ["blocks", "lease"]


def test_whoever_loses_the_lease_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pictograph.export.streaming.BEAT_S", 0)

    def lose(lease: Lease) -> None:
        raise LeaseLost

    monkeypatch.setattr(Lease, "beat", lose)

    async def read() -> None:
        async for _ in Streamed(iter(Blocks(1_000_000)), Lease(work="export 1"), ExitStack()):
            pass

    with pytest.raises(LeaseLost):
        asyncio.run(read())


async def test_a_browser_that_leaves_ends_it_in_the_server_too(
    no_lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, at_end, blocks = asyncio.Event(), ExitStack(), Blocks(1_000_000)
    loop = asyncio.get_running_loop()
    at_end.callback(loop.call_soon_threadsafe, ended.set)
    handler = LaneHandler()
    streamed = Streamed(iter(blocks), no_lease, at_end)
    monkeypatch.setattr(handler, "get_response", lambda request: StreamingHttpResponse(streamed))
    browser = ApplicationCommunicator(handler, SCOPE)
    await browser.send_input({"type": "http.request", "body": b""})
    assert (await browser.receive_output(timeout=30))["status"] == 200
    assert (await browser.receive_output(timeout=30))["body"] == b"x"
    await browser.send_input({"type": "http.disconnect"})
    await asyncio.wait_for(ended.wait(), timeout=30)
    assert blocks.is_closed
    assert blocks.made < 1_000_000
    await browser.wait(timeout=30)

"""Larger pictures are made once each, few at a time, and a slow one holds nobody up for long."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from classifier.pictures.readers import Halted
from classifier.work import Reason, UnreadablePhoto
from pictograph.people.models import User
from pictograph.photos import pictures, rendering
from pictograph.photos.models import Photo
from pictograph.photos.rendering import AT_ONCE, WAITING_AT_MOST, WAITING_OF_ONE, Busy, Renderings
from tests.factories import classified_photo, picture

WAIT_S = 20
ANNA, BERT, CARL = 1, 2, 3


class SlowReader:
    """Makes a picture once it is told to."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.times = 0
        self.gate = threading.Event()

    def read(self, *arguments: Any) -> tuple[bytes, str]:
        self.times += 1
        self.begun.release()
        assert self.gate.wait(WAIT_S)
        return b"made", "digest"


@pytest.fixture
def slow() -> Iterator[SlowReader]:
    slow = SlowReader()
    yield slow
    slow.gate.set()


def opening() -> io.BytesIO:
    return io.BytesIO()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_the_same_picture_asked_for_by_many_is_made_once(slow: SlowReader) -> None:
    renderings = Renderings(slow.read)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(renderings.make, "a", 1440, opening, ANNA)
        assert slow.begun.acquire(timeout=WAIT_S)
        others = [pool.submit(renderings.make, "a", 1440, opening, ANNA) for _ in range(7)]
        wait_until(lambda: renderings._waiting.total() >= 7)
        slow.gate.set()
        assert {one.result(WAIT_S) for one in [first, *others]} == {(b"made", "digest")}
    assert slow.times == 1


OWNERS = [ANNA, BERT] * WAITING_OF_ONE


def test_few_are_made_at_once_few_wait_and_none_for_long(slow: SlowReader, monkeypatch: pytest.MonkeyPatch) -> None:
    renderings = Renderings(slow.read)
    with ThreadPoolExecutor(AT_ONCE + WAITING_AT_MOST) as pool:

        def ask(name: str, count: int) -> list[Future[tuple[bytes, str]]]:
            asked = enumerate(OWNERS[:count])
            return [pool.submit(renderings.make, f"{name}{at}", 1440, opening, owner) for at, owner in asked]

        made = ask("made", AT_ONCE)
        for _ in made:
            assert slow.begun.acquire(timeout=WAIT_S)
        waiting = ask("waiting", WAITING_AT_MOST)
        wait_until(lambda: renderings._waiting.total() >= WAITING_AT_MOST)
        with pytest.raises(Busy):  # at once
            renderings.make("one more", 1440, opening, CARL)
        slow.gate.set()
        assert all(one.result(WAIT_S) for one in made + waiting)
        slow.gate.clear()
        monkeypatch.setattr(rendering, "TURN_S", 0.01)
        made = ask("made", AT_ONCE)
        wait_until(lambda: slow.times >= 2 * AT_ONCE + WAITING_AT_MOST)
        for path in ("made0", "another"):
            with pytest.raises(Busy):
                renderings.make(path, 1440, opening, CARL)
        slow.gate.set()


def test_one_owners_slow_pictures_leave_a_turn_and_room_to_wait_to_others(slow: SlowReader) -> None:
    def read(task: object, files: list[io.BytesIO], *is_halted: object) -> tuple[bytes, str]:
        return slow.read() if files[0].getvalue() == b"slow" else (b"quick", "digest")

    renderings = Renderings(read)
    with ThreadPoolExecutor(2 * WAITING_AT_MOST) as pool:

        def ask(path: str, content: bytes, owner: int) -> Future[tuple[bytes, str]]:
            return pool.submit(renderings.make, path, 1440, lambda: io.BytesIO(content), owner)

        slow_ones = [ask(f"{number}", b"slow", ANNA) for number in range(WAITING_OF_ONE + 1)]
        assert slow.begun.acquire(timeout=WAIT_S)
        assert not slow.begun.acquire(timeout=0.1)
        wait_until(lambda: renderings._waiting.total() >= WAITING_OF_ONE)
        with pytest.raises(Busy):  # at once
            renderings.make("one more", 1440, opening, ANNA)
        quick = [ask(f"quick {number}", b"quick", BERT) for number in range(WAITING_OF_ONE)]
        assert {one.result(WAIT_S) for one in quick} == {(b"quick", "digest")}
        assert slow.times == 1
        slow.gate.set()
        assert {one.result(WAIT_S) for one in slow_ones} == {(b"made", "digest")}


@pytest.mark.parametrize("error", [UnreadablePhoto(Reason.CRASHED, "SIGSEGV"), Halted()])
def test_what_could_not_be_made_is_not_tried_again_at_once(error: Exception) -> None:
    tried = []

    def read(*arguments: Any) -> object:
        tried.append(1)
        raise error

    renderings = Renderings(read)
    for _ in range(3):
        with pytest.raises(UnreadablePhoto):
            renderings.make("a", 1440, opening, ANNA)
    assert len(tried) == 1


@pytest.fixture
def photo(user: User) -> Photo:
    return classified_photo("n02099712", owner=user, content=picture(size=(3000, 2000)))


def refuse(error: Exception) -> Callable[..., object]:
    def make(*arguments: object) -> object:
        raise error

    return make


@pytest.mark.parametrize("error", [Busy(), UnreadablePhoto(Reason.TOO_SLOW)])
def test_while_a_picture_cannot_be_made_the_grids_stands_in(
    error: Exception, client: Client, user: User, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures.renderings, "make", refuse(error))
    client.force_login(user)
    response = client.get(reverse("rendition", args=[photo.pk, 1440]))
    assert response.content == default_storage.open(photo.rendition_path(480)).read()
    assert response.headers["Cache-Control"] == "no-store"


def test_where_nothing_stands_in_one_is_asked_to_come_back(
    client: Client, user: User, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures.renderings, "make", refuse(Busy()))
    default_storage.delete(photo.rendition_path(480))
    client.force_login(user)
    response = client.get(reverse("rendition", args=[photo.pk, 1440]))
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Cache-Control"] == "no-store"

"""Larger pictures are made once each, few at a time, and a slow one holds nobody up for long."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from pictograph.photos.rendering import AT_ONCE, WAITING_AT_MOST, Busy, Renderings
from tests.factories import classified_photo, picture

WAIT_S = 20


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


def test_the_same_picture_asked_for_by_many_is_made_once(slow: SlowReader) -> None:
    renderings = Renderings(slow.read)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(renderings.make, "a", 1440, opening)
        assert slow.begun.acquire(timeout=WAIT_S)
        others = [pool.submit(renderings.make, "a", 1440, opening) for _ in range(7)]
        while renderings._waiting < 7:
            time.sleep(0.001)
        slow.gate.set()
        assert {one.result(WAIT_S) for one in [first, *others]} == {(b"made", "digest")}
    assert slow.times == 1


def test_few_are_made_at_once_few_wait_and_none_for_long(slow: SlowReader, monkeypatch: pytest.MonkeyPatch) -> None:
    renderings = Renderings(slow.read)
    with ThreadPoolExecutor(AT_ONCE + WAITING_AT_MOST) as pool:
        made = [pool.submit(renderings.make, str(number), 1440, opening) for number in range(AT_ONCE)]
        for _ in made:
            assert slow.begun.acquire(timeout=WAIT_S)
        waiting = [pool.submit(renderings.make, f"w{number}", 1440, opening) for number in range(WAITING_AT_MOST)]
        while renderings._waiting < WAITING_AT_MOST:
            time.sleep(0.001)
        with pytest.raises(Busy):  # at once
            renderings.make("one more", 1440, opening)
        slow.gate.set()
        assert all(one.result(WAIT_S) for one in made + waiting)
        slow.gate.clear()
        monkeypatch.setattr(rendering, "TURN_S", 0.01)
        made = [pool.submit(renderings.make, str(number), 1440, opening) for number in range(AT_ONCE)]
        while slow.times < 2 * AT_ONCE + WAITING_AT_MOST:
            time.sleep(0.001)
        for path in ("0", "another"):
            with pytest.raises(Busy):
                renderings.make(path, 1440, opening)
        slow.gate.set()


@pytest.mark.parametrize("error", [UnreadablePhoto(Reason.CRASHED, "SIGSEGV"), Halted()])
def test_what_could_not_be_made_is_not_tried_again_at_once(error: Exception) -> None:
    tried = []

    def read(*arguments: Any) -> object:
        tried.append(1)
        raise error

    renderings = Renderings(read)
    for _ in range(3):
        with pytest.raises(UnreadablePhoto):
            renderings.make("a", 1440, opening)
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

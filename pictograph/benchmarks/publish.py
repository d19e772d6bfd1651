"""How long it takes until thousands of photos are public everywhere, or private again, and how long others wait."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store import prediction_store
from pictograph.store.interface import Facts

EVERY_S = 0.02  # a write of somebody else


def measure_publishing(user: User, count: int) -> dict[str, Any]:
    """Publish the oldest private photos of a library and take them back; seconds until rows, lists and counts say so.

    `longest_wait_ms` is of somebody else who writes to the store meanwhile.
    """
    private = Photo.objects.owned_by(user).classified().filter(is_public=False)
    ids = list(private.order_by("pk").values_list("pk", flat=True)[:count])
    photos, waits = Photo.objects.filter(pk__among=ids), list[float]()
    if not ids:
        raise ValueError("there are no private photos to publish")
    with _somebody_else(_write(ids[0]), waits):
        published_s = _seconds(lambda: publish(photos, is_public=True))
        withdrawn_s = _seconds(lambda: publish(photos, is_public=False))
    return {
        "photos": len(ids),
        "publish_s": round(published_s, 2),
        "withdraw_s": round(withdrawn_s, 2),
        "longest_wait_ms": round(max(waits, default=0.0) * 1000, 1),
    }


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _write(photo_id: int) -> Callable[[], None]:
    """Something that changes nothing, and waits for its turn to write like everything else."""
    ((pk, shown_at, published_at),) = Photo.objects.filter(pk=photo_id).facts()
    stale = Facts(pk + 10**15, shown_at, published_at)  # of a photo that there is not
    return lambda: prediction_store().update([stale])


@contextmanager
def _somebody_else(write: Callable[[], None], waits: list[float]) -> Iterator[None]:
    """Have somebody write again and again meanwhile, over a connection of their own."""
    is_over = threading.Event()

    def go_on() -> None:
        try:
            while not is_over.wait(EVERY_S):
                waits.append(_seconds(write))
        finally:
            connection.close()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()

"""How long it takes until thousands of photos are public everywhere, or private again, and how long others wait."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.places.models import Sighting
from pictograph.search.words import PhotoWord
from pictograph.store import prediction_store
from pictograph.store.interface import Facts

EVERY_S = 0.02  # a write of somebody else


def measure_publishing(user: User, count: int) -> dict[str, Any]:
    """Publish the oldest private photos of a library and take them back; seconds until all that follows says so.

    That is rows, lists, counts and sums, the words that others search by, and the map: of what share of the photos the
    report counts `words`, rows of captions, and `sightings`. Seconds of CPU are those of this process alone, which
    leaves out a database's server. `longest_wait_ms` is of somebody else who writes to the store meanwhile.
    """
    private = Photo.objects.owned_by(user).classified().filter(is_public=False)
    ids = list(private.order_by("pk").values_list("pk", flat=True)[:count])
    photos, waits = Photo.objects.filter(pk__among=frozenset(ids)), list[float]()
    if not ids:
        raise ValueError("there are no private photos to publish")
    with _somebody_else(_write(ids[0]), waits):
        published = spent(lambda: publish(photos, is_public=True))
        words = PhotoWord.objects.filter(photo__pk__among=frozenset(ids), is_shared=True).count()
        sightings = Sighting.objects.filter(pk__among=frozenset(ids)).count()
        withdrawn = spent(lambda: publish(photos, is_public=False))
    return {
        "photos": len(ids),
        "words": words,
        "sightings": sightings,
        "publish_s": round(published.wall_s, 2),
        "publish_cpu_s": round(published.cpu_s, 2),
        "withdraw_s": round(withdrawn.wall_s, 2),
        "withdraw_cpu_s": round(withdrawn.cpu_s, 2),
        "longest_wait_ms": round(max(waits, default=0.0) * 1000, 1),
    }


@dataclass(frozen=True)
class Spent:
    """Seconds that something took by the clock, and of the CPU in this thread."""

    wall_s: float
    cpu_s: float


def spent(act: Callable[[], object]) -> Spent:
    """Do something and say what it took."""
    began, cpu = time.perf_counter(), time.thread_time()
    act()
    return Spent(time.perf_counter() - began, time.thread_time() - cpu)


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
                waits.append(spent(write).wall_s)
        finally:
            connection.close()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()

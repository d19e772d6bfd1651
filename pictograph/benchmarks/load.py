"""The site under load: many who browse, many open pages, and imports, all at once on this machine."""

import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from classifier.benchmarks.labelled import labelled_photos
from classifier.benchmarks.sample_photos import distinct_copies
from classifier.tasks import open_classifier
from pictograph.benchmarks.scratch import scratch_site
from pictograph.benchmarks.visitors import LOOKED_AT_S, Heard, Person, Visitor, at_once, bring, browse, watch
from pictograph.people.models import User
from pictograph.photos.models import Photo

HOST = "127.0.0.1"
STARTS_WITHIN_S = 120.0
MOST_S = 400.0  # of an import


@dataclass(frozen=True)
class LoadReport:
    """What visitors met. Times are of pages, in milliseconds, unless they say otherwise.

    `socket_gap_s` is the longest time in which an open page of someone whose import was moving heard nothing.
    """

    people: int
    library: int
    browsers: int
    sockets: int
    imported: int
    looked_at_s: tuple[float, float]
    seconds: float
    pages: int
    p50_ms: float
    p95_ms: float
    slowest_ms: float
    p95_ms_by_page: dict[str, float]
    pictures: int
    pictures_p95_ms: float
    uploads_p95_ms: float
    socket_gap_s: float
    socket_messages: int
    import_s: float
    errors: int
    first_errors: list[str]


def load(
    folder: Path, *, people: int, library: int, browsers: int, sockets: int, photos: int, seconds: int, broker: str
) -> LoadReport:
    """Serve a made-up site as `make run` does, and have visitors come.

    Each of the `people` has a `library` of so many photos; browsers, sockets and the imported photos are spread over
    them. They browse for `seconds` at least, a fifth of that before the first photo comes in. Raises OSError for a
    folder without photos, RuntimeError where the site does not start or work. The `broker` is to be nobody else's: one
    of the filesystem is in the scratch folder.
    """
    with tempfile.TemporaryDirectory(prefix="load-") as name, scratch_site(Path(name)):
        scratch = Path(name)
        to_import = distinct_copies(labelled_photos(folder), scratch / "new", photos)
        _keep_network(scratch)
        signed_in = [_person(number, library) for number in range(people)]
        connections.close_all()
        with _served(scratch, broker) as port:
            return _visit(port, signed_in, library, browsers, sockets, to_import, seconds)


def _keep_network(scratch: Path) -> None:
    """Give the site the network as it is kept once made ready for this machine, which takes its first start a while."""
    open_classifier()
    if settings.CLASSIFIER_CACHE.exists():
        shutil.copytree(settings.CLASSIFIER_CACHE, scratch / settings.CLASSIFIER_CACHE.name)


def _person(number: int, library: int) -> Person:
    """Someone with a library, signed in."""
    name = _name(number)
    with open(os.devnull, "w") as nowhere:
        call_command("seed_library", library, user=name, pictures=library, seed=number, stdout=nowhere, stderr=nowhere)
    client = Client()
    client.force_login(User.objects.get(username=name))
    return Person(client.session.session_key or "")


def _name(number: int) -> str:
    return f"visitor-{number}"


@contextmanager
def _served(scratch: Path, broker: str) -> Iterator[int]:
    """The site of the scratch database, web and workers; the port it answers on."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATA_DIR": str(scratch),
        "DATABASE_URL": _database_url(),
        "CELERY_BROKER_URL": broker,
        "CACHE_URL": "locmem://",  # and what a site of the settings counts is left alone
        "SECRET_KEY": settings.SECRET_KEY,
        "HOST": HOST,
        "PORT": str(port),
        "HTTPS": "false",
        "ALLOWED_HOSTS": HOST,
    }
    command = [sys.executable, "manage.py", "serve"]
    site = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, site)
        yield port
    finally:
        site.send_signal(signal.SIGTERM)
        site.wait()


def _database_url() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    who = f"{told['USER']}:{told['PASSWORD']}@" if told["USER"] else ""
    return f"postgres://{who}{told['HOST']}:{told['PORT'] or 5432}/{told['NAME']}"


def _wait_for(port: int, site: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and site.poll() is None:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("the site did not start")


def _visit(
    port: int,
    people: Sequence[Person],
    library: int,
    browsers: int,
    sockets: int,
    to_import: Sequence[Path],
    seconds: int,
) -> LoadReport:
    heard, stop = Heard(), threading.Event()
    visitors = [Visitor(HOST, port, people[n % len(people)], heard) for n in range(browsers)]
    browsing = at_once([partial(browse, visitor, stop, random.Random(n)) for n, visitor in enumerate(visitors)])
    watching = at_once([partial(watch, f"{HOST}:{port}", people, sockets, heard, stop)])
    time.sleep(seconds / 5)
    began = time.monotonic()
    parts = [to_import[n :: len(people)] for n in range(len(people))]
    bringing = [
        partial(bring, Visitor(HOST, port, person, heard), part) for person, part in zip(people, parts, strict=True)
    ]
    for thread in at_once(bringing):
        thread.join(MOST_S)
    ended = _wait_for_photos(began + MOST_S, {n: library + len(part) for n, part in enumerate(parts)})
    stop.wait(max(0.0, began + 0.8 * seconds - time.monotonic()))
    stop.set()
    for thread in [*browsing, *watching]:
        thread.join(10)
    gaps = [gap for n, heard_at in heard.messages.items() for gap in _gaps(heard_at, began, ended[n % len(people)])]
    took_s = max(ended.values()) - began
    return _report(
        heard, len(people), library, browsers, sockets, len(to_import), began, took_s, max(gaps, default=0.0)
    )


def _wait_for_photos(until: float, wanted: Mapping[int, int]) -> dict[int, float]:
    """The moment when so many photos of each person have been looked at, by the person's number."""
    ended: dict[int, float] = {}
    while time.monotonic() < until:
        for number in wanted.keys() - ended.keys():
            if Photo.objects.classified().filter(owner__username=_name(number)).count() >= wanted[number]:
                ended[number] = time.monotonic()
        if len(ended) == len(wanted):
            return ended
        time.sleep(0.25)
    raise RuntimeError("the photos were not looked at in time")


def _gaps(moments: Sequence[float], began: float, ended: float) -> list[float]:
    """The seconds between messages while somebody's import moved."""
    within = [began, *(moment for moment in moments if began < moment < ended), ended]
    return [later - earlier for earlier, later in pairwise(within)]


def _report(
    heard: Heard,
    people: int,
    library: int,
    browsers: int,
    sockets: int,
    imported: int,
    began: float,
    took_s: float,
    gap_s: float,
) -> LoadReport:
    times = sorted(took for of_kind in heard.pages.values() for took in of_kind)
    return LoadReport(
        people=people,
        library=library,
        browsers=browsers,
        sockets=sockets,
        imported=imported,
        looked_at_s=LOOKED_AT_S,
        seconds=round(time.monotonic() - began, 1),
        pages=len(times),
        p50_ms=_ms(statistics.median(times)),
        p95_ms=_p95_ms(times),
        slowest_ms=_ms(times[-1]),
        p95_ms_by_page={kind: _p95_ms(sorted(of_kind)) for kind, of_kind in sorted(heard.pages.items())},
        pictures=len(heard.pictures),
        pictures_p95_ms=_p95_ms(sorted(heard.pictures)),
        uploads_p95_ms=_p95_ms(sorted(heard.uploads)),
        socket_gap_s=round(gap_s, 2),
        socket_messages=sum(len(moments) for moments in heard.messages.values()),
        import_s=round(took_s, 1),
        errors=len(heard.errors),
        first_errors=heard.errors[:5],
    )


def _p95_ms(ordered: Sequence[float]) -> float:
    return _ms(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]) if ordered else 0.0


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)

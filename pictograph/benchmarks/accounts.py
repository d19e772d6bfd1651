"""A photo account brought in at full speed, beside a plain loop that fetches the same files and does nothing else."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection as database

from pictograph.benchmarks.scratch import scratch_site
from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Service
from pictograph.connections.sync import sync
from pictograph.fetching.client import Http
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.providers import kinds
from pictograph.providers.interface import Capabilities, Client, Credentials, Identity, Page, RemotePhoto, SignIn
from pictograph.sources.models import Import

FEW = 2000  # photos, after which memory is measured for the first time
PHOTO_BYTES = 300_000
LOOK_EVERY_S = 0.5
PLAIN_AT_MOST = 2000  # photos of the plain loops: what they do does not depend on how many there are


def measure_accounts(photos: int, size_bytes: int = PHOTO_BYTES) -> dict[str, Any]:
    """Bring in an account of so many photos, and fetch files like those by plain loops of one and of four threads."""
    with _serving(photos, size_bytes) as server, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        report: dict[str, Any] = {"photos": photos, "photo_bytes": size_bytes, "database": database.vendor}
        report["fetch_alone"] = round(_plain(server, min(photos, PLAIN_AT_MOST), 1, Path(folder)), 1)
        report["fetch_alone_4_threads"] = round(_plain(server, min(photos, PLAIN_AT_MOST), 4, Path(folder)), 1)
        with scratch_site(Path(folder)):
            report |= _sync(server, photos)
    return report


def _sync(server: str, photos: int) -> dict[str, Any]:
    """Bring the account in, turn by turn; rates in photos per second, memory in MB."""
    kinds.KINDS["bench"] = Shelf  # type: ignore[index]
    settings.PRIVATE_SERVERS = [*settings.PRIVATE_SERVERS, server]
    service = Service.objects.create(kind="bench", server=server, is_offered=True)
    person = User.objects.create(username="bench")
    account = connect(person, Proved(service, Identity("bench", "@bench"), Credentials("bench")))
    watch = _Memory()
    began, turns = time.perf_counter(), 1
    with watch.watching():
        while sync(account):
            turns += 1
    seconds = time.perf_counter() - began
    batch = Import.objects.get(source=account.source_id)
    assert Photo.objects.owned_by(person).count() == batch.arrived_files == photos
    return {
        "sync": round(photos / seconds, 1),
        "turns": turns,
        "peak_mb_at_few": watch.at_few,
        "peak_mb": watch.peak,
        "few": FEW,
    }


class _Memory:
    """The most memory of this process, when the first few photos were here and in all; what SQLite maps is left out."""

    at_few = 0.0
    peak = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look now and then until the end."""
        is_over = threading.Event()
        thread = threading.Thread(target=self._watch, args=[is_over])
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _watch(self, is_over: threading.Event) -> None:
        is_last = False
        while not is_last:
            is_last = is_over.wait(LOOK_EVERY_S)
            self.peak = max(self.peak, _own_mb())
            if not self.at_few and Photo.objects.count() >= FEW:
                self.at_few = self.peak
        database.close()


def _own_mb() -> float:
    """Source: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("RssAnon"))


def _plain(server: str, photos: int, threads: int, folder: Path) -> float:
    """Photos per second of a loop that fetches files and keeps them."""
    http = Http([server])

    def fetch(n: int) -> None:
        with http.stream(f"{server}/file/{n}") as blocks, (folder / f"{n}.jpg").open("wb") as file:
            file.writelines(blocks)
        os.unlink(folder / f"{n}.jpg")

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(fetch, range(photos)):
            pass
    return photos / (time.perf_counter() - began)


class Shelf:
    """What speaks with the server below; a kind of service for as long as the measurement lasts."""

    capabilities = Capabilities(name="Bench", sign_in=SignIn.KEY, needs_client=False)

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self.http, self.server = http, server

    def list_photos(self, credentials: Credentials, wanted: object, cursor: str = "", since: str = "") -> Page:
        """A page of them."""
        told = self.http.get(f"{self.server}/list/{cursor or 0}").json
        photos = [RemotePhoto(str(n), f"{n}.jpg", "1", f"{self.server}/file/{n}") for n in told["items"]]
        return Page(photos, next_cursor=told["next"], since="1", total=told["total"])

    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> AbstractContextManager[Iterable[bytes]]:
        """A file's bytes."""
        return self.http.stream(photo.media_url)


@contextmanager
def _serving(photos: int, size_bytes: int) -> Iterator[str]:
    """A server of these photos in a process of its own."""
    command = [sys.executable, "-m", "pictograph.benchmarks.photo_server", str(photos), str(size_bytes)]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()

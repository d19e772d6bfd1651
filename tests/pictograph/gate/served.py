"""A real web process with short patience, and what it takes of disk and descriptors meanwhile."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY, begin_with

# Somebody signed in, the waits of the gate a second each in place of a minute, then the site as it is run.
SERVE = """
import sys, django
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
from django.core.management import call_command
from django.test import Client
from pictograph.models import User
client = Client()
client.force_login(User.objects.create_user("anna"))
print(client.cookies["sessionid"].value, flush=True)
from pictograph.gate import bodies, server
bodies.FORM_S = bodies.SILENT_S = bodies.DRAINED_S = server.HEAD_S = 1
call_command("web", host="127.0.0.1", port=int(sys.argv[1]))
"""
MOMENT_S = 0.004
UNCOLLECTED = 2  # descriptors of files that are done with, until Python collects them


@dataclass
class Taken:
    """The most that was taken while something went on, beyond what was held before."""

    descriptors: int = 0
    disk_bytes: int = 0


class Served:
    """A web process in a folder of its own, not its first there; `session` is the one of somebody who is signed in."""

    def __init__(self, folder: Path, begun: Path) -> None:
        begin_with(begun, folder)
        self.folder = folder
        self.coming_in = folder / "uploading"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        settings = {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
        self.log = (folder / "web.log").open("a+")
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.port)],
            cwd=REPOSITORY,
            env=os.environ | settings | {"DJANGO_SETTINGS_MODULE": "pictograph.settings"},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self._process.stdout is not None
        self.session = self._process.stdout.readline().strip()
        while (
            self.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")[:12] != b"HTTP/1.1 200"
        ):
            assert self._process.poll() is None, self.said()
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate(timeout=30)
        self.log.close()

    def said(self) -> str:
        """What is in its log."""
        self.log.seek(0)
        return self.log.read()

    def connect(self) -> socket.socket:
        """A connection, which waits a minute for anything."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, *parts: bytes) -> bytes:
        """Send, and read to the end; nothing where the connection ends without a word."""
        answer = b""
        try:
            with self.connect() as line:
                for part in parts:
                    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # answered in the middle of it
                        line.sendall(part)
                while piece := line.recv(65536):
                    answer += piece
        except (ConnectionRefusedError, ConnectionResetError):
            pass
        return answer

    def held(self) -> Taken:
        """Descriptors, and bytes of what is coming in: of files with a name, and of those open without one.

        Not descriptors of the site's own files, its database and its towns, which stay open: how many threads have
        opened them says how busy the machine is.
        """
        taken = Taken()
        for descriptor in Path(f"/proc/{self._process.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                leads_to = os.readlink(descriptor)
                is_coming_in = str(self.coming_in) in leads_to
                taken.descriptors += is_coming_in or not leads_to.startswith("/")
                if is_coming_in:
                    status = descriptor.stat()
                    taken.disk_bytes += 0 if status.st_nlink else status.st_blocks * 512
        for file in self.coming_in.rglob("*.upload"):
            with contextlib.suppress(OSError):
                taken.disk_bytes += file.stat().st_size
        return taken

    @contextlib.contextmanager
    def watched(self) -> Iterator[Taken]:
        """What is taken at most meanwhile, and that all of it is given back in the end."""
        before, most, is_over = self.held(), Taken(), threading.Event()

        def watch() -> None:
            while not is_over.wait(MOMENT_S):
                now = self.held()
                most.descriptors = max(most.descriptors, now.descriptors - before.descriptors)
                most.disk_bytes = max(most.disk_bytes, now.disk_bytes - before.disk_bytes)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield most
        finally:
            is_over.set()
            watcher.join()
        for _ in range(200):
            now = self.held()
            if now.descriptors <= before.descriptors + UNCOLLECTED and now.disk_bytes <= before.disk_bytes:
                return
            time.sleep(0.05)
        raise AssertionError(f"still held: {now}, before: {before}")

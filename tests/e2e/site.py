"""The whole site as it is run at home: `manage.py serve` in an empty folder."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import REPOSITORY

# What passes is quick; a busy machine may take minutes, to convert a network for one.
STARTS_WITHIN_S = 120
PATIENCE_MS = 300_000


class Site:
    """A site that can be killed and started again where it was."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._database = folder / "var" / "db.sqlite3"
        self._log = folder / "site.log"
        self._environment = os.environ | {
            "DATA_DIR": str(folder / "var"),
            "DATABASE_URL": f"sqlite:///{self._database}",
            "CELERY_BROKER_URL": "filesystem://localhost",
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }

    def start(self) -> None:
        """Serve, and come back once it answers."""
        with self._log.open("a") as output:
            command = [sys.executable, "manage.py", "serve"]
            self._process = subprocess.Popen(
                command, cwd=REPOSITORY, env=self._environment, stdout=output, stderr=output
            )
        end = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/healthz", timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                assert self._process.poll() is None, self._log.read_text()
                assert time.monotonic() < end, self._log.read_text()
                time.sleep(0.1)

    def kill(self) -> None:
        """End the web process in the middle of whatever it does; its workers end with it."""
        self._process.kill()
        self._process.wait()

    def ask(self, query: str) -> int:
        """One figure out of the site's database."""
        connection = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)
        try:
            return int(connection.execute(query).fetchone()[0] or 0)
        finally:
            connection.close()

    def wait_for(self, page: Page, query: str, least: int) -> None:
        """Let a page go on until a figure has grown so far."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < end:
            if self.ask(query) >= least:
                return
            page.wait_for_timeout(100)
        pytest.fail(f"{query} stayed below {least}")


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """A site in a folder, which ends at once: how it stops when it is asked to is looked at elsewhere."""
    served = Site(folder)
    served.start()
    yield served
    served.kill()

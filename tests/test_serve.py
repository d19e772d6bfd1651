"""`manage.py serve`: both processes come up, and go."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError

from pictograph.management.commands.serve import listen
from tests.conftest import begin_with

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An installation of its own on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return os.environ | {
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'var' / 'db.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://localhost",
        "ALLOWED_HOSTS": "*",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


class Site:
    """`manage.py serve` under way; its output goes to a file, so that it never waits for a reader."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        self.port = environment["PORT"]
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def wait_for(self, text: str) -> None:
        """Wait until the output has `text`, a regular expression."""
        end = time.monotonic() + PATIENCE_S
        while not re.search(text, self.log.read_text()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def worker(self) -> int:
        """The process id of the worker, once there is one."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            table = subprocess.run(["ps", "-ewwo", "pid=,ppid=,args="], capture_output=True, text=True).stdout
            for line in table.splitlines():
                pid, parent, command = line.split(None, 2)
                if int(parent) == self.process.pid and "manage.py work" in command and "--queue classify" in command:
                    return int(pid)
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())


@pytest.fixture
def first_site(surroundings: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    """A site that answers for the first time: meanwhile its network is converted, and the files of towns are made."""
    running = Site(surroundings, tmp_path / "log")
    running.wait_for(r"Pictograph is at")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


@pytest.fixture
def site(tmp_path: Path, begun: Path, request: pytest.FixtureRequest) -> Site:
    """A site that answers, started for the second time."""
    begin_with(begun, tmp_path / "var")
    site: Site = request.getfixturevalue("first_site")
    return site


def wait_until_gone(pid: int) -> None:
    """Wait until no process has the id."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} is still there")


@pytest.mark.parametrize(("number", "start"), [(signal.SIGINT, "first_site"), (signal.SIGTERM, "site")])
def test_serve_answers_and_a_signal_stops_web_and_worker_without_a_trace(
    number: signal.Signals, start: str, request: pytest.FixtureRequest
) -> None:
    site: Site = request.getfixturevalue(start)
    worker = site.worker()
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/healthz") as answer:
        assert answer.read() == b"ok"
    site.process.send_signal(number)
    assert site.process.wait(PATIENCE_S) == 0
    wait_until_gone(worker)
    assert "Traceback" not in site.log.read_text()


def test_a_worker_that_dies_is_started_again(site: Site) -> None:
    first = site.worker()
    os.kill(first, signal.SIGKILL)
    site.wait_for(r"The worker on the queue classify ended \(SIGKILL\)")
    assert site.worker() != first


def test_a_worker_does_not_outlive_the_site(site: Site) -> None:
    worker = site.worker()
    site.process.kill()
    site.process.wait()
    wait_until_gone(worker)


def test_a_busy_port_is_named_with_the_variable_that_changes_it(surroundings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(surroundings["PORT"]))):
        start = subprocess.run(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=surroundings, capture_output=True, text=True
        )
    assert start.returncode == 1
    assert f"Port {surroundings['PORT']} is already in use" in start.stderr
    assert "PORT=" in start.stderr
    assert "Traceback" not in start.stderr


@pytest.mark.parametrize("port", [0, 99999, -1])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(CommandError, match=f"PORT is {port}:"):
        listen("127.0.0.1", port)

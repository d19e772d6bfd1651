"""Real workers in processes of their own: killed at random, stopped for long, over every broker, on PostgreSQL."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests.conftest import REPOSITORY, begin_with
from tests.services import AMQP_URL, REDIS_URL, new_database, require_service

PATIENCE_S = 180


class Site:
    """An installation in a folder of its own, driven from outside as its operator would."""

    def __init__(self, folder: Path, begun: Path, **settings: str) -> None:
        self.environment = os.environ | {
            "DATA_DIR": str(folder / "var"),
            "LEASE_S": "3",
            "SWEEP_S": "1",
            "CLASSIFIER_CLAIM": "16",
            "DJANGO_SETTINGS_MODULE": "pictograph.settings",
            **settings,
        }
        self.folder = folder
        self.log = folder / "worker.log"
        begin_with(begun, folder / "var")
        if "DATABASE_URL" in settings:
            self.manage("migrate", "-v0")

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py and give what it prints."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        ).stdout

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker with its sweep, as `make run` does."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "pictograph",
                    "worker",
                    "-B",
                    "--queues=classify,site",
                    "--pool=solo",
                    "--loglevel=INFO",
                ],
                cwd=REPOSITORY,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A worker that is stopped at the end, however that comes."""
        process = self.start_worker()
        try:
            yield
        finally:
            kill(process)

    def states(self) -> dict[str, int]:
        """Photos by state, and the predictions there are."""
        rows = self.ask(
            "SELECT state, count(*) FROM pictograph_photo GROUP BY state"
            " UNION ALL SELECT 'predictions', count(*) FROM predictions_prediction"
        )
        return dict(rows)

    def classified(self) -> int:
        """Photos classified so far."""
        return self.states().get("classified", 0)

    def ask(self, query: LiteralString) -> list[tuple[str, int]]:
        """Rows of the database itself: a command of manage.py takes the worker's time."""
        if url := self.environment.get("DATABASE_URL", ""):
            with psycopg.connect(url) as server:
                return server.execute(query).fetchall()
        with closing(sqlite3.connect(self.folder / "var" / "db.sqlite3", timeout=30)) as database:
            return database.execute(query).fetchall()

    def wait_until_classified(self, count: int) -> None:
        """Return as soon as more than `count` photos are classified."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.classified() > count:
                return
            time.sleep(0.01)
        pytest.fail(f"no more than {count} photos were classified\n{self.log.read_text()[-3000:]}")

    def wait(self) -> dict[str, int]:
        """Wait until nothing is pending; the states then."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            states = self.states()
            if states.keys() == {"classified", "predictions"}:
                return states
            time.sleep(0.2)
        pytest.fail(f"photos are still pending: {self.states()}\n{self.log.read_text()[-3000:]}")


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL the worker and its beat."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def copy_photos(shared_data: Path, folder: Path, count: int) -> Path:
    folder.mkdir()
    for photo in sorted((shared_data / "imagenet-sample").glob("*.JPEG"))[:count]:
        shutil.copy(photo, folder)
    return folder


def test_a_worker_killed_again_and_again_still_classifies_every_photo_exactly_once(
    shared_data: Path, begun: Path, tmp_path: Path
) -> None:
    survive_kills(Site(tmp_path, begun), shared_data, photos=80, kills=3)


def test_a_worker_killed_on_postgresql_and_redis_still_classifies_every_photo_exactly_once(
    shared_data: Path, begun: Path, postgresql_tables: str, tmp_path: Path
) -> None:
    require_service("Redis", "127.0.0.1", 6379)
    with new_database("killed", postgresql_tables) as url:
        site = Site(tmp_path, begun, DATABASE_URL=url, CELERY_BROKER_URL=REDIS_URL)
        survive_kills(site, shared_data, photos=60, kills=2)


def survive_kills(site: Site, shared_data: Path, photos: int, kills: int) -> None:
    """Kill a site's worker again and again in the middle of its work; in the end each photo is classified once."""
    folder = copy_photos(shared_data, site.folder / "photos", photos)
    site.manage("import_folder", str(folder), "--user", "anna", "--create-user")
    chance = random.Random(photos)
    classified = 0
    for _ in range(kills):
        process = site.start_worker()
        site.wait_until_classified(classified + chance.randrange(3))
        time.sleep(chance.uniform(0, 0.05))
        kill(process)
        classified = site.classified()
    assert site.states().get("pending"), "the last kill came after the work, so it tested nothing"
    with site.worker():
        states = site.wait()
    assert states == {"classified": photos, "predictions": photos}
    report = json.loads(site.manage("rebuild_predictions", "--check", "--json"))
    assert report["differences"] == []


@pytest.mark.parametrize("broker", ["filesystem", "redis", "rabbitmq"])
def test_an_import_is_classified_over_every_broker(broker: str, shared_data: Path, begun: Path, tmp_path: Path) -> None:
    urls = {"filesystem": "filesystem://localhost", "redis": REDIS_URL, "rabbitmq": AMQP_URL}
    if broker == "redis":
        require_service("Redis", "127.0.0.1", 6379)
    if broker == "rabbitmq":
        require_service("RabbitMQ", "127.0.0.1", 5672)
    # With the sweep far away only the queue's own message can start the work.
    site = Site(tmp_path, begun, CELERY_BROKER_URL=urls[broker], SWEEP_S="3600", LEASE_S="60")
    folder = copy_photos(shared_data, tmp_path / "photos", 12)
    with site.worker():
        site.manage("import_folder", str(folder), "--user", "anna", "--create-user")
        assert site.wait() == {"classified": 12, "predictions": 12}


def test_two_workers_on_postgresql_share_an_import(
    shared_data: Path, begun: Path, postgresql_tables: str, tmp_path: Path
) -> None:
    with new_database("workers", postgresql_tables) as url:
        site = Site(tmp_path, begun, DATABASE_URL=url)
        folder = copy_photos(shared_data, tmp_path / "photos", 60)
        with site.worker(), site.worker():
            site.manage("import_folder", str(folder), "--user", "anna", "--create-user")
            assert site.wait() == {"classified": 60, "predictions": 60}
        assert json.loads(site.manage("rebuild_predictions", "--check", "--json"))["differences"] == []

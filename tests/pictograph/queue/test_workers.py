"""Real workers in processes of their own: killed at random, over every broker, on PostgreSQL."""

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, skip_or_fail

PHOTOS, KILLS = 200, 10
PATIENCE_S = 180

REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
AMQP_URL = os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")
SAID_TO_THE_DATABASE = (
    *("store", "queue/test_claims.py", "queue/test_copies.py", "queue/test_renaming.py"),
    *("sources/test_scans.py", "sources/test_vanished.py", "sources/test_imports.py"),
    *("photos/test_deletion.py", "photos/test_library.py", "categories", "people", "pages/test_admin.py", "live"),
)
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/test")


class Site:
    """An installation in a folder of its own, driven from outside as its operator would."""

    def __init__(self, folder: Path, **settings: str) -> None:
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
        """Photos by state, and the predictions there are, read without going through the worker's code."""
        program = (
            "import json; from django.apps import apps; from django.db.models import Count;"
            "from pictograph.models import Photo;"
            "Prediction = apps.get_model('predictions', 'Prediction');"
            "states = dict(Photo.objects.values_list('state').annotate(Count('pk')));"
            "print('STATES', json.dumps(states | {'predictions': Prediction.objects.count()}))"
        )
        printed = self.manage("shell", "-v0", "-c", program)
        states: dict[str, int] = json.loads(printed.split("STATES", 1)[1])
        return states

    def wait_until_classified(self, count: int) -> None:
        """Return as soon as more than `count` photos are classified."""
        deadline = time.monotonic() + PATIENCE_S
        with closing(sqlite3.connect(self.folder / "var" / "db.sqlite3", timeout=30)) as database:
            while time.monotonic() < deadline:
                query = "SELECT count(*) FROM pictograph_photo WHERE state = 'classified'"
                if database.execute(query).fetchone()[0] > count:
                    return
                time.sleep(0.005)
        pytest.fail(f"no more than {count} photos were classified\n{self.log.read_text()[-3000:]}")

    def wait(self) -> dict[str, int]:
        """Wait until nothing is pending; the states then."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            states = self.states()
            if not states.get("pending"):
                return states
            time.sleep(0.5)
        pytest.fail(f"photos are still pending: {states}\n{self.log.read_text()[-3000:]}")


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL the worker and its beat."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def copy_photos(shared_data: Path, folder: Path, count: int) -> Path:
    folder.mkdir()
    for photo in sorted((shared_data / "imagenet-sample").glob("*.JPEG"))[:count]:
        shutil.copy(photo, folder)
    return folder


def require_service(name: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        skip_or_fail(f"no {name} answers at {host}:{port}")


def test_a_worker_killed_ten_times_still_classifies_every_photo_exactly_once(shared_data: Path, tmp_path: Path) -> None:
    site = Site(tmp_path)
    folder = copy_photos(shared_data, tmp_path / "photos", PHOTOS)
    site.manage("import_folder", str(folder), "--user", "anna", "--create-user")
    chance = random.Random(PHOTOS)
    classified = 0
    for _ in range(KILLS):
        process = site.start_worker()
        site.wait_until_classified(classified + chance.randrange(3))
        time.sleep(chance.uniform(0, 0.05))
        kill(process)
        classified = site.states().get("classified", 0)
    assert site.states().get("pending"), "the last kill came after the work, so it tested nothing"
    with site.worker():
        states = site.wait()
    assert states == {"classified": PHOTOS, "predictions": PHOTOS}
    report = json.loads(site.manage("rebuild_predictions", "--check", "--json"))
    assert report["differences"] == []


@pytest.mark.parametrize("broker", ["filesystem", "redis", "rabbitmq"])
def test_an_import_is_classified_over_every_broker(broker: str, shared_data: Path, tmp_path: Path) -> None:
    urls = {"filesystem": "filesystem://localhost", "redis": REDIS_URL, "rabbitmq": AMQP_URL}
    if broker == "redis":
        require_service("Redis", "127.0.0.1", 6379)
    if broker == "rabbitmq":
        require_service("RabbitMQ", "127.0.0.1", 5672)
    # With the sweep far away only the queue's own message can start the work.
    site = Site(tmp_path, CELERY_BROKER_URL=urls[broker], SWEEP_S="3600", LEASE_S="60")
    folder = copy_photos(shared_data, tmp_path / "photos", 12)
    with site.worker():
        site.manage("import_folder", str(folder), "--user", "anna", "--create-user")
        assert site.wait() == {"classified": 12, "predictions": 12}


def test_the_store_the_claims_and_the_pages_hold_on_postgresql() -> None:
    require_service("PostgreSQL", "127.0.0.1", 5432)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        + [f"tests/pictograph/{name}" for name in SAID_TO_THE_DATABASE],
        cwd=REPOSITORY,
        env=os.environ | {"DATABASE_URL": POSTGRES_URL},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_two_workers_on_postgresql_share_an_import(shared_data: Path, tmp_path: Path) -> None:
    require_service("PostgreSQL", "127.0.0.1", 5432)
    name = f"pictograph_workers_{os.getpid()}"
    sql(f"CREATE DATABASE {name}")
    try:
        site = Site(tmp_path, DATABASE_URL=POSTGRES_URL.rsplit("/", 1)[0] + f"/{name}")
        folder = copy_photos(shared_data, tmp_path / "photos", 120)
        with site.worker(), site.worker():
            site.manage("import_folder", str(folder), "--user", "anna", "--create-user")
            assert site.wait() == {"classified": 120, "predictions": 120}
        assert json.loads(site.manage("rebuild_predictions", "--check", "--json"))["differences"] == []
    finally:
        sql(f"DROP DATABASE {name} WITH (FORCE)")


def sql(statement: str) -> None:
    """Run one statement outside a transaction on the test server."""
    import psycopg

    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(statement)

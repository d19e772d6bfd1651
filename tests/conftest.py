"""What all tests share: the photographs to measure with, a clean folder for files, and a library to look at."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django import Settings
from xdist.scheduler import LoadFileScheduling

from pictograph.catalogue.snapshot import look_again
from pictograph.people.models import User
from pictograph.places.gazetteer import gazetteer
from tests.factories import UserFactory, make_library

# Files of long tests that share nothing: each of these tests goes to whichever process is free.
APART = {
    *("test_labels.py", "test_postgresql.py", "test_serve.py", "test_workers.py"),
    *("test_access.py", "test_explore.py", "test_nothing_private_shows.py", "test_slow_line.py"),
}

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("SHARED_DATA", REPOSITORY.parent / "shared" / "data"))

# Playwright's synchronous API runs an event loop in the test's thread, which Django would take for an async caller.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Several processes share the cores: threads that spin while they wait would take them from each other, which made
# converting a network five times as long. Processes that tests start go by it too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Hundreds of processes are started: each would compile all of the project for itself where no bytecode is kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# What `manage.py serve` does before it serves.
BEGIN = """
import django

django.setup()
from pictograph.management.commands.serve import collect_static_files
from pictograph.management.database import bring_up_to_date

bring_up_to_date(print)
collect_static_files(print)
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright leaves an event loop running in the thread of all tests.

    Of both kinds the long ones come first, so that none of them is all that is left at the end: those that go each by
    itself, and those with a whole site.
    """
    if connection.vendor != "postgresql":  # elsewhere one writes at a time
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("postgresql")])
        items[:] = [item for item in items if not item.get_closest_marker("postgresql")]
    long = {item.path for item in items if item.path.name in APART or "site" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: ("/e2e/" in str(item.path), item.path not in long))


class FilesOrTests(LoadFileScheduling):
    """The tests of a file share a process and what was made for them there; those of the long files are apart."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file.rpartition("/")[2] in APART else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesOrTests:
    """Whatever `--dist` says."""
    return FilesOrTests(config, log)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: tests of whole sites mostly wait for them."""
    return (os.cpu_count() or 1) + 1


def skip_or_fail(reason: str) -> None:
    """Skip a test whose surroundings are missing; on CI, where they must not be, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"must not be skipped on CI: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep SQLite's tables in a file: in memory, all threads of a live server would write through one connection."""
    database = django_settings.DATABASES["default"]
    database["CONN_MAX_AGE"] = 0  # a connection that is kept would outlive its test
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Empty the tables that hold rows after a test with transactions of its own, half a second cheaper than Django.

    Django truncates every table, for which PostgreSQL makes all their files anew, and has content types and permissions
    made again; here they stay as they are.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


def empty_tables() -> None:
    """Delete all rows but those that come with the tables."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables -= {ContentType._meta.db_table, Permission._meta.db_table}
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a thread of the test may still be writing
            cursor.execute(f"LOCK TABLE {', '.join(sorted(tables))} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs with known truth."""
    if not SHARED_DATA.is_dir():
        skip_or_fail(f"no photographs at {SHARED_DATA}; set SHARED_DATA to their folder")
    return SHARED_DATA


@contextmanager
def made_once(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that all processes of a run share, for the one that comes first to fill while the others wait."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the default network converted; converting takes ten seconds."""
    from classifier.network.definition import describe_network
    from classifier.network.openvino_runtime import OpenVINORuntime

    with made_once("networks", tmp_path_factory) as folder:
        OpenVINORuntime(describe_network(), folder)
    return folder


@pytest.fixture(scope="session")
def begun(networks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start of a site leaves it: network, towns, tables and static files are there."""
    gazetteer()
    with made_once("begun", tmp_path_factory) as folder:
        if not folder.is_dir():
            surroundings = {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
            surroundings["DJANGO_SETTINGS_MODULE"] = "pictograph.settings"
            subprocess.run([sys.executable, "-c", BEGIN], cwd=REPOSITORY, env=os.environ | surroundings, check=True)
            (folder / "networks").symlink_to(networks)
            (folder / "places").symlink_to(django_settings.PLACES_CACHE)
    return folder


def begin_with(begun: Path, data_dir: Path) -> None:
    """Spare a new site with this data folder what its first start would take, half a minute of one core."""
    of_its_own = shutil.ignore_patterns("in_use", "secret_key", "queue", "uploading", "*.lock")
    shutil.copytree(begun, data_dir, symlinks=True, ignore=of_its_own, dirs_exist_ok=True)
    data_dir.chmod(0o700)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """A storage of its own for every test, and nothing that is slow or far away."""
    folder = tmp_path / "photos"
    settings.MEDIA_ROOT = folder
    settings.STORAGES = {
        "default": settings.STORAGES["default"],
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path_factory.mktemp("uploading")
    # The real one takes a good part of a second on purpose, for each person the tests make.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"
    return folder


@pytest.fixture(autouse=True)
def fresh_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test goes by the catalogue of the one before, nor looks for a new edition unless it wants to."""
    monkeypatch.setattr("pictograph.catalogue.snapshot.LOOK_EVERY_S", 3600.0)
    look_again()


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """No guess of the test before counts."""
    cache.clear()


@pytest.fixture(autouse=True)
def commits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a commit happens as if the transaction that a test runs in were none."""
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(request.fixturenames):
        return
    on_commit = transaction.on_commit

    def at_once(follow: Callable[[], object], using: str | None = None, robust: bool = False) -> None:
        is_in_test_alone = connection.in_atomic_block and not connection.savepoint_ids
        follow() if is_in_test_alone else on_commit(follow, using, robust)

    monkeypatch.setattr(transaction, "on_commit", at_once)


@pytest.fixture
def user(db: None) -> User:
    """Someone with an account and nothing in the library."""
    return UserFactory()


@pytest.fixture
def stranger(db: None) -> User:
    """Someone else."""
    return UserFactory()


@pytest.fixture
def library(user: User) -> User:
    """Someone with forty photos: dogs, cats, cars and a few flowers, over two years."""
    make_library(user)
    return user


@pytest.fixture
def celery_messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that are announced, instead of sending them."""
    sent: list[str] = []
    monkeypatch.setattr("pictograph.queue.announcing._silent_until", 0.0)
    monkeypatch.setattr("celery.current_app.send_task", lambda name, *args, **kwargs: sent.append(name))
    return sent

"""What all tests share: the photographs to measure with, a clean folder for files, and a library to look at."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings
from xdist.scheduler import LoadFileScheduling

from pictograph.audit import guarding
from pictograph.catalogue.snapshot import look_again
from pictograph.people.models import User
from pictograph.places.gazetteer import gazetteer
from tests.factories import PhotoFactory, UserFactory, make_library
from tests.services import TABLES, create_database, drop_database, new_database, require_service, skip_or_fail

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

# Properties are true however busy the machine is.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

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
    itself, and those with a whole site; of the browser ones then files with many tests before those with few.
    """
    if connection.vendor != "postgresql":  # elsewhere one writes at a time
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("postgresql")])
        items[:] = [item for item in items if not item.get_closest_marker("postgresql")]
    long = {item.path for item in items if item.path.name in APART or "site" in getattr(item, "fixturenames", ())}
    last = Counter(item.path for item in items if "/e2e/" in str(item.path))
    items.sort(key=lambda item: (item.path in last, item.path not in long, -last[item.path]))


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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep SQLite's tables in a file: in memory, all threads of a live server would write through one connection.

    Making them takes twenty seconds of a core, so it is done once, and every process begins with a copy.
    """
    database = django_settings.DATABASES["default"]
    database["CONN_MAX_AGE"] = 0  # a connection that is kept would outlive its test
    if database["ENGINE"] == "django.db.backends.sqlite3":
        own = tmp_path_factory.mktemp("database") / "test.sqlite3"
        shutil.copy(tables_made_once(tmp_path_factory), own)
        database["TEST"]["NAME"] = str(own)
    elif template := os.environ.get("TEST_TEMPLATE"):
        database["TEST"]["TEMPLATE"] = template


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind that nobody has opened yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'var' / 'db.sqlite3'}"
        return
    require_service("PostgreSQL", "127.0.0.1", 5432)
    with new_database("new") as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_tables(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with all tables, for others to begin with; `drop_tables` ends it."""
    require_service("PostgreSQL", "127.0.0.1", 5432)
    with made_once("postgresql_tables", tmp_path_factory) as folder:
        if not folder.is_dir():
            migrate(folder, create_database(TABLES))
    return TABLES


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no database behind."""
    made = getattr(session.config, "_tmp_path_factory").getbasetemp() / "postgresql_tables"  # noqa: B009 - it is its own
    if "PYTEST_XDIST_WORKER" not in os.environ and made.is_dir():
        drop_database(TABLES)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether the database is there before the tests are."""
    return django_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"


def tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables, and the rows that come with them."""
    with made_once("tables", tmp_path_factory) as folder:
        file = folder / "db.sqlite3"
        if not file.is_file():
            folder.mkdir(exist_ok=True)
            migrate(folder, f"sqlite:///{file}")
    return file


def migrate(data_dir: Path, database_url: str) -> None:
    """Make the tables of a database, in a process of its own."""
    surroundings = {"DATA_DIR": str(data_dir), "DATABASE_URL": database_url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=REPOSITORY, env=os.environ | surroundings, check=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty the tables after a test with transactions of its own half a second cheaper than Django, and as they were.

    Django truncates every table, for which PostgreSQL makes all their files anew, and has content types and permissions
    made again; here they stay as they are. What migrations put into the others is there for the next test.
    """
    with django_db_blocker.unblock():
        at_first = {name: rows_of(name) for name in filled_tables()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables(at_first))
        yield


# Names of columns, and rows of their values.
Rows = tuple[list[str], list[tuple[Any, ...]]]


def empty_tables(at_first: Mapping[str, Rows]) -> None:
    """Delete all rows but those that come with the tables; put back what there was of these at first."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a thread of the test may still be writing
            cursor.execute(f"LOCK TABLE {', '.join(sorted(changing_tables()))} IN SHARE ROW EXCLUSIVE MODE")
        filled = filled_tables()
        if guarding.TABLE in filled:  # which nothing of the site could empty
            guarding.unguard(connection)
        for name in filled:
            cursor.execute(f"DELETE FROM {name}")
        if guarding.TABLE in filled:
            guarding.guard(connection)
        for name, (columns, rows) in at_first.items():
            named, values = ", ".join(f'"{column}"' for column in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {name} ({named}) VALUES ({values})", rows)


def changing_tables() -> set[str]:
    """All but those whose rows follow from the code."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    return tables - {ContentType._meta.db_table, Permission._meta.db_table}


def filled_tables() -> list[str]:
    """Those of them that hold any rows."""
    with connection.cursor() as cursor:
        names = sorted(changing_tables())
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names))
        return [name for (name,) in cursor.fetchall()]


def rows_of(table: str) -> Rows:
    """All of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return [column[0] for column in cursor.description], cursor.fetchall()


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
            folder.mkdir(mode=0o700)
            shutil.copy(tables_made_once(tmp_path_factory), folder / "db.sqlite3")
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


@pytest.fixture(scope="session")
def uploading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a folder of each test: pytest takes the longer to make one of its own, the more of them there are."""
    return tmp_path_factory.mktemp("uploading")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, uploading: Path, settings: Settings) -> Path:
    """A storage of its own for every test, and nothing that is slow or far away."""
    folder = tmp_path / "photos"
    settings.MEDIA_ROOT = folder
    settings.STORAGES = {
        "default": settings.STORAGES["default"],
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.FILE_UPLOAD_TEMP_DIR = Path(mkdtemp(dir=uploading))
    # The real one takes a good part of a second on purpose, for each person the tests make.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"
    settings.UNSAFE_HOLD = None  # no worker looks at what tests publish, unless they are about that
    return folder


@pytest.fixture(autouse=True)
def fresh_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test goes by the catalogue of the one before, nor looks for a new edition unless it wants to."""
    monkeypatch.setattr("pictograph.catalogue.snapshot.LOOK_EVERY_S", 3600.0)
    look_again()


@pytest.fixture(autouse=True)
def fresh_factories() -> None:
    """What tests make has the names and days that it has in every order of tests."""
    for factory in (UserFactory, PhotoFactory):
        factory.reset_sequence(0)


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

"""The database in a backup: one moment of it, taken while others write, and put back into its place."""

import errno
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection, connections, transaction

SQLITE_FILES = ("", "-wal", "-shm")


class DatabaseRefused(Exception):
    """The database cannot be taken or put back; the message says what to do."""


def database() -> "Sqlite | Postgresql":
    """The site's database."""
    return Postgresql() if connection.vendor == "postgresql" else Sqlite()


class Sqlite:
    """A file; readers see one moment of it, and keep nobody from writing."""

    vendor, file = "sqlite", "database.sqlite3"
    aside: str | None = None  # where `put_back` left what was there, if not in the folder it was given

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])

    def check(self) -> None:
        """Nothing else is needed."""

    @contextmanager
    def snapshot(self, target: Path) -> Iterator[str]:
        """Copy it with nothing in it that was deleted."""
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as live:
                live.execute("VACUUM INTO ?", [str(target)])
        except sqlite3.OperationalError as error:
            _raise_if_full(str(error))
            raise DatabaseRefused(f"The database cannot be copied: {error}") from error
        target.chmod(0o600)
        with closing(sqlite3.connect(target)) as taken:
            (said,) = taken.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise DatabaseRefused(f"The database is damaged: {said}")
        with _opened(target) as alias:
            yield alias

    def is_empty(self) -> bool:
        """Whether there is no file, or one without tables."""
        if not self.path.exists():
            return True
        with closing(sqlite3.connect(self.path)) as present:
            return not present.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]

    def others(self) -> int:
        """A file does not tell."""
        return 0

    @contextmanager
    def put_back(self, source: Path, aside: Path) -> Iterator[str]:
        """Make the file ready beside, then let it take the place in one step."""
        beside = self.path.with_name(f"{self.path.name}.restoring")
        _clear(beside)
        shutil.copyfile(source, beside)
        beside.chmod(0o600)
        with _opened(beside) as alias:
            yield alias
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        connection.close()
        if self.path.exists():
            with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(self.path)) as present:
                present.execute("PRAGMA journal_mode=DELETE")  # one file; what is too damaged for this goes as it is
        for ending in SQLITE_FILES:
            former = Path(f"{self.path}{ending}")
            if former.exists():
                shutil.move(former, aside / former.name)
        os.replace(beside, self.path)


class Postgresql:
    """A server; its own programs write and read dumps."""

    vendor, file = "postgresql", "database.dump"

    aside: str | None = None

    def __init__(self) -> None:
        settings = connection.settings_dict
        named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME", "PGPASSWORD": "PASSWORD"}
        self._environment = {name: str(settings[key]) for name, key in named.items() if settings.get(key)}
        for option in ("sslmode", "sslrootcert", "sslcert", "sslkey"):
            if option in settings.get("OPTIONS", {}):
                self._environment[f"PG{option.upper()}"] = str(settings["OPTIONS"][option])

    def check(self) -> None:
        """Raise DatabaseRefused where the programs needed are not there, or older than the server."""
        for program in ("pg_dump", "pg_restore"):
            self._check_version(program)

    @contextmanager
    def snapshot(self, target: Path) -> Iterator[str]:
        """Have pg_dump see what this transaction sees."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            moment = _one(cursor, "SELECT pg_export_snapshot()")
            schema = _one(cursor, "SELECT current_schema()")
            target.touch(0o600)
            self._run("pg_dump", "--format=custom", f"--schema={schema}", f"--snapshot={moment}", f"--file={target}")
            self._run("pg_restore", "--list", str(target))
            yield "default"

    def is_empty(self) -> bool:
        """Whether there are no tables."""
        return not connection.introspection.table_names()

    def others(self) -> int:
        """Other connections to the same database."""
        with connection.cursor() as cursor:
            return int(
                _one(
                    cursor,
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
                )
            )

    @contextmanager
    def put_back(self, source: Path, aside: Path) -> Iterator[str]:
        """Set the tables aside in a schema of another name, and restore all of the dump or nothing of it."""
        with connection.cursor() as cursor:
            schema = _one(cursor, "SELECT current_schema()")
            if not self.is_empty():
                quoted, former = (connection.ops.quote_name(n) for n in (schema, re.sub(r"\W", "_", aside.name)))
                self.aside = f"the schema {former} of the database"
                with transaction.atomic():
                    cursor.execute(f"ALTER SCHEMA {quoted} RENAME TO {former}")
                    cursor.execute(f"CREATE SCHEMA {quoted}")
        connection.close()
        ways = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        name = self._environment["PGDATABASE"]
        self._run("pg_restore", *ways, f"--schema={schema}", f"--dbname={name}", str(source))
        yield "default"

    def _check_version(self, program: str) -> None:
        said = re.search(r"(\d+)(\.\d+)* ?", self._run(program, "--version").split(")", 1)[-1])
        with connection.cursor() as cursor:
            server = int(_one(cursor, "SHOW server_version_num")) // 10_000
        if said and int(said[1]) < server:
            raise DatabaseRefused(
                f"{program} is of version {said[1]} and the server of version {server}. "
                f"Install the client programs of PostgreSQL {server} or later."
            )

    def _run(self, program: str, *options: str) -> str:
        try:
            done = subprocess.run(
                [program, *options], env=os.environ | self._environment, capture_output=True, text=True, check=True
            )
        except FileNotFoundError as error:
            raise DatabaseRefused(
                f"{program} is not here. Install the client programs of PostgreSQL "
                "(on Debian: apt install postgresql-client)."
            ) from error
        except subprocess.CalledProcessError as error:
            _raise_if_full(error.stderr)
            raise DatabaseRefused(f"{program} failed: {error.stderr.strip()[-2000:]}") from error
        return done.stdout


@contextmanager
def _opened(path: Path) -> Iterator[str]:
    """An alias under which Django speaks to an SQLite file that nobody else has, and leaves nothing beside it."""
    alias = f"backup {path.name}"
    opened = connection.copy(alias)
    opened.settings_dict |= {"NAME": str(path), "OPTIONS": {}}
    connections[alias] = opened
    try:
        yield alias
    finally:
        opened.close()
        del connections[alias]


def _raise_if_full(said: str) -> None:
    if "disk is full" in said or "No space left" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _clear(path: Path) -> None:
    for ending in (*SQLITE_FILES, "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _one(cursor: Any, question: str) -> Any:
    cursor.execute(question)
    return cursor.fetchone()[0]

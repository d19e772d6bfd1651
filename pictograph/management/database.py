"""The database, brought up to date by whichever command is run first, however many are started at once."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TextIO

from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from pictograph.backup.presence import BeingRestored, attend
from pictograph.catalogue.models import Edition
from pictograph.catalogue.snapshot import shipped_rules
from pictograph.photos.models import Photo

MIGRATING = 0x70696374  # of PostgreSQL's advisory locks, which are told apart by number in each database: "pict"
TOLD_AFTER_S = 5.0
WAITING = "Another command is bringing the database up to date. Waiting for it."


def bring_up_to_date(say: Callable[[str], object]) -> None:
    """Make or change the tables where this version of the site needs it; `say` hears of it.

    Raises CommandError where the database does not answer, is of a later version, is being restored, or cannot be
    changed.
    """
    attend_or_end()
    try:
        with alone(connection, say):
            executor = MigrationExecutor(connection)
            refuse_later_versions(executor.loader)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                say("Bringing the database up to date.")
                _migrate()
            if Edition.go_by(shipped_rules()) and Photo.objects.exists():
                say("Photos are named anew by the rules of this version, a few hundred at a time.")
    except OperationalError as error:
        raise CommandError(f"The database in DATABASE_URL does not answer: {error}".strip()) from error


def _migrate() -> None:
    try:
        call_command(Migrate(), interactive=False, verbosity=0)
    except DatabaseError as error:
        raise CommandError(
            f"The database could not be brought up to date: {error}\n"
            "The steps before the one that failed are kept, and that one has changed nothing. Put the former version "
            "of the site back, or mend what the message says and start again."
        ) from error


def refuse_later_versions(loader: MigrationLoader) -> None:
    """Raise CommandError where a later version of the site has changed the database.

    This one would not know what it finds there. Of other applications it cannot tell: they may have dropped old steps.
    """
    ours = {config.label for config in apps.get_app_configs() if config.name.split(".")[0] in ("pictograph", "fathom")}
    known = set(loader.disk_migrations or {})
    known |= {former for migration in (loader.disk_migrations or {}).values() for former in migration.replaces}
    later = sorted(key for key in set(loader.applied_migrations or {}) - known if key[0] in ours)
    if later:
        raise CommandError(
            f"A later version of the site has changed this database ({later[-1][0]} {later[-1][1]}). Start that "
            "version again, or restore a backup that was made before."
        )


def alone(database: BaseDatabaseWrapper, say: Callable[[str], object]) -> AbstractContextManager[None]:
    """Let one process at a time look at the tables and change them; whoever comes in between waits.

    The lock goes with the process, however that ends.
    """
    name = str(database.settings_dict["NAME"])
    if database.vendor == "postgresql":
        return _advisory_lock(database, say)
    if database.vendor == "sqlite" and os.path.isabs(name):
        # Beside the database: commands with different DATA_DIRs may share it. Not the file itself, as closing that
        # would end the locks SQLite has on it.
        return file_lock(Path(f"{name}.lock"), lambda: say(WAITING))
    return nullcontext()  # in memory, for this process alone


@contextmanager
def file_lock(path: Path, say_waiting: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold a lock of the file system on a file that is kept for that alone."""
    with path.open("a") as file:
        if not _is_locked_soon(file):
            say_waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_locked_soon(file: TextIO) -> bool:
    """Lock a file if that takes no time worth telling: the processes of one site start together."""
    end = time.monotonic() + TOLD_AFTER_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)


@contextmanager
def _advisory_lock(database: BaseDatabaseWrapper, say: Callable[[str], object]) -> Iterator[None]:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATING])
        if not cursor.fetchone()[0]:
            say(WAITING)
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def attend_or_end() -> None:
    """Have the data folder in use until this process ends. Raises CommandError where a restore has it."""
    try:
        attend()
    except BeingRestored as error:
        raise CommandError(str(error)) from error

"""The database, brought up to date by whichever command is run first."""

from collections.abc import Callable

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from pictograph.backup.presence import BeingRestored, attend


def bring_up_to_date(say: Callable[[str], object]) -> None:
    """Make or change the tables where this version of the site needs it; `say` hears of it.

    Raises CommandError where the database does not answer, or is being restored.
    """
    attend_or_end()
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CommandError(f"The database in DATABASE_URL does not answer: {error}".strip()) from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Bringing the database up to date.")
        call_command("migrate", interactive=False, verbosity=0)


def attend_or_end() -> None:
    """Have the data folder in use until this process ends. Raises CommandError where a restore has it."""
    try:
        attend()
    except BeingRestored as error:
        raise CommandError(str(error)) from error

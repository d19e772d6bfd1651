"""`manage.py migrate`: Django's own, one at a time, however many commands are started at once."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from pictograph.management.database import alone, attend_or_end, refuse_later_versions


class Command(Migrate):
    """Bring the database up to date, unless a later version of the site has."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Migrate while no other command does."""
        attend_or_end()
        database = connections[options["database"]]
        with alone(database, self.stderr.write):
            refuse_later_versions(MigrationLoader(database))
            return super().handle(*args, **options)

"""Compare what the map counts with the photos, and mend it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pictograph.places.recount import recount_map


class Command(BaseCommand):
    """`manage.py recount_map [--check]`."""

    help = "Count anew what the map of everyone's photos shows, and say each difference; others write on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whether to change anything."""
        parser.add_argument("--check", action="store_true", help="say differences and change nothing; exit 1 at any")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, say, mend."""
        differences = recount_map(is_check=options["check"])
        for difference in differences:
            self.stdout.write(difference)
        if differences and options["check"]:
            raise CommandError(f"{len(differences)} differences.")
        self.stdout.write(
            f"{len(differences)} differences mended." if differences else "Everything is counted rightly."
        )

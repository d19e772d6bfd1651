"""Measure how many of the truly nearest photos a search for similar ones finds."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pictograph.catalogue.models import Network
from pictograph.management.database import bring_up_to_date
from pictograph.people.accounts import person_named
from pictograph.similar.collection import Unusable
from pictograph.similar.evaluation import evaluate
from pictograph.similar.refreshing import is_stale, refresh
from pictograph.store.scope import NETWORK, Scope, library_of


class Command(BaseCommand):
    """`manage.py evaluate_similar [--user NAME] [--queries N] [--json]`."""

    help = (
        "Compare searches for similar photos with looking at every photo: of everyone's public photos, or of one "
        "library. The files that searches need are brought up to date first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose photos, and how many of them are looked up."""
        parser.add_argument("--user", metavar="NAME", help="look in this person's library, not among public photos")
        parser.add_argument("--queries", type=int, default=200)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", action="store_true", help="print the result in one line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, and print JSON."""
        bring_up_to_date(self.stderr.write)
        scope, network = self._scope(options["user"]), Network.objects.filter(is_current=True).first()
        if network is None:
            raise CommandError("No worker has run here yet, so no photo has been looked at.")
        if options["queries"] < 1:
            raise CommandError("--queries has to be at least 1.")
        try:
            if is_stale(scope, network.pk):
                refresh(scope, network.pk)
            measured = asdict(evaluate(scope, network.pk, options["queries"], options["seed"]))
        except Unusable as error:
            raise CommandError("Another process is making the files just now. Try again in a minute.") from error
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        self.stdout.write(json.dumps(measured, indent=None if options["json"] else 2))

    def _scope(self, name: str | None) -> Scope:
        if name is None:
            return NETWORK
        person = person_named(name)
        if person is None:
            raise CommandError(f"Nobody here is called {name}.")
        return library_of(person.pk)

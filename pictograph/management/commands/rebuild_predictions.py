"""Prove that categories, counters and sums are right, or make them so."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from pictograph.models import User
from pictograph.store import NETWORK, prediction_store, scope_of


class Command(BaseCommand):
    """`manage.py rebuild_predictions [--user NAME] [--check]`."""

    help = (
        "Recompute every category, counter and sum from the stored probabilities and compare. "
        "Run it after calibrate_labels, or with --check to prove that nothing is off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose, whether to change anything, and how to report."""
        parser.add_argument("--user", metavar="NAME", help="only this person's library")
        parser.add_argument("--check", action="store_true", help="change nothing; fail where something was wrong")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild every scope and report the differences."""
        people = User.objects.all()
        if options["user"]:
            people = people.filter(username=options["user"])
            if not people:
                raise CommandError(f"Nobody is called {options['user']!r}.")
        scopes = [(person.get_username(), scope_of(person.pk)) for person in people.order_by("pk")]
        if not options["user"]:
            scopes.append(("the public network", NETWORK))
        differences: list[str] = []
        for name, scope in scopes:
            with transaction.atomic():  # one for each, so that workers get their turn in between
                differences += [f"{name}: {difference}" for difference in prediction_store().rebuild(scope)]
                if options["check"]:
                    transaction.set_rollback(True)
        if options["json"]:
            self.stdout.write(json.dumps({"scopes": len(scopes), "differences": differences}))
        else:
            for difference in differences:
                self.stdout.write(difference)
            verb = "found" if options["check"] else "mended"
            self.stdout.write(f"{len(scopes)} libraries and networks compared, {len(differences)} differences {verb}.")
        if options["check"] and differences:
            raise CommandError("The counters were not right. Run again without --check to mend them.")

"""Prove that categories, counters and sums are right, or make them so."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from pictograph.management.database import bring_up_to_date
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.renaming import CHUNK, rename
from pictograph.store import prediction_store
from pictograph.store.outbox import sweep_notices
from pictograph.store.scope import NETWORK, Scope, library_of, public_of


class Command(BaseCommand):
    """`manage.py rebuild_predictions [--user NAME] [--check]`."""

    help = (
        "Recompute every category, counter and sum from the stored probabilities and compare. "
        "With --check nothing is changed, to prove that nothing is off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare whose, whether to change anything, and how to report."""
        parser.add_argument("--user", metavar="NAME", help="only this person's library")
        parser.add_argument("--check", action="store_true", help="change nothing; fail where something was wrong")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild every scope and report the differences."""
        bring_up_to_date(self.stderr.write)
        people = User.objects.filter(username=options["user"]) if options["user"] else User.objects.all()
        if options["user"] and not people:
            raise CommandError(f"Nobody is called {options['user']!r}.")
        differences: list[str] = []
        scopes: list[tuple[str, Scope]] = []
        sweep_notices()
        for person in people.order_by("pk"):
            name = person.get_username()
            differences += [f"{name}: categories of photo {pk}" for pk in self._rename(person, options["check"])]
            scopes += [(name, library_of(person.pk)), (f"{name}, public", public_of(person.pk))]
        if not options["user"]:
            scopes.append(("the public network", NETWORK))
        for name, scope in scopes:
            with transaction.atomic():  # one for each, so that workers get their turn in between
                differences += [f"{name}: {difference}" for difference in prediction_store().recount(scope)]
                if options["check"]:
                    transaction.set_rollback(True)
        self._report(len(scopes), differences, options)

    def _rename(self, person: User, is_check: bool) -> list[int]:
        """Photos whose categories or names were not what the catalogue makes of them now."""
        ids = list(Photo.objects.owned_by(person).classified().order_by("pk").values_list("pk", flat=True))
        changed: list[int] = []
        for start in range(0, len(ids), CHUNK):
            with transaction.atomic():
                changed += rename(ids[start : start + CHUNK])
                if is_check:
                    transaction.set_rollback(True)
        return changed

    def _report(self, scopes: int, differences: list[str], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({"scopes": scopes, "differences": differences}))
        else:
            for difference in differences:
                self.stdout.write(difference)
            verb = "found" if options["check"] else "mended"
            self.stdout.write(f"{scopes} libraries and networks compared, {len(differences)} differences {verb}.")
        if options["check"] and differences:
            raise CommandError("The counters were not right. Run again without --check to mend them.")

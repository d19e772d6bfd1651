"""Measure the pages of moderators where much waits."""

import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from fathom.moderation.benchmark import measure_moderation


class Command(BaseCommand):
    """`manage.py bench_moderation --cases 10000`."""

    help = "Print the server time of the moderators' pages, of deciding and of undoing, where so many cases wait."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how much waits."""
        parser.add_argument("--cases", type=int, default=10_000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure on a site of its own and print it."""
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():  # pages name their style sheets as collected
            call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(json.dumps(measure_moderation(options["cases"]), indent=2))

"""`manage.py web`: a web process alone, where the workers run elsewhere."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pictograph.gate.server import Server, allow_many_connections, web_config
from pictograph.management.database import attend_or_end


class Command(BaseCommand):
    """Serve pages until a signal."""

    help = "Serve pages in this process; the database is up to date, and workers run elsewhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the options."""
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Serve."""
        attend_or_end()
        allow_many_connections()
        Server(web_config(host=host, port=port)).run()

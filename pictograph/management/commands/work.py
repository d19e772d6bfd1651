"""`manage.py work`: one worker process."""

import logging
import os
import signal
import sys
import threading
import uuid
import warnings
from argparse import ArgumentParser
from typing import Any

from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand

from pictograph.celery import app
from pictograph.queue.claims import PhotoWork


class Command(BaseCommand):
    """Classify photos, one batch after another, in this process."""

    help = "Run one worker that classifies photos."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the one option."""
        parser.add_argument("--until-eof", action="store_true", help="end when standard input closes")
        parser.add_argument(
            "--lease", type=uuid.UUID, help="what to claim photos under, for who frees them if this dies"
        )

    def handle(self, *args: Any, until_eof: bool, lease: uuid.UUID | None, **options: Any) -> None:
        """Work until a signal comes or, if so asked, standard input closes."""
        PhotoWork.given_lease = lease
        if until_eof:
            threading.Thread(target=end_at_eof, name="end at eof", daemon=True).start()
        # Messages are JSON, so a root worker, as containers have, runs nothing that a message brings.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        # solo: one process holds one network; batches and threads inside a task keep the cores busy.
        level = logging.getLevelName(logging.getLogger().level)
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        sys.exit(app.start(["--quiet", "worker", "--pool=solo", f"--loglevel={level}", *quiet]))


def end_at_eof() -> None:
    """Stop this process as SIGTERM does once standard input closes, as it does when the parent dies."""
    while os.read(sys.stdin.fileno(), 1):  # not through the buffer, whose lock would outlive the process
        pass
    os.kill(os.getpid(), signal.SIGTERM)

"""`manage.py work`: one worker process, for classifying or for everything else."""

import logging
import os
import signal
import sys
import threading
import time
import warnings
from argparse import ArgumentParser
from typing import Any

from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand
from django.db import connections

from pictograph.celery import app
from pictograph.management.database import bring_up_to_date
from pictograph.queue.long_work import SITE_THREADS
from pictograph.sources.watching import watch_folders

CLASSIFY, SITE = "classify", "site"
QUEUES = (CLASSIFY, SITE)
FAREWELL_S = 2.0  # for who watches folders to say that another may
LINGER_S = 15.0  # without a parent, to bring a batch home


class Command(BaseCommand):
    """Classify photos, one batch after another, or do the site's other work, in this process."""

    help = "Run one worker. One on the queue `classify` reads and classifies photos; one on `site` does all the rest."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the options."""
        parser.add_argument("--queue", choices=QUEUES, default=CLASSIFY, help="whose messages it takes")
        parser.add_argument("--until-eof", action="store_true", help="end when standard input closes")

    def handle(self, *args: Any, queue: str, until_eof: bool, **options: Any) -> None:
        """Work until a signal comes or, if so asked, standard input closes."""
        if until_eof:
            threading.Thread(target=end_at_eof, name="end at eof", daemon=True).start()
        bring_up_to_date(self.stderr.write)
        connections.close_all()
        # Messages are JSON, so a root worker, as containers have, runs nothing that a message brings.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        # solo: one process holds one network; batches and threads inside a task keep the cores busy. The other work is
        # small steps, of which none may wait behind a long one.
        pool = ["--pool=solo"] if queue == CLASSIFY else ["--pool=threads", f"--concurrency={SITE_THREADS}"]
        level = logging.getLevelName(logging.getLogger().level)
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        stopping = threading.Event()
        watching = threading.Thread(target=watch_folders, args=[stopping], name="watch folders", daemon=True)
        if queue == SITE:
            watching.start()
        try:
            sys.exit(app.start(["--quiet", "worker", f"--queues={queue}", *pool, f"--loglevel={level}", *quiet]))
        finally:
            stopping.set()
            if queue == SITE:
                watching.join(FAREWELL_S)


def end_at_eof() -> None:
    """Stop this process as SIGTERM does once standard input closes, as it does when the parent dies.

    Nobody is left to end it should it hang, on a disk that does not answer: after LINGER_S it ends itself.
    """
    while os.read(sys.stdin.fileno(), 1):  # not through the buffer, whose lock would outlive the process
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LINGER_S)
    os._exit(1)

"""`manage.py serve`: the whole site on one machine, web and worker together."""

import errno
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import beat
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections

from pictograph.celery import app
from pictograph.gate.server import Server, allow_many_connections, web_config
from pictograph.management.commands.work import QUEUES
from pictograph.management.database import bring_up_to_date, file_lock
from pictograph.queue.claims import PhotoWork
from pictograph.queue.clock import SteadyScheduler

logger = logging.getLogger(__name__)

STOP_S = 8.0  # how long a worker may take to bring its batch home; what it still holds is claimed again later
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0  # before a dead worker is started again, doubling
GOOD_RUN_S = 60.0  # a worker that lived this long starts again with the first pause


class Command(BaseCommand):
    """Start web and worker, and stop both at Ctrl-C."""

    help = "Serve the site on this machine: web and worker together. Ctrl-C stops both."
    requires_system_checks: list[str] = []  # they belong to .ci/run and cost a second start its promptness

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare what is missing, then serve until a signal."""
        allow_many_connections()
        listener = listen(settings.HOST, settings.PORT)
        bring_up_to_date(self.stdout.write)
        collect_static_files(self.stdout.write)
        connections.close_all()

        # uvicorn raises the signal once more after its clean stop; by then it has been obeyed.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)

        workers = [Worker(queue, self.stderr.write) for queue in QUEUES]
        clock = beat.Service(app, max_interval=1, scheduler_cls=SteadyScheduler)
        for worker in workers:
            worker.start()
        threading.Thread(target=clock.start, name="beat", daemon=True).start()
        try:
            address = f"http://{shown_host(settings.HOST)}:{settings.PORT}/"
            announce = partial(self.stdout.write, f"Pictograph is at {address}  (Ctrl-C stops it)")
            Server(web_config(), announce).run([listener])
        finally:
            clock.stop()
            for worker in workers:
                worker.ask_to_stop()
            for worker in workers:
                worker.stop()


class Worker(threading.Thread):
    """Keeps one `manage.py work` on a queue alive until it is stopped."""

    def __init__(self, queue: str, report: Any) -> None:
        super().__init__(name=f"worker {queue}", daemon=True)
        self.queue = queue
        self.report = report
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.lease = uuid.uuid4()

    def run(self) -> None:
        """Start the process again whenever it ends, after a pause that doubles while it keeps ending early."""
        pause_s = FIRST_PAUSE_S
        while process := self._start_process():
            started = time.monotonic()
            code = process.wait()
            if process.stdin:
                process.stdin.close()
            free(self.lease, is_blameless=self.stopping.is_set())
            if time.monotonic() - started > GOOD_RUN_S:
                pause_s = FIRST_PAUSE_S
            if self.stopping.is_set():
                return
            self.report(
                f"The worker on the queue {self.queue} ended ({ending(code)}). It starts again in {pause_s:.0f} s."
            )
            self.stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def ask_to_stop(self) -> None:
        """Ask the process to end."""
        with self.lock:
            self.stopping.set()
            if self.process is not None:
                self.process.terminate()

    def stop(self) -> None:
        """Wait for the process that was asked to end, and end it when it takes longer than STOP_S."""
        process = self.process
        if process is None:
            return
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        self.join()

    def _start_process(self) -> subprocess.Popen[bytes] | None:
        with self.lock:
            if self.stopping.is_set():
                return None
            self.lease = uuid.uuid4()
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "work", "--until-eof", "--queue", self.queue],
                cwd=settings.BASE_DIR,
                env=os.environ | {"WORKER_LEASE": str(self.lease)},
                stdin=subprocess.PIPE,  # closes when this process dies, however it dies
                stdout=subprocess.DEVNULL,  # a banner and farewells; what matters is logged on stderr
                start_new_session=True,  # Ctrl-C in the terminal is for this process, which then stops the worker
            )
            return self.process


def free(lease: uuid.UUID, *, is_blameless: bool = False) -> None:
    """Let the next worker have at once what a dead one held, and not only when its lease runs out."""
    try:
        PhotoWork(lease).let_go(is_blameless=is_blameless)
    except DatabaseError as error:
        logger.warning("What the worker held stays its own for %s s: %s", settings.LEASE_S, error)
    finally:
        connections.close_all()


def listen(host: str, port: int) -> socket.socket:
    """Bind the address the site is served on. Raises CommandError with the variable to change."""
    if not 0 < port < 65536:  # getaddrinfo would take it modulo 65,536
        raise CommandError(f"PORT is {port}: use a number from 1 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # so that a second start fails here and not later
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            advice = f"Port {port} is already in use. Choose another with PORT, for example: PORT={port + 1} make run"
        elif error.errno == errno.EACCES:
            advice = f"Port {port} is not open to you. Choose one above 1023 with PORT, for example: PORT=8000 make run"
        else:
            advice = f"Cannot serve on HOST={host} PORT={port}: {error.strerror}"
        raise CommandError(advice) from error
    return listener


def shown_host(host: str) -> str:
    """The host a person on this machine types for a bound address."""
    if host in ("0.0.0.0", "::", ""):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def ending(code: int) -> str:
    """What an exit status says, in words: "exit status 1", "SIGKILL"."""
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def collect_static_files(say: Callable[[str], object]) -> None:
    """Gather what pages load, where any of it has changed since it was gathered; `say` hears of it."""
    note = settings.DATA_DIR / "static.fingerprint"
    fingerprint = static_fingerprint()
    with file_lock(settings.DATA_DIR / "static.lock"):  # a second site, on another port, may begin with it too
        if not settings.STATIC_ROOT.is_dir() or not note.exists() or note.read_text() != fingerprint:
            say("Collecting static files.")
            call_command("collectstatic", interactive=False, verbosity=0, clear=True)
            note.write_text(fingerprint)


def static_fingerprint() -> str:
    """A digest of name, size and time of every static file; it changes when one of them does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name).timestamp()}\n".encode())
    return digest.hexdigest()

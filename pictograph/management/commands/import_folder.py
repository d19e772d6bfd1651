"""Import every photo of a folder on the server."""

import json
import threading
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pictograph.management.database import bring_up_to_date
from pictograph.models import Import, Photo, User
from pictograph.people.accounts import make_account
from pictograph.sources.failures import failures_of
from pictograph.sources.folder import import_folder
from pictograph.sources.progress import totals

LOOK_EVERY_S = 0.5
FAILURES_NAMED = 100
WORK_HERE_AFTER_S = 10.0


class Command(BaseCommand):
    """`manage.py import_folder DIR --user NAME`."""

    help = "Import every photo below a folder. Files are read where they lie; running it again imports nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folder, whose library it goes into, and how to report."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--user", required=True, metavar="NAME", help="whose library the photos go into")
        parser.add_argument("--create-user", action="store_true", help="make the account if there is none")
        parser.add_argument("--wait", action="store_true", help="return when every photo has been classified")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Scan, announce, and with --wait stay until all is done."""
        bring_up_to_date(self.stderr.write)
        started = time.monotonic()
        owner = self._owner(options["user"], options["create_user"])
        folder: Path = options["folder"]
        try:
            batch, scan = import_folder(owner, folder)
        except FileNotFoundError as error:
            raise CommandError(f"There is no folder {folder}.") from error
        except NotADirectoryError as error:
            raise CommandError(f"{folder} is a file. Give the folder it is in.") from error
        except PermissionError as error:
            raise CommandError(f"{folder} may not be read. Give this account permission and run again.") from error
        report: dict[str, Any] = {
            "user": owner.get_username(),
            "folder": str(folder.resolve()),
            "found": scan.found,
            "added": scan.added,
            "known": scan.known,
            "skipped": scan.skipped,
            "unreadable": scan.unreadable,
        }
        if options["wait"]:
            if batch is not None:
                self._wait(batch, quiet=options["json"])
            batches = [] if batch is None else [batch]
            report |= totals(batches)
            failures, _ = failures_of(owner, batches, limit=FAILURES_NAMED)
            report["failures"] = [{"name": f.name, "reason": f.title, "advice": f.advice} for f in failures]
        report["seconds"] = round(time.monotonic() - started, 2)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._report(report)

    def _owner(self, name: str, may_create: bool) -> User:
        owner = User.objects.filter(username=name).first()
        if owner is None and not may_create:
            raise CommandError(f"Nobody is called {name!r}. Add --create-user to make the account.")
        if owner is None:
            owner = make_account(name)
            self.stderr.write(f"Made the account {name}. Set its password with: manage.py changepassword {name}")
        return owner

    def _wait(self, batch: Import, quiet: bool) -> None:
        """Wait for the workers; where none takes the photos up, classify them here."""
        idle_since = time.monotonic()
        pending = -1
        while left := Photo.objects.pending().filter(batch=batch).count():
            held = Photo.objects.pending().filter(lease_until__gt=timezone.now()).exists()
            if left != pending or held:
                idle_since = time.monotonic()
            if left != pending and not quiet:
                self.stderr.write(f"\r{left} photos to go ", ending="")
            pending = left
            if time.monotonic() - idle_since > WORK_HERE_AFTER_S:
                self.stderr.write("No worker takes the photos up; classifying them here.")
                self._classify_here()
            time.sleep(LOOK_EVERY_S)
        if not quiet:
            self.stderr.write("")

    def _classify_here(self) -> None:
        from classifier.pipeline import drain
        from classifier.tasks import open_classifier
        from pictograph.queue.claims import PhotoWork

        drain(PhotoWork(), open_classifier(), threading.Event())

    def _report(self, report: dict[str, Any]) -> None:
        words = f"{report['found']} photos found: {report['added']} new, {report['known']} known already."
        if report["skipped"]:
            words += f" {report['skipped']} other files left out."
        if report["unreadable"]:
            words += f" {report['unreadable']} folders or files may not be read; the import page names them."
        self.stdout.write(words)
        if "classified" in report:
            self.stdout.write(
                f"{report['classified']} classified, {report['duplicates']} duplicates, {report['failed']} failed, "
                f"in {report['seconds']} s."
            )
            for failure in report["failures"]:
                self.stdout.write(f"  {failure['name']}: {failure['reason']}. {failure['advice']}")

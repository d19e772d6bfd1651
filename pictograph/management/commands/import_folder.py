"""Import every photo of a folder on the server."""

import json
import os
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q

from pictograph.management.database import bring_up_to_date
from pictograph.people.accounts import make_account, person_named
from pictograph.people.models import User
from pictograph.people.names import folded_name
from pictograph.photos.models import Photo
from pictograph.queue.claims import held_photos
from pictograph.sources.failures import failures_of
from pictograph.sources.folders import register, source_around
from pictograph.sources.models import Import, Item, Source
from pictograph.sources.paths import ref_of
from pictograph.sources.progress import totals
from pictograph.sources.reasons import FOLDER_ADVICE
from pictograph.sources.scan import PATIENCE_S, ScanRefused, scan

LOOK_EVERY_S = 0.5
FAILURES_NAMED = 100
WORK_HERE_AFTER_S = 10.0
SAID = {
    "moved": "have moved",
    "changed": "have changed and are read anew",
    "deleted": "belong to photos that were deleted, and stay out",
    "missing": "are no longer where they were",
    "skipped": "other files left out",
    "unreadable": "folders, files or links could not be looked into; the import page names them",
}


class Command(BaseCommand):
    """`manage.py import_folder DIR --user NAME`."""

    help = (
        "Import every photo below a folder. Files are read where they lie; running it again imports nothing twice and "
        "finds what has moved, changed or gone."
    )

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
        source, below = self._source(owner, options["folder"])
        try:
            batch, tally = scan(source, below, patience_s=PATIENCE_S)
        except ScanRefused as error:
            raise CommandError("This folder is being looked at already. Let that end, then run again.") from error
        source.refresh_from_db()
        if source.problem and not below:
            advice = FOLDER_ADVICE[source.problem]
            self.stderr.write(f"{advice.title}. {advice.advice}")
        report: dict[str, Any] = {
            "user": owner.get_username(),
            "folder": ref_of(str(options["folder"].resolve())),
            "known": tally.known,
            **asdict(tally),
        }
        if options["wait"]:
            self._wait(source, quiet=options["json"])
            batches = [] if batch is None else [batch]
            report |= totals(batches)
            failures, _ = failures_of(owner, batches, limit=FAILURES_NAMED)
            report["failures"] = [{"name": f.name, "reason": str(f.title), "advice": str(f.advice)} for f in failures]
        report["seconds"] = round(time.monotonic() - started, 2)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._report(report)

    def _source(self, owner: User, folder: Path) -> tuple[Source, str]:
        """The source that the folder is or lies in, registered now if there is none, and the path from there."""
        try:
            os.scandir(folder).close()
        except FileNotFoundError as error:
            raise CommandError(f"There is no folder {folder}.") from error
        except NotADirectoryError as error:
            raise CommandError(f"{folder} is a file. Give the folder it is in.") from error
        except OSError as error:
            raise CommandError(f"{folder} may not be read. Give this account permission and run again.") from error
        folder = folder.resolve()
        try:
            return source_around(owner, folder) or (register(owner, folder), "")
        except ValidationError as error:
            if source := source_around(owner, folder):  # another command has registered it in this moment
                return source
            raise CommandError(" ".join(error.messages)) from error

    def _owner(self, name: str, may_create: bool) -> User:
        owner = person_named(name)
        if owner is None and not may_create:
            raise CommandError(f"Nobody is called {name!r}. Add --create-user to make the account.")
        if owner is None:
            try:
                owner = make_account(name)
            except IntegrityError:  # another command has made it in this moment
                return User.objects.get(folded=folded_name(name))
            self.stderr.write(f"Made the account {name}. Set its password with: manage.py changepassword {name}")
        return owner

    def _wait(self, source: Source, quiet: bool) -> None:
        """Wait until workers have read all that is new or changed; where none takes the photos up, read them here.

        What is paused, or being cancelled, nobody may take up, and is not waited for.
        """
        idle_since = time.monotonic()
        pending = -1
        in_source = Exists(Item.objects.filter(source=source, photo=OuterRef("pk")))
        due = Photo.objects.owned_by(source.owner_id).due().filter(in_source)
        is_paused = Q(batch__is_paused=True)
        may_be_read = due.exclude(is_paused | Q(batch__state=Import.State.CANCELLING))
        while left := may_be_read.count():
            held = held_photos().exists()
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
        if paused := due.filter(is_paused).count():
            self.stderr.write(f"{paused} photos wait, as their import is paused. Press Go on on the import page.")

    def _classify_here(self) -> None:
        from classifier.pipeline import drain
        from classifier.tasks import open_for_work
        from pictograph.queue.claims import PhotoWork

        drain(PhotoWork(), open_for_work(), threading.Event())

    def _report(self, report: dict[str, Any]) -> None:
        words = f"{report['found']} photos found: {report['added']} new, {report['known']} known already."
        for name, said in SAID.items():
            if report[name]:
                words += f" {report[name]} {said}."
        self.stdout.write(words)
        if "classified" in report:
            self.stdout.write(
                f"{report['classified']} classified, {report['duplicates']} duplicates, {report['failed']} failed, "
                f"in {report['seconds']} s."
            )
            for failure in report["failures"]:
                self.stdout.write(f"  {failure['name']}: {failure['reason']}. {failure['advice']}")

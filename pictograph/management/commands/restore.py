"""`manage.py restore DIR`: put a backup back."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from pictograph.backup.contents import NoFolder
from pictograph.backup.databases import DatabaseRefused
from pictograph.backup.folder import FolderRefused
from pictograph.backup.manifest import Damaged
from pictograph.backup.presence import InUse
from pictograph.backup.progress import Progress, in_people
from pictograph.backup.restoring import NotEmpty, Restored, restore
from pictograph.pages.full_disk import is_full_disk


class Command(BaseCommand):
    """Put a backup in the place of the site in DATA_DIR and DATABASE_URL."""

    help = (
        "Put a backup back: the newest in a folder of backups, or the one whose own folder is named. Everything is "
        "proved before anything is touched, and nothing is deleted. The site must not run."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what from, and what becomes of what is there."""
        parser.add_argument("folder", type=Path, help="a folder of backups, or one dated backup in it")
        parser.add_argument(
            "--replace", action="store_true", help="set aside what is there; without it, nothing may be"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        """Restore and say what came of it."""
        progress = Progress(self.stderr, is_quiet=options["json"])
        say = (lambda text: None) if options["json"] else self.stdout.write
        try:
            restored = restore(folder, progress.tell, say, replace=replace)
        except (FolderRefused, NoFolder, DatabaseRefused, Damaged, InUse) as error:
            raise CommandError(str(error)) from error
        except NotEmpty as error:
            raise CommandError(
                "There is a site here already. With --replace it is set aside (not deleted), and the backup takes its "
                "place."
            ) from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}".strip()) from error
        except OSError as error:
            if is_full_disk(error):
                raise CommandError("The disk is full. Free some space, and run this again.") from error
            raise CommandError(f"This cannot be restored: {error}") from error
        finally:
            progress.end()
        self._report(restored, options["json"])

    def _report(self, restored: Restored, is_json: bool) -> None:
        if is_json:
            report = {"backup": str(restored.backup), "counts": restored.counts, "missing": restored.missing}
            self.stdout.write(json.dumps(report | {"aside": restored.aside}))
            return
        self.stdout.write(
            f"Restored {restored.backup}, made at {restored.manifest.made_at}: {in_people(restored.counts)}. "
            "Everyone has to sign in again."
        )
        if restored.missing:
            self.stderr.write("The backup has no file of these, as the site had none: " + ", ".join(restored.missing))
        for folder in restored.manifest.folders:
            if not Path(folder).is_dir():
                self.stderr.write(
                    f"Photos are read from {folder}, which is not here; they are shown from small copies."
                )
        for place in restored.aside:
            self.stdout.write(f"What was there before is in {place}. Delete it when you are sure.")

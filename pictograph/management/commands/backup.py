"""`manage.py backup DIR`: copy all that the site is made of, while it runs."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from pictograph.backup.contents import NoFolder
from pictograph.backup.databases import DatabaseRefused
from pictograph.backup.folder import FolderRefused
from pictograph.backup.holding import AnotherBackup, HoldLost
from pictograph.backup.making import Made, make_backup, prove_backups
from pictograph.backup.manifest import Damaged
from pictograph.backup.progress import Progress, in_people, in_words
from pictograph.management.database import attend_or_end
from pictograph.pages.full_disk import is_full_disk

NAMED = 20  # files that are called by name at most


class Command(BaseCommand):
    """Make a backup, or prove those that are there."""

    help = (
        "Back up the database, uploaded photos and the secret key to a folder on another disk, while the site runs. "
        "Files that are there already are not copied again. Photos in folders on the server are not part of it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to, how many to keep, and how to report."""
        parser.add_argument("folder", type=Path, help="a folder outside DATA_DIR; made if its parent is there")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards, drop all but the newest N backups")
        parser.add_argument("--verify", action="store_true", help="make none; prove every backup that is there")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, folder: Path, keep: int | None, verify: bool, **options: Any) -> None:
        """Make one or prove all, and say what came of it."""
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number from 1 on.")
        attend_or_end()
        progress = Progress(self.stderr, is_quiet=options["json"])
        try:
            if verify:
                self._prove(folder, progress, options["json"])
            else:
                self._report(make_backup(folder, progress.tell, keep), options["json"])
        except (FolderRefused, NoFolder, DatabaseRefused, Damaged) as error:
            raise CommandError(str(error)) from error
        except AnotherBackup as error:
            raise CommandError("A backup of this site is being made already.") from error
        except HoldLost as error:
            raise CommandError("The site lost sight of this backup, so files may be missing. Run it again.") from error
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}".strip()) from error
        except OSError as error:
            if is_full_disk(error):
                raise CommandError(
                    f"The disk of {folder} is full. The backups in it are as they were; free some space, or drop old "
                    "ones with --keep, and run again. What has been copied is not copied again."
                ) from error
            raise CommandError(f"{folder} cannot be written: {error}") from error
        finally:
            progress.end()

    def _prove(self, folder: Path, progress: Progress, is_json: bool) -> None:
        damages = prove_backups(folder, progress.tell)
        progress.end()
        if is_json:
            self.stdout.write(json.dumps({"files": progress.files, "damages": damages}))
        elif not damages:
            self.stdout.write(f"All backups in {folder} are as they were made: {progress.files:,} files read.")
        else:
            for damage in damages[:NAMED]:
                self.stderr.write(damage)
        if damages:
            raise CommandError(f"{len(damages):,} files in {folder} are not as they were kept.")

    def _report(self, made: Made, is_json: bool) -> None:
        manifest = made.manifest
        self._warn(made)
        if is_json:
            report = {"backup": str(made.path), "new_files": made.new_files, "copied_bytes": made.copied_bytes}
            report |= {"dropped": made.dropped, "missing": manifest.missing, "damaged": manifest.damaged}
            self.stdout.write(json.dumps(report | {"counts": manifest.counts}))
            return
        self.stdout.write(
            f"{made.path}: {in_people(manifest.counts)}, "
            f"{manifest.counts['files']:,} files ({in_words(manifest.counts['bytes'])}). "
            f"{made.new_files:,} of them were new ({in_words(made.copied_bytes)} copied)."
        )
        if made.dropped:
            self.stdout.write(f"{made.dropped:,} older backups were dropped.")
        if manifest.folders:
            self.stdout.write(
                f"Not in it: the files of photos that are read where they lie, in {', '.join(manifest.folders)}."
            )
        if manifest.secret_key is None:
            self.stdout.write("Not in it: the secret key, which comes from SECRET_KEY.")

    def _warn(self, made: Made) -> None:
        for words, paths in (
            ("uploaded files are no longer on the site's disk", made.manifest.missing),
            ("uploaded files no longer hold what came in; they were kept as they are", made.manifest.damaged),
        ):
            if paths:
                beyond = f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED else ""
                self.stderr.write(f"{len(paths):,} {words}: {', '.join(paths[:NAMED])}{beyond}")

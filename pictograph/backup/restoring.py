"""Putting a backup back in the place of a site.

All of it is read, proved and laid ready beside first; only then does anything take the place of what is there, which is
set aside. Killed at any moment, it can be run again; killed while things change places, the site does not start before.
"""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db.migrations.loader import MigrationLoader
from django.db.models import F

from pictograph.backup.contents import counts, photos_folder
from pictograph.backup.databases import database
from pictograph.backup.folder import BackupFolder, FolderRefused
from pictograph.backup.making import Tell, places
from pictograph.backup.manifest import (
    BLOCK_BYTES,
    CONTENTS,
    NAME,
    SECRET_KEY,
    Damaged,
    KeptFile,
    Manifest,
    opened,
    prove,
)
from pictograph.backup.presence import UNFINISHED, InUse, alone
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease

STAGED, ASIDE = ".restoring", "replaced-"


class NotEmpty(Exception):
    """Something is there that a restore would have to set aside."""


@dataclass(frozen=True)
class Restored:
    """What came of it: `aside` are the places of what was there before, `missing` are originals nobody has."""

    backup: Path
    manifest: Manifest
    counts: dict[str, int]
    aside: tuple[str, ...]
    missing: tuple[str, ...]


def restore(path: Path, tell: Tell, say: Callable[[str], object], *, replace: bool = False) -> Restored:
    """Put back a backup, or the newest one of a folder.

    Raises FolderRefused, Damaged, NotEmpty, InUse, NoFolder, DatabaseRefused, or OSError where the disk does not take
    it.
    """
    folder, backup = find_backup(path.resolve())
    manifest, photos, data = Manifest.read(backup), photos_folder(), Path(settings.DATA_DIR)
    _check_fits(manifest)
    database().check()
    with alone():
        if others := database().others():
            raise InUse(f"{others} others are connected to the database. Stop the site, then run this again.")
        was_interrupted = (data / UNFINISHED).exists()
        was_nothing_there = not was_interrupted and _is_empty(photos)
        if not (replace or was_interrupted or was_nothing_there):
            raise NotEmpty
        staged = photos / STAGED
        shutil.rmtree(staged, ignore_errors=True)
        _lay_ready(folder, backup, manifest, staged, tell)
        say("Everything in the backup is as it was kept.")
        aside = _new_name(data, photos)
        (data / UNFINISHED).touch(0o600)
        _change_places(photos, staged, photos / aside)
        (data / aside).mkdir(mode=0o700, exist_ok=True)
        if manifest.secret_key is not None:
            # A key without a site was made as this command started; nothing was ever signed with it.
            if (data / SECRET_KEY).exists() and not was_nothing_there:
                os.rename(data / SECRET_KEY, data / aside / SECRET_KEY)
            shutil.copyfile(backup / SECRET_KEY, data / SECRET_KEY)
            (data / SECRET_KEY).chmod(0o600)
        store = database()
        with store.put_back(backup / manifest.database.path, data / aside) as using:
            say("Bringing the database up to date.")
            # Django's own: the site's waits for a site that is being restored.
            call_command(Migrate(), database=using, interactive=False, verbosity=0)
            _let_go(using)
            held = counts(using)
        os.sync()
        (data / UNFINISHED).unlink()
    with suppress(OSError):
        (data / aside).rmdir()  # nothing was there before
    left = [str(place) for place in (data / aside, photos / aside) if place.is_dir()]
    left += [store.aside] if store.aside else []
    return Restored(backup, manifest, held, tuple(left), manifest.missing)


def find_backup(path: Path) -> tuple[BackupFolder, Path]:
    """The folder of backups and the one that is meant: the path itself, or the newest in it."""
    if (path / NAME).is_file():
        return BackupFolder(path.parent), path
    folder = BackupFolder(path)
    if not folder.backups:
        raise FolderRefused(f"There is no backup in {path}.")
    return folder, folder.backups[-1]


def _check_fits(manifest: Manifest) -> None:
    if manifest.vendor != database().vendor:
        raise FolderRefused(
            f"The backup holds a database of {manifest.vendor}, and DATABASE_URL names one of {database().vendor}. "
            "Restore it to the kind of database it was made of."
        )
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    apps = {app for app, _ in known}
    if later := [f"{app} {name}" for app, name in manifest.migrations if app in apps and (app, name) not in known]:
        raise FolderRefused(
            f"The backup was made by a later version of the site ({later[-1]} is not known here). Use that version."
        )


def _is_empty(photos: Path) -> bool:
    return database().is_empty() and not any(names for name in CONTENTS for *_, names in os.walk(photos / name))


def _lay_ready(folder: BackupFolder, backup: Path, manifest: Manifest, staged: Path, tell: Tell) -> None:
    """Copy every file to a place beside, and prove on the way that it is what was kept."""
    photos = staged.parent
    photos.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged.mkdir(mode=0o700)
    written = 0
    for position, (place, file) in enumerate(places(folder, backup, manifest)):
        if place.parent == backup:
            prove(place, file)
        else:
            _copy(place, staged / file.path, file)
            written += file.size_bytes
        tell(position + 1, written)


def _copy(place: Path, target: Path, file: KeptFile) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept = opened(place)
    except OSError as error:
        raise Damaged(f"{place} cannot be read: {error.strerror}") from error
    with kept, target.open("wb") as copy:
        shutil.copyfileobj(kept, copy, BLOCK_BYTES)
    os.utime(target, ns=(time.time_ns(), file.modified_ns))
    prove(target, file)


def _new_name(*folders: Path) -> str:
    """What to call the place of what is set aside; nothing lies there yet."""
    now = datetime.now(UTC)
    while any((folder / (name := now.strftime(f"{ASIDE}%Y%m%dt%H%M%Sz"))).exists() for folder in folders):
        now += timedelta(seconds=1)
    return name


def _change_places(photos: Path, staged: Path, aside: Path) -> None:
    for name in CONTENTS:
        if (photos / name).exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            os.rename(photos / name, aside / name)
        if (staged / name).exists():
            os.rename(staged / name, photos / name)
    shutil.rmtree(staged)


def _let_go(using: str) -> None:
    """What processes of that time had in hand is free; everyone signs in anew."""
    Session.objects.using(using).all().delete()
    Lease.objects.using(using).all().delete()
    held = Photo.objects.using(using).filter(lease__isnull=False)
    held.filter(attempts__gt=0).update(attempts=F("attempts") - 1)
    held.update(lease=None, lease_until=None)

"""Making a backup of a site that runs, and proving the backups in a folder.

First most files are copied, which may take hours and holds nobody up. Then, with files held, one moment of the database
is taken, and whatever that moment names and is not here yet is copied. So every row of a backup has its file, whatever
was uploaded and deleted meanwhile.
"""

import platform
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from pictograph.backup.contents import Wanted, counts, folders, photos_folder, wanted_files
from pictograph.backup.databases import DatabaseRefused, database
from pictograph.backup.folder import BackupFolder, FolderRefused
from pictograph.backup.holding import held_files
from pictograph.backup.manifest import SECRET_KEY, Damaged, KeptFile, Manifest, kept, prove

Tell = Callable[[int, int], object]  # files looked at so far, bytes copied so far


@dataclass(frozen=True)
class Made:
    """A backup just made: what is in it, how much of that was new, and how many old ones were dropped for it."""

    path: Path
    manifest: Manifest
    new_files: int
    copied_bytes: int
    dropped: int


class Copying:
    """Copies what is wanted and not here yet, and keeps account of it."""

    def __init__(self, folder: BackupFolder, photos: Path, known: dict[str, KeptFile], tell: Tell) -> None:
        self.known, self.new_files, self.copied_bytes = known, 0, 0
        self._folder, self._photos, self._tell = folder, photos, tell

    def copy(self, wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, KeptFile | None]]:
        """Each file with what was kept of it; None where it is not there."""
        for position, want in enumerate(wanted):
            try:
                yield want, self._kept(want)
            except FileNotFoundError:
                yield want, None
            self._tell(position + 1, self.copied_bytes)

    def _kept(self, want: Wanted) -> KeptFile:
        source = self._photos / want.path
        status, known = source.stat(), self.known.get(want.path)
        is_same = known and (known.size_bytes, known.modified_ns) == (status.st_size, status.st_mtime_ns)
        if known is None or not is_same or not self._folder.has(known):
            known, written = self._folder.keep(source, want.path, want.digest)
            self.known[want.path] = known
            self.new_files += bool(written)
            self.copied_bytes += written
        return known


def make_backup(path: Path, tell: Tell, keep: int | None = None) -> Made:
    """Add a backup of this site to a folder; with `keep`, drop all but so many of the newest afterwards.

    Raises FolderRefused, NoFolder, DatabaseRefused, AnotherBackup, HoldLost, or OSError where the disk does not take
    it. Whatever happens, the backups that are there stay as they are.
    """
    photos, folder = photos_folder(), BackupFolder(path.resolve())
    for own in (Path(settings.DATA_DIR).resolve(), photos):
        if folder.path.is_relative_to(own):
            raise FolderRefused(f"{folder.path} lies in {own}, and would be lost with it. Choose another disk.")
    database().check()  # before hours of copying
    if database().is_empty():
        raise DatabaseRefused("There is no site here yet, so there is nothing to back up.")
    with folder.writing():
        copying = Copying(folder, photos, _known_in(folder), tell)
        for _ in copying.copy(wanted_files("default")):
            pass
        with folder.new_backup() as unfinished:
            manifest = _take(unfinished, copying)
            manifest.write(unfinished)
        dropped = folder.drop_but(keep) if keep else 0
    return Made(folder.backups[-1], manifest, copying.new_files, copying.copied_bytes, dropped)


def prove_backups(path: Path, tell: Tell) -> list[str]:
    """Read every file of every backup in a folder; what is not as it was kept."""
    folder, found, proved = BackupFolder(path.resolve()), [], set()
    if not folder.backups:
        raise FolderRefused(f"There is no backup in {folder.path}.")
    for backup in folder.backups:
        try:
            manifest = Manifest.read(backup)
        except Damaged as error:
            found.append(str(error))
            continue
        for place, file in places(folder, backup, manifest):
            if place in proved:
                continue
            proved.add(place)
            try:
                prove(place, file)
            except Damaged as error:
                found.append(str(error))
            tell(len(proved), 0)
    return found


def places(folder: BackupFolder, backup: Path, manifest: Manifest) -> Iterator[tuple[Path, KeptFile]]:
    """Everything that a backup consists of, and where it lies."""
    yield backup / manifest.database.path, manifest.database
    if manifest.secret_key is not None:
        yield backup / manifest.secret_key.path, manifest.secret_key
    for file in manifest.files:
        yield folder.place_of(file), file


def _known_in(folder: BackupFolder) -> dict[str, KeptFile]:
    """What the last good backup kept; only that is known to have reached the disk whole."""
    for backup in reversed(folder.backups):
        try:
            return {file.path: file for file in Manifest.read(backup).files}
        except Damaged:
            continue
    return {}


def _take(unfinished: Path, copying: Copying) -> Manifest:
    """One moment of the database, and all files that it names."""
    files: list[KeptFile] = []
    missing: list[str] = []
    damaged: list[str] = []
    with _moment(unfinished) as using:
        for want, file in copying.copy(wanted_files(using)):
            if file is not None:
                files.append(file)
            if want.is_original and file is None:
                missing.append(want.path)
            if file is not None and want.digest and file.sha256 != want.digest:
                damaged.append(want.path)
        migrations = sorted(MigrationRecorder(connections[using]).applied_migrations())
        held, read_in_place = counts(using), folders(using)
    key = Path(settings.DATA_DIR) / SECRET_KEY
    if key.exists():
        (unfinished / SECRET_KEY).touch(0o600)
        (unfinished / SECRET_KEY).write_bytes(key.read_bytes())
    return Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={
            "python": platform.python_version(),
            "django": django.get_version(),
            "sqlite": sqlite3.sqlite_version,
            "store": settings.PREDICTION_STORE,
        },
        vendor=database().vendor,
        migrations=tuple(migrations),
        counts={**held, "files": len(files), "bytes": sum(file.size_bytes for file in files)},
        database=kept(unfinished / database().file),
        secret_key=kept(unfinished / SECRET_KEY) if key.exists() else None,
        folders=read_in_place,
        missing=tuple(missing),
        damaged=tuple(damaged),
        files=tuple(files),
    )


@contextmanager
def _moment(unfinished: Path) -> Iterator[str]:
    with held_files(), database().snapshot(unfinished / database().file) as using:
        yield using

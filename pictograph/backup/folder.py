"""A folder of backups: one dated folder for each, and the files of all of them together.

A file is named by its SHA-256. So what several backups share is there once, nothing that a good backup names is ever
written again, and it works on disks that know no hard links.
"""

import fcntl
import hashlib
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pictograph.backup.manifest import BLOCK_BYTES, NAME, Damaged, KeptFile, Manifest, digest_of, opened, sealed

DATED = re.compile(r"\d{8}T\d{6}Z")
BEING_MADE = ".unfinished-"
PART = ".part-"
SUFFIX = re.compile(r"\.[a-z0-9]{1,9}")
OWNER_ONLY = 0o700
# In a folder that is new, or of a former version's first backup that was killed.
UNMARKED = ("files", ".lock", "lost+found")
MARK = "pictograph-backups.txt"  # says that nothing but backups lies in a folder
MARKED = "Backups of Pictograph, made by manage.py backup. Keep nothing else in this folder.\n"


class FolderRefused(Exception):
    """The folder cannot be used for this."""


class BackupFolder:
    """Backups of one site."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = path / "files"

    @property
    def backups(self) -> list[Path]:
        """Every finished backup, the oldest first."""
        if not self.path.is_dir():
            return []
        return sorted(p for p in self.path.iterdir() if DATED.fullmatch(p.name) and (p / NAME).is_file())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the folder ready to be written to, by one process at a time. Raises FolderRefused.

        What a killed backup has left unfinished is removed; files that it had kept whole are found and used.
        """
        self.path.mkdir(mode=OWNER_ONLY, exist_ok=True)
        self._mark()
        self.files.mkdir(mode=OWNER_ONLY, exist_ok=True)
        lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FolderRefused(f"Another backup is being written to {self.path}.") from error
            except OSError:
                pass  # a network disk that knows no locks
            for left in [*self.path.glob(f"{BEING_MADE}*"), *self.files.glob(f"{PART}*")]:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield
        finally:
            os.close(lock)

    @contextmanager
    def new_backup(self) -> Iterator[Path]:
        """A folder to put a backup together in; at the end, once all is on the disk, it is one. Otherwise it goes."""
        unfinished = self.path / f"{BEING_MADE}{uuid.uuid4().hex}"
        unfinished.mkdir(mode=OWNER_ONLY)
        try:
            yield unfinished
            os.sync()
            os.rename(unfinished, self.path / self._new_name())
            os.sync()
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def place_of(self, file: KeptFile) -> Path:
        """Where a kept file lies; its name ends as the original's, so that every viewer opens it."""
        suffix = os.path.splitext(file.path)[1].lower()
        return self.files / file.sha256[:2] / (file.sha256 + (suffix if SUFFIX.fullmatch(suffix) else ""))

    def has(self, file: KeptFile) -> bool:
        """Whether a kept file is there, by its size."""
        try:
            status = self.place_of(file).lstat()
        except FileNotFoundError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size == file.size_bytes

    def keep(self, source: Path, path: str, expected: str = "") -> tuple[KeptFile, int]:
        """Copy a file unless its content is here; what was kept, and how many bytes were written.

        `expected` is its SHA-256 where that is known: then a copy that an interrupted backup left is read, not written.
        """
        with source.open("rb") as file:
            status = os.fstat(file.fileno())
            left = KeptFile(path, status.st_size, status.st_mtime_ns, expected)
            if expected and self.has(left):
                with opened(self.place_of(left)) as copy:
                    if digest_of(copy) == expected:
                        return left, 0
            part = self.files / f"{PART}{uuid.uuid4().hex}"
            try:
                sha256, written = hashlib.sha256(), 0
                with open(part, "xb", opener=_owner_only) as copy:
                    while block := file.read(BLOCK_BYTES):
                        sha256.update(block)
                        written += copy.write(block)
                new = KeptFile(path, written, status.st_mtime_ns, sha256.hexdigest())
                place = self.place_of(new)
                place.parent.mkdir(mode=OWNER_ONLY, exist_ok=True)
                os.replace(part, place)
            finally:
                with suppress(FileNotFoundError):
                    part.unlink()
        return new, written

    def drop_but(self, newest: int) -> int:
        """Remove all backups but the newest, and the files that none of these names; how many backups went."""
        dropped, left = self.backups[:-newest], self.backups[-newest:]
        if not dropped:
            return 0
        named = {self.place_of(file) for backup in left for file in Manifest.read(backup).files}
        for backup in dropped:
            gone = self.path / f"{BEING_MADE}{uuid.uuid4().hex}"  # killed in between, it is no backup any more
            os.rename(backup, gone)
            shutil.rmtree(gone)
        for place in self.files.glob("??/*"):
            if place not in named and not place.parent.is_symlink():
                place.unlink()
        return len(dropped)

    def _mark(self) -> None:
        """Have the folder say what it is for. Raises FolderRefused where it holds something else.

        Former versions left no mark; their folders are known by a backup, or by what a first one that was killed left.
        """
        present = os.listdir(self.path)
        if MARK in present:
            return
        ours = {name for name in present if name in UNMARKED or name.startswith(BEING_MADE)}
        if set(present) - ours and not any(map(_is_sealed, self.backups)):
            raise FolderRefused(
                f"{self.path} holds something else than backups of this site, and nothing in it was touched. Name an "
                "empty folder, or one that is not there yet."
            )
        (self.path / MARK).write_text(MARKED)

    def _new_name(self) -> str:
        now = datetime.now(UTC)
        while (self.path / (name := now.strftime("%Y%m%dT%H%M%SZ"))).exists():
            now += timedelta(seconds=1)
        return name


def _is_sealed(backup: Path) -> bool:
    try:
        return bool(sealed(backup))
    except Damaged:
        return False


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

"""What a backup holds, written down so that it can be proved: every file with its size and SHA-256."""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pictograph.backup.databases import Postgresql, Sqlite

FORMAT = 1
NAME, SEAL = "manifest.json", "manifest.sha256"
# What the file of the database is called, by its kind.
DATABASES = {kind.vendor: kind.file for kind in (Sqlite, Postgresql)}
SECRET_KEY = "secret_key"
CONTENTS = ("originals", "renditions")  # of the folder of photos
BLOCK_BYTES = 1 << 20
SHA256 = re.compile("[0-9a-f]{64}")
# Follow no link, and wait for nobody to write to a pipe.
READ_WHAT_IS_THERE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
MOST = 2**63  # bytes and nanoseconds that a system can count


class Damaged(Exception):
    """A backup is not what was written."""


@dataclass(frozen=True)
class KeptFile:
    """A file as it was when it was kept: where in the storage it belongs, and what it held."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One backup: its database, its secret key if it has one, its files.

    `missing` are originals that the database knows of and the site did not have; `damaged` are those that no longer
    held what had come in. `folders` are read in place, so their photos are not among the files.
    """

    made_at: str
    versions: Mapping[str, str]
    vendor: str
    migrations: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    database: KeptFile
    secret_key: KeptFile | None
    folders: tuple[str, ...]
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    files: tuple[KeptFile, ...]

    @classmethod
    def read(cls, backup: Path) -> "Manifest":
        """The manifest of a backup. Raises Damaged where it is not as it was written.

        Whoever can write to a backup can seal it anew, so that what it names is looked at too: it leads nowhere else.
        """
        text = sealed(backup)
        try:
            content = json.loads(text)
            if content["format"] != FORMAT:
                raise Damaged(f"{backup} was made by a later version of this command. Use that version.")
            return cls._of(content)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise Damaged(
                f"{backup / NAME} is not as this command writes it ({reason}). Use another backup, by the name of its "
                "dated folder."
            ) from error

    @classmethod
    def _of(cls, content: dict[str, Any]) -> "Manifest":
        vendor, key = content["vendor"], content["secret_key"]
        if vendor not in DATABASES:
            raise ValueError(f"{vendor!r} is no database")
        return cls(
            made_at=_text(content["made_at"]),
            versions=dict(content["versions"]),
            vendor=vendor,
            migrations=tuple((_text(app), _text(name)) for app, name in content["migrations"]),
            counts=dict(content["counts"]),
            database=_called(DATABASES[vendor], **content["database"]),
            secret_key=_called(SECRET_KEY, **key) if key else None,
            folders=tuple(map(_text, content["folders"])),
            missing=tuple(map(_text, content["missing"])),
            damaged=tuple(map(_text, content["damaged"])),
            files=tuple(_of_a_photo(*row) for row in content["files"]),
        )

    def write(self, backup: Path) -> None:
        """Write it into a backup, and beside it what proves it."""
        content = {"format": FORMAT, **asdict(self), "files": []}
        head = json.dumps(content, indent=1).removesuffix("[]\n}")
        rows = ",\n".join(json.dumps([f.path, f.size_bytes, f.modified_ns, f.sha256]) for f in self.files)
        text = f"{head}[\n{rows}\n]\n}}\n".encode()
        (backup / NAME).write_bytes(text)
        (backup / SEAL).write_text(f"{hashlib.sha256(text).hexdigest()}  {NAME}\n")


def sealed(backup: Path) -> bytes:
    """The text of a backup's manifest. Raises Damaged where it is not what its seal was made of."""
    try:
        with opened(backup / NAME) as manifest, opened(backup / SEAL) as seal:
            text, digest = manifest.read(), seal.read().split()[0].decode()
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise Damaged(f"{backup} has no readable {NAME}: {error}") from error
    if hashlib.sha256(text).hexdigest() != digest:
        raise Damaged(f"{backup / NAME} is not as it was written.")
    return text


def opened(path: Path) -> BinaryIO:
    """Open a file of a backup to read it. Raises OSError, also for a link or whatever else is no plain file."""
    descriptor = _opened(path)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return os.fdopen(descriptor, "rb")


def _opened(path: Path) -> int:
    try:
        return os.open(path, READ_WHAT_IS_THERE)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link", str(path)) from error
        raise


def digest_of(file: BinaryIO) -> str:
    """The SHA-256 of what is left to read of a file."""
    sha256 = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        sha256.update(block)
    return sha256.hexdigest()


def kept(path: Path) -> KeptFile:
    """A file of the backup itself, by its name."""
    status = path.stat()
    with path.open("rb") as file:
        return KeptFile(path.name, status.st_size, status.st_mtime_ns, digest_of(file))


def prove(path: Path, file: KeptFile) -> None:
    """Read a file through. Raises Damaged where it is not what was kept."""
    try:
        with opened(path) as copy:
            is_same = digest_of(copy) == file.sha256
    except OSError as error:
        raise Damaged(f"{path} cannot be read: {error.strerror}") from error
    if not is_same:
        raise Damaged(f"{path} is not what was kept as {file.path}.")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.80} is no text")
    return value


def _row(path: str, size_bytes: int, modified_ns: int, sha256: str) -> KeptFile:
    """What a manifest says of a file, if it can be so."""
    if not SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256!r:.80} is no SHA-256")
    if type(size_bytes) is not int or type(modified_ns) is not int:
        raise ValueError(f"size and time of {path!r:.80} are no numbers")
    if not (0 <= size_bytes < MOST and abs(modified_ns) < MOST):
        raise ValueError(f"size or time of {path!r:.80} cannot be")
    return KeptFile(path, size_bytes, modified_ns, sha256)


def _called(name: str, path: str, **about: Any) -> KeptFile:
    """A file of the backup itself, which has one name alone."""
    if path != name:
        raise ValueError(f"{path!r:.80} should be {name}")
    return _row(path, **about)


def _of_a_photo(path: str, *about: Any) -> KeptFile:
    """A file of the folder of photos; its path leads plainly to a place in there, on whatever system it is read."""
    top, *parts = _text(path).split("/")
    is_plain = top in CONTENTS and parts and not {"", ".", ".."} & set(parts)
    if not is_plain or "\\" in path or "\0" in path:
        raise ValueError(f"{path!r:.80} is no place of a photo")
    os.fsencode(path)  # raises ValueError where no file can be called so
    return _row(path, *about)

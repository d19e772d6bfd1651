"""What a backup holds, written down so that it can be proved: every file with its size and SHA-256."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
NAME, SEAL = "manifest.json", "manifest.sha256"
BLOCK_BYTES = 1 << 20


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
        """The manifest of a backup. Raises Damaged where it is not as it was written."""
        try:
            text = (backup / NAME).read_bytes()
            seal = (backup / SEAL).read_text().split()[0]
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise Damaged(f"{backup} has no readable {NAME}: {error}") from error
        if hashlib.sha256(text).hexdigest() != seal:
            raise Damaged(f"{backup / NAME} is not as it was written.")
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise Damaged(f"{backup} was made by a later version of this command. Use that version.")
        key = content["secret_key"]
        return cls(
            made_at=content["made_at"],
            versions=content["versions"],
            vendor=content["vendor"],
            migrations=tuple((app, name) for app, name in content["migrations"]),
            counts=content["counts"],
            database=KeptFile(**content["database"]),
            secret_key=KeptFile(**key) if key else None,
            folders=tuple(content["folders"]),
            missing=tuple(content["missing"]),
            damaged=tuple(content["damaged"]),
            files=tuple(KeptFile(*row) for row in content["files"]),
        )

    def write(self, backup: Path) -> None:
        """Write it into a backup, and beside it what proves it."""
        content = {"format": FORMAT, **asdict(self), "files": []}
        head = json.dumps(content, indent=1).removesuffix("[]\n}")
        rows = ",\n".join(json.dumps([f.path, f.size_bytes, f.modified_ns, f.sha256]) for f in self.files)
        text = f"{head}[\n{rows}\n]\n}}\n".encode()
        (backup / NAME).write_bytes(text)
        (backup / SEAL).write_text(f"{hashlib.sha256(text).hexdigest()}  {NAME}\n")


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
        with path.open("rb") as opened:
            is_same = digest_of(opened) == file.sha256
    except OSError as error:
        raise Damaged(f"{path} cannot be read: {error.strerror}") from error
    if not is_same:
        raise Damaged(f"{path} is not what was kept as {file.path}.")

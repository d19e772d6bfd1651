"""A folder on the server: every photo in it, read where it lies and never twice."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from django.db import transaction

from classifier.work import reason_of
from pictograph.deletion import delete_photos
from pictograph.models import Import, Photo, Rejection, SourceFile, User
from pictograph.work import announce_work

CHUNK = 500
ENDINGS = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".apng",
        ".webp",
        ".heic",
        ".heif",
        ".hif",
        ".avif",
        ".gif",
        ".tif",
        ".tiff",
    ]
)


@dataclass
class Tally:
    """What a scan met: `found` picture files, of them `added` now and `known` before; other files `skipped`."""

    found: int = 0
    added: int = 0
    known: int = 0
    skipped: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class Found:
    """A picture file on disk."""

    path: str
    size_bytes: int
    modified_ns: int


def import_folder(owner: User, folder: Path) -> tuple[Import, Tally]:
    """Put every picture below a folder to work, a chunk at a time, so that a broken run goes on where it stopped.

    A file is known by its path, size and time of change: a known one is passed over, also if its photo was deleted
    since. Raises FileNotFoundError or NotADirectoryError for the folder itself, PermissionError where it is closed.
    """
    folder = folder.resolve()
    os.scandir(folder).close()  # the errors of the folder itself are the caller's
    batch = Import.objects.create(owner=owner, kind=Import.Kind.FOLDER, folder=str(folder))
    tally = Tally()
    _add_all(batch, _walk(folder, batch, tally), tally)
    return batch, tally


def import_files(batch: Import, paths: Iterable[Path]) -> Tally:
    """Put some files to work, read where they lie; a known one is passed over. Raises OSError for a missing one."""
    tally = Tally()
    found = ((path, path.stat()) for path in paths)
    _add_all(batch, (Found(str(path), status.st_size, status.st_mtime_ns) for path, status in found), tally)
    return tally


def _add_all(batch: Import, files: Iterator[Found], tally: Tally) -> None:
    while chunk := list(islice(files, CHUNK)):
        added = _add(batch, chunk)
        tally.found += len(chunk)
        tally.added += added
        tally.known += len(chunk) - added
        if added:
            announce_work()


def _add(batch: Import, chunk: list[Found]) -> int:
    """Make photos of the files that are new or changed; how many."""
    known = {
        source.path: source
        for source in SourceFile.objects.filter(owner=batch.owner_id, path__in=[file.path for file in chunk])
    }
    new = [
        file
        for file in chunk
        if file.path not in known
        or (known[file.path].size_bytes, known[file.path].modified_ns) != (file.size_bytes, file.modified_ns)
    ]
    with transaction.atomic():
        photos = Photo.objects.bulk_create(
            Photo(
                owner_id=batch.owner_id,
                batch=batch,
                name=Path(file.path).name[-255:],
                path=file.path,
                size_bytes=file.size_bytes,
                shown_at=datetime.fromtimestamp(file.modified_ns / 1e9, tz=UTC),
            )
            for file in new
        )
        SourceFile.objects.bulk_create(
            [
                SourceFile(
                    owner_id=batch.owner_id,
                    path=file.path,
                    size_bytes=file.size_bytes,
                    modified_ns=file.modified_ns,
                    photo=photo,
                )
                for file, photo in zip(new, photos, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["owner", "path"],
            update_fields=["size_bytes", "modified_ns", "photo"],
        )
    # A photo whose file has changed would show the old picture in the grid and the new one in full.
    former = [known[file.path].photo_id for file in new if file.path in known]
    delete_photos(batch.owner, [photo_id for photo_id in former if photo_id is not None])
    return len(new)


def _walk(folder: Path, batch: Import, tally: Tally) -> Iterator[Found]:
    """Picture files below a folder in the order of their names; hidden ones are left out, closed folders recorded."""
    pending = [str(folder)]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            _turn_away(batch, tally, current, error)
            continue
        below: list[str] = []
        for entry in listed:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
                elif not entry.is_file():
                    continue
                elif Path(entry.name).suffix.lower() not in ENDINGS:
                    tally.skipped += 1
                else:
                    status = entry.stat()
                    yield Found(_text(entry.path), status.st_size, status.st_mtime_ns)
            except OSError as error:
                _turn_away(batch, tally, entry.path, error)
        pending.extend(reversed(below))


def _turn_away(batch: Import, tally: Tally, path: str, error: OSError) -> None:
    name = os.fsencode(path).decode(errors="replace")[-255:]
    Rejection.objects.create(batch=batch, name=name, reason=reason_of(error))
    tally.unreadable += 1


def _text(path: str) -> str:
    """The path as storable text. A name that is no UTF-8 cannot be kept, so it is left out by raising OSError."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise OSError("the name is not valid UTF-8; rename the file") from error
    return path

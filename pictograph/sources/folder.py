"""A folder on the server: every photo in it, read where it lies and never twice."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from classifier.work import reason_of
from pictograph.models import Import, Photo, Rejection, SourceFile, User
from pictograph.photos.dates import file_date
from pictograph.photos.deletion import delete_photos
from pictograph.queue.claims import announce_work

CHUNK = 500
LARGEST_NS = 2**63 - 1  # what a database holds; file systems can say later years
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
class Scan:
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


def import_folder(owner: User, folder: Path) -> tuple[Import | None, Scan]:
    """Put every picture below a folder to work, a chunk at a time, so that a broken run goes on where it stopped.

    A file is known by its path, size and time of change: a known one is passed over, also if its photo was deleted
    since. There is no import where nothing is new. Raises FileNotFoundError or NotADirectoryError for the folder
    itself, PermissionError where it is closed.
    """
    folder = folder.resolve()
    os.scandir(folder).close()  # the errors of the folder itself are the caller's
    batch = Import.objects.create(owner=owner, kind=Import.Kind.FOLDER, folder=str(folder))
    scan = Scan()
    _add_all(batch, _walk(folder, batch, scan), scan)
    if not scan.added and not scan.unreadable:
        batch.delete()
        return None, scan
    return batch, scan


def import_files(batch: Import, paths: Iterable[Path]) -> Scan:
    """Put some files to work, read where they lie; a known one is passed over. Raises OSError for a missing one."""
    scan = Scan()
    found = ((path, path.stat()) for path in paths)
    _add_all(batch, (_found(str(path), status) for path, status in found), scan)
    return scan


def _add_all(batch: Import, files: Iterator[Found], scan: Scan) -> None:
    while chunk := list(islice(files, CHUNK)):
        added = _add(batch, chunk)
        scan.found += len(chunk)
        scan.added += added
        scan.known += len(chunk) - added
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
                shown_at=file_date(file.modified_ns / 1e9),
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
        _let_go_of_former(batch.owner, [file.path for file in new if file.path in known])
    return len(new)


def _let_go_of_former(owner: User, changed: Sequence[str]) -> None:
    """Delete the photos that were read from files which have changed since: the grid would show another picture.

    One that lies unchanged in a copy elsewhere is read from there from now on.
    """
    renewed = SourceFile.objects.filter(owner=owner, path__in=changed).values("photo")
    former = Photo.objects.owned_by(owner).filter(path__in=changed).exclude(pk__in=renewed)
    copies = {
        source.photo_id: source.path
        for source in SourceFile.objects.filter(owner=owner, photo__in=former).exclude(path__in=changed)
    }
    gone = []
    for photo in former.only("path", "name"):
        if (path := copies.get(photo.pk)) is None:
            gone.append(photo.pk)
        else:
            photo.path, photo.name = path, Path(path).name[-255:]
            photo.save(update_fields=["path", "name"])
    delete_photos(owner, gone)


def _walk(folder: Path, batch: Import, scan: Scan) -> Iterator[Found]:
    """Picture files below a folder in the order of their names; hidden ones are left out, closed folders recorded."""
    pending = [str(folder)]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            _turn_away(batch, scan, current, error)
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
                    scan.skipped += 1
                else:
                    status = entry.stat()
                    yield _found(_text(entry.path), status)
            except OSError as error:
                _turn_away(batch, scan, entry.path, error)
        pending.extend(reversed(below))


def _found(path: str, status: os.stat_result) -> Found:
    return Found(path, status.st_size, max(-LARGEST_NS, min(status.st_mtime_ns, LARGEST_NS)))


def _turn_away(batch: Import, scan: Scan, path: str, error: OSError) -> None:
    name = os.fsencode(path).decode(errors="replace")[-255:]
    Rejection.objects.create(batch=batch, name=name, reason=reason_of(error))
    scan.unreadable += 1


def _text(path: str) -> str:
    """The path as storable text. A name that is no UTF-8 cannot be kept, so it is left out by raising OSError."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise OSError("the name is not valid UTF-8; rename the file") from error
    return path

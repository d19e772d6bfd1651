"""Originals: the bytes of photos and of what lies beside them, where their sources have them."""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.storage import default_storage
from django.db import connection

from classifier.pictures.told import TOLD
from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from pictograph.sources.paths import path_of, shown_name

READ_BYTES = 1 << 20


def open_original(photo: Photo) -> BinaryIO:
    """The file as it came, from whichever item has it. Raises OSError where none does."""
    return _first_opened(photo, open_item)


def open_what_was_read(photo: Photo) -> BinaryIO:
    """The same, to be given away: an upload, or a file that holds what was decoded as a picture.

    In a folder anything can get a photo's name, such as a second name of a file of the system, and a service or an
    archive may give anything for one; what was never decoded is not given away. Raises OSError where neither is to be
    had.
    """
    return _first_opened(photo, partial(_open_what_was_read, photo))


def _first_opened(photo: Photo, opening: Callable[[Item], BinaryIO]) -> BinaryIO:
    refused: OSError = FileNotFoundError(f"no source has {photo.name}")
    for item in sorted(photo.items.all(), key=lambda item: item.is_lost):
        try:
            return opening(item)
        except OSError as error:
            refused = error
    raise refused


def _open_what_was_read(photo: Photo, item: Item) -> BinaryIO:
    file = open_item(item)
    if item.source.kind == Source.Kind.UPLOAD:  # its owner sent it, and no one else writes there
        return file
    try:
        digest = item.digest if item.stored else sha256_of(file)
        if photo.state == Photo.State.CLASSIFIED and digest == photo.digest:
            file.seek(0)
            return file
        raise FileNotFoundError(errno.ENOENT, "never read as a picture", item.ref)
    except BaseException:
        file.close()
        raise


def open_item(item: Item) -> BinaryIO:
    """The bytes of a photo as one source has it. Raises OSError where the file is gone or closed to us."""
    if item.stored:
        return cast(BinaryIO, default_storage.open(item.stored, "rb"))
    if item.source.kind != Source.Kind.FOLDER:
        raise FileNotFoundError(errno.ENOENT, "not kept here", item.ref)
    return open_within(item.source.path, item.path)


def open_within(folder: Path, path: Path) -> BinaryIO:
    """Open a regular file that lies in a folder, whatever links lead to it. Raises OSError for anything else.

    Another thing may have been put there since a scan found it: a link to a file of the system or of someone else, or
    a pipe, which would keep whoever opens it waiting for ever. So what has been opened is looked at, not its path.
    """
    _refuse_own(path)
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        real = Path(os.path.realpath(path))
        is_file = stat.S_ISREG(os.fstat(opened).st_mode)
        if not (is_file and real.is_relative_to(os.path.realpath(folder)) and _is(opened, real)):
            raise FileNotFoundError(errno.ENOENT, "no file of this folder", str(path))
        return os.fdopen(opened, "rb")
    except BaseException:
        os.close(opened)
        raise


def _refuse_own(path: Path) -> None:
    """Raise FileNotFoundError for a second name of the database's files.

    SQLite's locks are of a process and a file: closing it once would end those the database holds.
    """
    if os.stat(path).st_nlink < 2:
        return
    name = str(connection.settings_dict["NAME"])
    own = [Path(f"{name}{ending}") for ending in ("", "-wal", "-shm")] if connection.vendor == "sqlite" else []
    if any(file.exists() and file.samefile(path) for file in own):
        raise FileNotFoundError(errno.ENOENT, "a file of the site's own", str(path))


def sha256_of(file: BinaryIO, beat: Callable[[], None] = lambda: None) -> str:
    """What a file is known by; `beat` is called now and then, as a large one takes its time."""
    sha256 = hashlib.sha256()
    while block := file.read(READ_BYTES):
        sha256.update(block)
        beat()
    return sha256.hexdigest()


def sidecar_openers(item: Item) -> list[tuple[str, Callable[[], BinaryIO]]]:
    """The files beside an item that say something of it, by name, each with what opens it; the one to believe first.

    What a service or an archive told of it is like such a file.
    """
    if item.told:
        return [(TOLD, partial(io.BytesIO, item.told.encode()))]
    folder = item.path.parent
    names = [path_of(name) for name, *_version in item.sidecars]
    return [(shown_name(name), partial(open_within, item.source.path, folder / name)) for name in names]


def _is(opened: int, path: Path) -> bool:
    """Whether what was opened is what a path without links names."""
    return os.path.samestat(os.fstat(opened), os.stat(path, follow_symlinks=False))

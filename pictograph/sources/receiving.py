"""How files come in from a browser, before any view sees them."""

import contextlib
import fcntl
import os
import shutil
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp, mkstemp
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.urls import reverse

CHUNK_BYTES = 1 << 16
TAKING_FILES = ("upload", "archive_form", "similar_to_image")
LEFT_AFTER_S = 24 * 3600  # no request lasts as long

_folders: dict[str, str] = {}  # of this process, by the folder they are in


class ReceivedFile(UploadedFile):
    """A file that has come in whole: open only while it is read, so that ten thousand of them need no descriptors.

    It is removed when the request is over, or when nobody knows of it any more, unless it has been moved.
    """

    def __init__(self, path: str, written: BinaryIO, *args: Any) -> None:
        super().__init__(None, *args)
        self._path = path
        self._position = 0
        self._discard = weakref.finalize(self, _discard, path, written)

    def temporary_file_path(self) -> str:
        """Where it lies; the storage moves it from there."""
        return self._path

    def read(self, size: int = -1) -> bytes:
        """Bytes from where the last reading ended."""
        with Path(self._path).open("rb") as file:
            file.seek(self._position)
            content = file.read(size)
        self._position += len(content)
        return content

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Have the next reading begin there, counted from the start."""
        self._position = position
        return position

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """All of it, in pieces."""
        with Path(self._path).open("rb") as file:
            while chunk := file.read(chunk_size or CHUNK_BYTES):
                yield chunk

    def close(self) -> None:
        """Be done with it."""
        self._discard()


def _discard(path: str, written: BinaryIO) -> None:
    with contextlib.suppress(OSError):  # a full disk: what was not written yet is not wanted any more
        written.close()
    Path(path).unlink(missing_ok=True)


class ReceivingHandler(FileUploadHandler):
    """Receives the files of uploads, one open at a time, archives, and images to ask about; no other form takes any.

    They are named alike, whatever the name sent: Django's take over its ending, however long.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file. Raises TooManyFilesSent where none is expected."""
        super().new_file(*args, **kwargs)
        if self.request is None or self.request.path not in map(reverse, TAKING_FILES):
            raise TooManyFilesSent("This form takes no files.")
        descriptor, path = mkstemp(dir=own_folder(), suffix=".upload")
        self._written = os.fdopen(descriptor, "wb")
        about = (self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
        self._file = ReceivedFile(path, self._written, *about)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of it."""
        self._written.write(raw_data)

    def file_complete(self, file_size: int) -> ReceivedFile:
        """Close it until it is read."""
        self._written.close()
        self._file.size = file_size
        return self._file

    def upload_interrupted(self) -> None:
        """Remove what has come of the last file, which ended too early."""
        self._file.close()


def own_folder() -> str:
    """Where this process keeps what is coming in; locked for as long as it lives, so that no sweep takes it away."""
    above = str(settings.FILE_UPLOAD_TEMP_DIR)
    while above not in _folders or not Path(_folders[above]).is_dir():
        folder = mkdtemp(dir=above)
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)  # closed when the process ends, however it does
        _folders[above] = folder  # unless a sweep was faster
    return _folders[above]


def sweep_broken_off() -> None:
    """Remove what was coming in by processes that are no more; by nobody's clock, for a slow one may take its time."""
    for folder in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # its process has just ended by itself
            continue
        except NotADirectoryError:  # a whole request that is spooled, on systems where such files have names
            _remove_if_old(folder)
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:  # its process lives
            continue
        finally:
            os.close(lock)


def _remove_if_old(file: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if abs(time.time() - file.stat().st_mtime) > LEFT_AFTER_S:
            file.unlink()

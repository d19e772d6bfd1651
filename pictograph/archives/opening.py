"""Parts opened: from where they lie, as what they are by their content."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from pictograph.archives.entries import Container, PartRefused, Trouble
from pictograph.archives.models import Part
from pictograph.archives.tars import Tar
from pictograph.archives.zips import Zip

ZIP_STARTS = (b"PK\3\4", b"PK\5\6")
SPLIT_START = b"PK\7\x08"
GZIP = b"\x1f\x8b"
OTHERS = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ", b"BZh")


def open_part(part: Part) -> BinaryIO:
    """The bytes of a part. Raises PartRefused where they are not there, or are not for us to read."""
    try:
        return open_regular(part.file, is_ours=not part.path)
    except PermissionError as error:
        raise PartRefused(Trouble.FORBIDDEN) from error
    except OSError as error:
        raise PartRefused(Trouble.GONE) from error


def open_regular(path: Path, *, is_ours: bool = False) -> BinaryIO:
    """Open a regular file; of the server's disk none of the site's own. Raises OSError for anything else.

    A pipe would keep whoever opens it waiting for ever, so what has been opened is looked at.
    """
    if not is_ours and Path(os.path.realpath(path)).is_relative_to(Path(settings.DATA_DIR).resolve()):
        raise FileNotFoundError(f"{path} is the site's own")
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise FileNotFoundError(f"{path} is no file")
        return os.fdopen(opened, "rb")
    except BaseException:
        os.close(opened)
        raise


def read_container(file: BinaryIO) -> Container:
    """What an open file is by its first bytes. Raises PartRefused where that is no archive we read."""
    file.seek(0)
    start = file.read(8)
    if start.startswith(GZIP):
        return Tar(file)
    if start.startswith(SPLIT_START):
        raise PartRefused(Trouble.SPLIT)
    if start.startswith(OTHERS):
        raise PartRefused(Trouble.OTHER_KIND)
    return Zip(file, may_be_cut=start.startswith(ZIP_STARTS))


def looks_like_archive(start: bytes) -> bool:
    """Whether a file that begins so may be an archive: of a folder of the server, the others are passed over."""
    return start.startswith((*ZIP_STARTS, SPLIT_START, GZIP))

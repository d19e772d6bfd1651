"""The archive, from its first byte to its last: originals, what is known of each, and of the person."""

import json
import zlib
from collections.abc import Generator, Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from django.conf import settings
from django.utils import timezone

from classifier.pictures.dates import Precision
from classifier.work import reason_of
from pictograph.export.account import account
from pictograph.export.library import PHOTOS_TOGETHER, Told, ids_by_date, told_of
from pictograph.export.names import Names
from pictograph.export.zips import BLOCK_BYTES, Entry, PackedText, ZipWriter
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.sources.originals import READ_BYTES, open_what_was_read

IN_MEMORY_BYTES = 1 << 20  # of what waits to be written at the end; more goes to the disk


class BrokenOff(Exception):
    """The archive is not to be finished: its owner is gone, or was shut out."""


def archive(owner: User, words: str, language: str) -> Iterator[bytes]:
    """The bytes of it; empty ones come in between, where someone else may have their turn.

    It holds a few blocks, what is known of some photos, and eight bytes of each. Files are read when it is their turn:
    one that cannot be is named with the reason. Raises BrokenOff, and OSError or SizeChanged for a file that went bad
    while it was being written: the archive is spoilt then.
    """
    with _spool() as listed, _spool() as text:
        yield from _gathered(_contents(owner, words, language, ZipWriter(listed), PackedText(text)))


def _contents(owner: User, words: str, language: str, zip: ZipWriter, library: PackedText) -> Iterator[bytes]:
    now = timezone.localtime()
    yield from zip.add_text("README.txt", now, words)
    yield from zip.add_text("account.json", now, _json(account(owner), indent=2))
    library.write('{"photos": [')
    names, ids = Names(), ids_by_date(owner)
    is_first = True
    for n in range(0, len(ids), PHOTOS_TOGETHER):
        if not User.objects.filter(pk=owner.pk, is_active=True, is_leaving=False).exists():
            raise BrokenOff
        for photo, told in told_of(owner, ids[n : n + PHOTOS_TOGETHER], language):
            file = yield from _file(photo, zip, names)
            library.write(f"{'' if is_first else ','}\n{_json(file | told)}")
            is_first = False
    library.write("\n]}\n")
    yield from zip.add(library.entry("library.json", now), library.blocks())
    yield from zip.end()


def _file(photo: Photo, zip: ZipWriter, names: Names) -> Generator[bytes, None, Told]:
    """Write the original of a photo, if it can be had; gives back where it is, or why it is not there."""
    try:
        file = open_what_was_read(photo)
    except OSError as error:
        return _left_out(photo, error)
    with file:
        try:
            size, crc = yield from _measured(file)
        except OSError as error:
            return _left_out(photo, error)
        file.seek(0)
        name = names.path(photo.name, photo.format, photo.shown_at, has_month=_has_month(photo))
        yield from zip.add(Entry(name, photo.shown_at, size, size, crc), _blocks(file))
    return {"file": name, "problem": None}


def _measured(file: BinaryIO) -> Generator[bytes, None, tuple[int, int]]:
    """How long a file is, and its checksum; where it cannot be read, nothing of it has been written yet."""
    size = crc = 0
    while block := file.read(READ_BYTES):
        size, crc = size + len(block), zlib.crc32(block, crc)
        yield b""
    return size, crc


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _gathered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks that are worth sending; an empty one at least wherever there was one."""
    gathered = bytearray()
    for block in blocks:
        gathered += block
        if len(gathered) >= BLOCK_BYTES:
            yield bytes(gathered)
            gathered.clear()
        elif not block:
            yield b""
    yield bytes(gathered)


def _left_out(photo: Photo, error: OSError) -> Told:
    """Why a file is not there; what lies in a folder and was never decoded as a picture is not given away."""
    unread = {Photo.State.PENDING: "not_read_yet", Photo.State.FAILED: photo.failure}
    return {"file": None, "problem": unread.get(Photo.State(photo.state), reason_of(error).value)}


def _has_month(photo: Photo) -> bool:
    return Precision(photo.date_precision) != Precision.YEAR


def _json(told: Any, **form: Any) -> str:
    return json.dumps(told, ensure_ascii=False, **form)


def _spool() -> "SpooledTemporaryFile[bytes]":
    return SpooledTemporaryFile(IN_MEMORY_BYTES, dir=str(settings.FILE_UPLOAD_TEMP_DIR))

"""Parts as they come in, piece by piece: what there is of a file is the truth of how far it is."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.archives.models import Archive, Part
from pictograph.archives.names import archive_name, plain_name
from pictograph.people.models import User
from pictograph.photos.tags import file_size
from pictograph.sources.models import NAME_LENGTH, Import, Source
from pictograph.sources.quota import MB, NoRoom, quota_of, require_disk
from pictograph.transactions import hold_people, transacted

GB = 1000 * MB
OPEN_AT_MOST = 500  # parts of a person that are coming in or wait; Google makes 50 of a terabyte
SILENT_AFTER = timedelta(seconds=90)
KEPT = timedelta(days=7)  # half of a part, for its sender to go on
STRAY = timedelta(hours=1)  # a file that no part knows
WAIT = gettext_lazy("The parts that are here have to be brought in first. This one is sent after that.")


class TooMany(Exception):
    """A person has as many parts under way as there may be."""


class PartTooLarge(NoRoom):
    """A part is larger than any may be: waiting is of no use."""


class WrongPlace(Exception):
    """A piece does not go where the file ends, which is at `size_bytes`."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes are there")
        self.size_bytes = size_bytes


def begin_part(owner: User, name: str, size_bytes: int, modified_ms: int) -> Part:
    """The part that a chosen file is: one that was begun before, or a new one. Raises NoRoom, TooMany.

    A file of the same name and another size takes the place of one that was brought in, or could not be used; of one
    that waits to be brought in, once it is.
    """
    known = _known(owner, plain_name(name), size_bytes, modified_ms)
    if known is not None:
        if not known.has_come:
            require_room(owner, known.size_bytes - have(known))
        if not known.has_come and have(known) >= known.size_bytes:  # whoever wrote the last of it could not say so
            with contextlib.suppress(WrongPlace):
                append(known, known.size_bytes, [])
            known.refresh_from_db(fields=["state"])
        return known
    require_room(owner, size_bytes)
    return _begin(owner, plain_name(name), size_bytes, modified_ms)


def _known(owner: User, name: str, size_bytes: int, modified_ms: int) -> Part | None:
    parts = Part.objects.filter(archive__owner=owner, path="", name=name, size_bytes=size_bytes)
    parts = parts.exclude(state=Part.State.DONE, batch__state__in=Import.CALLED_OFF)  # what waited of it is gone
    # A browser that lost a file's time, as after a restart of some phones, still knows its name and size.
    found = sorted(parts.order_by("-pk"), key=lambda part: part.modified_ms != modified_ms)
    useful = (part for part in found if part.state != Part.State.REFUSED and not part.trouble)
    return next(useful, None)


@transacted
def _begin(owner: User, name: str, size_bytes: int, modified_ms: int) -> Part:
    hold_people([owner.pk])
    if open_parts(owner).count() >= OPEN_AT_MOST:
        raise TooMany
    archive = archive_named(owner, archive_name(name))
    former = Part.objects.filter(archive=archive, name=name).first()
    if former is not None and not former.has_come and former.size_bytes == size_bytes:
        return former  # begun a moment ago, in another window
    if former is not None and former.state == Part.State.HERE and archive.stop != Archive.Stop.CANCELLED:
        raise NoRoom(WAIT)  # two files may well be called "Photos.zip", and this one is not brought in yet
    if former is not None:  # the same part once more: the other one was damaged, or the archive was made anew
        remove_bytes(former)
        former.entries.all().delete()
        former.delete()
    return Part.objects.create(archive=archive, name=name, size_bytes=size_bytes, modified_ms=modified_ms)


def archive_named(owner: User, name: str, *, is_on_server: bool = False) -> Archive:
    """Someone's archive of a name; a new one where there is none."""
    found = Archive.objects.filter(owner=owner, name=name, is_on_server=is_on_server).first()
    if found is not None:
        return found
    source = Source.objects.create(owner=owner, kind=Source.Kind.ARCHIVE, name=name[:NAME_LENGTH])
    return Archive.objects.create(owner=owner, source=source, name=name[:NAME_LENGTH], is_on_server=is_on_server)


def open_parts(owner: User) -> "QuerySet[Part]":
    """Someone's sent parts that hold room on the disk, or are about to."""
    return Part.objects.filter(archive__owner=owner, path="", state__in=(Part.State.COMING, Part.State.HERE))


def most_bytes(owner: User) -> int:
    """What the parts that somebody sends may hold on the disk at a time."""
    quota = quota_of(owner)
    most = settings.ARCHIVE_MAX_GB * GB
    return most if quota is None else min(most, quota)


def require_room(owner: User, size_bytes: int) -> None:
    """Raise NoRoom where so many bytes more may not come in, PartTooLarge where they never may."""
    most = most_bytes(owner)
    words = _(
        "This part has %(size)s, and the site takes parts of %(most)s at most. Ask for smaller parts where you get it."
    )
    if size_bytes > most:
        raise PartTooLarge(words % {"size": file_size(size_bytes), "most": file_size(most)})
    held = sum(map(have, open_parts(owner)))
    if held + size_bytes > most:
        raise NoRoom(WAIT)
    require_disk(size_bytes)


def have(part: Part) -> int:
    """How many bytes of a sent part there are."""
    try:
        return part.file.stat().st_size
    except FileNotFoundError:
        return 0


def append(part: Part, offset: int, pieces: Iterable[bytes]) -> int:
    """Write a piece behind what there is of a part; how much there is then.

    Raises WrongPlace where it belongs elsewhere, or another request is just writing; OSError where the disk is full.
    What of a piece was written before a break is kept.
    """
    part.file.parent.mkdir(mode=0o700, exist_ok=True)
    with open(part.file, "ab", opener=_private) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongPlace(have(part)) from None
        size = file.seek(0, os.SEEK_END)
        if size != offset or part.has_come:
            raise WrongPlace(size)
        for piece in pieces:
            file.write(piece[: part.size_bytes - size])
            size = min(size + len(piece), part.size_bytes)
    is_whole = size >= part.size_bytes
    fields = {"state": Part.State.HERE} if is_whole else {}
    sent = Part.objects.filter(pk=part.pk, path="")
    is_coming = sent.filter(state=Part.State.COMING).update(heard_at=timezone.now(), **fields)
    # Another request that found it whole may have said so first; else it was removed, or brought in, meanwhile.
    if not is_coming and not sent.filter(state=Part.State.HERE).exists():
        remove_bytes(part)
    return size


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def remove_bytes(part: Part) -> None:
    """Delete what was sent of a part; what lies on the server stays."""
    if not part.path:
        with contextlib.suppress(OSError):
            part.file.unlink()


def is_silent(part: Part) -> bool:
    """Whether nothing has come for a while of a part that more is to come of."""
    return not part.has_come and abs(timezone.now() - part.heard_at) > SILENT_AFTER


def sweep_half_sent() -> None:
    """Forget parts that nobody has gone on with for long, and delete files that no part knows."""
    now = timezone.now()
    coming = Part.objects.filter(state=Part.State.COMING, path="")
    for part in coming.exclude(heard_at__gte=now - KEPT, heard_at__lte=now + KEPT).select_related("archive"):
        _forget(part)
    folder = Path(settings.ARCHIVES_DIR)
    for file in folder.glob("*.part") if folder.is_dir() else ():
        if _is_old(file) and not _is_known(file):
            file.unlink(missing_ok=True)


def _forget(part: Part) -> None:
    """Take a part of which nothing more comes off the list, and its archive where that has no other."""
    with transaction.atomic():
        hold_people([part.archive.owner_id])
        if not Part.objects.filter(pk=part.pk, state=Part.State.COMING, heard_at=part.heard_at).delete()[0]:
            return  # it was gone on with in this moment
        if not part.archive.parts.exists():
            forget_archive(part.archive)
    remove_bytes(part)


def forget_archive(archive: Archive) -> None:
    """Delete an archive, whose photos stay; the caller holds its owner."""
    source = Source.objects.get(pk=archive.source_id)
    Archive.objects.filter(pk=archive.pk).delete()
    source.imports.filter(state=Import.State.RECEIVING).update(state=Import.State.RECEIVED)
    if not source.items.exists() and not source.imports.exists():
        source.delete()


def _is_old(file: Path) -> bool:
    try:
        return abs(time.time() - file.stat().st_mtime) > STRAY.total_seconds()
    except FileNotFoundError:
        return False


def _is_known(file: Path) -> bool:
    try:
        key = UUID(file.stem)
    except ValueError:
        return False
    return Part.objects.filter(key=key, state__in=(Part.State.COMING, Part.State.HERE)).exists()

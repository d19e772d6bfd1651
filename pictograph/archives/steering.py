"""Archives gone on with, and taken off the list."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from pictograph.archives.bringing import work_on
from pictograph.archives.entries import Trouble
from pictograph.archives.models import Archive, Entry, Part, Told
from pictograph.archives.parts import forget_archive, remove_bytes
from pictograph.archives.tasks import announce_archive
from pictograph.queue.long_work import Lease
from pictograph.transactions import delete_in_chunks, hold_people, transacted


def go_on(archive: Archive) -> None:
    """Go on with an archive that stopped; with one that was cancelled, from the first entry of what is still here."""
    was_cancelled = archive.stop == Archive.Stop.CANCELLED
    here = list(archive.parts.filter(state=Part.State.HERE))
    for part in here if was_cancelled else ():
        for _count in delete_in_chunks(archive.owner_id, part.entries.all()):
            pass
    _go_on(archive, was_cancelled)
    announce_archive(archive.pk)


@transacted
def _go_on(archive: Archive, was_cancelled: bool) -> None:
    hold_people([archive.owner_id])
    if was_cancelled:
        archive.parts.filter(state=Part.State.HERE).update(position=0, others=0, batch=None)
    away = archive.parts.filter(state=Part.State.REFUSED, trouble__in=(Trouble.GONE, Trouble.FORBIDDEN))
    away.update(state=Part.State.HERE, trouble="")
    Archive.objects.filter(pk=archive.pk).update(stop="", stop_words="")


def remove(archive: Archive) -> bool:
    """Take an archive off the list, with the bytes of parts that were sent; its photos stay in the library.

    Their items stay with them: they say where the storage has the photos, and what was told of these. False where a
    process is just bringing it in.
    """
    with Lease.of(work_on(archive.pk)) as lease:
        if lease is None:
            return False
        _take_off(archive, lease)
    return True


def _take_off(archive: Archive, lease: Lease) -> None:
    for part in archive.parts.all():
        remove_bytes(part)
    rows: Iterable[QuerySet[Any]] = (
        Entry.objects.filter(part__archive=archive),
        Told.objects.filter(archive=archive),
    )
    for several in rows:
        for _count in delete_in_chunks(archive.owner_id, several):
            lease.beat()
    _remove(archive)


@transacted
def _remove(archive: Archive) -> None:
    hold_people([archive.owner_id])
    forget_archive(archive)

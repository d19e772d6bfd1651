"""Bringing an archive in: part by part, entry by entry, by one process at a time, and gone on with wherever it ended.

What has been settled of a part is written with the number of the next entry, some entries at a time. A process that is
killed in between has taken a few of them already: these are known the next time. So nothing is lost, and nothing comes
twice.
"""

import logging
import time
from dataclasses import dataclass, field

from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from pictograph.archives.clips import match_clips
from pictograph.archives.contents import is_litter, is_read, lay_down, may_be_photo
from pictograph.archives.entries import Container, EntryRefused, PartRefused, Trouble, Why
from pictograph.archives.entries import Entry as Listed
from pictograph.archives.formats.kinds import Kind
from pictograph.archives.models import Archive, Part
from pictograph.archives.opening import open_part, read_container
from pictograph.archives.parts import remove_bytes
from pictograph.archives.settling import Ready, settle
from pictograph.archives.tellings import tell_others, write_down
from pictograph.pages import full_disk
from pictograph.queue.claims import announce_work
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Import
from pictograph.sources.quota import LOW_DISK, NoRoom, Room
from pictograph.sources.steering import ImportCancelled, begin

logger = logging.getLogger(__name__)

TOGETHER = 32  # photos that are taken by one transaction
TOGETHER_BYTES = 64_000_000
LEFT_OUT_TOGETHER = 1000
SETTLED_AFTER_S = 5.0  # so that the page sees it grow, and a killed process has done little in vain
BEAT_S = 5.0
TURN_S = 60.0  # of one archive, while others may wait


class Paused(Exception):
    """The person has paused the import."""


class TurnOver(Exception):
    """Others have waited for long enough."""


def bring_in(archive: Archive) -> bool:
    """Bring in for a turn what is here of an archive; whether there is more. Nothing where another process is at it."""
    has_more = False
    with Lease.of(work_on(archive.pk)) as lease:  # should it be lost, another process goes on
        if lease is not None:
            has_more = _Bringing(archive, lease).run()
    return has_more


# What a file that nobody thought of can make of code that reads it.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def work_on(archive_id: int) -> str:
    """What the lease of an archive is called."""
    return f"archive {archive_id}"


@dataclass
class _Bringing:
    """One go at it: what has been read of the present part and is not settled yet, and up to which entry."""

    archive: Archive
    lease: Lease
    ready: list[Ready] = field(default_factory=list)
    left_out: list[tuple[Listed, Why]] = field(default_factory=list)
    batch: Import | None = None
    position: int = 0
    next_beat: float = 0.0
    settled_at: float = field(default_factory=time.monotonic)
    until: float | None = None

    def run(self) -> bool:
        """Bring in one part after the other; whether that ended with the turn. Say why, where it ended otherwise."""
        self.room = Room(self.archive.owner)
        stop, words = "", ""
        try:
            self._require_wanted()
            while (part := self._next_part()) is not None:
                self._bring_in(part)
        except Paused:
            return False
        except TurnOver:
            return True
        except ImportCancelled:
            stop = Archive.Stop.CANCELLED
        except NoRoom as full:
            stop, words = Archive.Stop.NO_ROOM, str(full.words)
        except (OSError, OperationalError) as error:
            if not full_disk.is_full_disk(error):
                raise
            stop, words = Archive.Stop.NO_ROOM, str(LOW_DISK)
        finally:
            self._drop()
        Archive.objects.filter(pk=self.archive.pk).update(stop=stop, stop_words=words)
        open_imports = Import.objects.filter(source=self.archive.source_id, state=Import.State.RECEIVING)
        open_imports.update(state=Import.State.RECEIVED)
        return False

    def _require_wanted(self) -> None:
        """Raise ImportCancelled where that was called off while nobody was at it."""
        here = Part.objects.filter(archive=self.archive, state=Part.State.HERE)
        if here.filter(batch__state__in=Import.CALLED_OFF).exists():
            raise ImportCancelled

    def _next_part(self) -> Part | None:
        here = Part.objects.filter(archive=self.archive, state=Part.State.HERE)
        return here.select_related("archive__owner", "archive__source").order_by("name", "pk").first()

    def _bring_in(self, part: Part) -> None:
        self.position = part.position
        try:
            with open_part(part) as file:
                container = read_container(file)
                self._go_through(part, container)
                trouble = container.trouble
        except PartRefused as refused:
            logger.info("%s of %s is not brought in: %s", part, part.archive, refused.trouble)
            self._refuse(part, refused.trouble)
            return
        except UNFORESEEN:  # it would be met again at every sweep, and keep the other parts from coming in
            logger.exception("%s of %s could not be read to its end.", part, part.archive)
            self._refuse(part, Trouble.BROKEN)
            return
        tell_others(part, self._beat)
        match_clips(part.archive_id)
        self.lease.beat()
        Part.objects.filter(pk=part.pk).update(state=Part.State.DONE, trouble=trouble.value if trouble else "")
        remove_bytes(part)

    def _refuse(self, part: Part, trouble: Trouble) -> None:
        """Bring in no more of a part."""
        Part.objects.filter(pk=part.pk).update(state=Part.State.REFUSED, trouble=trouble.value)
        if trouble not in (Trouble.GONE, Trouble.FORBIDDEN):
            remove_bytes(part)

    def _go_through(self, part: Part, container: Container) -> None:
        if not part.has_told:
            kind = write_down(part, container, self._beat)
            expected = 0
            for listed in container.entries():
                self._beat()
                expected += may_be_photo(listed)
            Part.objects.filter(pk=part.pk).update(has_told=True, expected=expected)
            if kind is not None and kind is not Kind.PLAIN:
                Archive.objects.filter(pk=part.archive_id).update(kind=kind.value)
            part.refresh_from_db(fields=["expected"])
        self.batch = self._counting_in(part)
        self.next_beat = 0.0  # the person may have paused it before
        for listed in container.entries():
            if listed.position < part.position:
                continue
            self._beat()
            self._look_at(container, listed)
            self.position = listed.position + 1
            if self._is_much():
                self._settle(part)
                self._end_turn()
        self._settle(part)

    def _end_turn(self) -> None:
        """Raise TurnOver when it is time to; a turn begins with what is new in it."""
        self.until = self.until or time.monotonic() + TURN_S
        if time.monotonic() > self.until:
            raise TurnOver

    def _counting_in(self, part: Part) -> Import:
        """The import that a part counts into: one that is under way, or a new one."""
        source = part.archive.source
        under_way = Import.objects.filter(source=source, state=Import.State.RECEIVING).order_by("-pk").first()
        batch = under_way or begin(source, state=Import.State.RECEIVING)
        if part.batch_id != batch.pk:
            gone_through = part.entries.filter(position__lt=part.position).count()
            to_come = max(part.expected - gone_through, 0)
            Import.objects.filter(pk=batch.pk).update(expected_files=F("expected_files") + to_come)
            Part.objects.filter(pk=part.pk).update(batch=batch)
        return batch

    def _look_at(self, container: Container, listed: Listed) -> None:
        if not is_read(listed):
            if listed.why is not None and not is_litter(listed.path):
                self.left_out.append((listed, listed.why))
            return
        try:
            self.ready.append(Ready(listed, lay_down(container, listed, self._beat)))
        except EntryRefused as refused:
            self.left_out.append((listed, refused.why))

    def _is_much(self) -> bool:
        held_bytes = sum(one.laid.size_bytes for one in self.ready)
        is_late = time.monotonic() - self.settled_at > SETTLED_AFTER_S
        is_full = len(self.ready) >= TOGETHER or held_bytes >= TOGETHER_BYTES
        return is_full or is_late or len(self.left_out) >= LEFT_OUT_TOGETHER

    def _settle(self, part: Part) -> None:
        """Settle all that has been read; where there is no room for that, as many of the first as there is room for."""
        assert self.batch is not None
        try:
            settle(part, self.batch, self.ready, self.left_out, self.position, self.room)
        except NoRoom:
            if len(self.ready) < 2 or not all(one.laid.is_there for one in self.ready):
                raise
            for one in self.ready:
                before = [entry for entry in self.left_out if entry[0].position < one.listed.position]
                settle(part, self.batch, [one], before, one.listed.position + 1, self.room)
                self.left_out = self.left_out[len(before) :]
            settle(part, self.batch, [], self.left_out, self.position, self.room)
        if self.ready:
            announce_work()
        self._drop()
        self.settled_at = time.monotonic()

    def _drop(self) -> None:
        """Be done with what was read; a file that was taken is no longer there."""
        for one in self.ready:
            one.laid.remove()
        self.ready, self.left_out = [], []

    def _beat(self) -> None:
        """Give a sign of life, if it is time to. Raises Paused, ImportCancelled, LeaseLost."""
        if time.monotonic() < self.next_beat:
            return
        self.next_beat = time.monotonic() + BEAT_S
        self.lease.beat()
        if self.batch is None:
            return
        Import.objects.filter(pk=self.batch.pk).update(arrived_at=timezone.now())
        self.batch.refresh_from_db(fields=["state", "is_paused"])
        if self.batch.state in Import.CALLED_OFF:
            raise ImportCancelled
        if self.batch.is_paused:
            raise Paused

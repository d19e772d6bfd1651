"""What an account's photos come in with: their import, the room there is for them, and the word of their person."""

import time
from collections.abc import Mapping, Sequence

from django.db.models import F, QuerySet
from django.utils import timezone

from classifier.work import Reason
from pictograph.connections.downloads import Download, Ended
from pictograph.connections.models import Connection, Remote
from pictograph.connections.trouble import note_well
from pictograph.queue.claims import announce_work
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Import, Rejection
from pictograph.sources.quota import LEAST_BYTES, NoRoom, Room, Usage, require_disk
from pictograph.sources.steering import ImportCancelled, begin
from pictograph.sources.taking import Brought, Taken, take

LOOK_EVERY_S = 1.0


class Intake:
    """The import of one account that is open, begun once there is something to bring in."""

    def __init__(self, connection: Connection, lease: ScanLease) -> None:
        self.connection, self._lease = connection, lease
        self._source = connection.source
        receiving = Import.objects.filter(source=self._source, state=Import.State.RECEIVING)
        self._batch = receiving.order_by("-pk").first()
        self._room = Room(self._source.owner)
        self._looked = time.monotonic() - LOOK_EVERY_S
        self._left: int | None = None  # bytes of the quota, as far as is known
        self.is_paused = False

    @property
    def waiting(self) -> QuerySet[Remote]:
        """The photos that are to be fetched."""
        return Remote.objects.filter(connection=self.connection, state=Remote.State.WAITING)

    @property
    def batch(self) -> Import:
        """The import, begun where there is none."""
        if self._batch is None:
            self._batch = begin(self._source, state=Import.State.RECEIVING)
            self.expect()
        return self._batch

    def heed_person(self) -> None:
        """See now and then whether the person has paused the import, or called it off. Raises ImportCancelled."""
        if self._batch is None or time.monotonic() - self._looked < LOOK_EVERY_S:
            return
        self._looked = time.monotonic()
        self._batch.refresh_from_db(fields=["state", "is_paused"])
        self.is_paused = self._batch.is_paused
        if self._batch.state in Import.CALLED_OFF:
            raise ImportCancelled

    def expect(self) -> None:
        """Tell the import how many files are to come: those listed, and as many more as the service says there are."""
        listed = Remote.objects.filter(connection=self.connection).exclude(state=Remote.State.GONE)
        unlisted = 0
        if self.connection.is_walking and self.connection.total:
            unlisted = max(self.connection.total - listed.count(), 0)
        to_come = self.waiting.count() + unlisted
        Import.objects.filter(pk=self.batch.pk).update(
            expected_files=F("arrived_files") + to_come, arrived_at=timezone.now()
        )

    def expect_less(self) -> None:
        """Tell it anew after something has turned out not to come."""
        if self._batch is not None:
            self.expect()

    def require_room(self) -> None:
        """Raise NoRoom where the next photo would be fetched for nothing."""
        require_disk()
        first = self.waiting.order_by("rank").first()
        usage = Usage.of(self._source.owner)
        self._left = usage.left
        if first is not None and not usage.leaves_room_for(first.size_bytes or 0):
            raise NoRoom(usage.words)

    def keep(self, come: Sequence[Ended]) -> None:
        """Take what has come into the library. Raises NoRoom with what there was room for kept, and what `take` does.

        A photo of which the service has told something newer since is fetched once more.
        """
        downloads = {one.remote_id: one.download for one in come if one.download is not None}
        versions = {one.remote_id: one.photo.version for one in come}
        remotes = Remote.objects.in_bulk(list(downloads))
        self._lease.hold()
        for group in self._groups([remotes[one.remote_id] for one in come if one.remote_id in remotes], downloads):
            self._take(group, downloads, versions)

    def _groups(self, remotes: Sequence[Remote], downloads: Mapping[int, Download]) -> list[Sequence[Remote]]:
        """What is taken together: one by one where there may not be room for all."""
        if self._left is None:
            return [remotes]
        size_bytes = sum(max(downloads[remote.pk].size_bytes, LEAST_BYTES) for remote in remotes)
        is_roomy = size_bytes <= self._left
        self._left = max(self._left - size_bytes, 0)
        return [remotes] if is_roomy else [[remote] for remote in remotes]

    def _take(self, remotes: Sequence[Remote], downloads: Mapping[int, Download], versions: Mapping[int, str]) -> None:
        brought = [_brought(remote, downloads[remote.pk]) for remote in remotes]
        outcomes = take(self.batch, self._source, brought, self._room)
        here = [remote.pk for remote in remotes if remote.version == versions[remote.pk]]
        Remote.objects.filter(pk__in=here).update(state=Remote.State.FETCHED, attempts=0, retry_at=None)
        if outcomes:
            note_well(self.connection, is_progress=True)
        if {Taken.ADDED, Taken.CHANGED} & set(outcomes.values()):
            announce_work()

    def refuse(self, remote: Remote, reason: Reason) -> None:
        """Leave a photo out, and say so."""
        batch = self.batch
        with self._lease.writing():
            Remote.objects.filter(pk=remote.pk).update(state=Remote.State.REFUSED)
            Rejection.objects.create(batch=batch, name=remote.name, reason=reason.value)
            Import.objects.filter(pk=batch.pk).update(arrived_files=F("arrived_files") + 1, arrived_at=timezone.now())

    def end(self, *, is_over: bool) -> None:
        """Let go of the account, and write down what the turn came to. Raises ScanOvertaken.

        An import that was called off in the last moment is not gone on with.
        """
        with self._lease.writing():
            if self._batch is not None:
                self._batch.refresh_from_db(fields=["state"])
            is_called_off = self._batch is not None and self._batch.state in Import.CALLED_OFF
            if not (is_over or is_called_off):
                self._lease.release(scan_wanted=True)
                return
            if self._batch is not None:
                open_still = Import.objects.filter(pk=self._batch.pk, state=Import.State.RECEIVING)
                open_still.update(state=Import.State.RECEIVED)
            self._lease.release(scanned_at=timezone.now())
            note_well(self.connection, is_progress=True)
            done = Connection.objects.filter(pk=self.connection.pk, picked=self.connection.picked)
            done.update(picked="")


def _brought(remote: Remote, download: Download) -> Brought:
    return Brought(
        ref=remote.ref,
        name=remote.name,
        file=download.file,
        digest=download.digest,
        size_bytes=download.size_bytes,
        told=remote.told,
        posted_at=remote.posted_at,
    )

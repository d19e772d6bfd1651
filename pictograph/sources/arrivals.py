"""The import of a scan: what it found new, and what stood in its way; there is none where it found nothing."""

from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone

from pictograph.sources.models import NAME_LENGTH, Import, Rejection, Source
from pictograph.sources.steering import ImportCancelled, begin_unasked
from pictograph.sources.walk import Obstacle


class Arrivals:
    """The import that a scan brings photos in with, made when the first comes; one that broke off is gone on with."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.batch = Import.objects.filter(source=source, state=Import.State.RECEIVING).order_by("-pk").first()

    def arrive(self, sizes_bytes: Sequence[int]) -> Import:
        """The import, with some more files counted in. Raises ImportCancelled."""
        batch = self.batch or self._begin()
        is_open = Import.objects.filter(pk=batch.pk, state=Import.State.RECEIVING).update(
            arrived_files=F("arrived_files") + len(sizes_bytes),
            arrived_bytes=F("arrived_bytes") + sum(sizes_bytes),
            arrived_at=timezone.now(),
        )
        if not is_open:
            raise ImportCancelled
        self.batch = batch
        return batch

    def name_obstacles(self, obstacles: Sequence[Obstacle]) -> None:
        """Keep what stood in the way, each once however often it is met; what does no longer is forgotten."""
        former = Rejection.objects.filter(batch__source=self._source)
        met = {(obstacle.path[-NAME_LENGTH:], obstacle.reason.value) for obstacle in obstacles}
        known = {(name, reason): pk for pk, name, reason in former.values_list("pk", "name", "reason")}
        Rejection.objects.filter(pk__in=[pk for key, pk in known.items() if key not in met]).delete()
        if new := sorted(met - known.keys()):
            batch = self.batch = self.batch or self._begin()
            Rejection.objects.bulk_create([Rejection(batch=batch, name=name, reason=reason) for name, reason in new])

    def end(self) -> None:
        """No more is to come."""
        if self.batch is not None:
            is_open = Import.objects.filter(pk=self.batch.pk, state=Import.State.RECEIVING)
            is_open.update(state=Import.State.RECEIVED)

    def _begin(self) -> Import:
        return begin_unasked(self._source, state=Import.State.RECEIVING)

"""What the prediction store still has to be told; written together with the change to the site's rows.

No transaction spans the two. A note is there before the change can be seen, is taken by one process at a time to tell
the store, and goes when that has been told; what a killed process leaves is told by the sweep.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, models, transaction
from django.utils import timezone

from pictograph.many import insert_many
from pictograph.store import prediction_store
from pictograph.store.interface import Facts
from pictograph.transactions import transacted

CHUNK = 2500  # photos that the store is told of at a time
# A worker that had a photo in hand when it was deleted may record it still: the store is told once more by then.
AGAIN_AFTER = timedelta(hours=1)
TOLD_WITHIN = timedelta(minutes=2)  # whoever takes longer to tell a few hundred was killed; SQLite waits 30 s to write
TICK = timedelta(microseconds=1)


class Notice(models.Model):
    """One photo that the store has to forget, or of which it has to take over what the site's row says.

    While one process tells it, no other does: `again_at` is when that one has been killed.
    """

    photo_id = models.BigIntegerField(primary_key=True)
    is_deleted = models.BooleanField(default=False)
    again_at = models.DateTimeField(null=True, help_text="told already, and to be told once more then")

    class Meta:
        indexes = [models.Index(fields=["again_at"], name="notice_again")]

    def __str__(self) -> str:
        return f"{'forget' if self.is_deleted else 'update'} photo {self.photo_id}"


def note_deleted(photo_ids: Sequence[int]) -> None:
    """Put down that the store has to forget photos, in the transaction that deletes their rows."""
    _note((photo_id, True, None) for photo_id in set(photo_ids))


def note_changed(photo_ids: Sequence[int]) -> None:
    """Put down that the store has to take over dates and visibility, in the transaction that changes them.

    What is to be forgotten stays to be forgotten. Who is telling of one of them sees that it has been noted anew.
    """
    known = Notice.objects.select_for_update().filter(pk__among=frozenset(photo_ids)).order_by("pk")
    rows = list(known.values_list("pk", "is_deleted", "again_at"))
    deleted = {photo_id for photo_id, is_deleted, _ in rows if is_deleted}
    again_at = {photo_id: again_at + TICK for photo_id, _, again_at in rows if again_at is not None}
    _note((photo_id, False, again_at.get(photo_id)) for photo_id in set(photo_ids) - deleted)


def tell_store(photo_ids: Sequence[int], *, again: bool = False) -> None:
    """Tell the store what was noted of these photos, once the caller's transaction is through, if it is in one.

    `again` where a worker may have had deleted ones in hand.
    """
    for start in range(0, len(photo_ids), CHUNK):
        transaction.on_commit(partial(_tell, models.Q(pk__among=frozenset(photo_ids[start : start + CHUNK])), again))


def sweep_notices() -> None:
    """Tell what a killed process left untold, and once more what may have been recorded meanwhile."""
    while pks := list(Notice.objects.filter(_is_due()).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        _tell(models.Q(pk__among=frozenset(pks)), again=False)


def _is_due() -> models.Q:
    now = timezone.now()
    # What is to be told later than anything could be was noted before the clock was set back.
    is_time = models.Q(again_at__lt=now) | models.Q(again_at__gt=now + 2 * AGAIN_AFTER)
    return models.Q(again_at__isnull=True) | is_time


def _note(notices: Iterable[tuple[int, bool, datetime | None]]) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    # In the order that all lock them in.
    rows = [(photo_id, is_deleted, again_at and adapt(again_at)) for photo_id, is_deleted, again_at in sorted(notices)]
    columns = ("photo_id", "is_deleted", "again_at")
    anew = "(photo_id) DO UPDATE SET is_deleted = excluded.is_deleted, again_at = excluded.again_at"
    for start in range(0, len(rows), CHUNK):
        insert_many(Notice, columns, rows[start : start + CHUNK], anew)


@dataclass(frozen=True)
class _Taken:
    """Notices that this process tells until then."""

    until: datetime
    deleted: Sequence[int]
    changed: Sequence[int]

    @property
    def notices(self) -> models.QuerySet[Notice]:
        """Those of them that are there, whatever they say by now."""
        return Notice.objects.filter(pk__among=frozenset([*self.deleted, *self.changed]))


def _tell(which: models.Q, again: bool) -> None:
    """Tell what some notices say, as far as nobody else is at it; of two changes the later one is told last."""
    from pictograph.photos.models import Photo

    while taken := _take(which):
        rows = Photo.objects.filter(pk__among=frozenset(taken.changed)).facts()
        try:
            if taken.deleted:
                prediction_store().forget(taken.deleted)
            if taken.changed:
                prediction_store().update([Facts(*row) for row in rows])
        except Exception:  # a store that is away; the next sweep tries again
            taken.notices.filter(again_at__range=(taken.until, taken.until + AGAIN_AFTER)).update(again_at=None)
            raise
        which = models.Q(pk__among=frozenset(_put_away(taken, again)), is_deleted=False)


@transacted
def _take(which: models.Q) -> _Taken | None:
    """Take those of some notices that are due; None where none is."""
    until = timezone.now() + TOLD_WITHIN
    due = Notice.objects.select_for_update().filter(which, _is_due()).order_by("pk")
    notices = list(due.values_list("pk", "is_deleted"))
    if not notices:
        return None
    Notice.objects.filter(pk__among={pk for pk, _ in notices}).update(again_at=until)
    deleted = [pk for pk, is_deleted in notices if is_deleted]
    return _Taken(until, deleted, [pk for pk, is_deleted in notices if not is_deleted])


@transacted
def _put_away(taken: _Taken, again: bool) -> list[int]:
    """Be done with notices that say what they said when they were taken; of which photos to tell anew.

    These have been noted anew meanwhile, or have been told by somebody who took this process for dead, and what this
    one told last may be the older.
    """
    notices = taken.notices.select_for_update().order_by("pk").values_list("pk", "again_at")
    told = {pk for pk, again_at in notices if again_at == taken.until}
    anew = [photo_id for photo_id in taken.changed if photo_id not in told]
    if again:
        Notice.objects.filter(pk__among=told.intersection(taken.deleted)).update(again_at=timezone.now() + AGAIN_AFTER)
        told.difference_update(taken.deleted)
    Notice.objects.filter(pk__among=told).delete()
    if anew:
        Notice.objects.bulk_create([Notice(photo_id=photo_id) for photo_id in anew], ignore_conflicts=True)
        Notice.objects.filter(pk__among=frozenset(anew), is_deleted=False).update(again_at=None)
    return anew

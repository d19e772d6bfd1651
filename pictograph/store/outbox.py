"""What the prediction store still has to be told; written together with the change to the site's rows.

No transaction spans the two. A note is there before the change can be seen, and goes when the store has been told; what
a killed process leaves is told by the sweep.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import models, transaction
from django.utils import timezone

from pictograph.store import prediction_store
from pictograph.store.interface import Facts
from pictograph.transactions import hold, transacted

CHUNK = 500
# A worker that had a photo in hand when it was deleted may record it still: the store is told once more by then.
AGAIN_AFTER = timedelta(hours=1)


class Notice(models.Model):
    """One photo that the store has to forget, or of which it has to take over what the site's row says."""

    photo_id = models.BigIntegerField(primary_key=True)
    is_deleted = models.BooleanField(default=False)
    again_at = models.DateTimeField(null=True, help_text="told already, and to be told once more then")

    class Meta:
        indexes = [models.Index(fields=["again_at"], name="notice_again")]

    def __str__(self) -> str:
        return f"{'forget' if self.is_deleted else 'update'} photo {self.photo_id}"


def note_deleted(photo_ids: Sequence[int]) -> None:
    """Put down that the store has to forget photos, in the transaction that deletes their rows."""
    _note([Notice(photo_id=photo_id, is_deleted=True) for photo_id in photo_ids])


def note_changed(photo_ids: Sequence[int]) -> None:
    """Put down that the store has to take over dates and visibility, in the transaction that changes them.

    What is to be forgotten stays to be forgotten.
    """
    deleted = set(hold(Notice.objects.filter(pk__in=photo_ids, is_deleted=True)))
    _note([Notice(photo_id=photo_id) for photo_id in photo_ids if photo_id not in deleted])


def tell_store(photo_ids: Sequence[int], *, again: bool = False) -> None:
    """Tell the store what was noted of these photos, once the caller's transaction is through, if it is in one.

    `again` where a worker may have had deleted ones in hand.
    """
    for start in range(0, len(photo_ids), CHUNK):
        transaction.on_commit(partial(_tell, models.Q(pk__in=photo_ids[start : start + CHUNK]), again))


def sweep_notices() -> None:
    """Tell what a killed process left untold, and once more what may have been recorded meanwhile."""
    now = timezone.now()
    # What is to be told later than anything could be was noted before the clock was set back.
    is_time = models.Q(again_at__lt=now) | models.Q(again_at__gt=now + 2 * AGAIN_AFTER)
    due = models.Q(again_at__isnull=True) | is_time
    while pks := list(Notice.objects.filter(due).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        _tell(models.Q(pk__in=pks), again=False)


def _note(notices: Sequence[Notice]) -> None:
    notices = sorted(notices, key=lambda notice: notice.photo_id)  # the order that all lock them in
    for start in range(0, len(notices), CHUNK):
        Notice.objects.bulk_create(
            notices[start : start + CHUNK],
            update_conflicts=True,
            unique_fields=["photo_id"],
            update_fields=["is_deleted", "again_at"],
        )


@transacted
def _tell(which: models.Q, again: bool) -> None:
    """Tell what some notices say. They are held meanwhile, so that of two changes the later one is told last."""
    from pictograph.photos.models import Photo

    notices = list(Notice.objects.select_for_update().filter(which).order_by("pk"))
    deleted = [notice.photo_id for notice in notices if notice.is_deleted]
    changed = [notice.photo_id for notice in notices if not notice.is_deleted]
    if deleted:
        prediction_store().forget(deleted)
    if changed:
        rows = Photo.objects.filter(pk__in=changed).values_list("pk", "shown_at", "is_public")
        prediction_store().update([Facts(*row) for row in rows])
    if again:
        Notice.objects.filter(pk__in=deleted).update(again_at=timezone.now() + AGAIN_AFTER)
        deleted = []
    Notice.objects.filter(pk__in=[*deleted, *changed]).delete()

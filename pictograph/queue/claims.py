"""The photos workers read: claimed fairly under a lease, finished exactly once.

The database is the truth and the queue a hint: a photo is due until its outcome is written, whatever becomes of the
message that announced it or of the worker that claimed it.
"""

import math
import time
import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, zip_longest

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from classifier.work import HeldUp, Job, Outcome, Reason
from pictograph.people.models import User
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.queue.announcing import announce
from pictograph.queue.outcomes import give_up, write_outcomes
from pictograph.sources.models import Import, Item
from pictograph.sources.originals import open_item, open_original, sidecar_openers
from pictograph.transactions import hold_people, transacted

# A photo whose workers died this often is claimed alone, so that it takes no others down with it, and given up at last.
SUSPECT_AFTER = 3
GIVE_UP_AFTER = 6
HELD_UP_S = 10.0  # a worker that is as late to renew leases stood still; a busy machine delays it by a second or two


def announce_work() -> None:
    """Tell the workers that there is work. A lost message costs no more than one sweep."""
    announce("classifier.tasks.classify_pending")


def free_photos() -> PhotoQuerySet:
    """Photos due that no living worker holds and whose import is neither paused nor being cancelled."""
    photos = Photo.objects.due().exclude(_is_held())
    waits = Q(is_paused=True) | Q(state=Import.State.CANCELLING)
    waiting = list(Import.objects.filter(waits).values_list("pk", flat=True))
    return photos.exclude(batch__in=waiting) if waiting else photos


def held_photos() -> PhotoQuerySet:
    """Photos due that a living worker holds."""
    return Photo.objects.due().filter(_is_held())


class PhotoWork:
    """One worker's hold on photos that are due; the WorkSource of this site."""

    def __init__(self, lease: uuid.UUID | None = None) -> None:
        # A worker that another process watches over claims under the lease that process can free when it dies.
        self.lease: uuid.UUID = lease or settings.WORKER_LEASE or uuid.uuid4()
        self._last_owner = 0
        self._has_called = False
        self._renewed_at = math.inf

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
        """Up to `limit` jobs, taken in turn from everyone who has photos due, but for the owners given."""
        if self._holds_suspect():
            return []
        with transaction.atomic():
            photos = self._take(free_photos().exclude(owner__in=but_of) if but_of else free_photos(), limit)
            # One that is given up in a moment is not tried once more.
            once_more = When(attempts__lt=GIVE_UP_AFTER, then=F("attempts") + 1)
            attempts = Case(once_more, default=F("attempts"), output_field=IntegerField())
            Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
                lease=self.lease, lease_until=_lease_end(timezone.now()), attempts=attempts
            )
        deadly = [photo for photo in photos if photo.attempts >= GIVE_UP_AFTER]
        for photo in deadly:
            self._give_up(photo.pk)
        if deadly and len(deadly) == len(photos):
            return self.claim(limit, but_of)
        if len(photos) == limit and not self._has_called:
            # One message may have announced them all: whoever it wakes wakes the next one, as long as there is more.
            self._has_called = True
            if free_photos().exists():
                announce_work()
        return _jobs([photo for photo in photos if photo.attempts < GIVE_UP_AFTER])

    @transacted
    def _give_up(self, photo_id: int) -> None:
        """Give up a claimed photo that workers have died with too often."""
        claimed = Photo.objects.due().filter(pk=photo_id, lease=self.lease)
        hold_people(claimed.values_list("owner", flat=True))
        photo = claimed.select_for_update().first()
        if photo is None:  # deleted in this moment
            return
        item = _items_to_read([photo]).get(photo.pk)
        detail = f"{photo.attempts} workers died while they held this photo"
        give_up(photo, Reason.CRASHED, detail, item.pk if item else 0)

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes of photos this worker still holds."""
        write_outcomes(self.lease, outcomes)

    def renew(self, jobs: Sequence[Job]) -> None:
        """Hold claimed photos for another lease; those locked just now are being written, or deleted.

        Raises HeldUp where this process was stopped until others took some of them over: much of what
        it has in hand they have done, and the rest is better claimed anew.
        """
        late_s, self._renewed_at = time.monotonic() - self._renewed_at, time.monotonic()
        held = Photo.objects.due().filter(pk__in=[job.photo_id for job in jobs], lease=self.lease)
        with transaction.atomic():
            unlocked = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
            Photo.objects.filter(pk__in=unlocked).update(lease_until=_lease_end(timezone.now()))
        if late_s > max(settings.LEASE_S, HELD_UP_S) and (lost := len(jobs) - held.count()):
            raise HeldUp(f"This worker stood still for {late_s:.0f} s; others have taken over {lost} of its photos.")

    def release(self, jobs: Sequence[Job]) -> None:
        """Give claimed jobs back unworked, as far as this worker still holds them."""
        held = Photo.objects.filter(pk__in=[job.photo_id for job in jobs], lease=self.lease)
        _free(held, attempts=F("attempts") - 1)

    def let_go(self, *, is_blameless: bool = False) -> None:
        """Free all that is held, when the worker is dead.

        That it was tried counts, unless the photos are blameless: somebody stopped the worker, and lost patience.
        """
        attempts = F("attempts") - 1 if is_blameless else F("attempts")
        if _free(Photo.objects.due().filter(lease=self.lease), attempts=attempts):
            announce_work()

    def _take(self, free: PhotoQuerySet, limit: int) -> list[Photo]:
        """Free photos in the order they are to be read in, locked.

        Those that somebody else has locked, another worker that claims or a person who deletes, are passed over; it is
        these few that are locked, and nothing else of their owners.
        """
        passed: list[int] = []
        while True:
            left = free.exclude(pk__in=passed) if passed else free
            chosen = self._choose(left, limit) or self._choose_suspect(left)
            locked = free.filter(pk__in=chosen).select_for_update(skip_locked=True).in_bulk()
            if locked or not chosen:
                return [locked[pk] for pk in chosen if pk in locked]
            passed += chosen

    def _choose(self, free: PhotoQuerySet, limit: int) -> list[int]:
        """Ids of free photos, one of each owner in turn, beginning after the owner served last.

        Of one owner's, those come first that no worker has died with.
        """
        free = free.filter(attempts__lt=SUSPECT_AFTER).order_by("attempts", "id")
        first = Subquery(free.filter(owner=OuterRef("pk")).values("id")[:1])
        waiting = (
            User.objects.annotate(first=first).filter(first__isnull=False).order_by("pk").values_list("pk", "first")
        )
        owners = list(waiting.filter(pk__gt=self._last_owner)[:limit])
        if len(owners) < limit and self._last_owner:
            owners += waiting.filter(pk__lte=self._last_owner)[: limit - len(owners)]
        if not owners:
            return []
        self._last_owner = owners[-1][0]
        if len(owners) == limit:
            return [photo for _, photo in owners]
        queues = [free.filter(owner=owner).values_list("id", flat=True)[:limit] for owner, _ in owners]
        in_turn = chain.from_iterable(zip_longest(*queues))
        return [pk for pk in in_turn if pk is not None][:limit]

    def _choose_suspect(self, free: PhotoQuerySet) -> list[int]:
        """One photo that was in hand when workers died, once this worker has nothing else in hand.

        Claimed alone, it takes no other down with it; and until it is finished, nothing else is claimed.
        """
        if self._in_hand().exists():
            return []
        suspects = free.filter(attempts__gte=SUSPECT_AFTER).order_by("attempts", "id")
        return list(suspects.values_list("id", flat=True)[:1])

    def _holds_suspect(self) -> bool:
        return self._in_hand().filter(attempts__gt=SUSPECT_AFTER).exists()

    def _in_hand(self) -> PhotoQuerySet:
        """What this worker holds, as far as its leases have not run out: it may have failed to give photos back."""
        return Photo.objects.due().filter(_is_held(), lease=self.lease)


@transacted
def _free(photos: PhotoQuerySet, **fields: Combinable) -> int:
    """Take photos out of a worker's hands; how many."""
    hold_people(photos.order_by().values_list("owner", flat=True).distinct())
    return photos.update(lease=None, lease_until=None, **fields)


def _is_held() -> Q:
    """Under a lease that has not run out.

    One that ends much later than any could was given by a clock that has been set back since; it is void. One that ends
    a little later has been given in this moment, or by a machine whose clock is ahead: were it void too, machines whose
    clocks differ by a second would take photos out of each other's hands, and read all of them twice.
    """
    now = timezone.now()
    return Q(lease_until__gte=now, lease_until__lte=_lease_end(_lease_end(now)))


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_S)


def _jobs(photos: Sequence[Photo]) -> list[Job]:
    """Jobs that read each photo from the item that has it, and the files beside that item."""
    items = _items_to_read(photos)
    return [_job(photo, items.get(photo.pk)) for photo in photos]


def _items_to_read(photos: Sequence[Photo]) -> dict[int, Item]:
    """The item of each photo that is tried next."""
    if not photos:
        return {}
    items: dict[int, Item] = {}
    theirs = Item.objects.filter(photo__in=photos).select_related("source")
    for item in sorted(theirs, key=_promise):
        items[item.photo_id or 0] = item
    return items


def _promise(item: Item) -> tuple[bool, bool, bool, bool, int]:
    """The greater, the sooner an item is tried: first what a person wants, then what is there.

    Of these what something is told of, and then the oldest.
    """
    is_wanted = item.read_wanted and item.state == Item.State.PRESENT
    return (is_wanted, not item.is_lost, not item.source.problem, bool(item.told), -item.pk)


def _job(photo: Photo, item: Item | None) -> Job:
    if item is None:
        return Job(photo.pk, photo.name, partial(open_original, photo), owner=photo.owner_id)
    return Job(
        photo_id=photo.pk,
        name=photo.name,
        open=partial(open_item, item),
        sidecars=sidecar_openers(item),
        file_id=item.pk,
        fingerprint=item.fingerprint,
        owner=photo.owner_id,
    )

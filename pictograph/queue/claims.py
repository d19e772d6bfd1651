"""The photos workers classify: claimed fairly under a lease, finished exactly once.

The database is the truth and the queue a hint: a photo is pending until its results are written, whatever becomes of
the message that announced it or of the worker that claimed it.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, zip_longest
from typing import ClassVar

from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from classifier.work import Job, Outcome, PreparedPhoto, Reason
from pictograph.models import Import, Photo, SourceFile
from pictograph.pages.full_disk import is_full_disk
from pictograph.photos.deletion import remove_failed, remove_files, remove_with_files
from pictograph.photos.models import GRID_SIZE, PhotoQuerySet
from pictograph.store import PhotoPrediction, prediction_store

logger = logging.getLogger(__name__)

# A photo whose workers died this often is claimed alone, so that it takes no others down with it, and given up at last.
SUSPECT_AFTER = 3
MESSAGE_EXPIRES_S = 60
GIVE_UP_AFTER = 6


def announce_work() -> None:
    """Tell the workers that there is work. A lost message costs no more than one sweep."""
    try:
        # A message that has waited for long has been overtaken by the run that made it wait.
        current_app.send_task("classifier.tasks.classify_pending", retry=False, expires=MESSAGE_EXPIRES_S)
    except (OperationalError, OSError) as error:
        logger.warning("The queue does not take messages (%s); the next sweep finds the photos.", error)


def free_photos() -> PhotoQuerySet:
    """Pending photos that no living worker holds."""
    now = timezone.now()
    return Photo.objects.pending().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))


class PhotoWork:
    """One worker's hold on pending photos; the WorkSource of this site.

    A worker that was started by one that watches over it claims under the lease it was given.
    """

    given_lease: ClassVar[uuid.UUID | None] = None

    def __init__(self, lease: uuid.UUID | None = None) -> None:
        self.lease = lease or self.given_lease or uuid.uuid4()
        self._last_owner = 0

    def claim(self, limit: int) -> list[Job]:
        """Up to `limit` jobs, taken in turn from everyone who has pending photos."""
        if self._holds_suspect():
            return []
        with transaction.atomic():
            chosen = self._choose(limit) or self._choose_suspect()
            photos = list(free_photos().filter(pk__in=chosen))
            given_up = [photo for photo in photos if photo.attempts >= GIVE_UP_AFTER]
            photos = [photo for photo in photos if photo.attempts < GIVE_UP_AFTER]
            for photo in given_up:
                _fail(photo, Reason.CRASHED, f"{photo.attempts} workers died while they held this photo")
            Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
                lease=self.lease, lease_until=_lease_end(), attempts=F("attempts") + 1
            )
        if given_up and not photos:
            return self.claim(limit)
        order = {pk: position for position, pk in enumerate(chosen)}
        return [_job(photo) for photo in sorted(photos, key=lambda photo: order[photo.pk])]

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the results of photos this worker still holds."""
        photos = Photo.objects.only("key").in_bulk([outcome.job.photo_id for outcome in outcomes if outcome.photo])
        # Written before the results, so that a classified photo always has one.
        saved = [_save_thumbnail(outcome, photos.get(outcome.job.photo_id)) for outcome in outcomes]
        try:
            self._write(saved)
        except IntegrityError:  # another worker finished a copy of one of these photos a moment ago
            for outcome in saved:
                self._write([outcome])
        _remove_thumbnails_of_deleted(photos)

    def renew(self, jobs: Sequence[Job]) -> None:
        """Hold claimed photos for another lease; those locked just now are being written, or deleted."""
        held = Photo.objects.pending().filter(pk__in=[job.photo_id for job in jobs], lease=self.lease)
        with transaction.atomic():
            unlocked = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
            Photo.objects.filter(pk__in=unlocked).update(lease_until=_lease_end())

    def release(self, jobs: Sequence[Job]) -> None:
        """Give claimed jobs back unworked, at a clean stop."""
        Photo.objects.filter(pk__in=[job.photo_id for job in jobs], lease=self.lease).update(
            lease=None, lease_until=None, attempts=F("attempts") - 1
        )

    def let_go(self) -> None:
        """Free all that is held, when the worker is dead; that it was tried still counts."""
        held = Photo.objects.pending().filter(lease=self.lease).update(lease=None, lease_until=None)
        if held:
            announce_work()

    def _choose(self, limit: int) -> list[int]:
        """Ids of free photos, one of each owner in turn, beginning after the owner served last."""
        free = free_photos().filter(attempts__lt=SUSPECT_AFTER)
        queues: list[list[int]] = []
        owner, wrapped = self._last_owner, False
        start = owner
        while len(queues) < limit:
            following = free.filter(owner__gt=owner).order_by("owner").values_list("owner", flat=True).first()
            if following is None or (wrapped and following > start):
                if wrapped or start == 0:
                    break
                owner, wrapped = 0, True
                continue
            owner = following
            mine = free.filter(owner=owner).order_by("id").select_for_update(skip_locked=True)
            queues.append(list(mine.values_list("id", flat=True)[:limit]))
        if queues:
            self._last_owner = owner
        in_turn = chain.from_iterable(zip_longest(*queues))
        return [pk for pk in in_turn if pk is not None][:limit]

    def _choose_suspect(self) -> list[int]:
        """One photo that was in hand when workers died, once this worker has nothing else in hand.

        Claimed alone, it takes no other down with it; and until it is finished, nothing else is claimed.
        """
        if Photo.objects.pending().filter(lease=self.lease).exists():
            return []
        suspects = free_photos().order_by("attempts", "id").select_for_update(skip_locked=True)
        return list(suspects.values_list("id", flat=True)[:1])

    def _holds_suspect(self) -> bool:
        return Photo.objects.pending().filter(lease=self.lease, attempts__gt=SUSPECT_AFTER).exists()

    def _write(self, outcomes: Sequence[Outcome]) -> None:
        with transaction.atomic():
            ids = [outcome.job.photo_id for outcome in outcomes]
            mine = Photo.objects.pending().filter(pk__in=ids, lease=self.lease).order_by("pk")
            held = {photo.pk: photo for photo in mine.select_for_update()}
            # One result each: a worker that was held up past its lease may have claimed its own photos again.
            outcomes = list({outcome.job.photo_id: outcome for outcome in outcomes}.values())
            known = _known_digests(held, outcomes)
            described: list[Photo] = []
            predictions = []
            for outcome in outcomes:
                photo = held.get(outcome.job.photo_id)
                if photo is None:  # deleted meanwhile, or the lease ran out and another worker has it
                    continue
                if outcome.photo is None or outcome.classification is None:
                    _fail(photo, outcome.failure or Reason.DAMAGED, outcome.detail)
                    continue
                digest = outcome.photo.digest or photo.digest or ""
                twin = known.setdefault((photo.owner_id, digest), photo.pk)
                if twin != photo.pk:
                    _drop_duplicate(photo, twin)
                    continue
                _describe(photo, outcome.photo, digest)
                described.append(photo)
                predictions.append(
                    PhotoPrediction(photo.pk, photo.owner_id, photo.shown_at, photo.is_public, outcome.classification)
                )
            _save(described)
            prediction_store().record(predictions)
        # In a transaction of its own: it touches other rows, which a deletion may hold while it waits for the counters.
        Photo.objects.pending().filter(lease=self.lease).update(lease_until=_lease_end())


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_S)


def _job(photo: Photo) -> Job:
    return Job(photo_id=photo.pk, name=photo.name, open=photo.open_original, wants_digest=not photo.digest)


def _save_thumbnail(outcome: Outcome, photo: Photo | None) -> Outcome:
    """The outcome, or a failure where the disk does not take the picture."""
    if outcome.photo is None or photo is None:
        return outcome
    path = photo.rendition_path(GRID_SIZE)
    try:
        default_storage.save(path, ContentFile(outcome.photo.thumbnail))
    except OSError as error:
        reason = Reason.DISK_FULL if is_full_disk(error) else Reason.UNREADABLE
        return Outcome(outcome.job, failure=reason, detail=str(error))
    return outcome


def _remove_thumbnails_of_deleted(photos: Mapping[int, Photo]) -> None:
    """Whoever deleted a photo meanwhile removed its files perhaps before this worker wrote one."""
    there = set(Photo.objects.filter(pk__in=photos).values_list("pk", flat=True))
    remove_files([photo.rendition_path(GRID_SIZE) for pk, photo in photos.items() if pk not in there])


def _known_digests(held: Mapping[int, Photo], outcomes: Sequence[Outcome]) -> dict[tuple[int, str], int]:
    """The photos of the owners concerned that have the digests just found, by (owner, digest).

    Lets go of failed ones: their very bytes could be read this time, and the good copy takes their place.
    """
    digests: dict[int, set[str]] = defaultdict(set)
    for outcome in outcomes:
        photo = held.get(outcome.job.photo_id)
        if photo is not None and outcome.photo is not None and outcome.photo.digest:
            digests[photo.owner_id].add(outcome.photo.digest)
    known: dict[tuple[int, str], int] = {}
    for owner, found in digests.items():
        for twin in Photo.objects.owned_by(owner).filter(digest__in=found).only("state", "digest"):
            if twin.state == Photo.State.FAILED:
                remove_failed(twin.pk)
            else:
                known[owner, twin.digest or ""] = twin.pk
    return known


# The fields that `_describe` sets.
DESCRIBED = (
    "digest",
    "size_bytes",
    "format",
    "width_px",
    "height_px",
    "placeholder",
    "latitude",
    "longitude",
    "camera",
    "taken_at",
    "shown_at",
    "state",
    "finished_at",
    "lease",
    "lease_until",
)


def _describe(photo: Photo, prepared: PreparedPhoto, digest: str) -> None:
    photo.digest = digest
    photo.size_bytes, photo.format = prepared.size_bytes, prepared.format
    photo.width_px, photo.height_px = prepared.width_px, prepared.height_px
    photo.placeholder = prepared.placeholder
    photo.latitude, photo.longitude, photo.camera = prepared.latitude, prepared.longitude, prepared.camera
    if prepared.taken_at is not None:
        photo.taken_at = photo.shown_at = prepared.taken_at.replace(tzinfo=UTC)
    photo.state, photo.finished_at = Photo.State.CLASSIFIED, timezone.now()
    photo.lease = photo.lease_until = None


def _save(described: Sequence[Photo]) -> None:
    """Write what `_describe` set, all photos in one statement; `bulk_update` takes a CASE for every value, and longer.

    The rows are there and held, so that each insert meets its row and becomes an update.
    """
    Photo.objects.bulk_create(described, update_conflicts=True, unique_fields=["id"], update_fields=DESCRIBED)


def _fail(photo: Photo, reason: Reason, detail: str) -> None:
    photo.state, photo.failure, photo.failure_detail = Photo.State.FAILED, reason, detail
    photo.lease, photo.lease_until, photo.finished_at = None, None, timezone.now()
    photo.save(update_fields=["state", "failure", "failure_detail", "lease", "lease_until", "finished_at"])


def _drop_duplicate(photo: Photo, twin: int) -> None:
    """Let go of a photo whose very bytes the owner has already; the file it was read from is remembered."""
    SourceFile.objects.filter(photo=photo).update(photo=twin)
    if photo.batch_id is not None:
        Import.objects.filter(pk=photo.batch_id).update(duplicates=F("duplicates") + 1)
    remove_with_files(photo)

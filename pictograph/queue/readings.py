"""What workers read: the grid's picture, and all that it says of a photo."""

import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from classifier.network.labels import Classification
from classifier.work import Job, Outcome, PreparedPhoto, Reason
from pictograph.pages.full_disk import is_full_disk
from pictograph.photos.deletion import note_leftovers
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.origin import Origin
from pictograph.sources.models import Item

# The fields that `Reading.describe` sets.
DESCRIBED = (
    "digest",
    "picture_digest",
    "size_bytes",
    "format",
    "width_px",
    "height_px",
    "placeholder",
    "shown_at",
    "date_origin",
    "date_precision",
    "latitude",
    "longitude",
    "place_origin",
    "cell",
    "town",
    "country",
    "near_town",
    "near_country",
    "camera",
    "caption",
    "caption_origin",
    "is_missing",
    "state",
    "failure",
    "failure_detail",
    "network",
    "edition",
    "unsafe",
    "is_cleared",
    "is_due",
    "finished_at",
    "lease",
    "lease_until",
)


@dataclass(frozen=True, eq=False)
class Reading:
    """A photo that could be read: what is learnt of its file, and what the network says."""

    prepared: PreparedPhoto
    classification: Classification
    digest: str
    job: Job
    picture: str  # where the grid's picture has been written

    @property
    def file_id(self) -> int:
        """The item that was read."""
        return self.job.file_id

    @property
    def digests(self) -> set[str]:
        """Of the file, and of its picture."""
        return {self.digest, self.prepared.picture_digest}

    def describe(self, photo: Photo) -> None:
        """Set all that was read, in place of what an earlier state of the file said; the caller saves."""
        prepared = self.prepared
        if photo.picture_digest != prepared.picture_digest:  # others would see another picture
            photo.unsafe, photo.is_cleared = None, False
        photo.digest, photo.picture_digest = self.digest, prepared.picture_digest
        photo.size_bytes, photo.format = prepared.size_bytes, prepared.format
        photo.width_px, photo.height_px = prepared.width_px, prepared.height_px
        photo.placeholder, photo.camera = prepared.placeholder, prepared.camera
        self.date(photo)
        photo.place_by(prepared.latitude, prepared.longitude, Origin.of(prepared.place_origin))
        photo.caption_by(prepared.caption, Origin.of(prepared.caption_origin))
        photo.state, photo.failure, photo.failure_detail = Photo.State.CLASSIFIED, "", ""
        photo.is_due = photo.is_missing = False
        photo.finished_at = timezone.now()
        photo.lease = photo.lease_until = None

    def date(self, photo: Photo) -> None:
        """Set when the photo was taken, if that was read; the caller saves."""
        taken_at, prepared = self.prepared.taken_at, self.prepared
        if taken_at is not None:
            photo.date_by(taken_at.replace(tzinfo=UTC), Origin.of(prepared.date_origin), prepared.date_precision)

    def is_another_picture(self, photo: Photo) -> bool:
        """Whether a photo showed another picture so far, and not only other words about it in its file."""
        return photo.picture_digest not in ("", self.prepared.picture_digest)

    def is_of(self, item: Item) -> bool:
        """Whether this is what an item of the photo holds.

        A copy seen to hold something else, on a disk that is away perhaps, does not until it is read itself.
        """
        is_copy = item.state == Item.State.PRESENT and item.digest in ("", self.digest)
        return is_copy or item.pk == self.file_id


@dataclass
class Taken:
    """What came of some photos, by id: those that could be read, and those that could not.

    `beside` are the files written first that may be left.
    """

    readings: dict[int, Reading] = field(default_factory=dict)
    failures: dict[int, Outcome] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)

    @property
    def jobs(self) -> list[Job]:
        """What the photos were read by."""
        read, failed = self.readings.values(), self.failures.values()
        return [*(reading.job for reading in read), *(outcome.job for outcome in failed)]

    def only(self, pk: int) -> "Taken":
        """The same of one photo."""
        one = {pk}
        return Taken(
            {pk: self.readings[pk] for pk in one & self.readings.keys()},
            {pk: self.failures[pk] for pk in one & self.failures.keys()},
        )


def overtaken(jobs: Iterable[Job]) -> set[int]:
    """The photos whose file has changed, moved or gone elsewhere since it was claimed; what was read is of the past.

    A scan that finds this takes the photo out of the worker's hands, but the same worker may have claimed it anew.
    """
    tried = {job.file_id: job for job in jobs if job.file_id}
    items = {item.pk: item.fingerprint for item in Item.objects.filter(pk__in=tried)}
    return {job.photo_id for pk, job in tried.items() if items.get(pk) != job.fingerprint}


def keep_pictures(held: Mapping[int, Photo], outcomes: Mapping[int, Outcome]) -> Taken:
    """Write the grid's pictures of the photos that could be read."""
    taken = Taken()
    pictures = {pk: _path_of_picture(photo, outcomes[pk]) for pk, photo in held.items()}
    # What a photo shows is no leftover at any moment: its picture is written beside, and takes the place in one step.
    taken.beside = {
        pk: f"{path}.{uuid.uuid4().hex}" for pk, path in pictures.items() if path and _shows(held[pk], path)
    }
    # Known before they are there: a picture whose photo is deleted meanwhile is swept even if this process is killed.
    note_leftovers([taken.beside.get(pk, path) for pk, path in pictures.items() if path])
    for pk, path in pictures.items():
        read = _keep_picture(held[pk], outcomes[pk], path, taken.beside.get(pk, path))
        if isinstance(read, Reading):
            taken.readings[pk] = read
        else:
            taken.failures[pk] = read
    return taken


def _path_of_picture(photo: Photo, outcome: Outcome) -> str:
    """Where the grid's picture of what was read belongs; empty where nothing was."""
    if outcome.photo is None:
        return ""
    return Photo(key=photo.key, digest=outcome.photo.digest).rendition_path(GRID_SIZE)


def _shows(photo: Photo, path: str) -> bool:
    return photo.state == Photo.State.CLASSIFIED and path in photo.renditions


def _keep_picture(photo: Photo, outcome: Outcome, path: str, first: str) -> Reading | Outcome:
    """Write the grid's picture, `first` at another path if need be; a failed outcome where the disk is full."""
    if outcome.photo is None or outcome.classification is None:
        return outcome
    try:
        default_storage.save(first, ContentFile(outcome.photo.thumbnail))
        if first != path:
            _replace(path, first)
    except OSError as error:
        reason = Reason.DISK_FULL if is_full_disk(error) else Reason.UNREADABLE
        return Outcome(outcome.job, failure=reason, detail=str(error))
    return Reading(outcome.photo, outcome.classification, outcome.photo.digest, outcome.job, path)


def _replace(path: str, by: str) -> None:
    """Put one file of the storage in the place of another."""
    try:
        os.replace(default_storage.path(by), default_storage.path(path))
    except NotImplementedError:  # not a folder: such a storage takes a file whole, or leaves what it has
        with default_storage.open(by, "rb") as file:
            default_storage.save(path, file)

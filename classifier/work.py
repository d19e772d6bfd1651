"""What a worker is given and gives back. Where the photos come from is the caller's business."""

import errno
from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from classifier.network.labels import Classification
from classifier.pictures.dates import Origin, Precision


class Reason(StrEnum):
    """Why a photo could not be classified. The words a person reads are chosen where they are shown."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    MISSING = "missing"
    FORBIDDEN = "forbidden"
    UNREADABLE = "unreadable"
    DISK_FULL = "disk_full"
    CRASHED = "crashed"
    LINK = "link"
    TOO_SLOW = "too_slow"


def reason_of(error: OSError) -> Reason:
    """What an error of the disk comes down to."""
    if isinstance(error, FileNotFoundError):
        return Reason.MISSING
    if isinstance(error, PermissionError):
        return Reason.FORBIDDEN
    return Reason.DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else Reason.UNREADABLE


class UnreadablePhoto(Exception):
    """A file that cannot become a photo; `reason` says why, `detail` is for the log."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class HeldUp(Exception):
    """The worker stood still for longer than its leases last, and others have taken over what it has in hand."""


@dataclass(frozen=True)
class Job:
    """One claimed photo. `open` gives its bytes.

    `name` is the file's, in which a date may stand; `sidecars` are the files beside it that say something of it, with
    their names, the one to believe first. `file_id` is the caller's number of the file, 0 where it has none, and
    `fingerprint` whatever it knows the file's present state by. `owner` tells apart whose photos take turns.
    """

    photo_id: int
    name: str
    open: Callable[[], BinaryIO]
    sidecars: Sequence[tuple[str, Callable[[], BinaryIO]]] = ()
    file_id: int = 0
    fingerprint: Hashable = None
    owner: int = 0


@dataclass(frozen=True)
class PreparedPhoto:
    """What is learnt of a file when it is read and decoded, all but its classes. `digest` is the SHA-256 of its bytes.

    Width and height are of the upright picture. `taken_at` is the camera's wall clock, without a zone; what is finer
    than `date_precision` is not known. Each origin says where its value comes from, and is None where there is none.
    `thumbnail` is a WebP; `placeholder` a WebP of a few pixels, to be shown blurred while the thumbnail loads.
    `picture_digest` is the SHA-256 of the thumbnail: the same for a file of which only the metadata changed.
    `caption` is what somebody wrote of the photo.
    """

    width_px: int
    height_px: int
    format: str
    size_bytes: int
    digest: str
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    camera: str
    thumbnail: bytes
    placeholder: bytes
    picture_digest: str = ""
    date_origin: Origin | None = None
    date_precision: Precision = Precision.MOMENT
    place_origin: Origin | None = None
    caption: str = ""
    caption_origin: Origin | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a photo with its classification, or the reason for a failure."""

    job: Job
    photo: PreparedPhoto | None = None
    classification: Classification | None = None
    failure: Reason | None = None
    detail: str = ""


class WorkSource(Protocol):
    """Where a worker claims photos and brings outcomes. Every call may come from its own thread."""

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> Sequence[Job]:
        """Up to `limit` jobs, leased to this worker, of none of the owners `but_of`; none when there is no work."""

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes; those whose lease another worker has taken over are dropped."""

    def renew(self, jobs: Sequence[Job]) -> None:
        """Begin the leases of jobs in hand anew, every few seconds while the worker lives, at work or waiting.

        Raises HeldUp where it is better to give back what is left of them, and to claim anew.
        """

    def release(self, jobs: Sequence[Job]) -> None:
        """Give claimed jobs back unworked, at a clean stop, or where one was handed out while it was in hand.

        Those that are finished, or held by another worker, are left as they are.
        """

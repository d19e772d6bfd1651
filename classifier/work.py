"""What a worker is given and gives back. Where the photos come from is the caller's business."""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from classifier.network.labels import Classification


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


@dataclass(frozen=True)
class Job:
    """One claimed photo. `open` gives its bytes; `wants_digest` asks for the SHA-256 of them."""

    photo_id: int
    name: str
    open: Callable[[], BinaryIO]
    wants_digest: bool = True
    sidecars: Sequence[tuple[str, Callable[[], BinaryIO]]] = ()


@dataclass(frozen=True)
class PreparedPhoto:
    """What is learnt of a file when it is read and decoded, all but its classes.

    Width and height are of the upright picture. `taken_at` is the camera's wall clock, without a zone.
    `thumbnail` is a WebP; `placeholder` a WebP of a few pixels, to be shown blurred while the thumbnail loads.
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
    date_origin: str = "file"
    place_origin: str = "file"
    picture_digest: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a photo with its classification, or the reason for a failure."""

    job: Job
    photo: PreparedPhoto | None = None
    classification: Classification | None = None
    failure: Reason | None = None
    detail: str = ""


class WorkSource(Protocol):
    """Where a worker claims photos and brings results. Every call may come from its own thread."""

    def claim(self, limit: int) -> Sequence[Job]:
        """Up to `limit` jobs, leased to this worker; none when there is no work."""

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the results; those whose lease another worker has taken over are dropped."""

    def release(self, jobs: Sequence[Job]) -> None:
        """Give claimed jobs back unworked, at a clean stop."""

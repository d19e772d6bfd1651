"""A claimed job becomes a prepared photo, or the failure it ends with, in a process that can be stopped."""

import atexit
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np

from classifier.pictures.answers import is_preparation, made_up
from classifier.pictures.apart import Preparation
from classifier.pictures.prepare import Framing
from classifier.pictures.readers import Halted, Readers, UnexpectedError
from classifier.work import Job, Outcome, PreparedPhoto, Reason, UnreadablePhoto, reason_of

logger = logging.getLogger(__name__)

_readers = Readers()  # they outlive a run, as a message may come at any time
atexit.register(_readers.close)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A job whose photo is ready for the network."""

    job: Job
    photo: PreparedPhoto
    views: np.ndarray  # (views, px, px, 3) uint8


class Prepare(Protocol):
    """How a job is prepared."""

    def __call__(self, job: Job, framing: Framing, is_halted: Callable[[], bool]) -> Prepared | Outcome | None:
        """The prepared photo, or the failure that the job ends with; None where waiting for it was halted."""


def prepare_apart(job: Job, framing: Framing, is_halted: Callable[[], bool]) -> Prepared | Outcome | None:
    """Prepare in another process. Raises what keeps such a process from being started: that is no photo's fault."""
    with contextlib.ExitStack() as opened:
        try:
            photo = opened.enter_context(job.open())
        except OSError as error:
            return Outcome(job, failure=reason_of(error), detail=str(error))
        except Exception as error:  # of a bucket or an archive
            logger.exception("Opening photo %s (%s) failed unexpectedly.", job.photo_id, job.name)
            return Outcome(job, failure=Reason.UNREADABLE, detail=repr(error))
        sidecars = _sidecars(job, opened)
        task = Preparation(framing, job.name, tuple(name for name, _ in sidecars))
        try:
            made = _readers.read(task, [photo, *(file for _, file in sidecars)], is_halted)
            if not is_preparation(made, framing):
                raise made_up()
            return Prepared(job, *made)
        except Halted:
            return None
        except UnexpectedError as error:
            logger.error("Preparing photo %s (%s) failed unexpectedly.\n%s", job.photo_id, job.name, error.trace)
            return Outcome(job, failure=error.reason, detail=error.detail)
        except UnreadablePhoto as error:
            return Outcome(job, failure=error.reason, detail=error.detail)


def _sidecars(job: Job, opened: contextlib.ExitStack) -> list[tuple[str, BinaryIO]]:
    """The files beside a job's photo, with their names. One that cannot be opened says nothing."""
    files = []
    for name, opening in job.sidecars:
        try:
            files.append((name, opened.enter_context(opening())))
        except Exception as error:  # of a disk, a bucket or an archive: a sidecar never costs the photo
            logger.warning("Unreadable sidecar %r of photo %s: %r", name, job.photo_id, error)
    return files

"""A worker for tests: it reads files as the real one does, and says of all that they are dogs."""

import hashlib
import io

from PIL import Image, UnidentifiedImageError

from classifier.work import Job, Outcome, PreparedPhoto, Reason, reason_of
from pictograph.queue.claims import PhotoWork
from tests.factories import LABRADOR, classification, picture


def read_all() -> int:
    """Read everything that is due; how many photos that were."""
    work, count = PhotoWork(), 0
    while jobs := work.claim(10):
        work.finish([read(job) for job in jobs])
        count += len(jobs)
    return count


def read(job: Job) -> Outcome:
    """What comes of one photo."""
    try:
        with job.open() as file:
            content = file.read()
    except OSError as error:
        return Outcome(job, failure=reason_of(error))
    if not content:
        return Outcome(job, failure=Reason.EMPTY)
    try:
        shown = Image.open(io.BytesIO(content)).convert("RGB")
    except UnidentifiedImageError:
        return Outcome(job, failure=Reason.NOT_A_PICTURE)
    photo = PreparedPhoto(
        width_px=shown.width,
        height_px=shown.height,
        format="JPEG",
        size_bytes=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        taken_at=None,
        latitude=None,
        longitude=None,
        camera="",
        thumbnail=picture("WEBP"),
        placeholder=b"tiny",
        picture_digest=hashlib.sha256(shown.tobytes()).hexdigest(),
    )
    return Outcome(job, photo, classification(LABRADOR))

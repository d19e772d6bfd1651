"""Files from a browser: looked at, kept as they came, and put to work."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from classifier.pictures.sniffing import HEAD_BYTES, unsuitable
from classifier.work import Reason
from pictograph.people.models import User
from pictograph.photos.dates import file_date
from pictograph.photos.deletion import forget_leftovers, note_leftovers, remove_files
from pictograph.photos.models import Photo
from pictograph.search.words import index_words
from pictograph.sources.models import Import, Item, Rejection, Source, Tombstone
from pictograph.sources.quota import Room, require_disk
from pictograph.sources.reasons import explain
from pictograph.sources.steering import arrive
from pictograph.sources.taking import is_lost, new_path, revive, twin_of
from pictograph.transactions import delete_in_chunks, hold_people

REJECTIONS_KEPT = 1000  # of a person's uploads; who sends more of what is no picture knows by then


class Received(StrEnum):
    """What became of a file."""

    ADDED = "added"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Receipt:
    """The answer to one file."""

    name: str
    outcome: Received
    message: str = ""


def receive(
    batch: Import, file: UploadedFile, changed_s: float | None = None, is_resent: bool = False, room: Room | None = None
) -> Receipt:
    """Take one file into the library, or say why not.

    `changed_s` is when the file was last changed, in seconds since 1970; it dates a photo that carries no date of its
    own. A file that `is_resent`, because the first answer was lost, is no duplicate of itself. `room` is one for all
    files of a request. Raises OSError where the disk cannot take the file, NoRoom where the person may not keep it,
    ImportCancelled where the person has called the import off; nothing is kept then.
    """
    name = (file.name or "photo")[-255:]
    reason = _unsuitable(file)
    if reason is not None:
        _reject(batch, name, reason, file.size or 0, is_resent)
        words = explain(reason)
        return Receipt(name, Received.REJECTED, f"{words.title}. {words.advice}")
    digest = _digest(file)
    twin = twin_of(batch.owner_id, digest)
    if twin is not None and not is_lost(twin) and _has_file_of(twin, digest):
        return _known(batch, twin, name, file.size or 0, is_resent)
    require_disk()
    room = room or Room(batch.owner)
    # Known before it is there, so that a process killed between the file and its photo leaves nothing behind for good.
    path = new_path(name)
    note_leftovers([path])
    try:
        default_storage.save(path, file)
        with transaction.atomic():
            hold_people([batch.owner_id])
            room.require(file.size or 0)
            # Whoever sends it again wants it back.
            Tombstone.objects.filter(owner=batch.owner_id, digest=digest).delete()
            if twin is not None:  # it may have been deleted since
                twin = Photo.objects.select_for_update().filter(pk=twin.pk, digest=digest).first()
            is_shown = twin is not None and not is_lost(twin)  # but its own file holds something else by now
            photo = twin or _new_photo(batch, name, digest, file.size or 0, changed_s)
            if twin is not None and not is_shown:
                revive(twin)
            Item.objects.create(
                source=batch.source, ref=path, stored=path, photo=photo, size_bytes=file.size or 0, digest=digest
            )
            arrive(batch, file.size or 0, is_duplicate=is_shown)
            forget_leftovers([path])
    except IntegrityError:
        remove_files([path])
        if twin_of(batch.owner_id, digest) is None:
            raise
        return _duplicate(batch, name, file.size or 0)  # the same file came in twice at once
    except BaseException:
        remove_files([path])
        raise
    return _there_already(name) if is_shown else Receipt(name, Received.ADDED)


def _new_photo(batch: Import, name: str, digest: str, size_bytes: int, changed_s: float | None) -> Photo:
    moment, origin = file_date(changed_s)
    photo = Photo.objects.create(
        owner_id=batch.owner_id,
        batch=batch,
        name=name,
        digest=digest,
        size_bytes=size_bytes,
        shown_at=moment,
        date_origin=origin,
    )
    index_words([photo.pk])
    return photo


def _has_file_of(photo: Photo, digest: str) -> bool:
    """Whether a file that holds what the photo shows is still there, as far as is known.

    What an account or an archive brought may go with it; what is uploaded stays.
    """
    passing = (Source.Kind.ACCOUNT, Source.Kind.ARCHIVE)
    files = photo.items.filter(state=Item.State.PRESENT, digest=digest)
    return files.exclude(source__kind__in=passing).exists()


@transaction.atomic
def _reject(batch: Import, name: str, reason: Reason, size_bytes: int, is_resent: bool) -> None:
    hold_people([batch.owner_id])
    if is_resent and batch.rejections.filter(name=name, reason=reason).exists():
        return
    if batch.rejections.count() < REJECTIONS_KEPT:
        Rejection.objects.create(batch=batch, name=name, reason=reason)
    arrive(batch, size_bytes)


def forget_oldest_rejections(owner: User) -> None:
    """Keep no more of someone's rejections than REJECTIONS_KEPT, those of the latest uploads.

    Called once a request: within one, no more than that come in with an import. Those of folders are kept in step with
    the folder by every scan.
    """
    kept = Rejection.objects.filter(batch__owner=owner, batch__source__kind=Source.Kind.UPLOAD)
    last = kept.order_by("-batch_id", "-pk").values_list("batch_id", "pk")[REJECTIONS_KEPT : REJECTIONS_KEPT + 1]
    for batch_id, pk in last:
        beyond = kept.filter(Q(batch__lt=batch_id) | Q(batch=batch_id, pk__lte=pk))
        for _count in delete_in_chunks(owner.pk, beyond):
            pass


def _known(batch: Import, twin: Photo, name: str, size_bytes: int, is_resent: bool) -> Receipt:
    if is_resent and twin.batch_id == batch.pk:
        return Receipt(name, Received.ADDED)
    return _duplicate(batch, name, size_bytes)


def _unsuitable(file: UploadedFile) -> Reason | None:
    if not file.size:
        return Reason.EMPTY
    if file.size > settings.UPLOAD_MAX_MB * 1_000_000:
        return Reason.TOO_LARGE
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return unsuitable(head)


def _digest(file: UploadedFile) -> str:
    sha256 = hashlib.sha256()
    for chunk in file.chunks():
        sha256.update(chunk)
    file.seek(0)
    return sha256.hexdigest()


def _duplicate(batch: Import, name: str, size_bytes: int) -> Receipt:
    arrive(batch, size_bytes, is_duplicate=True)
    return _there_already(name)


def _there_already(name: str) -> Receipt:
    return Receipt(name, Received.DUPLICATE, _("This photo is in your library already."))

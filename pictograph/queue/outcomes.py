"""What becomes of a worker's outcomes: photos are described in place, recorded in the store, or given up.

In this order, so that a process may be killed between any two steps: the grid's picture is written, the store records,
the site's row says that the photo is classified. Until the last step the photo is due, and all of it is done again.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from classifier.work import Outcome, Reason
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.snapshot import catalogue
from pictograph.corrections.correcting import end_all
from pictograph.photos.deletion import forget_leftovers, forget_removed, note_leftovers, remove_files, remove_rows
from pictograph.photos.flags import flag_public
from pictograph.photos.holds import take_down_again
from pictograph.photos.models import Photo
from pictograph.photos.visibility import tell
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.places.locating import locate
from pictograph.queue.copies import (
    buried_among,
    bury,
    known_content,
    lift_for_uploads,
    merge,
    read_another,
    read_what_is_wanted,
)
from pictograph.queue.readings import DESCRIBED, Reading, Taken, keep_pictures, overtaken
from pictograph.queue.renaming import rename
from pictograph.search.words import index_words
from pictograph.sources.models import Item
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from pictograph.store.outbox import note_changed, note_deleted, tell_store
from pictograph.transactions import hold_people, transacted


@dataclass
class Written:
    """What a transaction has done that the store and the storage have to follow."""

    removed: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # of photos that are gone, and of states that no longer show
    hidden: list[int] = field(default_factory=list)  # public so far, and found to show what was taken down
    outdated: list[int] = field(default_factory=list)  # photos of which people said something meanwhile, or of the past

    def remove(self, photo: Photo, *, is_remembered: bool) -> None:
        """Let a photo go."""
        self.removed.append(photo.pk)
        self.files += remove_rows([photo], is_remembered=is_remembered)


def write_outcomes(lease: uuid.UUID, outcomes: Sequence[Outcome]) -> None:
    """Keep what came of photos that are still held under the lease; what is no longer held is dropped."""
    by_photo = {outcome.job.photo_id: outcome for outcome in outcomes}  # one outcome each, if one was claimed twice
    held = Photo.objects.due().filter(lease=lease).in_bulk(list(by_photo))
    taken = keep_pictures(held, by_photo)
    edition = catalogue().naming  # before anything is named by it
    # What is not to be shown is not recorded: the store would count it, and perhaps nothing would take it back.
    unfit = overtaken(taken.jobs) | buried_among(held, taken.readings)
    records = _records(held, {pk: reading for pk, reading in taken.readings.items() if pk not in unfit})
    prediction_store().record(list(records.values()))
    try:
        written = _write(lease, taken, records, edition)
    except IntegrityError:  # another worker finished a copy of one of these photos a moment ago
        written = Written()
        for pk in held:
            one = _write(lease, taken.only(pk), records, edition)
            written.removed += one.removed
            written.changed += one.changed
            written.hidden += one.hidden
            written.files += one.files
            written.outdated += one.outdated
    forget_removed(written.removed, written.files)
    tell_store(written.changed)
    tell(written.hidden)
    rename(written.outdated)
    locate(list(taken.readings))
    count_sightings(list(taken.readings))
    flag_public(list(taken.readings))
    _take_back(records, taken.readings)
    remove_files(list(taken.beside.values()))


def give_up(photo: Photo, reason: Reason, detail: str, file_id: int) -> None:
    """Say why a photo cannot be read from the item that was tried; with another that can be read it stays due.

    Each time one item fewer is left to try. After the last one a photo fails, unless it could be read before: then it
    stays as it was, and its items carry the reasons.
    """
    tried = _tried(photo, reason, file_id)
    present = Item.objects.filter(photo=photo, state=Item.State.PRESENT, source__problem="")
    others = present.filter(Q(problem="") | Q(read_wanted=True))
    # A disk that does not take the picture would not take it from a copy either.
    has_another = reason != Reason.DISK_FULL and others.exclude(pk__in=tried).exists()
    if has_another or photo.state == Photo.State.CLASSIFIED:
        Item.objects.filter(pk__in=tried).update(problem=reason, read_wanted=False)
    if has_another:
        read_another(photo)
        return
    if photo.state != Photo.State.CLASSIFIED:
        photo.state, photo.failure, photo.failure_detail = Photo.State.FAILED, reason, detail
    photo.is_due, photo.lease, photo.lease_until = False, None, None
    photo.finished_at = timezone.now()
    photo.save(update_fields=["state", "failure", "failure_detail", "is_due", "lease", "lease_until", "finished_at"])


def _tried(photo: Photo, reason: Reason, file_id: int) -> list[int]:
    """The items of a photo for which the reason holds that one of them could not be read."""
    if reason not in (Reason.CRASHED, Reason.TOO_SLOW):
        return [file_id]
    # The same bytes would break as many readers down once more, or take as long, whatever they are called.
    items = Item.objects.filter(photo=photo)
    digest = items.filter(pk=file_id).values_list("digest", flat=True).first()
    return list((items.filter(digest=digest) if digest else items).values_list("pk", flat=True))


def _records(held: Mapping[int, Photo], readings: Mapping[int, Reading]) -> dict[int, Record]:
    """What the store has to keep, by photo; nothing of photos whose content the owner has in another photo."""
    known = known_content(held, readings)
    classified: list[Classified] = []
    for pk, reading in readings.items():
        photo = held[pk]
        if known.setdefault((photo.owner_id, reading.digest), pk) == pk:
            dated = Photo(shown_at=photo.shown_at, date_origin=photo.date_origin)
            reading.date(dated)
            is_new = reading.is_another_picture(photo)
            classified.append(
                Classified(pk, photo.owner_id, dated.shown_at, photo.public_since, reading.classification, is_new)
            )
    return {record.photo_id: record for record in named(classified)}


@transacted
def _write(lease: uuid.UUID, taken: Taken, records: Mapping[int, Record], edition: int) -> Written:
    """Describe, merge or give up the photos that are still held."""
    pks = [*taken.readings, *taken.failures]
    # Two workers that have copies of the same photos in hand would wait for each other in the midst of them otherwise.
    hold_people(Photo.objects.filter(pk__in=pks).order_by().values_list("owner", flat=True).distinct())
    due = Photo.objects.due().filter(lease=lease).select_for_update().order_by("pk")
    held = due.in_bulk(pks)
    for pk in held.keys() & overtaken(taken.jobs):
        read_another(held.pop(pk))
    readings = {pk: reading for pk, reading in taken.readings.items() if pk in held}
    written = Written()
    known = known_content(held, readings)
    lift_for_uploads(held, readings)
    buried = buried_among(held, readings)
    described: list[Photo] = []
    for pk in held.keys() & taken.failures.keys():
        failed = taken.failures[pk]
        give_up(held[pk], failed.failure or Reason.DAMAGED, failed.detail, failed.job.file_id)
    for pk, reading in readings.items():
        photo, content = held[pk], (held[pk].owner_id, reading.digest)
        twin = known.get(content, pk)
        if twin != pk:
            if merge(photo, twin, reading):
                written.remove(photo, is_remembered=False)
        elif pk in buried:
            if bury(photo, reading):
                written.remove(photo, is_remembered=True)
        elif pk in records:
            known[content] = pk
            if photo.digest and photo.digest != reading.digest:
                written.files += photo.renditions
            is_said_of_another = reading.is_another_picture(photo) and end_all(photo)
            reading.describe(photo)
            photo.network_id, photo.edition = records[pk].network or None, edition
            if is_said_of_another or photo.corrections != records[pk].corrections:
                photo.edition = 0
                written.outdated.append(pk)
            described.append(photo)
            if (photo.shown_at, photo.public_since) != (records[pk].shown_at, records[pk].published_at):
                written.changed.append(pk)
        else:  # what kept it from being recorded is gone again
            read_another(photo)
    _save(described, readings)
    _, written.hidden = take_down_again([photo.pk for photo in described], is_wanted=False)
    forget_leftovers([readings[photo.pk].picture for photo in described])
    note_leftovers(written.files)
    note_changed(written.changed)
    note_sightings(photo.pk for photo in described if photo.is_public)
    return written


def _save(described: Sequence[Photo], readings: Mapping[int, Reading]) -> None:
    """Write what `Reading.describe` set, all photos in one statement: a CASE for every value takes much longer.

    The rows are there and held, so that each insert meets its row and becomes an update.
    """
    if not described:
        return
    keepers = {(photo.owner_id, photo.digest): photo for photo in described}
    owners, digests = {owner for owner, _ in keepers}, {digest for _, digest in keepers}
    failed = Photo.objects.failed().filter(owner__in=owners, digest__in=digests)
    for twin in failed.exclude(pk__in=[photo.pk for photo in described]):
        keeper = keepers.get((twin.owner_id, twin.digest))
        if keeper is not None:  # another owner's photo may have the digest too
            Item.objects.filter(photo=twin).update(photo=keeper)
            twin.delete()
    Photo.objects.bulk_create(described, update_conflicts=True, unique_fields=["id"], update_fields=DESCRIBED)
    index_words([photo.pk for photo in described])
    items = list(Item.objects.filter(photo__in=described))
    read = [item for item in items if readings[item.photo_id or 0].is_of(item)]
    for item in read:
        reading = readings[item.photo_id or 0]
        item.digest = reading.digest
        if item.pk == reading.file_id:
            item.problem, item.read_wanted = "", False
    fields = ["digest", "problem", "read_wanted"]
    Item.objects.bulk_create(read, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    read_what_is_wanted(items)


def _take_back(records: Mapping[int, Record], readings: Mapping[int, Reading]) -> None:
    """Let the store forget what it recorded of photos that were deleted meanwhile; remove pictures that none shows."""
    shown = dict(Photo.objects.filter(pk__in=readings).values_list("pk", "digest"))
    if gone := sorted(records.keys() - shown.keys()):
        note_deleted(gone)
        tell_store(gone)
    remove_files([reading.picture for pk, reading in readings.items() if shown.get(pk) != reading.digest])

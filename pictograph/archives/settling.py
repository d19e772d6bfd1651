"""What becomes of some entries of a part: photos, further finds of photos that are there, or left out; and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db.models import F
from django.utils import timezone

from classifier.pictures.told import write_notes
from pictograph.archives.contents import Laid, may_be_photo, stem_of
from pictograph.archives.entries import Entry as Listed
from pictograph.archives.entries import Why
from pictograph.archives.formats.telling import NOTHING, Telling
from pictograph.archives.models import Archive, Entry, Part
from pictograph.archives.tellings import Hearing, hear, moment_of_post, told_of
from pictograph.photos.dates import file_date
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.sources.models import NAME_LENGTH, Import, Item
from pictograph.sources.quota import LEAST_BYTES, Room
from pictograph.sources.steering import ImportCancelled
from pictograph.sources.taking import Brought, Taken, read_anew, take
from pictograph.transactions import hold_people, transacted

NAMED_AT_MOST = 20_000  # files of a part that did not become photos; who sends more of these knows by then
PLAIN_WHYS = (Why.NOT_A_PICTURE, Why.EMPTY)  # of a page or a list nobody needs to be told so
PART_NAME_LENGTH = 150  # letters of it in a ref


@dataclass(frozen=True)
class Ready:
    """A picture of a part that has been read out of it."""

    listed: Listed
    laid: Laid

    @property
    def name(self) -> str:
        """What the photo is called."""
        return self.listed.path.rpartition("/")[2][-NAME_LENGTH:]

    def ref(self, part: Part) -> str:
        """What it is called within its source: the part, and the path in it."""
        return f"{part.name[:PART_NAME_LENGTH]}/{self.listed.path}"


class LaidFile(File):
    """What was laid down, for the storage to take away as it does with uploads."""

    def __init__(self, laid: Laid) -> None:
        super().__init__(None, laid.path)
        self._laid = laid
        self.size = laid.size_bytes

    def temporary_file_path(self) -> str:
        """Where it lies."""
        return self._laid.path

    def chunks(self, chunk_size: int | None = None) -> Any:
        """All of it, in pieces, for a storage that is no folder."""
        with open(self._laid.path, "rb") as file:
            while block := file.read(chunk_size or self.DEFAULT_CHUNK_SIZE):
                yield block


def settle(
    part: Part,
    batch: Import,
    ready: Sequence[Ready],
    left_out: Sequence[tuple[Listed, Why]],
    position: int,
    room: Room,
) -> None:
    """Take pictures into the library, and write down that all entries before `position` are settled.

    Raises what `taking.take` raises; nothing is settled then.
    """
    told = told_of(part.archive, [one.listed.path for one in ready])
    wanted = [one for one in ready if not told[one.listed.path].is_binned]
    # Google has most photos twice, by year and by album: what the storage keeps already is kept once.
    known = _kept(part, [one.laid.digest for one in wanted])
    new: dict[str, Ready] = {}
    for one in wanted:
        if one.laid.digest not in known:
            new.setdefault(one.laid.digest, one)
    by_ref = {one.ref(part): one for one in new.values()}
    brought = [_brought(one, ref, told[one.listed.path]) for ref, one in by_ref.items()]
    # Before any of them is given away: what `take` cannot keep it deletes.
    if brought:
        room.require(sum(max(one.size_bytes, LEAST_BYTES) for one in brought))
    outcomes = take(batch, part.archive.source, brought, room) if brought else {}
    _write(part, batch, _Settled(ready, told, outcomes), left_out, position)


@dataclass(frozen=True)
class _Settled:
    """Pictures, what is told of them by path, and what became of those that were taken by ref."""

    ready: Sequence[Ready]
    told: dict[str, Telling]
    outcomes: dict[str, Taken]


def _brought(one: Ready, ref: str, telling: Telling) -> Brought:
    return Brought(
        ref=ref,
        name=one.name,
        file=LaidFile(one.laid),
        digest=one.laid.digest,
        size_bytes=one.laid.size_bytes,
        told=write_notes(telling.notes),
        posted_at=moment_of_post(telling.posted_s),
    )


def _kept(part: Part, digests: Sequence[str]) -> dict[str, Item]:
    """Items whose bytes the storage keeps, of photos that are there, by what they hold; the archive's own preferred."""
    items = Item.objects.filter(
        source__owner=part.archive.owner_id, digest__in=digests, state=Item.State.PRESENT, stored__gt="", problem=""
    )
    fine = items.exclude(photo=None).exclude(photo__state=Photo.State.FAILED).filter(photo__is_missing=False)
    waiting = fine.exclude(photo__batch__state=Import.State.CANCELLING).select_related("photo").order_by("pk")
    return {item.digest: item for item in sorted(waiting, key=lambda item: item.source_id == part.archive.source_id)}


@transacted
def _write(part: Part, batch: Import, settled: _Settled, left_out: Sequence[tuple[Listed, Why]], position: int) -> None:
    """Write down what became of entries, with what is told of them, and count those that `take` did not. Raises
    ImportCancelled.
    """
    hold_people([part.archive.owner_id])
    kept = _kept(part, [one.laid.digest for one in settled.ready])
    named = [(listed, why) for listed, why in left_out if why not in PLAIN_WHYS or may_be_photo(listed)]
    listed_so_far = part.entries.filter(item=None).count() if named else 0
    rows = [_row(part, listed, why) for listed, why in named[: max(NAMED_AT_MOST - listed_so_far, 0)]]
    hearings: list[Hearing] = []
    counted = found_again = 0
    for one in settled.ready:
        ref, telling = one.ref(part), settled.told[one.listed.path]
        item = kept.get(one.laid.digest)
        is_deleted = settled.outcomes.get(ref) is Taken.DELETED or (item is None and not telling.is_binned)
        if telling.is_binned or is_deleted or item is None:
            rows.append(_row(part, one.listed, Why.BINNED if telling.is_binned else Why.DELETED))
            counted += ref not in settled.outcomes
            continue
        rows.append(_row(part, one.listed, item=item))
        hearings.append(Hearing(item.pk, item.ref == ref and item.source_id == part.archive.source_id, telling))
        was_counted = ref in settled.outcomes or _is_of_this_go(item, ref, batch)
        counted += not was_counted
        found_again += not was_counted
    Entry.objects.bulk_create(rows, ignore_conflicts=True)
    _date_by_time(part, settled)
    _read_again(part, settled)
    hear(part.archive.owner_id, hearings)
    counted += sum(may_be_photo(listed) for listed, _why in left_out)
    others = len(left_out) - len(named)  # the pages and lists around the photos
    Part.objects.filter(pk=part.pk).update(position=position, others=F("others") + others)
    is_open = Import.objects.filter(pk=batch.pk).exclude(state__in=Import.CALLED_OFF)
    if not is_open.update(
        arrived_files=F("arrived_files") + counted,
        duplicates=F("duplicates") + found_again,
        arrived_at=timezone.now(),
    ):
        raise ImportCancelled


def _read_again(part: Part, settled: _Settled) -> None:
    """Have photos that were there before, in a folder perhaps, read with what is told of them now."""
    refs = [ref for ref, outcome in settled.outcomes.items() if outcome is Taken.DUPLICATE]
    items = Item.objects.filter(source=part.archive.source_id, ref__in=refs, told__gt="", photo__isnull=False)
    read_anew(list(items.values_list("photo", flat=True)))


def _date_by_time(part: Part, settled: _Settled) -> None:
    """Date new photos of a plain zip that nothing is told of by when their files were changed, as uploads are.

    In what a service packs that is when it packed it.
    """
    if part.archive.kind != Archive.Kind.PLAIN:
        return
    times = {
        one.laid.digest: one.listed.changed_s
        for one in settled.ready
        if settled.outcomes.get(one.ref(part)) is Taken.ADDED and settled.told[one.listed.path] == NOTHING
    }
    undated = Photo.objects.owned_by(part.archive.owner_id).filter(date_origin=Origin.ARRIVAL)
    photos = list(undated.filter(digest__in=[digest for digest, changed_s in times.items() if changed_s is not None]))
    for photo in photos:
        photo.date_by(*file_date(times[photo.digest or ""]))
    Photo.objects.bulk_update(photos, ["shown_at", "date_origin", "date_precision"])


def _is_of_this_go(item: Item, ref: str, batch: Import) -> bool:
    """Whether this very entry was taken into this import by a process that was killed before it could say so."""
    return item.ref == ref and item.photo is not None and item.photo.batch_id == batch.pk


def _row(part: Part, listed: Listed, why: Why | None = None, item: Item | None = None) -> Entry:
    stem = stem_of(listed.path) if why in (None, Why.VIDEO) else ""
    return Entry(part=part, position=listed.position, path=listed.path, stem=stem, item=item, why=why or "")

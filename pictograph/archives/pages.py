"""What the import page shows of someone's archives: how far each is, what was left out, and the one thing to do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet, Window
from django.db.models.functions import RowNumber

from pictograph.archives.bringing import work_on
from pictograph.archives.entries import Trouble, Why
from pictograph.archives.models import Archive, Entry, Part
from pictograph.archives.names import number_of
from pictograph.archives.parts import have, is_silent
from pictograph.archives.reasons import NO_LONGER_HERE, OTHERS, TROUBLE, WHY
from pictograph.people.models import User
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Import
from pictograph.sources.reasons import Advice

NAMED = 20  # files that were left out, of each reason
SHOWN = 30  # archives, the latest


@dataclass(frozen=True)
class LeftOut:
    """Files that did not become photos for one reason: how many, and the names of the first."""

    advice: Advice
    count: int
    names: Sequence[str]

    @property
    def beyond(self) -> int:
        """How many are not named."""
        return self.count - len(self.names)


@dataclass(frozen=True)
class PartTrouble:
    """A part that could not be used, or not to its end."""

    name: str
    advice: Advice


@dataclass(frozen=True)
class ArchiveRow:
    """One archive as the page shows it.

    `percent` is how much of what is here has been gone through; `half_sent` are parts to be chosen again, each with the
    bytes that are here; `is_called_off` where photos of it that waited were removed.
    """

    archive: Archive
    photos: int
    clips: int
    parts: int
    parts_done: int
    percent: int
    is_at_work: bool
    is_coming: bool
    is_paused: bool
    half_sent: Sequence[tuple[Part, int]]
    missing: Sequence[int]
    troubles: Sequence[PartTrouble]
    left_out: Sequence[LeftOut]
    is_called_off: bool

    @property
    def state(self) -> str:
        """One word for what the page says of it first."""
        if self.archive.stop and self.parts_done < self.parts:
            return self.archive.stop
        if self.is_paused:
            return "paused"
        if self.is_at_work:
            return "working"
        if self.is_coming:
            return "coming"
        if self.half_sent:
            return "half_sent"
        if self.troubles:
            return "troubled"
        return "cancelled" if self.is_called_off else "done"

    @property
    def is_moving(self) -> bool:
        """Whether it is about to change by itself."""
        return self.is_at_work or self.is_coming

    @property
    def can_go_on(self) -> bool:
        """Whether a person may have it gone on with, as nothing does so by itself at once."""
        passing = any(part.path and part.trouble in (Trouble.GONE, Trouble.FORBIDDEN) for part in self._refused)
        return bool(self.archive.stop and self.parts_done < self.parts) or passing

    @property
    def left_out_count(self) -> int:
        """How many files were left out."""
        return sum(one.count for one in self.left_out)

    @property
    def needs_part(self) -> bool:
        """Whether a part is to be chosen once more, which only whoever sends them can."""
        is_lacking = self.half_sent or self.troubles or (self.state == "cancelled" and not self.can_go_on)
        return not self.archive.is_on_server and bool(is_lacking)

    _refused: Sequence[Part] = ()


@dataclass(frozen=True)
class ArchiveList:
    """Someone's archives, the latest first."""

    rows: Sequence[ArchiveRow]

    @property
    def is_moving(self) -> bool:
        """Whether the list is worth asking for again in a moment."""
        return any(row.is_moving for row in self.rows)


def archive_list(owner: User) -> ArchiveList:
    """The archives of someone that the import page shows."""
    return ArchiveList(archive_rows(owner.archives.order_by("-pk")[:SHOWN]))


def archive_rows(chosen: QuerySet[Archive]) -> list[ArchiveRow]:
    """How far some archives are; what is counted of them is asked for all at once."""
    parts = Prefetch("parts", Part.objects.select_related("batch"))
    archives = list(chosen.select_related("source", "owner").prefetch_related(parts))
    entries = Entry.objects.filter(part__archive__in=archives).order_by()
    photos = dict(entries.values_list("part__archive").annotate(Count("item", distinct=True)))
    counts: dict[int, dict[str, int]] = {archive.pk: {} for archive in archives}
    left_out = entries.exclude(why="")
    for pk, why, count in left_out.values_list("part__archive", "why").annotate(Count("pk")):
        counts[pk][why] = count
    names = _first_names(left_out)
    under_way = Import.objects.filter(source__archive__in=archives, state=Import.State.RECEIVING, is_paused=True)
    paused = set(under_way.values_list("source", flat=True))
    held = Lease.held_among([work_on(archive.pk) for archive in archives])
    return [
        _row(
            archive,
            photos=photos.get(archive.pk, 0),
            left_out=_left_out(archive, counts[archive.pk], names),
            clips=counts[archive.pk].get(Why.CLIP, 0),
            is_held=work_on(archive.pk) in held,
            is_paused=archive.source_id in paused,
        )
        for archive in archives
    ]


def _row(
    archive: Archive, *, photos: int, left_out: Sequence[LeftOut], clips: int, is_held: bool, is_paused: bool
) -> ArchiveRow:
    parts = sorted(archive.parts.all(), key=lambda part: (number_of(part.name) or 0, part.name))
    here = [part for part in parts if part.state == Part.State.HERE]
    settled = (Part.State.DONE, Part.State.REFUSED)
    return ArchiveRow(
        archive=archive,
        photos=photos,
        clips=clips,
        parts=len(parts),
        parts_done=sum(part.state in settled for part in parts),
        percent=_percent(parts),
        is_at_work=bool(here) or is_held,
        is_coming=any(not part.has_come and not is_silent(part) for part in parts),
        is_paused=bool(here) and is_paused,
        half_sent=[(part, have(part)) for part in parts if is_silent(part)],
        missing=_missing(parts),
        troubles=[PartTrouble(part.name, _advice(part)) for part in parts if part.trouble],
        left_out=left_out,
        is_called_off=any(part.batch is not None and part.batch.state in Import.CALLED_OFF for part in parts),
        _refused=[part for part in parts if part.state == Part.State.REFUSED],
    )


def _advice(part: Part) -> Advice:
    """What to say of a part that could not be used."""
    return NO_LONGER_HERE if part.trouble == Trouble.GONE and not part.path else TROUBLE[Trouble(part.trouble)]


def _percent(parts: Sequence[Part]) -> int:
    """How much of the photos in the parts that are here has been gone through."""
    expected = sum(max(part.expected, 1) for part in parts if part.has_come)
    done = 0
    for part in parts:
        if part.state in (Part.State.DONE, Part.State.REFUSED):
            done += max(part.expected, 1)
        elif part.position:
            gone_through = part.entries.filter(position__lt=part.position).exclude(item=None).count()
            done += min(gone_through, part.expected)
    return min(100 * done // expected, 100) if expected else 0


def _missing(parts: Sequence[Part]) -> list[int]:
    """The numbers of parts that must be somewhere, as there are others before and after them."""
    numbers = {number for part in parts if (number := number_of(part.name)) is not None}
    return [n for n in range(1, max(numbers, default=0)) if n not in numbers][:50] if len(numbers) > 1 else []


def _first_names(left_out: QuerySet[Entry]) -> dict[tuple[int, str], list[str]]:
    """The first files that were left out, by archive and reason."""
    nth = Window(RowNumber(), partition_by=["part__archive", "why"], order_by="pk")
    first = left_out.annotate(nth=nth).filter(nth__lte=NAMED).order_by("pk")
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    for pk, why, path in first.values_list("part__archive", "why", "path"):
        names[pk, why].append(path)
    return names


def _left_out(
    archive: Archive, counts: Mapping[str, int], names: Mapping[tuple[int, str], Sequence[str]]
) -> list[LeftOut]:
    found = [
        LeftOut(advice, count, names.get((archive.pk, why.value), []))
        for why, advice in WHY.items()
        if (count := counts.get(why.value, 0))
    ]
    if others := sum(part.others for part in archive.parts.all()):
        found.append(LeftOut(OTHERS, others, []))
    return found

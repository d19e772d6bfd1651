"""What archives tell of photos: written down part by part, looked up for each photo, and told to those that were first.

The parts of an archive are cut by size, so that a photo's sidecar may come in another part than the photo, before it or
days after it. So all that is told is kept, by a key that leads to the photo. A part's tellings are written down before
its photos are taken; at its end, the photos of other parts are told what has come with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.utils import timezone

from classifier.pictures.dates import Precision
from classifier.pictures.told import write_notes
from pictograph.archives.contents import is_litter, read_whole
from pictograph.archives.entries import Container, EntryRefused
from pictograph.archives.entries import Entry as Listed
from pictograph.archives.formats.kinds import LARGEST_BYTES, Kind, may_tell, signs_in, tellings_of
from pictograph.archives.formats.telling import WIDE, Telling, chosen, distinct, joined, keys_of
from pictograph.archives.models import Archive, Entry, Part, Placing, Told
from pictograph.photos.dates import posted_date
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.sources.models import Item, Source
from pictograph.sources.taking import read_anew
from pictograph.transactions import hold, hold_people, transacted

TOGETHER = 500  # tellings
PHOTOS_TOGETHER = 100  # each has about fifty keys
# All that is read of what tells, of one part: some times what the largest honest one has of it.
MOST_BYTES = 1_000_000_000
SIGNS_READ = 50_000_000  # likewise, as `signs_in` counts: to read a million takes some seconds, and others wait
BROKEN_AT_MOST = 1000  # files that tell and cannot be read, of one part
TOLD_AT_MOST = 1_000_000  # tellings of one part


def write_down(part: Part, container: Container, beat: Callable[[], None]) -> Kind | None:
    """Keep what a part tells; whose archive it seems to be, None where it does not tell."""
    kind: Kind | None = None
    left, signs_left, kept = MOST_BYTES, SIGNS_READ, 0
    waiting: list[Telling] = []
    broken: list[Entry] = []
    for listed in container.entries():
        beat()
        if not _tells(listed) or listed.size_bytes > left:
            continue
        try:
            content = read_whole(container, listed)
        except EntryRefused as refused:
            broken.append(Entry(part=part, position=listed.position, path=listed.path, why=refused.why))
            continue
        left, signs_left = left - len(content), signs_left - signs_in(content)
        if signs_left < 0:
            continue
        its_kind, told = tellings_of(listed.path, content)
        if its_kind is not None and kind in (None, Kind.PLAIN):
            kind = its_kind
        for telling in islice(told, max(TOLD_AT_MOST - kept, 0)):
            kept += 1
            waiting.append(telling)
            if len(waiting) >= TOGETHER:
                _keep(part, waiting)
                waiting.clear()
                beat()
    _keep(part, waiting)
    Entry.objects.bulk_create(broken[:BROKEN_AT_MOST], ignore_conflicts=True)
    return kind


def _tells(listed: Listed) -> bool:
    is_small = 0 < listed.size_bytes <= LARGEST_BYTES
    return listed.why is None and is_small and may_tell(listed.path) and not is_litter(listed.path)


@transacted
def _keep(part: Part, tellings: Sequence[Telling]) -> None:
    """Add some tellings to what the archive has told."""
    new = {one.key: one for one in distinct(tellings)}
    known = {one.key: one for one in Told.objects.filter(archive=part.archive_id, key__in=new)}
    rows = []
    for key, telling in new.items():
        all_told = joined([known[key].telling, telling]) if key in known else telling
        rows.append(
            Told(
                archive_id=part.archive_id,
                part=part,
                key=key,
                notes=write_notes(all_told.notes),
                posted_s=all_told.posted_s,
                albums=list(all_told.albums),
                is_binned=all_told.is_binned,
            )
        )
    Told.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["archive", "key"],
        update_fields=["part", "notes", "posted_s", "albums", "is_binned"],
    )


def told_of(archive: Archive, paths: Sequence[str]) -> dict[str, Telling]:
    """What has been told so far of the photos at some paths of an archive.

    Flickr puts photos and what is told of them into zips that do not know of each other: what names a photo by its
    number, or by its path in the export, is heard by all archives of the person.
    """
    keys = {path: keys_of(path) for path in paths}
    every = {key for kinds in keys.values() for kind in kinds for key in kind}
    wide = [key for key in every if key.startswith(WIDE)]
    others = Told.objects.filter(archive__owner=archive.owner_id, key__in=wide).exclude(archive=archive)
    found = {one.key: one.telling for one in others.order_by("pk")}
    found |= {one.key: one.telling for one in Told.objects.filter(archive=archive, key__in=every)}
    return {path: chosen(kinds, found) for path, kinds in keys.items()}


def tell_others(part: Part, beat: Callable[[], None]) -> None:
    """Tell the photos of other parts what has come with this one."""
    told = Told.objects.filter(part=part)
    if not told.exists():
        return
    others = Entry.objects.filter(item__isnull=False).exclude(part=part)
    if told.filter(key__startswith=WIDE).exists():
        others = others.filter(part__archive__owner=part.archive.owner_id)
    else:
        others = others.filter(part__archive=part.archive_id)
    last, others = 0, others.select_related("item", "part__archive").order_by("pk")
    while entries := list(others.filter(pk__gt=last)[:PHOTOS_TOGETHER]):
        beat()
        last = entries[-1].pk
        keys = {entry.pk: {key for kind in keys_of(entry.path) for key in kind} for entry in entries}
        every = {key for its in keys.values() for key in its}
        new = set(told.filter(key__in=every).values_list("key", flat=True))
        concerned = [entry for entry in entries if not new.isdisjoint(keys[entry.pk])]
        for archive in {entry.part.archive for entry in concerned}:
            its = [entry for entry in concerned if entry.part.archive_id == archive.pk]
            tellings = told_of(archive, [entry.path for entry in its])
            hear(archive.owner_id, [_hearing(entry, tellings[entry.path]) for entry in its])


@dataclass(frozen=True)
class Hearing:
    """What is told of an item; `is_own` where its entry is what it was made of, and no copy that was found later."""

    item_id: int
    is_own: bool
    telling: Telling


def _hearing(entry: Entry, telling: Telling) -> Hearing:
    item = entry.item
    assert item is not None
    is_own = item.source_id == entry.part.archive.source_id and item.ref.endswith(f"/{entry.path}")
    return Hearing(item.pk, is_own, telling)


@transacted
def hear(owner_id: int, hearings: Sequence[Hearing]) -> None:
    """Have items know what is told of them, and their photos read anew where that is news.

    An item made of another file, or by another source, keeps what it knows.
    """
    hold_people([owner_id])
    items = _held([hearing.item_id for hearing in hearings])
    news: dict[int, Item] = {}
    posts: dict[int, float | None] = {}
    for hearing in sorted(hearings, key=lambda hearing: not hearing.is_own):
        item = items.get(hearing.item_id)
        if item is None:
            continue
        notes = write_notes(hearing.telling.notes)
        if notes and notes != item.told and (hearing.is_own or _knows_nothing(item)):
            item.told = notes
            news[item.pk] = item
        if hearing.telling.posted_s is not None:
            posts.setdefault(item.photo_id or 0, hearing.telling.posted_s)
    Item.objects.bulk_update(news.values(), ["told"])
    read_anew([*{item.photo_id or 0 for item in news.values()}, *_date(posts)])
    rows = [
        Placing(item_id=hearing.item_id, album=album)
        for hearing in hearings
        for album in hearing.telling.albums
        if hearing.item_id in items
    ]
    Placing.objects.bulk_create(rows, ignore_conflicts=True)


def _held(ids: Sequence[int]) -> dict[int, Item]:
    """Some items with a photo, held with their photos."""
    rows = Item.objects.filter(pk__in=ids, photo__isnull=False)
    hold(Photo.objects.filter(pk__in=rows.values("photo")))
    return rows.select_for_update(of=("self",)).select_related("source").order_by("pk").in_bulk()


def _knows_nothing(item: Item) -> bool:
    return not item.told and item.source.kind != Source.Kind.FOLDER


def _date(posts: Mapping[int, float | None]) -> list[int]:
    """Date photos by when they were posted that nothing dates but when they were packed, or came; which those were."""
    dated = []
    for photo in Photo.objects.filter(pk__in=posts, date_origin__in=(Origin.ARRIVAL, Origin.FILE_TIME)):
        moment, origin = posted_date(moment_of_post(posts[photo.pk]))
        if origin == Origin.POSTED:
            photo.shown_at, photo.date_origin, photo.date_precision = moment, origin, Precision.MOMENT
            dated.append(photo)
    Photo.objects.bulk_update(dated, ["shown_at", "date_origin", "date_precision"])
    return [photo.pk for photo in dated]


def moment_of_post(posted_s: float | None) -> datetime | None:
    """Seconds since 1970 as a moment; None for what is none."""
    try:
        moment = datetime.fromtimestamp(posted_s, UTC) if posted_s else None
    except (OverflowError, ValueError, OSError):
        return None
    return moment if moment is not None and moment < timezone.now() else None

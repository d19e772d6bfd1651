"""What a scan makes of the files it meets: known ones, moved, changed, new, or of photos that were deleted."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pictograph.photos.models import Photo
from pictograph.sources.arrivals import Arrivals
from pictograph.sources.contents import Known, Look, copies_now, look_at
from pictograph.sources.holdings import Holdings
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Item, Source
from pictograph.sources.paths import path_of
from pictograph.sources.reasons import PASSING
from pictograph.sources.walk import Found

Version = tuple[int, int]  # bytes, time in ns


@dataclass
class Tally:
    """What a scan met: `found` picture files; other files `skipped`; `unreadable` folders, files and links.

    Of the picture files some are `added` as new photos, some have `changed`, some `moved` here from elsewhere, and
    those of photos that were `deleted` stay out; the rest is known. What is `missing` was there at the last scan.
    """

    found: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    deleted: int = 0
    missing: int = 0
    skipped: int = 0
    unreadable: int = 0

    @property
    def known(self) -> int:
        """Files whose photos are as they were."""
        return self.found - self.added - self.changed - self.moved - self.deleted


@dataclass
class Reconciler:
    """Brings the items of a source in line with the files found, a chunk at a time.

    `met` are the items whose files are there, `fresh` among them those of files that are new to the source while their
    photos are not.
    """

    source: Source
    lease: ScanLease
    arrivals: Arrivals
    tally: Tally
    met: set[int] = field(default_factory=set)
    fresh: set[int] = field(default_factory=set)

    def take(self, files: Sequence[Found]) -> bool:
        """Take over a chunk of files; whether there is more to do for the workers now."""
        self.tally.found += len(files)
        known = Known.by_ref(self.source, files)
        self.met.update(item.pk for item in known.values())
        settled = {ref for file in files if (ref := file.ref) in known and known[ref].is_settled(file)}
        self.tally.deleted += sum(known[ref].state == Item.State.DELETED for ref in settled)
        looks = [self._look(file, known.get(file.ref)) for file in files if file.ref not in settled]
        return bool(looks) and self._write(looks)

    def _look(self, file: Found, known: Known | None) -> Look:
        """Find out what a file holds, where that decides what becomes of it."""
        folder, beat = self.source.path, self.lease.beat
        if not file.size_bytes:
            return Look(file, known)
        if known is None:
            may_be_known = file.size_bytes in self._sizes
            return look_at(folder, file, None, reads=True, beat=beat) if may_be_known else Look(file, None)
        if known.photo is not None and known.photo_digest is None:
            return look_at(folder, file, known, reads=False, beat=beat)
        if known.has_bytes_of(file) and known.digest and known.problem not in PASSING:
            return Look(file, known, known.digest)
        return look_at(folder, file, known, reads=True, beat=beat)

    def _write(self, looks: Sequence[Look]) -> bool:
        copies = copies_now(looks, self.lease.beat)
        moves = self._moves(looks)
        with self.lease.writing():
            holdings = Holdings(self.source, looks, copies, moves)
            for look in looks:
                if look.known is not None:
                    holdings.take_known(look, look.known)
                else:
                    holdings.take_new(look)
            if holdings.new_photos:
                sizes = [photo.size_bytes for photo in holdings.new_photos]
                holdings.save(self.arrivals.arrive(sizes))
            else:
                holdings.save(None)
        new = {item.pk for item in holdings.new_items}
        self.met |= new.union(holdings.followed)
        self.fresh |= new
        for name, count in holdings.counts.items():
            setattr(self.tally, name, getattr(self.tally, name) + count)
        return holdings.has_work

    @cached_property
    def _sizes(self) -> set[int]:
        """Bytes of the files whose content the owner has, or had: a new file of another size has neither."""
        photos = Photo.objects.owned_by(self.source.owner_id).exclude(digest=None)
        deleted = Item.objects.filter(source__owner=self.source.owner_id, state=Item.State.DELETED)
        sizes = set(photos.values_list("size_bytes", flat=True).iterator())
        return sizes.union(deleted.values_list("size_bytes", flat=True).iterator())

    @cached_property
    def _unread(self) -> Mapping[Version, Sequence[tuple[int, str]]]:
        """Items whose content nobody has read yet, and where their files lay; these move by size and time."""
        items = Item.objects.filter(source__owner=self.source.owner_id, source__kind=Source.Kind.FOLDER, digest="")
        rows = items.order_by("pk").values_list("pk", "size_bytes", "modified_ns", "source__folder", "ref")
        unread: dict[Version, list[tuple[int, str]]] = defaultdict(list)
        for pk, size_bytes, modified_ns, folder, ref in rows.iterator():
            unread[size_bytes, modified_ns].append((pk, os.path.join(path_of(folder), path_of(ref))))
        return unread

    def _moves(self, looks: Sequence[Look]) -> dict[str, int]:
        """Which new files are those of unread items that are no longer where they were, by the file's ref."""
        moves: dict[str, int] = {}
        for look in looks:
            if look.known is None and look.file.size_bytes:
                for pk, former in self._unread.get((look.file.size_bytes, look.file.modified_ns), ()):
                    if pk not in self.met and pk not in moves.values() and not os.path.lexists(former):
                        moves[look.file.ref] = pk
                        break
        return moves

"""What files hold, found out before anything is written: their SHA-256 where a scan has to know it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from classifier.work import Reason, reason_of
from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from pictograph.sources.originals import open_within, sha256_of
from pictograph.sources.paths import path_of
from pictograph.sources.reasons import PASSING
from pictograph.sources.walk import Found


class Known(NamedTuple):
    """What is kept of a file, as far as it says whether a scan has to look closer."""

    pk: int
    ref: str
    state: str
    size_bytes: int
    modified_ns: int
    sidecars: list[list[str | int]]
    digest: str
    problem: str
    photo: int | None
    photo_digest: str | None
    photo_state: str | None
    photo_failure: str | None
    photo_is_due: bool | None

    @classmethod
    def by_ref(cls, source: Source, files: Iterable[Found]) -> dict[str, "Known"]:
        """What is known of some files of a source."""
        items = Item.objects.filter(source=source, ref__in=[file.ref for file in files])
        rows = items.values_list(
            *("pk", "ref", "state", "size_bytes", "modified_ns", "sidecars", "digest", "problem"),
            *("photo", "photo__digest", "photo__state", "photo__failure", "photo__is_due"),
        )
        return {known.ref: known for known in map(cls._make, rows)}

    def has_bytes_of(self, file: Found) -> bool:
        """Whether the file is, by its size and time, what it was."""
        return (self.size_bytes, self.modified_ns) == (file.size_bytes, file.modified_ns)

    def is_settled(self, file: Found) -> bool:
        """Whether nothing about the file has to be looked at, which is so for nearly all at nearly every scan."""
        is_same = self.has_bytes_of(file) and self.sidecars == [list(sidecar) for sidecar in file.sidecars]
        if is_same and (self.state == Item.State.DELETED or self.photo is None):
            return True
        if not is_same or self.state == Item.State.MISSING or self.problem in PASSING:
            return False
        if self.photo_state == Photo.State.FAILED:
            return self.photo_failure not in PASSING
        return bool(self.problem or self.photo_is_due) or self.digest in ("", self.photo_digest)


@dataclass(frozen=True)
class Look:
    """A file looked at closely: what is known of it, its `digest` where it had to be read, or why it does not open."""

    file: Found
    known: Known | None
    digest: str = ""
    refused: Reason | None = None


def look_at(folder: Path, file: Found, known: Known | None, *, reads: bool, beat: Callable[[], None]) -> Look:
    """Open a file of a folder, and read it where its content matters."""
    try:
        with open_within(folder, folder / path_of(file.ref)) as opened:
            if not reads:
                opened.read(1)
                return Look(file, known)
            return Look(file, known, sha256_of(opened, beat))
    except OSError as error:
        return Look(file, known, refused=reason_of(error))


def copies_now(looks: Sequence[Look], beat: Callable[[], None]) -> dict[int, str]:
    """What the other present items of the photos looked at hold now, by item; "" where their file is gone or closed.

    A photo changes with its file only if no other file still has what it shows, and the scan may not have come to
    that one yet.
    """
    known = [look.known for look in looks if look.known and look.digest not in ("", look.known.photo_digest)]
    photos = {item.photo for item in known if item.photo is not None}
    if not photos:
        return {}
    copies = Item.objects.filter(photo__in=photos, state=Item.State.PRESENT, source__kind=Source.Kind.FOLDER)
    held: dict[int, str] = {}
    for item in copies.exclude(pk__in=[look.known.pk for look in looks if look.known]).select_related("source"):
        try:
            status = item.path.stat()
        except OSError:
            held[item.pk] = ""
            continue
        if (status.st_size, status.st_mtime_ns) == (item.size_bytes, item.modified_ns):
            held[item.pk] = item.digest
        else:
            now = Found(item.ref, status.st_size, status.st_mtime_ns)
            held[item.pk] = look_at(item.source.path, now, None, reads=True, beat=beat).digest
    return held

"""What tests do to the files of a folder that is looked at again and again."""

import os
from pathlib import Path

from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from pictograph.sources.reconcile import Tally
from pictograph.sources.scan import scan
from tests.factories import picture


def look(source: Source, below: str = "") -> Tally:
    """Scan anew, as a task does that has just fetched the source."""
    _, tally = scan(Source.objects.get(pk=source.pk), below)
    return tally


def touch(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))


def retag(path: Path, colour: str) -> None:
    """Change the bytes of a picture file, but not its picture."""
    path.write_bytes(picture(colour=colour, comment=b"a holiday"))
    touch(path)


def by_name() -> dict[str, int]:
    return dict(Photo.objects.values_list("name", "pk"))


def photo_at(source: Source, ref: str) -> Photo:
    item = Item.objects.get(source=source, ref=ref)
    assert item.photo is not None
    return item.photo

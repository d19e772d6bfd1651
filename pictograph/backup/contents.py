"""What belongs in a backup besides the database: originals that the storage keeps, and the grid's pictures."""

from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import FileSystemStorage, default_storage

from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.sources.models import Item, Source


class NoFolder(Exception):
    """The site keeps its photos in something else than a folder."""


@dataclass(frozen=True)
class Wanted:
    """A file that the database names; an original has the SHA-256 it came in with."""

    path: str
    digest: str = ""
    is_original: bool = False


def photos_folder() -> Path:
    """Where the site keeps photos. Raises NoFolder: this is the one place that knows storages, and it knows folders."""
    if not isinstance(default_storage, FileSystemStorage):
        kind = default_storage.__class__.__name__
        raise NoFolder(f"The photos are kept by {kind}, and only a folder can be backed up or restored here.")
    return Path(default_storage.location).resolve()


def wanted_files(using: str) -> list[Wanted]:
    """Every file that a database names: the originals that are kept, then the pictures of the grid.

    Only workers make these, and of a photo whose file is in a folder elsewhere they may be all that is left. Larger
    pictures are made from the originals as they are looked at.
    """
    # All at once: a question that stays open for hours would keep SQLite from ever tidying up its log.
    kept = Item.objects.using(using).filter(stored__gt="").order_by("pk")
    originals = [Wanted(path, digest, is_original=True) for path, digest in kept.values_list("stored", "digest")]
    shown = Photo.objects.using(using).classified().order_by("pk").only("key", "digest")
    return originals + [Wanted(photo.rendition_path(GRID_SIZE)) for photo in shown.iterator()]


def counts(using: str) -> dict[str, int]:
    """How much a database holds, in the words of the product."""
    photos, items = Photo.objects.using(using), Item.objects.using(using)
    return {
        "people": User.objects.using(using).count(),
        "photos": photos.count(),
        "classified": photos.classified().count(),
        "uploads": items.filter(stored__gt="").count(),
        "in_folders": items.filter(source__kind=Source.Kind.FOLDER).count(),
    }


def folders(using: str) -> tuple[str, ...]:
    """The folders of the server that photos are read from in place."""
    sources = Source.objects.using(using).filter(kind=Source.Kind.FOLDER).order_by("folder")
    return tuple(sources.values_list("folder", flat=True).distinct())

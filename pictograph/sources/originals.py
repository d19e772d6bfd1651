"""Originals: the bytes of photos and of what lies beside them, where their sources have them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.storage import default_storage

from pictograph.photos.models import Photo
from pictograph.sources.models import Item, Source
from pictograph.sources.paths import path_of, shown_name


def open_original(photo: Photo) -> BinaryIO:
    """The file as it came, from whichever item has it. Raises OSError where none does."""
    refused: OSError = FileNotFoundError(f"no source has {photo.name}")
    for item in sorted(photo.items.all(), key=lambda item: item.is_lost):
        try:
            return open_item(item)
        except OSError as error:
            refused = error
    raise refused


def open_item(item: Item) -> BinaryIO:
    """The bytes of a photo as one source has it. Raises OSError where the file is gone or closed to us."""
    if item.source.kind == Source.Kind.UPLOAD:
        return cast(BinaryIO, default_storage.open(item.ref, "rb"))
    return item.path.open("rb")


def sidecar_openers(item: Item) -> list[tuple[str, Callable[[], BinaryIO]]]:
    """The files beside an item that say something of it, by name, each with what opens it; the one to believe first."""
    folder = item.path.parent
    names = [path_of(name) for name, *_version in item.sidecars]
    return [(shown_name(name), partial(_open, folder / name)) for name in names]


def _open(path: Path) -> BinaryIO:
    return path.open("rb")

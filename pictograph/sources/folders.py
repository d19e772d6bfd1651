"""Folders on the server that photos are read from in place: registering one, and giving it up."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Item, Rejection, Source
from pictograph.sources.paths import path_of, ref_of
from pictograph.transactions import delete_in_chunks, hold, hold_people, transacted

CHUNK = 500  # photos


def folders_of(owner: User) -> list[Source]:
    """The folders that someone's photos are read from."""
    return list(Source.objects.filter(owner=owner, kind=Source.Kind.FOLDER, removal="").order_by("folder"))


def open_folder(path: str) -> Path:
    """The folder at an absolute path, links on the way to it followed. Raises ValidationError saying what is wrong.

    A name that is no UTF-8 cannot be typed: it is written as pages show it, `/srv/caf\\xe9`.
    """
    if not os.path.isabs(path) or "\0" in path + path_of(path):
        raise ValidationError(_("Write the whole path, from the first slash on: /srv/photos"))
    folder = Path(path if os.path.lexists(path) else path_of(path))
    try:
        folder = folder.resolve(strict=True)
        os.scandir(folder).close()
    except PermissionError as error:
        raise ValidationError(_("The site may not read this folder. Give it permission, then try again.")) from error
    except NotADirectoryError as error:
        raise ValidationError(_("This is a file. Give the folder it is in.")) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead round in a circle
        raise ValidationError(_("There is no such folder on the server.")) from error
    return folder


def register(owner: User, folder: Path, *, every_s: int = Source.Schedule.NEVER, exclusions: str = "") -> Source:
    """Make a folder one of someone's sources; it is not looked at yet. Raises ValidationError saying what is wrong."""
    own = Path(settings.DATA_DIR).resolve()
    if _is_within(folder, own) or _is_within(own, folder):
        raise ValidationError(_("The site keeps its own files there. Choose a folder with nothing but photos."))
    for other in folders_of(owner):
        if folder == other.path:
            raise ValidationError(_("This folder is there already."))
        if _is_within(folder, other.path):
            raise ValidationError(_("This folder lies in %(folder)s, which is there already.") % {"folder": other})
        if _is_within(other.path, folder):
            raise ValidationError(_("%(folder)s, which is there already, lies in this folder.") % {"folder": other})
    try:
        with transaction.atomic():
            return Source.objects.create(
                owner=owner,
                kind=Source.Kind.FOLDER,
                folder=ref_of(os.fspath(folder)),
                every_s=every_s,
                exclusions=exclusions,
            )
    except IntegrityError as error:  # added twice at once, or being removed
        raise ValidationError(_("This folder is just being added or removed. Try again in a moment.")) from error


def source_around(owner: User, folder: Path) -> tuple[Source, str] | None:
    """The source that a folder is, or lies in, and the path from there."""
    for source in folders_of(owner):
        if _is_within(folder, source.path):
            below = os.path.relpath(folder, source.path)
            return source, "" if below == "." else below
    return None


def remove(source: Source) -> None:
    """Give up a source that is marked to be removed, a chunk of photos at a time; killed, it is gone on with.

    Its photos are deleted, or stay without their files, as `removal` says. Those with a file elsewhere stay anyway.
    Nothing is done where another process is at it.
    """
    with Lease.of(f"remove {source.pk}") as lease:
        if lease is not None:
            _remove(source, lease)


def _remove(source: Source, lease: Lease) -> None:
    while photos := _photos_only_in(source):
        lease.beat()
        if source.removal == Source.Removal.DELETE:
            delete_photos(source.owner, photos, is_remembered=False)
        else:
            _part(source, photos)
    small: list[QuerySet[Any]] = [
        Item.objects.filter(Q(photo=None) | elsewhere(source), source=source),
        Rejection.objects.filter(batch__source=source),
    ]
    for rows in small:
        for _count in delete_in_chunks(source.owner_id, rows):
            lease.beat()
    _delete(source)


@transacted
def _delete(source: Source) -> None:
    """Delete a source that has no more photos of its own."""
    hold_people([source.owner_id])
    # A scan that was just at work has found out by now that it may not write any more, or waits for this row.
    held = Source.objects.select_for_update().filter(pk=source.pk).first()
    if held is not None and not _photos_only_in(held):
        held.delete()


def _photos_only_in(source: Source) -> list[int]:
    """Some photos that have a file in the source, and at present in no other."""
    items = Item.objects.filter(~elsewhere(source), source=source, photo__isnull=False)
    return list(items.order_by("pk").values_list("photo", flat=True)[:CHUNK])


def elsewhere(source: Source) -> Exists:
    """Whether an item's photo is at present in another source too."""
    return Exists(Item.objects.filter(photo=OuterRef("photo"), state=Item.State.PRESENT).exclude(source=source))


def _part(source: Source, photos: list[int]) -> None:
    """Leave photos without the files of a source. One that was never read has nothing to show, and goes."""
    unread = Photo.objects.filter(pk__in=photos).exclude(state=Photo.State.CLASSIFIED).values_list("pk", flat=True)
    delete_photos(source.owner, list(unread), is_remembered=False)
    _leave_without_files(source, photos)


@transacted
def _leave_without_files(source: Source, photos: list[int]) -> None:
    hold_people([source.owner_id])
    left = hold(Photo.objects.filter(pk__in=photos))
    Photo.objects.filter(pk__in=left).update(is_missing=True, is_due=False, lease=None, lease_until=None)
    Item.objects.filter(source=source, photo__in=photos).delete()


def _is_within(folder: Path, other: Path) -> bool:
    return folder.is_relative_to(other)

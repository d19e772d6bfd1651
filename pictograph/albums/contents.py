"""What changes albums: photos come in and are taken out, names change, albums go. Photos stay in the library."""

from collections.abc import Sequence
from unicodedata import category

from pictograph.albums.models import NAME_LENGTH, Album, AlbumPhoto
from pictograph.people.models import User
from pictograph.people.names import folded_name
from pictograph.photos.deletion import CHUNK
from pictograph.photos.models import Photo
from pictograph.transactions import chunks, delete_in_chunks, hold_people, transacted

ALBUMS_AT_MOST = 1000  # of one person


class TooManyAlbums(Exception):
    """The person has as many as there may be."""


class NameTaken(Exception):
    """The person has another album of this name."""


def plain_album_name(text: str) -> str:
    """A name as it is kept, its spaces evened out; "" for one that nobody could see, or that is too long.

    >>> plain_album_name("  Summer   in Rome ")
    'Summer in Rome'
    """
    name = " ".join(text.split())
    is_written = len(name) <= NAME_LENGTH and "Cc" not in map(category, name)
    return name if is_written and folded_name(name) else ""


@transacted
def album_named(owner: User, name: str) -> Album:
    """Someone's album of a name, in whatever case it is written; a new one where there is none.

    Raises TooManyAlbums.
    """
    hold_people([owner.pk])
    albums = Album.objects.filter(owner=owner)
    if found := albums.filter(folded=folded_name(name)).first():
        return found
    if albums.count() >= ALBUMS_AT_MOST:
        raise TooManyAlbums(name)
    return Album.objects.create(owner=owner, name=name)


def add_photos(album: Album, ids: Sequence[int]) -> int:
    """Put those of the owner's photos that have these ids into an album; how many were not in it before."""
    return sum(_add(album, chunk) for chunk in chunks(ids, CHUNK))


@transacted
def _add(album: Album, ids: Sequence[int]) -> int:
    hold_people([album.owner_id])
    if not Album.objects.filter(pk=album.pk).exists():  # deleted a moment ago
        return 0
    theirs = Photo.objects.owned_by(album.owner_id).classified().filter(pk__in=ids)
    new = list(theirs.exclude(album_entries__album=album).order_by("pk").values_list("pk", flat=True))
    AlbumPhoto.objects.bulk_create(AlbumPhoto(album=album, photo_id=pk) for pk in new)
    return len(new)


def remove_photos(album: Album, ids: Sequence[int]) -> int:
    """Take photos out of an album; how many were in it."""
    return sum(_remove(album, chunk) for chunk in chunks(ids, CHUNK))


@transacted
def _remove(album: Album, ids: Sequence[int]) -> int:
    hold_people([album.owner_id])
    return AlbumPhoto.objects.filter(album=album, photo__in=ids).delete()[0]


@transacted
def rename_album(album: Album, name: str) -> None:
    """Give an album another name. Raises NameTaken."""
    hold_people([album.owner_id])
    others = Album.objects.filter(owner=album.owner_id, folded=folded_name(name)).exclude(pk=album.pk)
    if others.exists():
        raise NameTaken(name)
    album.name = name
    album.save(update_fields=["name"])


def delete_album(album: Album) -> None:
    """Delete an album; its photos stay where they are."""
    for _count in delete_in_chunks(album.owner_id, AlbumPhoto.objects.filter(album=album)):
        pass
    _delete(album)


@transacted
def _delete(album: Album) -> None:
    hold_people([album.owner_id])
    Album.objects.filter(pk=album.pk).delete()

"""Albums as the archives had them: made, or joined by their names, as soon as their photos can be seen."""

from collections import defaultdict

from pictograph.albums.contents import TooManyAlbums, add_photos, album_named, plain_album_name
from pictograph.archives.models import Placing
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.transactions import delete_in_chunks

TOGETHER = 1000  # placings
MOST_AT_ONCE = 20_000  # by one sweep; the next goes on


def place_photos() -> None:
    """Put photos that have been looked at into the albums they are to be in."""
    settled = 0
    while settled < MOST_AT_ONCE and (placings := _due()):
        settled += len(placings)
        albums: dict[tuple[User, str], list[Placing]] = defaultdict(list)
        for placing in placings:
            albums[placing.item.source.owner, placing.album].append(placing)
        for (owner, name), together in albums.items():
            _place(owner, name, together)
    _forget_lost()


def _due() -> list[Placing]:
    due = Placing.objects.filter(item__photo__state=Photo.State.CLASSIFIED)
    return list(due.select_related("item__source__owner").order_by("pk")[:TOGETHER])


def _place(owner: User, name: str, placings: list[Placing]) -> None:
    """Put some photos of somebody into an album of a name, and take that off the list."""
    try:
        if plain := plain_album_name(name):
            add_photos(album_named(owner, plain), [placing.item.photo_id or 0 for placing in placings])
    except TooManyAlbums:
        pass  # whoever has a thousand albums finds the photos in the library
    for _count in delete_in_chunks(owner.pk, Placing.objects.filter(pk__in=[placing.pk for placing in placings])):
        pass


def _forget_lost() -> None:
    """Take off the list what has no photo any more."""
    lost = Placing.objects.filter(item__photo=None)
    Placing.objects.filter(pk__in=list(lost.values_list("pk", flat=True)[:TOGETHER])).delete()

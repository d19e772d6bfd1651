"""Every model of the site, for Django to find; each is defined in its room."""

from pictograph.albums.models import Album, AlbumPhoto
from pictograph.catalogue.models import Edition, Network, Override
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.sources.models import Import, Item, Rejection, Source, Tombstone
from pictograph.store.outbox import Notice

__all__ = [
    "Album",
    "AlbumPhoto",
    "Edition",
    "Import",
    "Item",
    "Lease",
    "Leftover",
    "Network",
    "Notice",
    "Override",
    "Photo",
    "Rejection",
    "Source",
    "Tombstone",
    "User",
]

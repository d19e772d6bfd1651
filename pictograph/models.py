"""Every model of the site, for Django to find; each is defined in its room."""

from pictograph.albums.models import Album, AlbumPhoto
from pictograph.catalogue.models import Edition, Network, Override
from pictograph.people.handles import HandleHold
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover
from pictograph.photos.models import Photo
from pictograph.places.models import CellCount, PersonCell, PersonOnMap, Sighting, Uncounted
from pictograph.queue.long_work import Lease
from pictograph.search.words import PhotoWord
from pictograph.shares.models import Share
from pictograph.similar.asked import AskedImage
from pictograph.sources.models import Import, Item, Rejection, Source, Tombstone
from pictograph.store.outbox import Notice

__all__ = [
    "Album",
    "AlbumPhoto",
    "AskedImage",
    "CellCount",
    "Edition",
    "HandleHold",
    "Import",
    "Item",
    "Lease",
    "Leftover",
    "Network",
    "Notice",
    "Override",
    "PersonCell",
    "PersonOnMap",
    "Photo",
    "PhotoWord",
    "Rejection",
    "Share",
    "Sighting",
    "Source",
    "Tombstone",
    "Uncounted",
    "User",
]

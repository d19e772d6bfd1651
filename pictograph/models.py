"""Every model of the site, for Django to find; each is defined in its room."""

from pictograph.albums.models import Album, AlbumPhoto
from pictograph.archives.models import Archive, Entry, Part, Placing, Told
from pictograph.audit.models import AuditEntry
from pictograph.catalogue.models import Edition, Network, Override
from pictograph.categories.models import Cover, HiddenCategory
from pictograph.connections.models import Connection, Remote, Service
from pictograph.corrections.lessons import Learning
from pictograph.corrections.models import Correction, Judgement, Likeness
from pictograph.corrections.question_models import Question
from pictograph.explaining.models import Explanation
from pictograph.people.handles import HandleHold
from pictograph.people.invitations import Invitation
from pictograph.people.models import User, WaitingPerson
from pictograph.photos.deletion import Leftover
from pictograph.photos.flags import Flag
from pictograph.photos.holds import Hold
from pictograph.photos.models import Photo
from pictograph.photos.taken_down import TakenDown
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
    "Archive",
    "AskedImage",
    "AuditEntry",
    "CellCount",
    "Connection",
    "Correction",
    "Cover",
    "Edition",
    "Entry",
    "Explanation",
    "Flag",
    "HandleHold",
    "HiddenCategory",
    "Hold",
    "Import",
    "Invitation",
    "Item",
    "Judgement",
    "Learning",
    "Lease",
    "Leftover",
    "Likeness",
    "Network",
    "Notice",
    "Override",
    "Part",
    "PersonCell",
    "PersonOnMap",
    "Photo",
    "PhotoWord",
    "Placing",
    "Question",
    "Rejection",
    "Remote",
    "Service",
    "Share",
    "Sighting",
    "Source",
    "TakenDown",
    "Told",
    "Tombstone",
    "Uncounted",
    "User",
    "WaitingPerson",
]

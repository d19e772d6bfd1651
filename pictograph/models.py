"""What the site keeps: people, their photos, and how these came in."""

from pictograph.people.models import User
from pictograph.photos.leftovers import Leftover
from pictograph.photos.models import Photo
from pictograph.sources.models import Import, Rejection, SourceFile

__all__ = [
    "Import",
    "Leftover",
    "Photo",
    "Rejection",
    "SourceFile",
    "User",
]

"""What the site keeps: people, their photos, how these came in, and what the network said."""

from pictograph.people.models import User
from pictograph.photos.leftovers import Leftover
from pictograph.photos.models import Photo
from pictograph.sources.models import Import, Rejection, SourceFile
from pictograph.store.relational.models import CategoryCount, LeafSum, PhotoCategory, Prediction

__all__ = [
    "CategoryCount",
    "Import",
    "LeafSum",
    "Leftover",
    "Photo",
    "PhotoCategory",
    "Prediction",
    "Rejection",
    "SourceFile",
    "User",
]

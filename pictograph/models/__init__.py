"""What the site keeps: people, their photos, how these came in, and what the network said."""

from pictograph.models.importing import Import, Rejection, SourceFile
from pictograph.models.leftover import Leftover
from pictograph.models.photo import Photo
from pictograph.models.prediction import CategoryCount, LeafSum, PhotoCategory, Prediction
from pictograph.models.user import User

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

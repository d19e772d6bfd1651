"""What a page calls the place of a photo: to its owner exactly, to others about where, if they may know."""

from django.utils.translation import gettext as _

from pictograph.photos.models import Photo
from pictograph.places.gazetteer import Town, gazetteer


def place_words(photo: Photo, *, is_own: bool) -> str:
    """The town and country of a photo: "Rome, Italy", for others "near Rome, Italy"; empty where it is not for them.

    The photo comes with its owner.
    """
    if is_own:
        town = gazetteer().town(photo.town) if photo.town else None
        return town.words if town else ""
    if not shows_place(photo) or not photo.near_town:
        return ""
    town = gazetteer().town(photo.near_town)
    return near(town) if town else ""


def near(town: Town) -> str:
    """What others read of a place about a town: "near Rome, Italy"."""
    return _("near %(town)s") % {"town": town.words}


def shows_place(photo: Photo) -> bool:
    """Whether others may know about where a photo was taken."""
    return photo.is_public and photo.owner.shows_places and photo.owner.is_active

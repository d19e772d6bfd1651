"""The door of moderators to photos: those of cases, and no others."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.urls import reverse

from fathom.moderation.models import Case
from pictograph.photos.models import Photo, PhotoQuerySet


class Desk:
    """The door of moderators: photos that were reported or wait to be looked at, published or not, and no others."""

    def let_through(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Those of some photos that a case is or was about."""
        return photos.filter(Exists(Case.objects.filter(photo=OuterRef("pk"))))


def on_desk() -> PhotoQuerySet:
    """The photos that moderators may see, asked for at the one door."""
    return Photo.objects.visible_to(AnonymousUser(), via=Desk())


def photos_root() -> str:
    """What the addresses of pictures begin with that this door lets through."""
    return f"{reverse('desk')}photos/"

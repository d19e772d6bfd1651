"""The rows behind a scope: whatever the store says of a scope, only these photos are shown for it."""

from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.store.scope import Scope


def photos_in_scope(scope: Scope) -> PhotoQuerySet:
    """One's own library, one person's public photos, or everyone's public photos."""
    photos = Photo.objects.all() if scope.owner is None else Photo.objects.owned_by(scope.owner)
    return photos.filter(is_public=True, owner__is_active=True) if scope.public_only else photos

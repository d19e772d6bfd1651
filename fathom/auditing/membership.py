"""Which public photos are in a group, and whether it is large enough to be told of."""

from collections.abc import Mapping

from django.conf import settings

from fathom.auditing.models import AuditGroup
from pictograph.albums.models import photos_of
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.store.scope import NETWORK

LEAST_PHOTOS = 30  # of fewer an interval says nothing that is worth reading


def members_of(group: AuditGroup) -> PhotoQuerySet:
    """A group's photos, as far as everyone may see them; a place only of those whose owners show places."""
    public = Photo.objects.in_scope(NETWORK).classified()
    if group.kind == AuditGroup.Kind.CAMERA:
        return public.filter(camera__icontains=group.words)
    if group.kind == AuditGroup.Kind.COUNTRY:
        return Photo.objects.in_country(group.words, NETWORK).classified()
    if group.kind == AuditGroup.Kind.IMPORT:
        return public.filter(batch=group.batch_id)
    if group.kind == AuditGroup.Kind.ALBUM:
        assert group.album is not None
        return photos_of(group.album).in_scope(NETWORK)
    if group.kind == AuditGroup.Kind.PEOPLE:
        return public.filter(owner__in=group.people.values("pk"))
    return public.filter(shown_at__date__gte=group.first_day, shown_at__date__lte=group.last_day)


def is_enough(photos: Mapping[int, int], *, is_one_set: bool) -> bool:
    """Whether photos, so many of each person, are enough to be told of; an operator's own set is of one person."""
    people = sum(count > 0 for count in photos.values())
    return sum(photos.values()) >= LEAST_PHOTOS and (is_one_set or people >= settings.MAP_PEOPLE)

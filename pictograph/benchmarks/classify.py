"""The site's own work given to the measurement of classifying."""

from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.claims import PhotoWork
from pictograph.sources.models import Item, Source
from pictograph.sources.paths import ref_of


def waiting(paths: Sequence[Path]) -> PhotoWork:
    """The site's own work, with the photos pending in the library of someone new."""
    owner = User.objects.create(username=f"bench-{User.objects.count()}")
    now = timezone.now()
    source = Source.objects.create(owner=owner, kind=Source.Kind.FOLDER, folder="/")
    photos = Photo.objects.bulk_create(Photo(owner=owner, name=path.name, shown_at=now) for path in paths)
    Item.objects.bulk_create(
        Item(source=source, ref=ref_of(str(path.resolve()).lstrip("/")), photo=photo)
        for path, photo in zip(paths, photos, strict=True)
    )
    return PhotoWork()

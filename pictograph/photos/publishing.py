"""Publishing: the one verb that shows photos to the network, or takes them back."""

from django.db import transaction

from pictograph.photos.models import PhotoQuerySet
from pictograph.store.outbox import CHUNK, note_changed, tell_store


def publish(photos: PhotoQuerySet, *, is_public: bool) -> int:
    """Publish photos to the network, or withdraw them; how many changed.

    The rows decide what anyone sees from the moment this chunk is written; the store's counters follow.
    """
    changed = 0
    others = photos.exclude(is_public=is_public).select_for_update(of=("self",)).only("pk")
    while True:
        with transaction.atomic():
            ids = [photo.pk for photo in others[:CHUNK]]  # of values alone Django locks the rows joined to them too
            photos.model.objects.filter(pk__in=ids).update(is_public=is_public)
            note_changed(ids)
        if not ids:
            return changed
        tell_store(ids)
        changed += len(ids)

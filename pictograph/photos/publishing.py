"""Publishing: the one verb that shows photos to the network, or takes them back."""

from django.db import transaction

from pictograph.photos.models import PhotoQuerySet
from pictograph.store.outbox import CHUNK, note_changed, tell_store


def publish(photos: PhotoQuerySet, *, is_public: bool) -> int:
    """Publish photos to the network, or withdraw them; how many changed.

    The rows decide what anyone sees from the moment this chunk is written; the store's counters follow.
    """
    changed = 0
    for ids in iter(lambda: list(photos.exclude(is_public=is_public).values_list("pk", flat=True)[:CHUNK]), []):
        with transaction.atomic():
            photos.model.objects.filter(pk__in=ids).update(is_public=is_public)
            note_changed(ids)
        tell_store(ids)
        changed += len(ids)
    return changed

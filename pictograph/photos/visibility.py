"""What others see of photos is changed here, with all that has to follow: words, the store, the map, similar photos."""

from collections.abc import Sequence

from django.utils import timezone

from pictograph.photos.models import Photo
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.queue.announcing import announce
from pictograph.search.words import share_words
from pictograph.store.outbox import note_changed, tell_store


def show(photo_ids: Sequence[int]) -> None:
    """Let others see photos that the caller's transaction holds, from its end on; of which `tell` is to follow."""
    _change(photo_ids, is_public=True)


def hide(photo_ids: Sequence[int]) -> None:
    """Let nobody else see photos that the caller's transaction holds, from its end on; of which `tell` is to follow."""
    _change(photo_ids, is_public=False)


def _change(photo_ids: Sequence[int], is_public: bool) -> None:
    if not photo_ids:
        return
    moment = timezone.now() if is_public else None
    Photo.objects.filter(pk__among=frozenset(photo_ids)).update(is_public=is_public, published_at=moment)
    share_words(photo_ids, is_public=is_public)
    note_changed(photo_ids)
    note_sightings(photo_ids)


def tell(photo_ids: Sequence[int]) -> None:
    """Have all follow that counts or lists published photos. What a killed process leaves untold, the sweep tells."""
    tell_store(photo_ids)
    count(photo_ids)


def count(photo_ids: Sequence[int]) -> None:
    """Have the map and the files of similar photos follow, of which the store has been told already."""
    count_sightings(photo_ids)  # together: a person's photos are in few cells, each of which is written once then
    if photo_ids:
        announce("pictograph.similar.tasks.refresh_public")

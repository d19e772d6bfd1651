"""Publishing: the one verb that shows photos to the network, or takes them back."""

from collections.abc import Sequence

from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.queue.announcing import announce
from pictograph.search.words import share_words
from pictograph.store.outbox import CHUNK, note_changed, tell_store
from pictograph.transactions import hold, hold_people, transacted


def publish(photos: PhotoQuerySet, *, is_public: bool) -> int:
    """Publish photos to the network, or withdraw them; how many changed.

    The rows decide what anyone sees from the moment this chunk is written; the store's counters follow.
    """
    changed: list[int] = []
    others = photos.exclude(is_public=is_public)
    while rows := list(others.order_by("pk").values_list("pk", "owner")[:CHUNK]):
        ids = _publish(photos, [pk for pk, _ in rows], {owner for _, owner in rows}, is_public)
        tell_store(ids)
        changed += ids
    count_sightings(changed)  # together: a person's photos are in few cells, each of which is written once then
    if changed:
        announce("pictograph.similar.tasks.refresh_public")
    return len(changed)


def publish_exactly(owner: int, ids: Sequence[int]) -> int:
    """Publish the photos of these ids that a person has; how many were private."""
    together = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    theirs = Photo.objects.owned_by(owner)
    return sum(publish(theirs.filter(pk__among=frozenset(chunk)), is_public=True) for chunk in together)


def follow_account(owner: User) -> None:
    """Have the store count what someone has published while their account is open, and only then.

    Call it where that changes, in the same transaction; what a killed process leaves untold, the sweep tells.
    """
    ids = list(owner.photos.filter(is_public=True).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        note_changed(ids[start : start + CHUNK])
    tell_store(ids)


@transacted
def _publish(photos: PhotoQuerySet, ids: Sequence[int], owners: set[int], is_public: bool) -> list[int]:
    """Publish those of some photos that are still to be; which they are."""
    hold_people(owners)
    rows = photos.model.objects
    these = frozenset(ids)
    hold(rows.filter(pk__among=these))
    changed = list(
        photos.filter(pk__among=these).exclude(is_public=is_public).order_by("pk").values_list("pk", flat=True)
    )
    rows.filter(pk__among=frozenset(changed)).update(
        is_public=is_public, published_at=timezone.now() if is_public else None
    )
    share_words(changed, is_public=is_public)
    note_changed(changed)
    note_sightings(changed)
    return changed

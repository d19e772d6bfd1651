"""Publishing: the one verb that shows photos to the network, or takes them back."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.places.counting import count_sightings, note_sightings
from pictograph.queue.announcing import announce
from pictograph.search.words import share_words
from pictograph.store.outbox import CHUNK, note_changed, tell_store
from pictograph.transactions import chunks, hold, hold_people, transacted


def publish(photos: PhotoQuerySet, *, is_public: bool) -> int:
    """Publish photos to the network, or withdraw them; how many changed."""
    others = list(photos.exclude(is_public=is_public).order_by("pk").values_list("pk", flat=True))
    # By the first and the last: PostgreSQL compares each number of a list with each of another one.
    parts = (photos.filter(pk__range=(some[0], some[-1])) for some in chunks(others, CHUNK))
    return _publish_all(parts, is_public)


def publish_exactly(owner: int, ids: Sequence[int]) -> int:
    """Publish the photos of these ids that a person has; how many were private."""
    theirs = Photo.objects.owned_by(owner)
    return _publish_all((theirs.filter(pk__among=frozenset(some)) for some in chunks(ids, CHUNK)), is_public=True)


def follow_account(owner: User) -> None:
    """Have the store count what someone has published while their account is open, and only then.

    Call it where that changes, in the same transaction; what a killed process leaves untold, the sweep tells.
    """
    ids = list(owner.photos.filter(is_public=True).order_by("pk").values_list("pk", flat=True))
    for some in chunks(ids, CHUNK):
        note_changed(some)
    tell_store(ids)


def _publish_all(parts: Iterable[PhotoQuerySet], is_public: bool) -> int:
    """Publish or withdraw photos, a part a transaction.

    The rows decide what anyone sees from the moment a part is written; the store's counters follow.
    """
    changed: list[int] = []
    for photos in parts:
        ids = _publish(photos, is_public)
        tell_store(ids)
        changed += ids
    count_sightings(changed)  # together: a person's photos are in few cells, each of which is written once then
    if changed:
        announce("pictograph.similar.tasks.refresh_public")
    return len(changed)


@transacted
def _publish(photos: PhotoQuerySet, is_public: bool) -> list[int]:
    """Publish those of some photos that are still to be; which they are."""
    others = photos.exclude(is_public=is_public)
    owners = set(others.order_by().values_list("owner", flat=True).distinct())
    hold_people(owners)
    changed = hold(others.filter(owner__in=owners))
    moment = timezone.now() if is_public else None
    Photo.objects.filter(pk__among=frozenset(changed)).update(is_public=is_public, published_at=moment)
    share_words(changed, is_public=is_public)
    note_changed(changed)
    note_sightings(changed)
    return changed

"""What needs a look: files that did not become photos, and photos whose file can no longer be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise

from pictograph.people.models import User
from pictograph.photos.deletion import CHUNK, delete_photos
from pictograph.photos.models import Photo
from pictograph.sources.models import Import, Item, Rejection
from pictograph.sources.reasons import WORTH_RETRYING, explain
from pictograph.sources.steering import put_back_to_work
from pictograph.transactions import delete_in_chunks, hold, hold_people, transacted


@dataclass(frozen=True)
class Failure:
    """A file that cannot be used, with what to do about it; `is_shown` where the library has a photo of it still."""

    name: str
    title: str | Promise
    advice: str | Promise
    photo_id: int | None = None
    can_retry: bool = False
    is_shown: bool = False


def failures_of(user: User, batches: Sequence[Import] | None = None, limit: int = 50) -> tuple[list[Failure], int]:
    """Someone's failed photos, rejected files and unreadable items, newest first, and how many more there are.

    Of some imports, or of all. They stay until they are cleared, or tried again with more luck.
    """
    photos = Photo.objects.owned_by(user).failed().annotate(at=Coalesce("finished_at", "created_at"))
    rejections = Rejection.objects.filter(batch__owner=user)
    items = unreadable_items(user)
    if batches is not None:
        photos, rejections = photos.filter(batch__in=batches), rejections.filter(batch__in=batches)
        items = items.filter(photo__batch__in=batches)
    met = [(p.at, p.pk, _failure(p.name, p.failure, p.pk)) for p in photos.order_by("-at", "-id")[:limit]]
    met += [(r.created_at, r.pk, _failure(r.name, r.reason)) for r in rejections.order_by("-created_at", "-id")[:limit]]
    for item in items.select_related("photo").order_by("-photo__finished_at", "-id")[:limit]:
        photo = item.photo
        if photo is not None:
            at = photo.finished_at or photo.created_at
            met.append((at, item.pk, _failure(photo.name, item.problem, photo.pk, is_shown=True)))
    failures = [failure for _, _, failure in sorted(met, key=lambda one: one[:2], reverse=True)[:limit]]
    return failures, photos.count() + rejections.count() + items.count() - len(failures)


def unreadable_items(user: User) -> QuerySet[Item]:
    """Items of photos that are in the library, whose file is there but could not be read when it had changed."""
    return Item.objects.filter(
        source__owner=user, problem__gt="", state=Item.State.PRESENT, photo__state=Photo.State.CLASSIFIED
    )


def try_again(user: User, photo_id: int | None = None) -> None:
    """Put back to work what may have more luck the second time: one photo, or all.

    A file of a photo that is shown stays listed until it has been read.
    """
    failed = Photo.objects.owned_by(user).failed().filter(failure__in=WORTH_RETRYING)
    items = unreadable_items(user).filter(problem__in=WORTH_RETRYING)
    if photo_id is not None:
        failed, items = failed.filter(pk=photo_id), items.filter(photo=photo_id)
    put_back_to_work(user, failed)
    wanted = items.filter(read_wanted=False).order_by("photo").values_list("photo", flat=True)
    while photos := [photo or 0 for photo in wanted[:CHUNK]]:
        _read_again(user, items, photos)


@transacted
def _read_again(user: User, items: QuerySet[Item], photos: Sequence[int]) -> None:
    """Have the unreadable items of some photos that are shown read once more."""
    hold_people([user.pk])
    held = hold(Photo.objects.filter(pk__in=photos))
    items.filter(photo__in=held).update(read_wanted=True)
    Photo.objects.filter(pk__in=held, is_due=False).update(is_due=True, attempts=0, queued_at=timezone.now())


def clear_failures(user: User) -> None:
    """Delete someone's rejections and failed photos.

    A file that is read where it lies stays, and the next import of its folder looks at it once more. A photo that is
    shown stays too, and listed while its file cannot be read.
    """
    failed = list(Photo.objects.owned_by(user).failed().values_list("pk", flat=True))
    delete_photos(user, failed, is_remembered=False)
    for _count in delete_in_chunks(user.pk, Rejection.objects.filter(batch__owner=user)):
        pass


def _failure(name: str, reason: str, photo_id: int | None = None, *, is_shown: bool = False) -> Failure:
    words = explain(reason)
    return Failure(
        name, words.title, words.advice, photo_id, photo_id is not None and reason in WORTH_RETRYING, is_shown
    )

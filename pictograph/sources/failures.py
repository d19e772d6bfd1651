"""What needs a look: files that did not become photos, and photos whose file can no longer be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
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
    photos = Photo.objects.owned_by(user).failed()
    items = unreadable_items(user)
    if batches is not None:
        photos, items = photos.filter(batch__in=batches), items.filter(photo__batch__in=batches)
    told = user.imports.values_list("pk", flat=True) if batches is None else [batch.pk for batch in batches]
    latest, rejected = _latest_rejections(list(told), limit)
    met = [(r.created_at, r.pk, _failure(r.name, r.reason)) for r in latest]
    for photo in photos.order_by("-finished_at", "-id")[:limit]:
        met.append((photo.finished_at or photo.created_at, photo.pk, _failure(photo.name, photo.failure, photo.pk)))
    for item in items.select_related("photo").order_by("-photo__finished_at", "-id")[:limit]:
        shown = item.photo
        if shown is not None:
            at = shown.finished_at or shown.created_at
            met.append((at, item.pk, _failure(shown.name, item.problem, shown.pk, is_shown=True)))
    failures = [failure for _, _, failure in sorted(met, key=lambda one: one[:2], reverse=True)[:limit]]
    return failures, photos.count() + rejected + items.count() - len(failures)


def _latest_rejections(batch_ids: Sequence[int], limit: int) -> tuple[list[Rejection], int]:
    """The rejections of the latest of some imports, and how many there are in all.

    Of one import they lie in order in an index; across imports all would have to be sorted.
    """
    counted = Rejection.objects.filter(batch__in=batch_ids).order_by().values_list("batch").annotate(files=Count("pk"))
    files = dict(counted)
    whole: list[int] = []  # imports of which all are told
    left, latest = limit, list[Rejection]()
    for batch in sorted(files, reverse=True):
        if files[batch] > left:
            latest += Rejection.objects.filter(batch=batch).order_by("-id")[:left]
            break
        whole.append(batch)
        left -= files[batch]
    latest += Rejection.objects.filter(batch__in=whole)
    return latest, sum(files.values())


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

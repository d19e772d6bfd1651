"""The photos that people chose to stand for categories."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from django.db.models import QuerySet

from pictograph.catalogue.snapshot import calibration, catalogue
from pictograph.categories.models import Cover
from pictograph.pages.faces import Face
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.transactions import hold_people, transacted
from taxonomy.browsing import Category


def covers_of(face: Face, wnids: Iterable[str], stop: int, year: int | None = None) -> Mapping[str, int]:
    """The photo chosen for each category, where it is in that category at a stop of the dial, and of the year.

    Whether the face shows it at all, the rows say.
    """
    if face.scope.owner is None:
        return {}
    shown = catalogue().showing
    shown_as = {part: wnid for wnid in wnids for part in shown.stored(wnid)}
    covers = Cover.objects.filter(owner=face.scope.owner, wnid__in=list(shown_as))
    if year is not None:
        first, following = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
        covers = covers.filter(photo__shown_at__gte=first, photo__shown_at__lt=following)
    stored = dict(covers.values_list("wnid", "photo_id"))
    chosen = {shown_as[wnid]: photo for wnid, photo in stored.items()}
    chosen |= {wnid: photo for wnid, photo in stored.items() if wnid == shown_as[wnid]}
    listed = prediction_store().categories_of(list(chosen.values()), stop) if chosen else {}
    return {wnid: photo for wnid, photo in chosen.items() if wnid in listed.get(photo, ())}


def cover_chosen(owner: int, category: Category) -> int | None:
    """The photo that someone chose for a category, whether it is in there at present or not."""
    chosen = dict(_covers(owner, category).values_list("wnid", "photo_id"))
    return chosen.get(category.wnid) or next(iter(chosen.values()), None)


def covered_by(photo: Photo) -> frozenset[str]:
    """The categories that a photo was chosen for."""
    chosen = Cover.objects.filter(owner=photo.owner_id, photo=photo).values_list("wnid", flat=True)
    return frozenset(filter(None, map(catalogue().showing.listed_as, chosen)))


def choose_cover(owner: User, category: Category, photo_id: int) -> bool:
    """Have a photo of someone's stand for a category; False where it is not theirs, or not in the category at all."""
    least_sure = len(calibration().stops) - 1
    listed = prediction_store().categories_of([photo_id], least_sure)
    return category.wnid in listed.get(photo_id, ()) and _keep(owner, category, photo_id)


@transacted
def _keep(owner: User, category: Category, photo_id: int) -> bool:
    hold_people([owner.pk])
    if not Photo.objects.owned_by(owner).classified().filter(pk=photo_id).exists():
        return False
    Cover.objects.update_or_create(owner=owner, wnid=category.wnid, defaults={"photo_id": photo_id})
    return True


@transacted
def forget_cover(owner: User, category: Category) -> None:
    """Let the usual photo stand for a category again."""
    hold_people([owner.pk])
    _covers(owner.pk, category).delete()


def _covers(owner: int, category: Category) -> QuerySet[Cover]:
    """What someone chose for a category, and for those that are shown as it."""
    return Cover.objects.filter(owner=owner, wnid__in=catalogue().showing.stored(category.wnid)).order_by("wnid")

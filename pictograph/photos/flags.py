"""Flags: public photos that a moderator is to look at. They stay public; a moderator decides."""

from collections.abc import Sequence

from django.db import models
from django.utils import timezone

from pictograph.audit.noting import note_many
from pictograph.people.models import User
from pictograph.photos.looking import look_at
from pictograph.photos.models import PUBLISHED, Photo, PhotoQuerySet
from pictograph.transactions import of_held_people, transacted


class Flag(models.Model):
    """A public photo that would have to be looked at first, were it published now; `reasons` are words of the code."""

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="flag")
    reasons = models.JSONField(default=list)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"flag on photo {self.photo_id}"


def flagged() -> PhotoQuerySet:
    """Public photos for moderators to look at, the most doubtful first; `flag` says why."""
    photos = Photo.objects.filter(PUBLISHED, flag__isnull=False, is_cleared=False).select_related("flag")
    return photos.order_by(models.F("unsafe").desc(nulls_last=True), "flag__since", "pk")


def flag_public(photo_ids: Sequence[int]) -> None:
    """Flag those of some photos that are public and show by now what has to be looked at; no other one any more."""
    public = list(Photo.objects.filter(pk__among=frozenset(photo_ids), is_public=True).values_list("pk", flat=True))
    if not public:
        return
    reasons = {pk: look.reasons for pk, look in look_at(public).items() if look.reasons}
    stale = Flag.objects.filter(photo__pk__among=frozenset(public) - reasons.keys())
    if reasons or stale.exists():
        _flag(public, reasons)


@transacted
def _flag(photo_ids: Sequence[int], reasons: dict[int, tuple[str, ...]]) -> None:
    photos = of_held_people(Photo.objects.filter(pk__among=frozenset(photo_ids)))
    there = set(photos.values_list("pk", flat=True))
    Flag.objects.filter(photo__pk__among=frozenset(photo_ids) - reasons.keys()).delete()
    Flag.objects.bulk_create(
        [Flag(photo_id=pk, reasons=list(why)) for pk, why in sorted(reasons.items()) if pk in there],
        update_conflicts=True,
        unique_fields=["photo"],
        update_fields=["reasons"],
    )


@transacted
def let_stand(photo_ids: Sequence[int], by: User | None) -> list[int]:
    """Let public photos stay so and flag them no more, until their picture changes; those that are public."""
    photos = of_held_people(Photo.objects.filter(pk__among=frozenset(photo_ids), is_public=True))
    owners = dict(photos.select_for_update().order_by("pk").values_list("pk", "owner"))
    Photo.objects.filter(pk__among=frozenset(owners)).update(is_cleared=True)
    Flag.objects.filter(photo__pk__among=frozenset(owners)).delete()
    note_many(by, "photo.let_stand", {pk: (f"photo {pk}", owner) for pk, owner in owners.items()})
    return list(owners)


def flag_again(photo_id: int, reasons: Sequence[str]) -> None:
    """Flag a photo as it was before it was let stand, in the caller's transaction, which holds its person."""
    Flag.objects.update_or_create(photo_id=photo_id, defaults={"reasons": list(reasons)})
    Photo.objects.filter(pk=photo_id).update(is_cleared=False)

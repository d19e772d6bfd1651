"""What moderators have taken down, by its content: the same picture is not public again as another photo.

Written as a photo is taken down, in the same transaction, so that whatever becomes of the photo it is known; deleted
once a moderator lifts that.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from pictograph.photos.models import Photo

WORDS_LENGTH = 500  # as a reason in the audit log

Row = TypeVar("Row", bound=models.Model)
Content = tuple[int, str, str]  # whose it is, and the digests of the file and of the picture, empty where not known


class TakenDown(models.Model):
    """A picture that its owner may not publish, in whatever file; `words` were said to them.

    `number` is the id of the photo that was taken down, which may be gone.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="taken_down")
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    picture_digest = models.CharField(max_length=64, blank=True)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="taken_down_once")]
        indexes = [
            models.Index(fields=["owner", "picture_digest"], name="taken_down_picture"),
            models.Index(fields=["number"], name="taken_down_number"),
        ]

    def __str__(self) -> str:
        return f"photo {self.number}"


def remember(said: Mapping[int, tuple[str, int | None]]) -> None:
    """Know the content of photos from now on, in the caller's transaction, which holds their people.

    `said` are the words for the owner of each and the id of whose they are. What was said of a file before stays.
    """
    photos = Photo.objects.filter(pk__among=frozenset(said))
    TakenDown.objects.bulk_create(
        [
            TakenDown(
                owner_id=owner, number=pk, digest=file, picture_digest=shown, words=said[pk][0], by_id=said[pk][1]
            )
            for pk, (owner, file, shown) in contents_of(photos).items()
            if file
        ],
        update_conflicts=True,
        unique_fields=["owner", "digest"],
        update_fields=["picture_digest"],  # of a photo that was read before pictures had one
    )


def known_among(photo_ids: Iterable[int]) -> dict[int, TakenDown]:
    """Those of some photos that show what was taken down, by their ids."""
    warned = Photo.objects.filter(pk__among=frozenset(photo_ids), owner__in=TakenDown.objects.values("owner"))
    contents = contents_of(warned)
    if not contents:
        return {}
    known: dict[tuple[int, str], TakenDown] = {}
    for one in same_among(TakenDown.objects.order_by("-pk"), contents.values()):  # of several the first has its say
        known |= {(one.owner_id, digest): one for digest in (one.picture_digest, one.digest) if digest}
    found = {pk: known.get((owner, file)) or known.get((owner, shown)) for pk, (owner, file, shown) in contents.items()}
    return {pk: one for pk, one in found.items() if one is not None}


def contents_of(photos: QuerySet[Photo]) -> dict[int, Content]:
    """What photos hold, by their ids."""
    rows = photos.order_by("pk").values_list("pk", "owner", "digest", "picture_digest")
    return {pk: (owner, digest or "", picture) for pk, owner, digest, picture in rows}


def same_among(rows: QuerySet[Row], contents: Iterable[Content]) -> QuerySet[Row]:
    """Those of some rows, of photos or of what was taken down, that have one of the contents."""
    by_owner: dict[int, tuple[set[str], set[str]]] = {}
    for owner, digest, picture in contents:
        files, pictures = by_owner.setdefault(owner, (set(), set()))
        files.add(digest)
        pictures.add(picture)
    same = Q(pk__in=())
    for owner, (files, pictures) in by_owner.items():
        same |= Q(owner=owner, digest__in=files - {""}) | Q(owner=owner, picture_digest__in=pictures - {""})
    return rows.filter(same)


def forget(contents: Sequence[Content]) -> None:
    """Know these contents no longer, in the caller's transaction, which holds their people."""
    same_among(TakenDown.objects.all(), contents).delete()

"""All that somebody said of their photos, the latest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.urls import reverse

from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.words import said_in_words
from pictograph.pages.addresses import parse_id, with_query
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, card_of
from pictograph.photos.models import Photo

PAGE = 30  # corrections
SHOWN = 4  # photos of each


@dataclass(frozen=True)
class Line:
    """One correction: what was said of how many photos, some of them, and whether any of it still stands."""

    correction: int
    words: str
    made_at: datetime
    count: int
    stands: bool
    photos: tuple[PhotoCard, ...]

    @property
    def beyond(self) -> int:
        """Photos that are not shown."""
        return self.count - len(self.photos)


@dataclass(frozen=True)
class OwnCorrections:
    """A stretch of them."""

    lines: tuple[Line, ...]
    next_url: str | None
    start_url: str | None


def own_corrections(owner: User, before: str = "") -> OwnCorrections:
    """What someone said and has not taken back, from a point on. Raises Http404 for a point that cannot be."""
    said = _said_by(owner)
    if before:
        point = parse_id(before)
        if point is None:
            raise Http404("There is no such point among the corrections.")
        said = said.filter(pk__lt=point)
    found = list(said[: PAGE + 1])
    shown = found[:PAGE]
    address = reverse("corrections")
    return OwnCorrections(
        lines=_lines(owner, shown),
        next_url=with_query(address, {"before": shown[-1].pk}) if len(found) > PAGE else None,
        start_url=address if before else None,
    )


def _said_by(owner: User) -> QuerySet[Correction]:
    of_photos = Exists(Judgement.objects.filter(correction=OuterRef("pk")))
    said = Correction.objects.filter(of_photos, owner=owner, undone_at=None).exclude(verdict=Verdict.BLOCKED)
    return said.order_by("-pk")


def _lines(owner: User, shown: Sequence[Correction]) -> tuple[Line, ...]:
    """Three questions, however many they are: how many photos each is of, which are shown, and their rows."""
    judgements = Judgement.objects.filter(correction=OuterRef("pk")).order_by("-photo")
    first = {f"photo{n}": Subquery(judgements.values("photo")[n : n + 1]) for n in range(SHOWN)}
    pks = [correction.pk for correction in shown]
    rows = Correction.objects.filter(pk__in=pks).annotate(**first).values_list("pk", *first) if pks else []
    ids = {pk: [photo for photo in photos if photo] for pk, *photos in rows}
    of_each = Judgement.objects.filter(correction__in=pks).order_by().values_list("correction")
    counted = of_each.annotate(of=Count("pk"), standing=Count("pk", filter=Q(stands=True)))
    counts = {pk: (count, standing) for pk, count, standing in counted}
    wanted = {photo for photos in ids.values() for photo in photos}
    photos = Photo.objects.owned_by(owner).only(*CARD_FIELDS).in_bulk(wanted) if wanted else {}
    return tuple(
        Line(
            correction=correction.pk,
            words=said_in_words(correction, counts[correction.pk][0]),
            made_at=correction.made_at,
            count=counts[correction.pk][0],
            stands=counts[correction.pk][1] > 0,
            photos=tuple(card_of(photos[pk]) for pk in ids[correction.pk] if pk in photos),
        )
        for correction in shown
        if correction.pk in counts
    )

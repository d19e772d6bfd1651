"""The relational store's answers about what people have published: who, how much, since when."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import F, Sum

from pictograph.store.interface import LeafVector, Publisher
from pictograph.store.relational.models import EVERY_YEAR, CategoryCount, Growth, LeafSum
from pictograph.store.relational.tally import ordinal_of, unpack_parts
from pictograph.store.scope import public_of


def people_in(wnid: str, stop: int, limit: int, year: int | None = None) -> list[Publisher]:
    """Who has published most photos in a category: most first, then by ascending id."""
    counters = CategoryCount.objects.filter(
        scope__lt=0, wnid=wnid, year=EVERY_YEAR if year is None else year, stop__lte=stop
    )
    most = counters.values("scope").annotate(sum=Sum("photos")).order_by("-sum", "-scope")
    return [Publisher(-scope, photos) for scope, photos in most.values_list("scope", "sum")[:limit]]


def counts_of(owners: Sequence[int], wnids: Sequence[str], stop: int) -> dict[int, dict[str, int]]:
    """What each of several people has published in categories."""
    scopes = [public_of(owner).key for owner in owners]
    counters = CategoryCount.objects.filter(scope__in=scopes, wnid__in=wnids, year=EVERY_YEAR, stop__lte=stop)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for scope, wnid, photos in counters.order_by("scope", "wnid").values_list("scope", "wnid").annotate(Sum("photos")):
        counts[-scope][wnid] = photos
    return dict(counts)


def growth(wnid: str, stop: int) -> dict[date, int]:
    """The network's photos in a category by the month they were published in, the earliest first."""
    rows = Growth.objects.filter(wnid=wnid, stop__lte=stop).order_by("month")
    return {_first_day(month): photos for month, photos in rows.values_list("month").annotate(Sum("photos"))}


def recent(stop: int, since: date) -> dict[str, int]:
    """The network's photos published in the month of a day or later, by wnid."""
    rows = Growth.objects.filter(month__gte=ordinal_of(since), stop__lte=stop).order_by("wnid")
    return dict(rows.values_list("wnid").annotate(Sum("photos")))


def leaf_vectors(owners: Sequence[int], network: int) -> dict[int, LeafVector]:
    """The sums of what each of several people has published."""
    rows = LeafSum.objects.filter(network=network, scope__among=frozenset(public_of(owner).key for owner in owners))
    return {
        -scope: LeafVector(photos, unpack_parts(parts))
        for scope, photos, parts in rows.order_by(F("scope").desc()).values_list("scope", "photos", "parts")
    }


def _first_day(ordinal: int) -> date:
    return date(ordinal // 12, ordinal % 12 + 1, 1)

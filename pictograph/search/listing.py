"""The photos that a query fits, newest first, a page at a time; the most selective part leads and the others sift.

Rows and predictions may be kept on different servers, so nothing joins them: candidates come from one side in the order
of the list, a few hundred at a time, and the other side is asked about these. Who runs out of patience gets what was
found and the point to go on from: nothing is left out.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from pictograph.photos.library import Point
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.search.dates import Span
from pictograph.search.places import indexed_at, photos_at
from pictograph.search.terms import Place
from pictograph.search.words import PhotoWord, with_word
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.listings import Standing
from pictograph.store.scope import Scope

FEW, MANY = 90, 400  # candidates taken at a time: a page first, then more where they turn out not to fit
PATIENCE = 2000  # candidates looked at for a page
COUNTED = 5000  # rows that are counted in an index to know which side leads
MANY_ROWS = 10 * COUNTED  # what stands for more than were counted

Candidate = tuple[datetime, int]


@dataclass(frozen=True)
class Sought:
    """What photos are looked for: of one of the categories, in one of the places and spans, with all of the words.

    What is empty narrows nothing; of spans that is None, and none of them fit no photo.
    """

    scope: Scope
    stop: int
    wnids: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    spans: tuple[Span, ...] | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A page of photos by id, and the point where the search goes on, None at its end."""

    ids: tuple[int, ...]
    after: Point | None


def find(sought: Sought, counts: Callable[[str], int], after: Point | None, limit: int) -> Found:
    """The photos that fit after a point, at most so many. `counts` says how many photos a category has."""
    lead, others = _leader(sought, counts)
    candidates = _of_spans(lead, sought.spans, after)
    found: list[int] = []
    last: Candidate | None = None  # that is in the scope: an address may name no other photo
    looked = 0
    size = FEW
    while chunk := list(islice(candidates, size)):
        visible = _visible(sought, [pk for _, pk in chunk])
        fitting = _fitting(others, visible)
        for moment, pk in chunk:
            if pk in fitting:
                if len(found) == limit:
                    return Found(tuple(found), _point(last))
                found.append(pk)
            if pk in visible:
                last = moment, pk
        looked += len(chunk)
        if len(chunk) < size:
            break
        if looked >= PATIENCE and last is not None:
            return Found(tuple(found), _point(last))
        size = MANY
    return Found(tuple(found), None)


Lead = Callable[[datetime | None, Candidate | None], Iterator[Candidate]]  # before a moment, after a candidate


def _leader(sought: Sought, counts: Callable[[str], int]) -> tuple[Lead, Sought]:
    """The part of a query that fits the fewest photos, as candidates newest first, and what is left to ask of these."""
    sizes: list[tuple[int, int, Lead, Sought]] = []
    if sought.wnids:
        streams: list[Lead] = [partial(_of_category, sought, wnid) for wnid in sought.wnids]
        size = sum(counts(wnid) for wnid in sought.wnids)
        sizes.append((size, 1, partial(_merged, streams), replace(sought, wnids=())))
    for order, word in enumerate(sought.words, start=2):
        rows = with_word(sought.scope, word)
        others = replace(sought, words=tuple(other for other in sought.words if other != word))
        sizes.append((_counted(rows), order, partial(_of_words, rows), others))
    if sought.places:
        streams = [partial(_of_photos, photos_at(place, sought.scope)) for place in sought.places]
        size = sum(_counted(indexed_at(place, sought.scope)) for place in sought.places)
        sizes.append((size, 0, partial(_merged, streams), replace(sought, places=())))
    if not sizes:
        return partial(_of_category, sought, ALL_PHOTOS), sought
    _size, _order, lead, others = min(sizes, key=lambda size: size[:2])
    return lead, others


def _counted(rows: "QuerySet[PhotoWord] | PhotoQuerySet") -> int:
    count = rows[:COUNTED].count()
    return count if count < COUNTED else MANY_ROWS


def _of_spans(lead: Lead, spans: Sequence[Span] | None, after: Point | None) -> Iterator[Candidate]:
    """The candidates of all time, or of spans, latest first, after a point."""
    point = (after.moment, after.photo_id) if after else None
    if spans is None:
        yield from lead(None, point)
        return
    for span in spans:
        if point is not None and point[0] < span.begin:
            continue
        within = point if point is not None and point[0] < span.end else None
        for candidate in lead(span.end, within):
            if candidate[0] < span.begin:
                break
            yield candidate


def _of_category(sought: Sought, wnid: str, before: datetime | None, after: Candidate | None) -> Iterator[Candidate]:
    """What the store lists in a category, with the moments that the rows say; rows that are gone are passed over."""
    listing = Listing(wnid, sought.stop, Order.NEWEST)
    point = after or ((before, 0) if before else None)
    cursor = Standing(*point).cursor if point else None
    limit = FEW
    while True:
        page = prediction_store().photos_in(sought.scope, listing, after=cursor, limit=limit)
        ids = [member.photo_id for member in page.members]
        moments = dict(Photo.objects.filter(pk__among=frozenset(ids)).values_list("pk", "shown_at"))
        yield from ((moments[pk], pk) for pk in ids if pk in moments)
        cursor, limit = page.after, MANY
        if cursor is None:
            return


def _of_words(rows: "QuerySet[PhotoWord]", before: datetime | None, after: Candidate | None) -> Iterator[Candidate]:
    return _of_rows(rows.order_by("-shown_at", "-photo_id"), "photo_id", before, after)


def _of_photos(photos: PhotoQuerySet, before: datetime | None, after: Candidate | None) -> Iterator[Candidate]:
    return _of_rows(photos.newest_first(), "id", before, after)


def _of_rows(rows: "QuerySet[Any]", key: str, before: datetime | None, after: Candidate | None) -> Iterator[Candidate]:
    if before is not None:
        rows = rows.filter(shown_at__lt=before)
    limit = FEW
    while True:
        page = rows
        if after is not None:
            # The first condition repeats what the second implies; it lets the index range start here.
            page = page.filter(shown_at__lte=after[0]).filter(Q(shown_at__lt=after[0]) | Q(**{f"{key}__lt": after[1]}))
        found = list(page.values_list("shown_at", key)[:limit])
        yield from found
        if len(found) < limit:
            return
        after, limit = found[-1], MANY


def _merged(streams: Sequence[Lead], before: datetime | None, after: Candidate | None) -> Iterator[Candidate]:
    """Several streams as one, each candidate once."""
    if len(streams) == 1:
        yield from streams[0](before, after)
        return
    last: Candidate | None = None
    for candidate in heapq.merge(*(stream(before, after) for stream in streams), reverse=True):
        if candidate != last:
            yield candidate
        last = candidate


def _visible(sought: Sought, ids: Sequence[int]) -> set[int]:
    """Those of some photos that the scope may show: the rows decide."""
    photos = Photo.objects.in_scope(sought.scope).classified().filter(pk__among=frozenset(ids))
    if sought.spans is not None:
        photos = photos.filter(_within(sought.spans))
    return set(photos.values_list("pk", flat=True))


def _fitting(sought: Sought, visible: set[int]) -> set[int]:
    """Those of some photos that places, words and categories fit too."""
    fitting = set(visible)
    if sought.places and fitting:
        there: set[int] = set()
        for place in sought.places:
            there |= set(photos_at(place, sought.scope).filter(pk__among=fitting).values_list("pk", flat=True))
        fitting &= there
    for word in sought.words if fitting else ():
        fitting &= set(with_word(sought.scope, word).filter(photo__pk__among=fitting).values_list("photo", flat=True))
    if sought.wnids and fitting:
        listed: set[int] = set()
        for wnid in sought.wnids:
            listed |= prediction_store().among(sorted(fitting), wnid, sought.stop).keys()
        fitting &= listed
    return fitting


def _within(spans: Sequence[Span]) -> Q:
    within = Q(pk__in=[])
    for span in spans:
        within |= Q(shown_at__gte=span.begin, shown_at__lt=span.end)
    return within


def _point(candidate: Candidate | None) -> Point | None:
    return Point(candidate[0].astimezone(UTC), candidate[1]) if candidate else None

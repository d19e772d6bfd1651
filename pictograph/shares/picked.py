"""Counts and lists of the photos that a link shows where no counter has them: between two days, and of an album.

What their categories are is asked of the store once, and kept until one of these photos comes, goes or is read anew.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Count, F, Max, Sum

from pictograph.photos.models import PhotoQuerySet
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Member, Order, Page, Record
from pictograph.store.listings import Standing, require_order, year_of
from pictograph.store.scope import Scope

CHUNK = 500  # photos asked for at a time
MOST_PICKED = 5000  # photos that a link of days or of an album is made of: each is asked of the store by itself
KEPT = 8  # selections of this process, those that were not asked for the longest go first


@dataclass(frozen=True)
class Entry:
    """A photo in a category."""

    photo_id: int
    confidence: float
    shown_at: datetime

    def standing(self, order: Order) -> Standing:
        """Its point in an order."""
        return Standing(self.confidence if order is Order.BEST else self.shown_at, self.photo_id)


class PickedLists:
    """The lists of some photos, at one stop of the dial; of whose library they are does not matter here."""

    def __init__(self, records: Iterable[Record], stop: int, within: str = "") -> None:
        self._within = within
        self._in: dict[str, list[Entry]] = {}
        self._years: dict[str, Counter[int]] = {}
        for record in records:
            listed = {a.wnid: a.confidence for a in record.assignments if a.stop <= stop}
            for wnid, confidence in {ALL_PHOTOS: 1.0, **listed}.items():
                self._in.setdefault(wnid, []).append(Entry(record.photo_id, confidence, record.shown_at))
                self._years.setdefault(wnid, Counter())[year_of(record.shown_at)] += 1

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are shown."""
        if year is None:
            return {wnid: len(entries) for wnid, entries in self._in.items()}
        return {wnid: years[year] for wnid, years in self._years.items() if years[year]}

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are shown, in every year that has any, latest first."""
        return dict(sorted(self._years.get(wnid, Counter()).items(), reverse=True))

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset."""
        place = None if after is None else Standing.read(listing.order, after)
        following = (one for one in self._listed(listing) if place is None or one.standing(listing.order) < place)
        found = list(islice(following, limit + 1))
        cursor = found[limit - 1].standing(listing.order).cursor if len(found) > limit else None
        best = self.best_of(scope, [listing.typical] if listing.typical else [], listing.stop, listing.year)
        members = tuple(Member(one.photo_id, one.confidence) for one in found[:limit])
        return Page(members, cursor, best[listing.typical].photo_id if best else None)

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing."""
        ids: list[int | None] = [one.photo_id for one in self._listed(listing)]
        if photo_id not in ids:
            return None, None
        around = [None, *ids, None]
        place = around.index(photo_id)
        return around[place - 1], around[place + 1]

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid."""
        pages = {wnid: self.photos_in(scope, Listing(wnid, stop, year=year), limit=1) for wnid in wnids}
        return {wnid: page.members[0] for wnid, page in pages.items() if page.members}

    def _listed(self, listing: Listing) -> list[Entry]:
        require_order(listing)
        outside = {one.photo_id for wnid in listing.outside for one in self._in.get(wnid, ())}
        entries = (one for one in self._in.get(listing.wnid, ()) if one.photo_id not in outside)
        inside = (one for one in entries if listing.year in (None, year_of(one.shown_at)))
        return sorted(inside, key=lambda one: one.standing(listing.order), reverse=True)


_lock = threading.Lock()
_picking = threading.Lock()  # many who open a link at once wait for one of them
_kept: OrderedDict[object, tuple[object, PickedLists]] = OrderedDict()


def picked_lists(key: object, photos: PhotoQuerySet, stop: int, covers: Callable[[Record], bool]) -> PickedLists:
    """The lists of those of some photos that are covered, kept under a key that changes when what is covered does."""
    state = (stop, tuple(sorted(photos.aggregate(**_STATE).items())))
    if known := _known(key, state):
        return known
    with _picking:
        return _known(key, state) or _picked(key, state, photos, stop, covers)


def _known(key: object, state: object) -> PickedLists | None:
    with _lock:
        known = _kept.get(key)
        if known is None or known[0] != state:
            return None
        _kept.move_to_end(key)
        return known[1]


def _picked(
    key: object, state: object, photos: PhotoQuerySet, stop: int, covers: Callable[[Record], bool]
) -> PickedLists:
    ids = list(photos.order_by("pk").values_list("pk", flat=True))
    chunks = (prediction_store().find_many(ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK))
    lists = PickedLists((record for chunk in chunks for record in chunk if covers(record)), stop)
    with _lock:
        _kept[key] = state, lists
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return lists


# Which photos they are, and which reading and which edition of the catalogue made their categories.
_STATE = {
    "photos": Count("pk"),
    "ids": Sum("pk"),
    "squares": Sum(F("pk") * F("pk")),
    "read": Max("finished_at"),
    "editions": Sum("edition"),
    "networks": Sum("network_id"),
}

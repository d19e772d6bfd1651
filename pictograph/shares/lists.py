"""Counts and lists of the photos that a link shows, read off the store's counters: all of a library, or of one year.

What is left out is subtracted, which is exact: categories are nested or share no photo, so those of a category that is
left out are missing from it, from all below it and from all above it, and from no other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from pictograph.catalogue.snapshot import browsing
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Member, Order, Page
from pictograph.store.listings import year_of
from pictograph.store.scope import Scope

NOTHING = Page((), None)


@dataclass(frozen=True)
class CountedLists:
    """The lists of a scope's photos in the category `within`, of one `year` or all, in none of `hidden`.

    Nor are those that a moderator has taken `down`, which are few: rows leave them out of lists, and each is taken off
    the counters by itself. Every question is answered at one `stop` of the dial, and about these photos alone, whatever
    it asks for.
    """

    scope: Scope
    stop: int
    within: str
    year: int | None
    hidden: tuple[str, ...]
    down: tuple[int, ...] = ()

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are shown."""
        if not self._meets(year) or (self.within and not self._is_shown(self.within)):
            return {}
        counts = prediction_store().counts(self.scope, self.stop, self.year or year)
        left = {wnid: counts[wnid] for wnid in self._topmost() if wnid in counts}
        for wnid, photos in left.items():
            for above in (ALL_PHOTOS, *_above(wnid)):
                counts[above] = counts.get(above, 0) - photos
        for wnid in chain.from_iterable(self._down(self.year or year)):
            counts[wnid] = counts.get(wnid, 0) - 1
        whole = counts.get(self.within, 0)
        shown = {wnid: photos for wnid, photos in counts.items() if photos > 0 and self._is_shown(wnid)}
        return shown | {ALL_PHOTOS: whole} if whole else {}

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are shown, in every year that has any, latest first."""
        wnid = wnid or self.within
        if wnid and not self._is_shown(wnid):
            return {}
        years = prediction_store().years(self.scope, wnid, self.stop)
        for hidden in self._topmost():
            if wnid in (ALL_PHOTOS, *_above(hidden)):
                for year, photos in prediction_store().years(self.scope, hidden, self.stop).items():
                    years[year] -= photos
        for year in list(years) if self.down else ():
            years[year] -= sum(wnid in wnids for wnids in self._down(year))
        return {year: photos for year, photos in years.items() if photos > 0 and self._meets(year)}

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset."""
        narrowed = self._narrowed(listing)
        if narrowed is None:
            return NOTHING
        page = prediction_store().photos_in(self.scope, replace(narrowed, typical=""), after=after, limit=limit)
        best = self.best_of(scope, [listing.typical] if listing.typical else [], self.stop, listing.year)
        return replace(page, typical=best[listing.typical].photo_id if best else None)

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing."""
        narrowed = self._narrowed(listing)
        return (None, None) if narrowed is None else prediction_store().neighbours(self.scope, narrowed, photo_id)

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid."""
        listings = {wnid: self._narrowed(Listing(wnid, self.stop, Order.BEST, year)) for wnid in wnids}
        asked = {wnid: listing for wnid, listing in listings.items() if listing is not None}
        enough = 1 + len(self.down)
        pages = {wnid: prediction_store().photos_in(self.scope, one, limit=enough) for wnid, one in asked.items()}
        shown = {wnid: [one for one in page.members if one.photo_id not in self.down] for wnid, page in pages.items()}
        return {wnid: members[0] for wnid, members in shown.items() if members}

    def _down(self, year: int | None) -> list[tuple[str, ...]]:
        """The categories, ALL_PHOTOS among them, of each photo that was taken down and would be shown otherwise."""
        return [wnids for of_year, wnids in self._down_ever if year in (None, of_year)]

    @cached_property
    def _down_ever(self) -> list[tuple[int, tuple[str, ...]]]:
        """The same of every year, each with its own."""
        found = []
        for record in prediction_store().find_many(self.down) if self.down else ():
            wnids = {a.wnid for a in record.assignments if a.stop <= self.stop}
            if wnids.isdisjoint(self.hidden) and (not self.within or self.within in wnids):
                found.append((year_of(record.shown_at), (ALL_PHOTOS, *wnids)))
        return found

    def _narrowed(self, listing: Listing) -> Listing | None:
        """The store's listing of these photos; None where there can be none."""
        wnid = listing.wnid or self.within
        if not self._meets(listing.year) or (wnid and not self._is_shown(wnid)):
            return None
        outside = tuple(dict.fromkeys((*listing.outside, *self.hidden)))
        return replace(listing, wnid=wnid, stop=self.stop, year=self.year or listing.year, outside=outside)

    def _meets(self, year: int | None) -> bool:
        return None in (year, self.year) or year == self.year

    def _is_shown(self, wnid: str) -> bool:
        """Whether a category lies within the one shown, and in none that is left out."""
        path = set(_path(wnid))
        return (not self.within or self.within in path) and path.isdisjoint(self.hidden)

    def _topmost(self) -> Iterator[str]:
        """Of the categories left out those that lie in no other one, and in what is shown."""
        for wnid in self.hidden:
            path = set(_above(wnid))
            if path.isdisjoint(self.hidden) and (not self.within or self.within in {*path, wnid}):
                yield wnid


def _path(wnid: str) -> tuple[str, ...]:
    """A category and all above it; one that the tree has lost is by itself."""
    if wnid not in browsing().categories:
        return (wnid,)
    return tuple(category.wnid for category in browsing().path(wnid))


def _above(wnid: str) -> tuple[str, ...]:
    return tuple(above for above in _path(wnid) if above != wnid)

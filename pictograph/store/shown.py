"""The store as people read it: through the tree that moderators have changed, over what is stored by the shipped one.

Nothing is written for a change. A category that is not shown is left out of what is read; its photos are in those above
it as they always were. One that is shown as another has its photos in that one's lists and counts: no photo is in both,
so counts add up and lists are merged by what they are sorted by.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from heapq import merge
from itertools import islice
from typing import TypeVar

import numpy as np

from classifier.network.labels import Classification
from pictograph.store.interface import (
    ALL_PEOPLE,
    ALL_PHOTOS,
    Assignment,
    Embeddings,
    Facts,
    LeafVector,
    Listing,
    Member,
    Name,
    Page,
    PredictionStore,
    Publisher,
    Record,
)
from pictograph.store.listings import Standing, require_order
from pictograph.store.scope import Scope
from taxonomy.hedging import LEAST_BITS
from taxonomy.showing import Showing

Key = TypeVar("Key")


class ShownStore:
    """A prediction store read through what is shown; it is written as it is.

    `asked` gives what is shown now, None where nothing is changed.
    """

    def __init__(self, store: PredictionStore, asked: Callable[[], Showing | None]) -> None:
        self._store = store
        self._asked = asked

    def record(self, records: Sequence[Record]) -> None:
        """Keep a batch; a photo recorded again replaces what the same network said, and is listed by this one."""
        self._store.record(records)

    def rename(self, records: Sequence[Record]) -> None:
        """Take over the assignments and names of photos of which the store holds what these were made of."""
        self._store.rename(records)

    def find(self, photo_id: int) -> Record | None:
        """What a photo is listed by."""
        found = self.find_many([photo_id])
        return found[0] if found else None

    def find_many(self, photo_ids: Sequence[int]) -> list[Record]:
        """What each photo is listed by, by ascending id; those that are not recorded are left out."""
        return _read(self._asked(), self._store.find_many(photo_ids))

    def said_of(self, photo_ids: Sequence[int], network: int) -> dict[int, Classification]:
        """What a network said of some photos, whichever lists them now; those it has not seen are left out."""
        return self._store.said_of(photo_ids, network)

    def categories_of(self, photo_ids: Sequence[int], stop: int) -> dict[int, tuple[str, ...]]:
        """The categories that list each photo at a stop, general ones first; unrecorded photos are left out."""
        listed, showing = self._store.categories_of(photo_ids, stop), self._asked()
        if showing is None:
            return listed
        return {photo_id: tuple(_read_as(showing, wnids)) for photo_id, wnids in listed.items()}

    def names(self, photo_ids: Sequence[int], stop: int) -> dict[int, Name]:
        """What each photo is called at a stop; photos that have no name are left out."""
        names, showing = self._store.names(photo_ids, stop), self._asked()
        if showing is None:
            return names
        read = ((photo_id, name_shown(showing, name)) for photo_id, name in names.items())
        return {photo_id: name for photo_id, name in read if name is not None}

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset.

        Raises ValueError for a cursor it did not give, and for the best of ALL_PHOTOS: nothing is surer than that a
        photo is a photo, so there is only the newest (and every confidence is 1).
        """
        showing = self._asked()
        if showing is None:
            return self._store.photos_in(scope, listing, after=after, limit=limit)
        require_order(listing)
        parts = _stored(showing, listing)
        if len(parts) == 1 and showing.stored(listing.typical) == (listing.typical,):
            return self._store.photos_in(scope, parts[0], after=after, limit=limit)
        if after is not None:
            Standing.read(listing.order, after)
        pages = [self._store.photos_in(scope, replace(one, typical=""), after=after, limit=limit) for one in parts]
        best = self.best_of(scope, [listing.typical], listing.stop, listing.year) if listing.typical else {}
        typical = best[listing.typical].photo_id if best else None
        return replace(_together(pages, limit), typical=typical)

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing; None where there is none, or it is not listed."""
        showing = self._asked()
        if showing is None:
            return self._store.neighbours(scope, listing, photo_id)
        parts = _stored(showing, listing)
        place = next(filter(None, (self._store.standing(scope, one, photo_id) for one in parts)), None)
        if place is None:
            return None, None
        before, after = _around([self._store.beside(scope, one, place) for one in parts])
        return before.photo_id if before else None, after.photo_id if after else None

    def standing(self, scope: Scope, listing: Listing, photo_id: int) -> Standing | None:
        """Where a photo stands in a listing, None where it is not listed."""
        parts = _stored(self._asked(), listing)
        return next(filter(None, (self._store.standing(scope, one, photo_id) for one in parts)), None)

    def beside(self, scope: Scope, listing: Listing, place: Standing) -> tuple[Standing | None, Standing | None]:
        """Where the photos just before and just after a point in a listing stand; None where there is none."""
        return _around([self._store.beside(scope, one, place) for one in _stored(self._asked(), listing)])

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""
        return _summed(self._asked(), self._store.counts(scope, stop, year))

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid; categories without photos are left out."""
        showing = self._asked()
        if showing is None:
            return self._store.best_of(scope, wnids, stop, year)
        parts = {wnid: showing.stored(wnid) for wnid in wnids}
        found = self._store.best_of(scope, _each_once(parts.values()), stop, year)
        candidates = {wnid: [found[part] for part in of_it if part in found] for wnid, of_it in parts.items()}
        return {w: max(some, key=lambda one: (one.confidence, one.photo_id)) for w, some in candidates.items() if some}

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""
        years = _added(self._store.years(scope, part, stop) for part in _parts(self._asked(), wnid))
        return dict(sorted(years.items(), reverse=True))

    def among(self, photo_ids: Sequence[int], wnid: str, stop: int) -> dict[int, float]:
        """Those of some photos that are in a category, or classified for ALL_PHOTOS, with the confidence of each."""
        found: dict[int, float] = {}
        for part in _parts(self._asked(), wnid):
            found |= self._store.among(photo_ids, part, stop)
        return found

    def people_in(self, wnid: str, stop: int, limit: int, year: int | None = None) -> list[Publisher]:
        """Who has published most photos in a category, or in ALL_PHOTOS: most first, then by ascending id."""
        parts = _parts(self._asked(), wnid)
        if len(parts) == 1:
            return self._store.people_in(parts[0], stop, limit, year)
        everyone = (self._store.people_in(part, stop, ALL_PEOPLE, year) for part in parts)
        photos = _added({one.owner: one.photos for one in some} for some in everyone)
        most = sorted(photos.items(), key=lambda one: (-one[1], one[0]))
        return [Publisher(owner, photos) for owner, photos in most[:limit]]

    def counts_of(self, owners: Sequence[int], wnids: Sequence[str], stop: int) -> dict[int, dict[str, int]]:
        """What each of several people has published in categories, ALL_PHOTOS possibly among them.

        Who has published in none of them is left out, and so is of each person the category without photos.
        """
        showing = self._asked()
        if showing is None:
            return self._store.counts_of(owners, wnids, stop)
        found = self._store.counts_of(owners, _each_once(map(showing.stored, wnids)), stop)
        return {owner: summed for owner, counts in found.items() if (summed := _summed(showing, counts))}

    def growth(self, wnid: str, stop: int) -> dict[date, int]:
        """The network's photos in a category, or in ALL_PHOTOS, by the first day of the month they were published in.

        The earliest month comes first; months are those of UTC, and a month without photos is left out.
        """
        return dict(sorted(_added(self._store.growth(part, stop) for part in _parts(self._asked(), wnid)).items()))

    def recent(self, stop: int, since: date) -> dict[str, int]:
        """The network's photos published in the month of a day or later, by wnid; under ALL_PHOTOS all of them."""
        return _summed(self._asked(), self._store.recent(stop, since))

    def leaf_vector(self, scope: Scope, network: int) -> LeafVector | None:
        """The summed probabilities by one network, None where it classified nothing."""
        return self._store.leaf_vector(scope, network)

    def leaf_vectors(self, owners: Sequence[int], network: int) -> dict[int, LeafVector]:
        """Of what each of several people has published; people of whom the network classified nothing are left out."""
        return self._store.leaf_vectors(owners, network)

    def embeddings(self, scope: Scope, network: int, *, after: int = 0, limit: int = 5000) -> Embeddings:
        """What a network made of a scope's photos, in the order of their ids, beginning after one; none at the end."""
        return self._store.embeddings(scope, network, after=after, limit=limit)

    def embedding_of(self, photo_id: int, network: int) -> np.ndarray | None:
        """What a network made of one photo, (d,) float16; None where it has not seen it."""
        return self._store.embedding_of(photo_id, network)

    def embeddings_of(self, photo_ids: Sequence[int], network: int) -> Embeddings:
        """What a network made of some photos, in the order of their ids; those it has not seen are left out."""
        return self._store.embeddings_of(photo_ids, network)

    def update(self, facts: Sequence[Facts]) -> None:
        """Take over dates and visibility; photos the store does not know are passed over."""
        self._store.update(facts)

    def forget(self, photo_ids: Sequence[int]) -> None:
        """Forget photos everywhere and by every network: categories, counters, sums, embeddings."""
        self._store.forget(photo_ids)

    def forget_owner(self, owner: int) -> None:
        """Drop every trace of a person, their photos included."""
        self._store.forget_owner(owner)

    def records(self, scope: Scope, *, after: int = 0, limit: int = 500) -> list[Record]:
        """What photos are listed by, in the order of their ids, beginning after one; empty at the end."""
        return _read(self._asked(), self._store.records(scope, after=after, limit=limit))

    def recount(self, scope: Scope, *, is_check: bool = False) -> list[str]:
        """Recompute counters and sums from what is recorded, mend them, and say each difference found."""
        return self._store.recount(scope, is_check=is_check)


def read_as_shown(showing: Showing, record: Record) -> Record:
    """A record as what is shown reads it."""
    assignments: dict[str, Assignment] = {}
    for one in record.assignments:
        wnid = showing.listed_as(one.wnid)
        if wnid and wnid not in assignments:
            assignments[wnid] = replace(one, wnid=wnid)
    names = tuple(name and name_shown(showing, name) for name in record.names)
    return replace(record, assignments=tuple(assignments.values()), names=names)


def _read(showing: Showing | None, records: list[Record]) -> list[Record]:
    return records if showing is None else [read_as_shown(showing, record) for record in records]


def _read_as(showing: Showing, wnids: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(filter(None, (showing.listed_as(wnid) for wnid in wnids)))


def name_shown(showing: Showing, name: Name) -> Name | None:
    """A stored name as it is shown: where that is one further up, the photo is that at least as surely."""
    wnid, categories = showing.shown(name.wnid), showing.tree.categories
    if wnid == name.wnid:
        return name
    while wnid and categories[wnid].information < LEAST_BITS:
        wnid = categories[wnid].parent or ""
    return Name(wnid, name.confidence) if wnid else None


def _parts(showing: Showing | None, wnid: str) -> tuple[str, ...]:
    return (wnid,) if showing is None or wnid == ALL_PHOTOS else showing.stored(wnid)


def _stored(showing: Showing | None, listing: Listing) -> list[Listing]:
    """The stored listings that a shown one is made of, which share no photo.

    What is left out and not shown is left out still.
    """
    if showing is None:
        return [listing]
    outside = _each_once(showing.stored(wnid) or (wnid,) for wnid in listing.outside)
    return [replace(listing, wnid=wnid, outside=outside) for wnid in _parts(showing, listing.wnid)]


def _summed(showing: Showing | None, counts: Mapping[str, int]) -> dict[str, int]:
    """Counts of stored categories as counts of the shown ones."""
    if showing is None:
        return dict(counts)
    summed: Counter[str] = Counter()
    for wnid, photos in counts.items():
        if wnid == ALL_PHOTOS:
            summed[wnid] += photos
        elif shown := showing.listed_as(wnid):
            summed[shown] += photos
    return dict(summed)


def _added(some: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    added: Counter[Key] = Counter()
    for counts in some:
        added.update(counts)
    return dict(added)


def _each_once(some: Iterable[Collection[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wnid for wnids in some for wnid in wnids))


def _together(pages: Sequence[Page], limit: int) -> Page:
    """The first page of several lists that share no photo, as one list."""
    lists = [
        [(Standing(key, member.photo_id), member) for key, member in zip(page.keys, page.members, strict=True)]
        for page in pages
    ]
    listed = merge(*lists, key=lambda one: one[0], reverse=True)
    found = list(islice(listed, limit + 1))
    is_more = len(found) > limit or any(page.after for page in pages)
    shown = found[:limit]
    after = shown[-1][0].cursor if is_more and shown else None
    return Page(tuple(member for _, member in shown), after, keys=tuple(place.key for place, _ in shown))


def _around(
    some: Sequence[tuple[Standing | None, Standing | None]],
) -> tuple[Standing | None, Standing | None]:
    """The nearest of several on both sides; what comes before stands higher."""
    before = min((one for one, _ in some if one is not None), default=None)
    after = max((one for _, one in some if one is not None), default=None)
    return before, after

"""A prediction store in the process's own memory, without transactions: for tests, and to read what each answer means.

Every answer is computed from the records, so nothing is counted that could be counted wrongly. A batch is taken a
photo at a time, each in one step.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.store.interface import (
    ALL_PHOTOS,
    Embeddings,
    Facts,
    LeafVector,
    Listing,
    Member,
    Name,
    Order,
    Page,
    Publisher,
    Record,
)
from pictograph.store.listings import Standing, month_of, require_order, year_of
from pictograph.store.scope import NETWORK, Scope, public_of, scopes_of


@dataclass(frozen=True, eq=False)
class _Kept:
    """What a photo is listed by, and what each network said of it, as well after what people said."""

    listed: Record
    said: dict[int, Record]


class MemoryStore:
    """Predictions in a dict by photo."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}

    def record(self, records: Sequence[Record]) -> None:
        """Keep a batch; a photo recorded again replaces what the same network said, and is listed by this one."""
        for record in records:
            known = self._kept.get(record.photo_id)
            said = {**(known.said if known else {}), record.network: record}
            self._kept[record.photo_id] = _Kept(record, said)

    def rename(self, records: Sequence[Record]) -> None:
        """Take over assignments, names and what sums are made of, of photos of which the store holds what was said.

        Dates and visibility stay as the store has them. A photo is passed over that has been forgotten, or classified
        differently or by another network since, and one of which the store knows more corrections.
        """
        for record in records:
            known = self._kept.get(record.photo_id)
            if known and known.listed.is_said_as(record) and known.listed.corrections <= record.corrections:
                listed = replace(
                    known.listed,
                    assignments=record.assignments,
                    names=record.names,
                    corrected=record.corrected,
                    corrections=record.corrections,
                )
                self._kept[record.photo_id] = _Kept(listed, {**known.said, record.network: listed})

    def find(self, photo_id: int) -> Record | None:
        """What a photo is listed by."""
        return self._kept[photo_id].listed if photo_id in self._kept else None

    def find_many(self, photo_ids: Sequence[int]) -> list[Record]:
        """What each photo is listed by, by ascending id; those that are not recorded are left out."""
        return [self._kept[photo_id].listed for photo_id in sorted(set(photo_ids)) if photo_id in self._kept]

    def said_of(self, photo_ids: Sequence[int], network: int) -> dict[int, Classification]:
        """What a network said of some photos, whichever lists them now; those it has not seen are left out."""
        said = {photo_id: self._kept[photo_id].said for photo_id in sorted(set(photo_ids)) if photo_id in self._kept}
        return {photo_id: of_it[network].classification for photo_id, of_it in said.items() if network in of_it}

    def categories_of(self, photo_ids: Sequence[int], stop: int) -> dict[int, tuple[str, ...]]:
        """The categories that list each photo at a stop, general ones first; unrecorded photos are left out."""
        records = self.find_many(photo_ids)
        return {record.photo_id: tuple(a.wnid for a in record.assignments if a.stop <= stop) for record in records}

    def names(self, photo_ids: Sequence[int], stop: int) -> dict[int, Name]:
        """What each photo is called at a stop; photos that have no name are left out."""
        found = {photo_id: self._kept[photo_id].listed.names for photo_id in photo_ids if photo_id in self._kept}
        at_stop = {photo_id: names[stop] for photo_id, names in found.items() if stop < len(names)}
        return {photo_id: name for photo_id, name in at_stop.items() if name is not None}

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset.

        Raises ValueError for a cursor it did not give, and for the best of ALL_PHOTOS: nothing is surer than that a
        photo is a photo, so there is only the newest (and every confidence is 1).
        """
        listed = self._in_order(scope, listing)
        if after is not None:
            place = Standing.read(listing.order, after)
            listed = [(standing, member) for standing, member in listed if standing < place]
        members, keys = tuple(member for _, member in listed[:limit]), tuple(place.key for place, _ in listed[:limit])
        best = self.best_of(scope, [listing.typical] if listing.typical else [], listing.stop, listing.year)
        typical = best[listing.typical].photo_id if best else None
        return Page(members, listed[limit - 1][0].cursor if len(listed) > limit else None, typical, keys=keys)

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing; None where there is none, or it is not listed."""
        ids: list[int | None] = [member.photo_id for _, member in self._in_order(scope, listing)]
        if photo_id not in ids:
            return None, None
        place = ids.index(photo_id) + 1
        around = [None, *ids, None]
        return around[place - 1], around[place + 1]

    def standing(self, scope: Scope, listing: Listing, photo_id: int) -> Standing | None:
        """Where a photo stands in a listing, None where it is not listed."""
        return next((place for place, _ in self._in_order(scope, listing) if place.photo_id == photo_id), None)

    def beside(self, scope: Scope, listing: Listing, place: Standing) -> tuple[Standing | None, Standing | None]:
        """Where the photos just before and just after a point in a listing stand; None where there is none."""
        places = [one for one, _ in self._in_order(scope, listing)]
        before, after = [one for one in places if one > place], [one for one in places if one < place]
        return before[-1] if before else None, after[0] if after else None

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""
        return dict(Counter(wnid for record in self._of(scope, year) for wnid in _categories(record, stop)))

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid; categories without photos are left out."""
        pages = {wnid: self.photos_in(scope, Listing(wnid, stop, year=year), limit=1) for wnid in wnids}
        return {wnid: page.members[0] for wnid, page in pages.items() if page.members}

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""
        inside = (record for record in self._of(scope) if wnid in _categories(record, stop))
        return dict(sorted(Counter(year_of(record.shown_at) for record in inside).items(), reverse=True))

    def among(self, photo_ids: Sequence[int], wnid: str, stop: int) -> dict[int, float]:
        """Those of some photos that are in a category, or classified for ALL_PHOTOS, with the confidence of each."""
        inside = {record.photo_id: _categories(record, stop) for record in self.find_many(photo_ids)}
        return {photo_id: categories[wnid] for photo_id, categories in inside.items() if wnid in categories}

    def people_in(self, wnid: str, stop: int, limit: int, year: int | None = None) -> list[Publisher]:
        """Who has published most photos in a category, or in ALL_PHOTOS: most first, then by ascending id."""
        counted = Counter(r.owner_id for r in self._of(NETWORK, year) if wnid in _categories(r, stop))
        publishers = [Publisher(owner, photos) for owner, photos in counted.items()]
        return sorted(publishers, key=lambda one: (-one.photos, one.owner))[:limit]

    def counts_of(self, owners: Sequence[int], wnids: Sequence[str], stop: int) -> dict[int, dict[str, int]]:
        """What each of several people has published in categories, ALL_PHOTOS possibly among them.

        Who has published in none of them is left out, and so is of each person the category without photos.
        """
        counts = {owner: self.counts(public_of(owner), stop) for owner in owners}
        wanted = {o: {w: photos for w, photos in of.items() if w in wnids} for o, of in counts.items()}
        return {owner: of_owner for owner, of_owner in wanted.items() if of_owner}

    def growth(self, wnid: str, stop: int) -> dict[date, int]:
        """The network's photos in a category, or in ALL_PHOTOS, by the first day of the month they were published in.

        The earliest month comes first; months are those of UTC, and a month without photos is left out.
        """
        inside = [r for r in self._of(NETWORK) if wnid in _categories(r, stop)]
        return dict(sorted(Counter(month_of(r.published_at) for r in inside if r.published_at).items()))

    def recent(self, stop: int, since: date) -> dict[str, int]:
        """The network's photos published in the month of a day or later, by wnid; under ALL_PHOTOS all of them."""
        first = since.replace(day=1)
        late = [r for r in self._of(NETWORK) if r.published_at and month_of(r.published_at) >= first]
        return dict(Counter(wnid for record in late for wnid in _categories(record, stop)))

    def leaf_vector(self, scope: Scope, network: int) -> LeafVector | None:
        """The summed probabilities by one network, None where it classified nothing."""
        said = [self._kept[record.photo_id].said.get(network) for record in self._of(scope)]
        spoken = [record.summed for record in said if record is not None]
        if not spoken:
            return None
        parts = np.zeros(max(_classes(one) for one in spoken), dtype=np.int64)
        for one in spoken:
            parts[one.classes] += one.parts
        return LeafVector(len(spoken), parts)

    def leaf_vectors(self, owners: Sequence[int], network: int) -> dict[int, LeafVector]:
        """Of what each of several people has published; people of whom the network classified nothing are left out."""
        vectors = {owner: self.leaf_vector(public_of(owner), network) for owner in owners}
        return {owner: vector for owner, vector in vectors.items() if vector is not None}

    def embeddings(self, scope: Scope, network: int, *, after: int = 0, limit: int = 5000) -> Embeddings:
        """What a network made of a scope's photos, in the order of their ids, beginning after one; none at the end."""
        of_scope = sorted(r.photo_id for r in self._of(scope) if r.photo_id > after)
        ids = [photo_id for photo_id in of_scope if network in self._kept[photo_id].said][:limit]
        vectors = [self._kept[photo_id].said[network].classification.embedding for photo_id in ids]
        return Embeddings(
            np.array(ids, dtype=np.int64),
            np.stack(vectors).astype(np.float16) if vectors else np.zeros((0, 0), dtype=np.float16),
        )

    def embedding_of(self, photo_id: int, network: int) -> np.ndarray | None:
        """What a network made of one photo, (d,) float16; None where it has not seen it."""
        said = self._kept[photo_id].said.get(network) if photo_id in self._kept else None
        return None if said is None else said.classification.embedding.astype(np.float16)

    def embeddings_of(self, photo_ids: Sequence[int], network: int) -> Embeddings:
        """What a network made of some photos, in the order of their ids; those it has not seen are left out."""
        found = [(i, v) for i in sorted(set(photo_ids)) if (v := self.embedding_of(i, network)) is not None]
        vectors = np.stack([vector for _, vector in found]) if found else np.zeros((0, 0), dtype=np.float16)
        return Embeddings(np.array([photo_id for photo_id, _ in found], dtype=np.int64), vectors)

    def update(self, facts: Sequence[Facts]) -> None:
        """Take over dates and visibility; photos the store does not know are passed over."""
        for fact in facts:
            if known := self._kept.get(fact.photo_id):
                listed = replace(known.listed, shown_at=fact.shown_at, published_at=fact.published_at)
                self._kept[fact.photo_id] = _Kept(listed, known.said)

    def forget(self, photo_ids: Sequence[int]) -> None:
        """Forget photos everywhere and by every network: categories, counters, sums, embeddings."""
        for photo_id in photo_ids:
            self._kept.pop(photo_id, None)

    def forget_owner(self, owner: int) -> None:
        """Drop every trace of a person, their photos included."""
        self.forget([photo_id for photo_id, kept in self._kept.items() if kept.listed.owner_id == owner])

    def records(self, scope: Scope, *, after: int = 0, limit: int = 500) -> list[Record]:
        """What photos are listed by, in the order of their ids, beginning after one; empty at the end."""
        return sorted((r for r in self._of(scope) if r.photo_id > after), key=lambda record: record.photo_id)[:limit]

    def recount(self, scope: Scope, *, is_check: bool = False) -> list[str]:
        """Recompute counters and sums from what is recorded, and say each difference found: none are kept."""
        return []

    def _of(self, scope: Scope, year: int | None = None) -> Iterator[Record]:
        for kept in self._kept.values():
            record = kept.listed
            if scope in scopes_of(record.owner_id, record.is_public) and year in (None, year_of(record.shown_at)):
                yield record

    def _in_order(self, scope: Scope, listing: Listing) -> list[tuple[Standing, Member]]:
        require_order(listing)
        listed = []
        for record in self._of(scope, listing.year):
            inside = _categories(record, listing.stop)
            if listing.wnid in inside and not inside.keys() & set(listing.outside):
                confidence = inside[listing.wnid]
                key = confidence if listing.order is Order.BEST else record.shown_at
                listed.append((Standing(key, record.photo_id), Member(record.photo_id, confidence)))
        return sorted(listed, key=lambda one: one[0], reverse=True)


def _categories(record: Record, stop: int) -> dict[str, float]:
    """The categories that list a photo at a stop, ALL_PHOTOS among them, with the confidence in each."""
    return {ALL_PHOTOS: 1.0} | {a.wnid: a.confidence for a in record.assignments if a.stop <= stop}


def _classes(probabilities: SparseProbabilities) -> int:
    """Up to which class there are any."""
    return 1 + int(probabilities.classes.max()) if len(probabilities.classes) else 0

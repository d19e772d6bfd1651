"""The prediction store in tables of the site's own database, SQLite or PostgreSQL."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery, Sum

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.store.interface import (
    ALL_PHOTOS,
    Embeddings,
    Facts,
    LeafVector,
    Listing,
    Member,
    Name,
    Page,
    Publisher,
    Record,
)
from pictograph.store.listings import Standing
from pictograph.store.relational import published
from pictograph.store.relational.listed import (
    best_of,
    counters,
    following,
    listed,
    page_of,
    preceding,
    sort_column,
    within,
)
from pictograph.store.relational.models import (
    EVERY_YEAR,
    SUMMED,
    CategoryCount,
    ClassifiedPhoto,
    LeafSum,
    PhotoCategory,
    Prediction,
    PublicCategory,
)
from pictograph.store.relational.names import take_names
from pictograph.store.relational.news import take_over
from pictograph.store.relational.packing import (
    category_rows,
    photo_row,
    places_of,
    prediction_row,
    unpack_classification,
    unpack_embedding,
    unpack_names,
    unpack_places,
    unpack_record,
)
from pictograph.store.relational.public import list_publicly
from pictograph.store.relational.recount import LOOKS, look_through, mend, note_mending, prepare_to_mend
from pictograph.store.relational.tables import insert
from pictograph.store.relational.tally import Tally, unpack_parts, writing
from pictograph.store.scope import Scope, library_of, public_of

CHUNK = 500  # photos a transaction: other writers wait for a fraction of a second at most
NEWS_TOGETHER = 2500  # the same, where only dates and visibility change

Item = TypeVar("Item")


class RelationalStore:
    """Predictions, the photos they list, and counters and sums of them, in several tables."""

    def record(self, records: Sequence[Record]) -> None:
        """Keep a batch; a photo recorded again replaces what the same network said, and is listed by this one."""
        for chunk in _chunks(records):
            said = {(record.photo_id, record.network): record for record in chunk}
            listing = {record.photo_id: record for record in chunk}
            with writing() as tally:
                known = _count_out(list(listing), tally)
                for (photo_id, network), probabilities in known.items():
                    if (photo_id, network) not in said:
                        now = listing[photo_id]
                        tally.sum(now.owner_id, now.is_public, network, [probabilities])
                for record in said.values():
                    now = listing[record.photo_id]
                    tally.sum(now.owner_id, now.is_public, record.network, [record.summed])
                for record in listing.values():
                    tally.count(record.owner_id, record.published_at, record.shown_at, places_of(record.assignments))
                insert(Prediction, [prediction_row(record) for record in said.values()], ("photo_id", "network"))
                insert(ClassifiedPhoto, [photo_row(record) for record in listing.values()], ("photo_id",))
                PhotoCategory.objects.filter(photo_id__in={photo_id for photo_id, _ in known}).delete()
                insert(PhotoCategory, [row for r in listing.values() for row in category_rows(r, r.assignments)])
                list_publicly(listing)

    def rename(self, records: Sequence[Record]) -> None:
        """Take over assignments, names and what sums are made of, of photos of which the store holds what was said.

        Dates and visibility stay as the store has them. A photo is passed over that has been forgotten, or classified
        differently or by another network since, and one of which the store knows more corrections.
        """
        for chunk in _chunks(records):
            with writing() as tally:
                take_names(chunk, tally)

    def find(self, photo_id: int) -> Record | None:
        """What a photo is listed by."""
        found = self.find_many([photo_id])
        return found[0] if found else None

    def find_many(self, photo_ids: Sequence[int]) -> list[Record]:
        """What each photo is listed by, by ascending id; those that are not recorded are left out."""
        return _records(ClassifiedPhoto.objects.filter(photo_id__in=photo_ids).order_by("photo_id"))

    def said_of(self, photo_ids: Sequence[int], network: int) -> dict[int, Classification]:
        """What a network said of some photos, whichever lists them now; those it has not seen are left out."""
        seen = Prediction.objects.filter(photo_id__among=frozenset(photo_ids), network=network).order_by("photo_id")
        return {prediction.photo_id: unpack_classification(prediction) for prediction in seen}

    def categories_of(self, photo_ids: Sequence[int], stop: int) -> dict[int, tuple[str, ...]]:
        """The categories that list each photo at a stop, general ones first; unrecorded photos are left out."""
        rows = ClassifiedPhoto.objects.filter(photo_id__among=frozenset(photo_ids)).order_by("photo_id")
        return {
            photo_id: tuple(wnid for wnid, safest in unpack_places(assignments) if safest <= stop)
            for photo_id, assignments in rows.values_list("photo_id", "assignments")
        }

    def names(self, photo_ids: Sequence[int], stop: int) -> dict[int, Name]:
        """What each photo is called at a stop; photos that have no name are left out."""
        rows = ClassifiedPhoto.objects.filter(photo_id__among=frozenset(photo_ids)).values_list("photo_id", "names")
        named = ((photo_id, unpack_names(names)[stop : stop + 1]) for photo_id, names in rows)
        return {photo_id: name for photo_id, names in named for name in names if name is not None}

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset.

        Raises ValueError for a cursor it did not give, and for the best of ALL_PHOTOS: nothing is surer than that a
        photo is a photo, so there is only the newest (and every confidence is 1).
        """
        place = None if after is None else Standing.read(listing.order, after)
        found = page_of(scope, listing, place, limit + 1)
        last = Standing(found[limit - 1][1], found[limit - 1][0]) if len(found) > limit else None
        members = (Member(photo_id, confidence) for photo_id, _, confidence, _ in found[:limit])
        after, typical = None if last is None else last.cursor, found[0][3] if found else None
        return Page(tuple(members), after, typical, keys=tuple(key for _, key, _, _ in found[:limit]))

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing; None where there is none, or it is not listed."""
        place = self.standing(scope, listing, photo_id)
        if place is None:
            return None, None
        before, after = self.beside(scope, listing, place)
        return before.photo_id if before else None, after.photo_id if after else None

    def standing(self, scope: Scope, listing: Listing, photo_id: int) -> Standing | None:
        """Where a photo stands in a listing, None where it is not listed."""
        rows = listed(scope, listing).filter(photo_id=photo_id)
        key = rows.values_list(sort_column(listing.order), flat=True).first()
        return None if key is None else Standing(key, photo_id)

    def beside(self, scope: Scope, listing: Listing, place: Standing) -> tuple[Standing | None, Standing | None]:
        """Where the photos just before and just after a point in a listing stand; None where there is none."""
        rows, columns = listed(scope, listing), (sort_column(listing.order), "photo_id")
        before = preceding(rows, listing.order, place).values_list(*columns).first()
        after = following(rows, listing.order, place).values_list(*columns).first()
        return Standing(*before) if before else None, Standing(*after) if after else None

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""
        return dict(counters(scope, stop, year).order_by("wnid").values_list("wnid").annotate(Sum("photos")))

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid; categories without photos are left out."""
        rows = best_of(scope, wnids, stop, year)
        return {wnid: Member(photo_id, confidence) for wnid, photo_id, confidence in rows if photo_id is not None}

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""
        rows = CategoryCount.objects.filter(scope=scope.key, wnid=wnid, year__gt=EVERY_YEAR, stop__lte=stop)
        return dict(rows.order_by("-year").values_list("year").annotate(Sum("photos")))

    def among(self, photo_ids: Sequence[int], wnid: str, stop: int) -> dict[int, float]:
        """Those of some photos that are in a category, or classified for ALL_PHOTOS, with the confidence of each."""
        these = frozenset(photo_ids)
        if wnid == ALL_PHOTOS:
            known = ClassifiedPhoto.objects.filter(photo_id__among=these)
            return dict.fromkeys(known.values_list("photo_id", flat=True), 1.0)
        inside = PhotoCategory.objects.filter(photo_id__among=these, wnid=wnid, stop__lte=stop)
        return dict(inside.values_list("photo_id", "confidence"))

    def people_in(self, wnid: str, stop: int, limit: int, year: int | None = None) -> list[Publisher]:
        """Who has published most photos in a category, or in ALL_PHOTOS: most first, then by ascending id."""
        return published.people_in(wnid, stop, limit, year)

    def counts_of(self, owners: Sequence[int], wnids: Sequence[str], stop: int) -> dict[int, dict[str, int]]:
        """What each of several people has published in categories, ALL_PHOTOS possibly among them.

        Who has published in none of them is left out, and so is of each person the category without photos.
        """
        return published.counts_of(owners, wnids, stop)

    def growth(self, wnid: str, stop: int) -> dict[date, int]:
        """The network's photos in a category, or in ALL_PHOTOS, by the first day of the month they were published in.

        The earliest month comes first; months are those of UTC, and a month without photos is left out.
        """
        return published.growth(wnid, stop)

    def recent(self, stop: int, since: date) -> dict[str, int]:
        """The network's photos published in the month of a day or later, by wnid; under ALL_PHOTOS all of them."""
        return published.recent(stop, since)

    def leaf_vector(self, scope: Scope, network: int) -> LeafVector | None:
        """The summed probabilities by one network, None where it classified nothing."""
        row = LeafSum.objects.filter(scope=scope.key, network=network).first()
        return None if row is None else LeafVector(row.photos, unpack_parts(row.parts))

    def leaf_vectors(self, owners: Sequence[int], network: int) -> dict[int, LeafVector]:
        """Of what each of several people has published; people of whom the network classified nothing are left out."""
        return published.leaf_vectors(owners, network)

    def embeddings(self, scope: Scope, network: int, *, after: int = 0, limit: int = 5000) -> Embeddings:
        """What a network made of a scope's photos, in the order of their ids, beginning after one; none at the end."""
        seen = Prediction.objects.filter(photo_id=OuterRef("photo_id"), network=network).values("embedding")
        photos = within(scope).filter(photo_id__gt=after).annotate(embedding=Subquery(seen))
        rows = photos.filter(embedding__isnull=False).order_by("photo_id").values_list("photo_id", "embedding")
        return _embeddings(rows[:limit])

    def embedding_of(self, photo_id: int, network: int) -> np.ndarray | None:
        """What a network made of one photo, (d,) float16; None where it has not seen it."""
        rows = Prediction.objects.filter(photo_id=photo_id, network=network).values_list("embedding", flat=True)
        stored = rows.first()
        return None if stored is None else unpack_embedding(stored)

    def embeddings_of(self, photo_ids: Sequence[int], network: int) -> Embeddings:
        """What a network made of some photos, in the order of their ids; those it has not seen are left out."""
        seen = Prediction.objects.filter(photo_id__in=photo_ids, network=network).order_by("photo_id")
        return _embeddings(seen.values_list("photo_id", "embedding"))

    def update(self, facts: Sequence[Facts]) -> None:
        """Take over dates and visibility; photos the store does not know are passed over."""
        for start in range(0, len(facts), NEWS_TOGETHER):
            take_over(facts[start : start + NEWS_TOGETHER])

    def forget(self, photo_ids: Sequence[int]) -> None:
        """Forget photos everywhere and by every network: categories, counters, sums, embeddings."""
        for chunk in _chunks(photo_ids):
            with writing() as tally:
                _count_out(chunk, tally)
                for table in (PublicCategory, PhotoCategory, Prediction, ClassifiedPhoto):
                    table._default_manager.filter(photo_id__in=chunk).delete()

    def forget_owner(self, owner: int) -> None:
        """Drop every trace of a person, their photos included."""
        theirs = ClassifiedPhoto.objects.filter(owner_id=owner).values_list("photo_id", flat=True)
        while chunk := list(theirs[:CHUNK]):
            self.forget(chunk)
        keys = (library_of(owner).key, public_of(owner).key)
        with writing():
            note_mending()
            CategoryCount.objects.filter(scope__in=keys).delete()
            LeafSum.objects.filter(scope__in=keys).delete()

    def records(self, scope: Scope, *, after: int = 0, limit: int = 500) -> list[Record]:
        """What photos are listed by, in the order of their ids, beginning after one; empty at the end."""
        return _records(within(scope).filter(photo_id__gt=after).order_by("photo_id")[:limit])

    def recount(self, scope: Scope, *, is_check: bool = False) -> list[str]:
        """Recompute counters and sums from what is recorded, mend them, and say each difference found."""
        if is_check:
            return look_through(scope).said
        prepare_to_mend()
        differences: dict[str, None] = {}  # one that is seen again is one difference
        for _ in range(LOOKS):
            found = look_through(scope)
            if not found.said:
                break
            differences |= dict.fromkeys(found.said)
            mend(found)
        return list(differences)


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _said_of(photo_ids: Sequence[int]) -> dict[tuple[int, int], SparseProbabilities]:
    """What sums are made of, of photos by (photo, network)."""
    rows = Prediction.objects.filter(photo_id__in=photo_ids) if photo_ids else Prediction.objects.none()
    return {
        (photo_id, network): SparseProbabilities.decode(bytes(probabilities))
        for photo_id, network, probabilities in rows.values_list("photo_id", "network", SUMMED)
    }


def _count_out(photo_ids: Sequence[int], tally: Tally) -> dict[tuple[int, int], SparseProbabilities]:
    """Take those photos that are known out of counters and sums, and give what was said of them."""
    rows = ClassifiedPhoto.objects.in_bulk(photo_ids)
    for row in rows.values():
        tally.count(row.owner_id, row.published_at, row.shown_at, unpack_places(row.assignments), sign=-1)
    said = _said_of(list(rows))
    for (photo_id, network), probabilities in said.items():
        row = rows[photo_id]
        tally.sum(row.owner_id, row.is_public, network, [probabilities], sign=-1)
    return said


def _records(photos: QuerySet[ClassifiedPhoto]) -> list[Record]:
    """Records put together of two tables; a photo that is forgotten between the two statements is left out."""
    rows = list(photos)
    predictions = Prediction.objects.filter(
        photo_id__in=[row.photo_id for row in rows], network__in={row.network for row in rows}
    )
    said = {(prediction.photo_id, prediction.network): prediction for prediction in predictions}
    return [unpack_record(row, said[key]) for row in rows if (key := (row.photo_id, row.network)) in said]


def _embeddings(rows: Iterable[tuple[int, bytes | memoryview]]) -> Embeddings:
    found = [(photo_id, unpack_embedding(embedding)) for photo_id, embedding in rows]
    vectors = np.stack([vector for _, vector in found]) if found else np.zeros((0, 0), dtype=np.float16)
    return Embeddings(np.array([photo_id for photo_id, _ in found], dtype=np.int64), vectors)

"""What every prediction store can do. `tests/pictograph/store/` holds each of them to it.

No transaction spans a store and the site's database. The site's rows are the truth and what a store says is a hint: the
site records before it marks a photo as classified, and marks a photo as deleted before the store forgets it. Every call
may be made again after a process was killed in the middle of it, and then leaves what one call leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.store.scope import Scope

if TYPE_CHECKING:
    from pictograph.store.listings import Standing

ALL_PHOTOS = ""  # stands where a wnid could, for every classified photo whatever its category
ALL_PEOPLE = 10_000_000  # people, more than there are


class Order(StrEnum):
    """How the photos of a category are listed; ties go to the newer photo."""

    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True)
class Assignment:
    """A photo in a category: how sure the network is (0 to 1), and the safest stop of the dial that lists it there."""

    wnid: str
    confidence: float
    stop: int


@dataclass(frozen=True)
class Name:
    """What a photo is called, and how sure the network is of that (0 to 1)."""

    wnid: str
    confidence: float


@dataclass(frozen=True, eq=False)
class Record:
    """All a store keeps of one photo by one network: the prediction, and what the catalogue made of it.

    `published_at` is None while the photo is private. `assignments` are general ones first; `names` has one entry for
    each stop of the dial, None where nothing may be said. `corrected` are the probabilities after what people said of
    the photo, which sums are made of; None where that is what the network said. `corrections` is how often people had
    said something by then: what knows of fewer never takes the place of what knows of more.
    """

    photo_id: int
    owner_id: int
    shown_at: datetime
    published_at: datetime | None
    network: int
    classification: Classification
    assignments: tuple[Assignment, ...]
    names: tuple[Name | None, ...]
    corrected: SparseProbabilities | None = None
    corrections: int = 0

    @property
    def summed(self) -> SparseProbabilities:
        """What sums are made of."""
        return self.classification.probabilities if self.corrected is None else self.corrected

    @property
    def is_public(self) -> bool:
        """Whether the photo is published."""
        return self.published_at is not None

    def is_said_as(self, other: "Record") -> bool:
        """Whether the same network says the very same in both, whatever a catalogue or people made of it."""
        return _said_in(self) == _said_in(other)


@dataclass(frozen=True)
class Facts:
    """What the store must know of a photo besides its prediction; the site's row has changed one of them."""

    photo_id: int
    shown_at: datetime
    published_at: datetime | None

    @property
    def is_public(self) -> bool:
        """Whether the photo is published."""
        return self.published_at is not None


@dataclass(frozen=True)
class Member:
    """A photo in a category, and how sure the network is that it belongs there (0 to 1)."""

    photo_id: int
    confidence: float


@dataclass(frozen=True)
class Page:
    """A stretch of a category's photos; `after` asks for the next one, None at the end.

    `typical` is the photo that the category `typical` of the listing is surest of, None where it names or has none.
    `keys` are what the members are sorted by.
    """

    members: tuple[Member, ...]
    after: str | None
    typical: int | None = None
    keys: tuple[float | datetime, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Listing:
    """Which photos, in which order: those of a category or of ALL_PHOTOS, of one year or all, at a stop of the dial.

    Photos that sit at this stop in one of the categories `outside` are left out. Of the category `typical` a page tells
    the surest photo too.
    """

    wnid: str
    stop: int
    order: Order = Order.BEST
    year: int | None = None
    outside: tuple[str, ...] = ()
    typical: str = ""


@dataclass(frozen=True, eq=False)
class LeafVector:
    """Summed class probabilities of `photos` photos.

    `parts` (n,) int64 in units of 1/65535 goes up to the last class that has any: how many there are the network knows.
    """

    photos: int
    parts: np.ndarray

    def dense(self, classes: int) -> np.ndarray:
        """(classes,) int64 parts."""
        return np.pad(self.parts, (0, classes - len(self.parts)))

    def without(self, some: "LeafVector") -> "LeafVector | None":
        """The sums of the other photos, where `some` are of photos that are among these; None where there are none."""
        if some.photos >= self.photos:
            return None
        classes = max(len(self.parts), len(some.parts))
        return LeafVector(self.photos - some.photos, np.maximum(self.dense(classes) - some.dense(classes), 0))


@dataclass(frozen=True)
class Publisher:
    """A person, and how many photos they have published."""

    owner: int
    photos: int


@dataclass(frozen=True, eq=False)
class Embeddings:
    """What one network made of photos: `photo_ids` (n,) int64 ascending, `vectors` (n, d) float16 in the same order."""

    photo_ids: np.ndarray
    vectors: np.ndarray


def _said_in(record: Record) -> object:
    said = record.classification
    embedding = said.embedding.astype("<f2").tobytes()
    return (record.network, said.model, said.probabilities.encode(), embedding, said.evidence)


class PredictionStore(Protocol):
    """Predictions by photo and network, and of the network that classified a photo last its categories and names.

    `stop` is a position of the dial, 0 the safest. Counters and sums are kept for each of the three scopes.
    """

    def record(self, records: Sequence[Record]) -> None:
        """Keep a batch; a photo recorded again replaces what the same network said, and is listed by this one."""

    def rename(self, records: Sequence[Record]) -> None:
        """Take over assignments, names and what sums are made of, of photos of which the store holds what was said.

        Dates and visibility stay as the store has them. A photo is passed over that has been forgotten, or classified
        differently or by another network since, and one of which the store knows more corrections.
        """

    def find(self, photo_id: int) -> Record | None:
        """What a photo is listed by."""

    def find_many(self, photo_ids: Sequence[int]) -> list[Record]:
        """What each photo is listed by, by ascending id; those that are not recorded are left out."""

    def said_of(self, photo_ids: Sequence[int], network: int) -> dict[int, Classification]:
        """What a network said of some photos, whichever lists them now; those it has not seen are left out."""

    def categories_of(self, photo_ids: Sequence[int], stop: int) -> dict[int, tuple[str, ...]]:
        """The categories that list each photo at a stop, general ones first; unrecorded photos are left out."""

    def names(self, photo_ids: Sequence[int], stop: int) -> dict[int, Name]:
        """What each photo is called at a stop; photos that have no name are left out."""

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset.

        Raises ValueError for a cursor it did not give, and for the best of ALL_PHOTOS: nothing is surer than that a
        photo is a photo, so there is only the newest (and every confidence is 1).
        """

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing; None where there is none, or it is not listed."""

    def standing(self, scope: Scope, listing: Listing, photo_id: int) -> "Standing | None":
        """Where a photo stands in a listing, None where it is not listed."""

    def beside(self, scope: Scope, listing: Listing, place: "Standing") -> "tuple[Standing | None, Standing | None]":
        """Where the photos just before and just after a point in a listing stand; None where there is none."""

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid; categories without photos are left out."""

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""

    def among(self, photo_ids: Sequence[int], wnid: str, stop: int) -> dict[int, float]:
        """Those of some photos that are in a category, or classified for ALL_PHOTOS, with the confidence of each."""

    def people_in(self, wnid: str, stop: int, limit: int, year: int | None = None) -> list[Publisher]:
        """Who has published most photos in a category, or in ALL_PHOTOS: most first, then by ascending id."""

    def counts_of(self, owners: Sequence[int], wnids: Sequence[str], stop: int) -> dict[int, dict[str, int]]:
        """What each of several people has published in categories, ALL_PHOTOS possibly among them.

        Who has published in none of them is left out, and so is of each person the category without photos.
        """

    def growth(self, wnid: str, stop: int) -> dict[date, int]:
        """The network's photos in a category, or in ALL_PHOTOS, by the first day of the month they were published in.

        The earliest month comes first; months are those of UTC, and a month without photos is left out.
        """

    def recent(self, stop: int, since: date) -> dict[str, int]:
        """The network's photos published in the month of a day or later, by wnid; under ALL_PHOTOS all of them."""

    def leaf_vector(self, scope: Scope, network: int) -> LeafVector | None:
        """The summed probabilities by one network, None where it classified nothing."""

    def leaf_vectors(self, owners: Sequence[int], network: int) -> dict[int, LeafVector]:
        """Of what each of several people has published; people of whom the network classified nothing are left out."""

    def embeddings(self, scope: Scope, network: int, *, after: int = 0, limit: int = 5000) -> Embeddings:
        """What a network made of a scope's photos, in the order of their ids, beginning after one; none at the end."""

    def embedding_of(self, photo_id: int, network: int) -> np.ndarray | None:
        """What a network made of one photo, (d,) float16; None where it has not seen it."""

    def embeddings_of(self, photo_ids: Sequence[int], network: int) -> Embeddings:
        """What a network made of some photos, in the order of their ids; those it has not seen are left out."""

    def update(self, facts: Sequence[Facts]) -> None:
        """Take over dates and visibility; photos the store does not know are passed over."""

    def forget(self, photo_ids: Sequence[int]) -> None:
        """Forget photos everywhere and by every network: categories, counters, sums, embeddings."""

    def forget_owner(self, owner: int) -> None:
        """Drop every trace of a person, their photos included."""

    def records(self, scope: Scope, *, after: int = 0, limit: int = 500) -> list[Record]:
        """What photos are listed by, in the order of their ids, beginning after one; empty at the end."""

    def recount(self, scope: Scope, *, is_check: bool = False) -> list[str]:
        """Recompute counters and sums from what is recorded, mend them, and say each difference found.

        Others write on meanwhile, without waiting for it. A check changes nothing.
        """

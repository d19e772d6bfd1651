"""What every prediction store can do. `tests/pictograph/store/` holds each of them to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

import numpy as np

from classifier.network.labels import Classification

# Whose photos a question is about: a person's id, or NETWORK for everyone's public ones.
Scope = NewType("Scope", int)
NETWORK = Scope(0)

ALL_PHOTOS = ""  # stands where a wnid could, for every classified photo whatever its category


def scope_of(owner_id: int) -> Scope:
    """One person's own photos, public or not."""
    return Scope(owner_id)


class Order(StrEnum):
    """How the photos of a category are listed; ties go to the newer photo."""

    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True, eq=False)
class PhotoPrediction:
    """A classification with what the store must know of its photo."""

    photo_id: int
    owner_id: int
    shown_at: datetime
    is_public: bool
    classification: Classification


@dataclass(frozen=True)
class Member:
    """A photo in a category, and how sure the network is that it belongs there (0 to 1)."""

    photo_id: int
    confidence: float


@dataclass(frozen=True)
class Placed:
    """A category a photo sits in, and how sure the network is that it belongs there (0 to 1)."""

    wnid: str
    confidence: float


@dataclass(frozen=True)
class Page:
    """A stretch of a category's photos; `after` asks for the next one, None at the end."""

    members: tuple[Member, ...]
    after: str | None


@dataclass(frozen=True, eq=False)
class LeafVector:
    """Summed class probabilities of `photos` photos: `parts` (classes,) int64 in units of 1/65535."""

    photos: int
    parts: np.ndarray


@dataclass(frozen=True)
class Changes:
    """Photos classified since a sequence number, oldest first, and the number to ask from next time."""

    photo_ids: tuple[int, ...]
    sequence: int


class PredictionStore(Protocol):
    """Predictions, categories, counters and sums.

    `stop` is a position of the dial (an index into `Calibration.stops`). Recording is idempotent: a photo recorded
    again replaces what was known of it, and counters and sums follow.
    """

    def record(self, predictions: Sequence[PhotoPrediction]) -> None:
        """Keep a batch, with the categories each photo sits in."""

    def classification(self, photo_id: int) -> Classification | None:
        """What was recorded of one photo."""

    def photos_in(
        self,
        scope: Scope,
        wnid: str,
        stop: int,
        *,
        order: Order = Order.BEST,
        year: int | None = None,
        after: str | None = None,
        limit: int = 60,
        outside: Sequence[str] = (),
    ) -> Page:
        """The photos of a category, or of ALL_PHOTOS, that are in none of the categories `outside`.

        A page at a time by keyset. Raises ValueError for a cursor it did not give, and for the best of ALL_PHOTOS:
        nothing is surer than that a photo is a photo, so there is only the newest (and every confidence is 1).
        """

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid; categories without photos are left out."""

    def most_specific(self, photo_ids: Sequence[int], stop: int) -> dict[int, Placed]:
        """The narrowest category each photo sits in, by photo; photos that sit in none are left out."""

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""

    def leaf_vector(self, scope: Scope, model: str) -> LeafVector | None:
        """The summed probabilities by one model, None where it classified nothing."""

    def changes(self, scope: Scope, sequence: int) -> Changes:
        """What was recorded after a sequence number; ask first with -1 for where the stream stands now."""

    def set_visibility(self, photo_ids: Sequence[int], is_public: bool) -> None:
        """Publish photos to the network or take them back."""

    def delete(self, photo_ids: Sequence[int]) -> None:
        """Forget photos everywhere: categories, counters, sums, embeddings."""

    def forget(self, scope: Scope) -> None:
        """Drop every trace of a person whose photos have all been deleted."""

    def rebuild(self, scope: Scope) -> list[str]:
        """Recompute categories, counters and sums from the stored probabilities; say each difference found."""

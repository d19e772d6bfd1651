"""What pages ask of a store, or of what stands for one where fewer photos are meant than a scope has."""

from collections.abc import Sequence
from typing import Protocol

from pictograph.store.interface import ALL_PHOTOS, Listing, Member, Page
from pictograph.store.scope import Scope


class Lists(Protocol):
    """Counts and lists of a scope's photos, as `PredictionStore` explains them."""

    def photos_in(self, scope: Scope, listing: Listing, *, after: str | None = None, limit: int = 60) -> Page:
        """The photos of a listing, a page at a time by keyset."""

    def neighbours(self, scope: Scope, listing: Listing, photo_id: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one in a listing."""

    def counts(self, scope: Scope, stop: int, year: int | None = None) -> dict[str, int]:
        """Photos in every category that has any, by wnid; under ALL_PHOTOS all that are classified."""

    def best_of(self, scope: Scope, wnids: Sequence[str], stop: int, year: int | None = None) -> dict[str, Member]:
        """The photo each category is surest of, by wnid."""

    def years(self, scope: Scope, wnid: str = ALL_PHOTOS, stop: int = 0) -> dict[int, int]:
        """Photos of a category, or all that are classified, in every year that has any, latest first."""

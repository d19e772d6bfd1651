"""Where a photo stands in a listing, in which year and month: what all stores have in common."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pictograph.store.interface import ALL_PHOTOS, Listing, Order

DIGITS_AT_MOST = 18  # what a database's 64 bits surely hold


@dataclass(frozen=True, order=True)
class Standing:
    """A photo's point in an order: what it is sorted by, highest first, then by its id, highest first."""

    key: float | datetime
    photo_id: int

    @property
    def cursor(self) -> str:
        """The point as a cursor for the page after it."""
        return f"{self.key.isoformat() if isinstance(self.key, datetime) else repr(self.key)}~{self.photo_id}"

    @classmethod
    def read(cls, order: Order, cursor: str) -> "Standing":
        """The point that a cursor of this order names. Raises ValueError for anything that is no such cursor."""
        text, _, digits = cursor.rpartition("~")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_AT_MOST):
            raise ValueError(f"no point in a listing: {cursor!r}")
        key = float(text) if order is Order.BEST else _moment(text)
        if isinstance(key, float) and not math.isfinite(key):
            raise ValueError(f"no point in a listing: {cursor!r}")
        return cls(key, int(digits))


def _moment(text: str) -> datetime:
    """The moment in UTC. Raises ValueError where it has no zone, or is one that no calendar has in UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"a moment beyond the calendar: {text!r}") from error


def require_order(listing: Listing) -> None:
    """Raise ValueError for the best of all photos, which there is not."""
    if listing.wnid == ALL_PHOTOS and listing.order is Order.BEST:
        raise ValueError("all photos together have no best ones")


def year_of(shown_at: datetime) -> int:
    """The year that a photo is counted in, by UTC: a camera's wall clock is written as that."""
    return shown_at.astimezone(UTC).year


def month_of(moment: datetime) -> date:
    """The first day of a moment's month, by UTC."""
    return moment.astimezone(UTC).date().replace(day=1)

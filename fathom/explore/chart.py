"""A small chart of how many photos were published in each month, drawn by the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pictograph.photos.dates import month_of

MONTHS = 48  # shown at most, the last ones


@dataclass(frozen=True)
class Bar:
    """One month: how many photos, and how high its bar is, 0 to 1 in thousandths."""

    month: date
    photos: int
    height: float

    @property
    def top(self) -> float:
        """Where its bar begins, from the top."""
        return round(1 - self.height, 3)

    @property
    def name(self) -> str:
        """The month in words."""
        return _written(self.month)


@dataclass(frozen=True)
class Chart:
    """Months in a row up to the present one, those without photos too; `most` is the highest."""

    bars: tuple[Bar, ...]

    @property
    def most(self) -> Bar:
        """The month with most photos, the latest of several."""
        return max(self.bars, key=lambda bar: (bar.photos, bar.month))


def chart_of(grown: Mapping[date, int], now: date) -> Chart | None:
    """The chart of what the store says of growth; None where there are not two months to compare."""
    months = [month for month in grown if month <= now]
    if not months:
        return None
    row = _months(max(min(months), _before(now, MONTHS - 1)), now.replace(day=1))
    if len(row) < 2:
        return None
    most = max(grown.get(month, 0) for month in row)
    return Chart(tuple(Bar(m, grown.get(m, 0), round(grown.get(m, 0) / most, 3) if most else 0.0) for m in row))


def since(now: date, months: int) -> date:
    """The first day of the month with which the last few begin, the present one being one of them."""
    return _before(now, months - 1)


def _months(first: date, last: date) -> list[date]:
    row = [first.replace(day=1)]
    while row[-1] < last:
        row.append(_before(row[-1], -1))
    return row


def _before(month: date, by: int) -> date:
    """The first day of the month so many months before."""
    ordinal = month.year * 12 + month.month - 1 - by
    return date(ordinal // 12, ordinal % 12 + 1, 1)


def _written(month: date) -> str:
    return month_of(datetime.combine(month, time(12), tzinfo=UTC))

"""What the page of a comparison shows, as dataclasses: the lists, their chart, and photos of both as evidence.

What is listed is counted at the dial's most specific stop, as in pictographs, and links say so to the pages they lead
to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from fathom.comparison.evidence import Proof, evidence, listing_url
from fathom.comparison.parties import Party
from fathom.comparison.sides import counted
from pictograph.catalogue.snapshot import browsing
from taxonomy.browsing import Category
from taxonomy.comparison import Shared, compare
from taxonomy.rates import Rate

NAMED_AT_ONCE = 3  # categories of an entry, and entries that the sentence at the top names
ROUND_TO = 0.1  # the scale of the chart ends at a round share


@dataclass(frozen=True)
class Bar:
    """One side of an entry: how often, photos as evidence, where a single category is listed; on the chart's scale.

    The photos of several categories have no page of their own; each proof leads to that of its category.
    """

    party: Party
    rate: Rate
    url: str
    proofs: tuple[Proof, ...]
    scale: float

    @property
    def style(self) -> str:
        """Bar and whisker as CSS custom properties, in percent of the scale."""
        share, low, high = (100 * min(1.0, x / self.scale) for x in (self.rate.share, self.rate.low, self.rate.high))
        return f"--share:{share:.2f};--low:{low:.2f};--high:{high:.2f}"

    @property
    def share(self) -> str:
        """The rate in percent with a decimal, for the table."""
        return _percent(self.rate.share)

    @property
    def span(self) -> str:
        """What the rate lies between."""
        return f"{_percent(self.rate.low)} – {_percent(self.rate.high)}"


@dataclass(frozen=True)
class Row:
    """One entry, as both photograph it: a category, or several that count as one, fullest first."""

    categories: tuple[Category, ...]
    first: Bar
    second: Bar

    @property
    def name(self) -> str:
        """The category, or the fullest of several and how many more there are."""
        names = ", ".join(category.name for category in self.categories[:NAMED_AT_ONCE])
        more = len(self.categories) - NAMED_AT_ONCE
        return _("%(names)s and %(count)d more") % {"names": names, "count": more} if more > 0 else names

    @property
    def short_name(self) -> str:
        """The same for a sentence that names several."""
        name = self.categories[0].name
        return _("%(name)s and more") % {"name": name} if len(self.categories) > 1 else name

    @property
    def bars(self) -> tuple[Bar, Bar]:
        """Both sides."""
        return self.first, self.second


@dataclass(frozen=True)
class Group:
    """One of the lists, with its rows, most telling first. `kind` is how pages and tests call it."""

    kind: str
    heading: str
    meaning: str
    rows: tuple[Row, ...]

    @property
    def names(self) -> str:
        """The first entries by name, for a sentence."""
        return ", ".join(row.short_name for row in islice(self.rows, NAMED_AT_ONCE))


@dataclass(frozen=True)
class ComparisonPage:
    """Two side by side: how many `photos` each has, the `similarity` of a hundred, and the lists that are not empty."""

    first: Party
    second: Party
    photos: tuple[int, int]
    similarity: int
    groups: tuple[Group, ...]
    scale: float

    @property
    def is_private(self) -> bool:
        """Whether only the viewer is shown this page."""
        return self.first.is_private or self.second.is_private

    @property
    def url(self) -> str:
        """The address of the page."""
        return compare_url(self.first, self.second)

    @property
    def swapped_url(self) -> str:
        """The address of the same with both in the other's place."""
        return compare_url(self.second, self.first)


def compare_url(first: Party, second: Party) -> str:
    """The address of a comparison."""
    url = reverse("compare", args=[first.word, second.word])
    return f"{url}?years={first.year},{second.year}" if first.year else url


def comparison_page(first: Party, second: Party) -> ComparisonPage:
    """Compare two parties."""
    one, other, base = counted(first, second)
    said = compare(browsing(), one.side, other.side, base)
    lists = {
        "both": (_("Both photograph"), _("As far as the photos tell, neither more often than the other."), said.both),
        "only-first": (first.only, _only(second), said.only_first),
        "more-first": (first.more, _more(second), said.more_first),
        "more-second": (second.more, _more(first), said.more_second),
        "only-second": (second.only, _only(first), said.only_second),
    }
    shared = [entry for _heading, _meaning, found in lists.values() for entry in found]
    scale = _scale(shared)
    proofs = [evidence(side, [entry.wnids for entry in shared]) for side in (one, other)]

    def row(found: Shared) -> Row:
        bars = (
            Bar(party, rate, _url(party, found), shown[found.wnids], scale)
            for party, rate, shown in zip((first, second), (found.first, found.second), proofs, strict=True)
        )
        return Row(tuple(browsing().categories[wnid] for wnid in found.wnids), *bars)

    groups = (
        Group(kind, heading, meaning, tuple(map(row, found))) for kind, (heading, meaning, found) in lists.items()
    )
    return ComparisonPage(
        first=first,
        second=second,
        photos=(one.side.photos, other.side.photos),
        similarity=round(said.similarity),
        groups=tuple(group for group in groups if group.rows),
        scale=scale,
    )


def _scale(shared: Sequence[Shared]) -> float:
    """Where the scale of the chart ends: a round share that holds every whisker."""
    most = max((rate.high for one in shared for rate in (one.first, one.second)), default=1.0)
    return min(1.0, ROUND_TO * float(np.ceil(most / ROUND_TO)))


def _url(party: Party, found: Shared) -> str:
    """Where the photos of a single category are listed, "" for several."""
    return listing_url(party, found.wnids[0]) if len(found.wnids) == 1 else ""


def _percent(share: float) -> str:
    return _("%(number)s%%") % {"number": number_format(100 * share, 1)}


def _only(other: Party) -> str:
    if other.year:
        return _("Hardly any or none in %(year)s.") % {"year": other.year}
    return _("%(name)s: hardly any or none.") % {"name": other.name}


def _more(other: Party) -> str:
    return _("Surely more often than %(name)s, by half at least.") % {"name": other.inside}

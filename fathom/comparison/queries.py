"""What the page of a comparison shows, as dataclasses: the lists, their chart, and photos of both as evidence.

Sums and counters are at hand for each person, so that nothing is counted live. What is listed is counted at the dial's
most specific stop, as in pictographs, and links say so to the pages they lead to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from classifier.network.labels import UNIT
from fathom.comparison.parties import Party
from pictograph.catalogue.dial import sureness
from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.categories.queries import category_url
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, card_of
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, LeafVector, Order
from pictograph.store.scope import NETWORK, Scope, public_of
from pictograph.treemap.queries import most_specific_stop
from taxonomy.browsing import Category
from taxonomy.comparison import Rate, Shared, Side, compare, summed_up

PHOTOS_SHOWN = 3  # of each side of a category at most
NAMED_AT_ONCE = 3  # categories of a list that the sentence at the top names
ROUND_TO = 0.1  # the scale of the chart ends at a round share


@dataclass(frozen=True)
class Bar:
    """One side of a category: how often, where that is listed, photos as evidence; drawn on the chart's scale."""

    party: Party
    rate: Rate
    url: str
    photos: tuple[PhotoCard, ...]
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
    """One category, as both photograph it."""

    category: Category
    first: Bar
    second: Bar

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
        """The first categories by name, for a sentence."""
        return ", ".join(row.category.name for row in islice(self.rows, NAMED_AT_ONCE))


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
    def is_of_years(self) -> bool:
        """Whether two years of one person are compared."""
        return bool(self.first.year)

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
    tree, store, network = browsing(), prediction_store(), catalogue().network or 0
    counts = [store.counts(party.face.scope, most_specific_stop(), party.year) for party in (first, second)]
    everyone = store.leaf_vector(NETWORK, network)
    sums = _sums_of((first, second), everyone, network)
    one, other = (
        _side(sums.get(party.face.scope), count) for party, count in zip((first, second), counts, strict=True)
    )
    said = compare(tree, one, other, _base(everyone, one, other))
    lists = {
        "both": (_("Both photograph"), _("As far as the photos tell, neither more often than the other."), said.both),
        "only-first": (first.only, _only(second), said.only_first),
        "more-first": (first.more, _more(second), said.more_first),
        "more-second": (second.more, _more(first), said.more_second),
        "only-second": (second.only, _only(first), said.only_second),
    }
    shared = [one for _heading, _meaning, found in lists.values() for one in found]
    scale = _scale(shared)
    wnids = [one.wnid for one in shared]
    shown = [_evidence(party, count, wnids) for party, count in zip((first, second), counts, strict=True)]

    def row(found: Shared) -> Row:
        category = tree.categories[found.wnid]
        bars = (
            Bar(party, rate, _category_url(party, category), photos.get(found.wnid, ()), scale)
            for party, rate, photos in zip((first, second), (found.first, found.second), shown, strict=True)
        )
        return Row(category, *bars)

    groups = (
        Group(kind, heading, meaning, tuple(map(row, found))) for kind, (heading, meaning, found) in lists.items()
    )
    return ComparisonPage(
        first=first,
        second=second,
        photos=(one.photos, other.photos),
        similarity=round(said.similarity),
        groups=tuple(group for group in groups if group.rows),
        scale=scale,
    )


def _sums_of(parties: tuple[Party, Party], everyone: LeafVector | None, network: int) -> dict[Scope, LeafVector | None]:
    """The summed probabilities of both; of what people have published with one question, of a year there are none."""
    scopes = [party.face.scope for party in parties if not party.year]
    published = [scope.owner for scope in scopes if scope.public_only and scope.owner is not None]
    found = prediction_store().leaf_vectors(published, network) if published else {}
    sums = {public_of(owner): found.get(owner) for owner in published} | {NETWORK: everyone}
    return sums | {s: prediction_store().leaf_vector(s, network) for s in scopes if not s.public_only}


def _side(summed: LeafVector | None, counts: Mapping[str, int]) -> Side:
    """What a party photographs: by its sums, or where the network has none of it by what is listed."""
    if summed is None:
        return Side.from_counts(browsing(), counts, counts.get(ALL_PHOTOS, 0))
    return Side.from_sum(browsing(), dense(summed), summed.photos, counts)


def dense(summed: LeafVector) -> np.ndarray:
    """(classes,) float64: the probabilities of each class, summed."""
    return summed.dense(len(catalogue().hierarchy.classes)) / UNIT


def _base(everyone: LeafVector | None, one: Side, other: Side) -> np.ndarray:
    """(categories,) the network's rates; where nothing is published those of both together."""
    if everyone is not None:
        return summed_up(browsing(), dense(everyone)) / everyone.photos
    return (one.expected + other.expected) / max(one.photos + other.photos, 1)


def _scale(shared: Sequence[Shared]) -> float:
    """Where the scale of the chart ends: a round share that holds every whisker."""
    most = max((rate.high for one in shared for rate in (one.first, one.second)), default=1.0)
    return min(1.0, ROUND_TO * float(np.ceil(most / ROUND_TO)))


def _evidence(party: Party, counts: Mapping[str, int], wnids: Sequence[str]) -> dict[str, tuple[PhotoCard, ...]]:
    """By category the surest photos of its fullest kinds, which look less alike than the surest of all.

    The rows decide: a photo that a store still lists and that may not be seen any more is left out.
    """
    kinds = {wnid: _kinds(wnid, counts) for wnid in wnids if counts.get(wnid)}
    asked = list(dict.fromkeys(kind for several in kinds.values() for kind in several))
    best = prediction_store().best_of(party.face.scope, asked, most_specific_stop(), party.year) if asked else {}
    ids = {member.photo_id for member in best.values()}
    photos = Photo.objects.in_scope(party.face.scope).only(*CARD_FIELDS).in_bulk(ids) if ids else {}
    root = party.face.photos_root
    shown = {}
    for wnid, several in kinds.items():
        found = dict.fromkeys(best[kind].photo_id for kind in several if kind in best)
        cards = (card_of(photos[pk], root=root, is_described=False) for pk in found if pk in photos)
        shown[wnid] = tuple(islice(cards, PHOTOS_SHOWN))
    return shown


def _kinds(wnid: str, counts: Mapping[str, int]) -> list[str]:
    """The fullest kinds within a category, and last the category itself."""
    below = [child for child in browsing().categories[wnid].children if counts.get(child)]
    fullest = sorted(below, key=lambda child: (-counts[child], child))[:PHOTOS_SHOWN]
    return [*fullest, wnid]


def _category_url(party: Party, category: Category) -> str:
    return category_url(party.face, category, Order.BEST, party.year, sure=sureness(most_specific_stop()))


def _percent(share: float) -> str:
    return _("%(number)s%%") % {"number": number_format(100 * share, 1)}


def _only(other: Party) -> str:
    if other.year:
        return _("Hardly any or none in %(year)s.") % {"year": other.year}
    return _("%(name)s: hardly any or none.") % {"name": other.name}


def _more(other: Party) -> str:
    return _("Surely more often than %(name)s, by half at least.") % {"name": other.inside}

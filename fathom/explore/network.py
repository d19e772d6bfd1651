"""What everyone has published together: where it begins, and what one category has beside its photos."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt

from django.utils import timezone

from fathom.explore.chart import Chart, chart_of, since
from fathom.explore.people import InCategory, PersonCard, newest_people, people_in
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.queries import Card, Row, cards_below, opened
from pictograph.pages.faces import NETWORK_FACE
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.treemap.queries import Pictograph, pictograph
from taxonomy.browsing import Category

TILES = 6  # of a pictograph that has no owner to choose how many
CATEGORIES = 12
GROWING = 6
NEW_PEOPLE = 6
SIBLINGS = 12
RECENT_MONTHS = 3
LEAST_RECENT = 5  # photos, before anything is said to grow


@dataclass(frozen=True)
class Grown:
    """A category that has grown more than the network: `recent` of its photos were published lately."""

    card: Card
    recent: int


@dataclass(frozen=True)
class Explore:
    """Where the network begins: its pictograph, the categories by size and by growth, new people."""

    pictograph: Pictograph
    cards: tuple[Card, ...]
    growing: tuple[Grown, ...]
    people: tuple[PersonCard, ...]


@dataclass(frozen=True)
class Around:
    """What a category's page has beside its photos."""

    people: tuple[InCategory, ...]
    chart: Chart | None
    recent: int
    siblings: tuple[Row, ...]
    map_url: str


def explore(stop: int) -> Explore:
    """The beginning, at a stop of the dial."""
    picture = pictograph(NETWORK_FACE, stop, TILES, None, None)
    counts = prediction_store().counts(NETWORK_FACE.scope, stop)
    shown = opened(browsing().roots, counts, counts.get(ALL_PHOTOS, 0))[:CATEGORIES]
    recent = prediction_store().recent(stop, since(_today(), RECENT_MONTHS))
    growing = growing_most(counts, recent)
    cards = {card.category.wnid: card for card in cards_below(NETWORK_FACE, [*shown, *growing], counts, stop, None)}
    return Explore(
        pictograph=picture,
        cards=tuple(cards[wnid] for wnid in shown if wnid in cards),
        growing=tuple(Grown(cards[wnid], recent[wnid]) for wnid in growing if wnid in cards),
        people=newest_people(stop, NEW_PEOPLE),
    )


def around(category: Category, counts: Mapping[str, int], stop: int) -> Around:
    """What lies around a category of the network, whose photos are counted at a stop of the dial."""
    today = _today()
    grown = prediction_store().growth(category.wnid, stop)
    beside = browsing().categories[category.parent].children if category.parent else browsing().roots
    siblings = sorted((w for w in beside if counts.get(w) and w != category.wnid), key=lambda wnid: -counts[wnid])
    first = since(today, RECENT_MONTHS)
    return Around(
        people=people_in(category, stop),
        chart=chart_of(grown, today),
        recent=sum(photos for month, photos in grown.items() if month >= first),
        siblings=tuple(Row(browsing().categories[wnid], counts[wnid]) for wnid in siblings[:SIBLINGS]),
        map_url=NETWORK_FACE.url("category_map", category),
    )


def growing_most(counts: Mapping[str, int], recent: Mapping[str, int]) -> list[str]:
    """The everyday categories that have grown more than the network, by how surely; none holds another.

    Were a category to grow as everything does, so many of its photos would be recent as of all photos; what is beyond
    that is measured in standard deviations of a count.
    """
    everything = counts.get(ALL_PHOTOS, 0)
    share = recent.get(ALL_PHOTOS, 0) / everything if everything else 0.0
    found = []
    for wnid in browsing().everyday:
        expected = counts.get(wnid, 0) * share
        if (lately := recent.get(wnid, 0)) >= LEAST_RECENT and lately > expected:
            found.append(((lately - expected) / sqrt(expected + 1), wnid))
    chosen: list[str] = []
    for _, wnid in sorted(found, key=lambda one: (-one[0], one[1])):
        if browsing().is_apart(wnid, chosen):
            chosen.append(wnid)
    return chosen[:GROWING]


def _today() -> date:
    return timezone.now().date()

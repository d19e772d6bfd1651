"""What the store has of two who are compared: sums and counters at hand for each, so that nothing is counted live.

Everyone is everyone else: what the other of the two has published is taken off what all have.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from classifier.network.labels import UNIT
from fathom.comparison.parties import Party
from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, LeafVector
from pictograph.store.scope import NETWORK, public_of
from pictograph.treemap.queries import most_specific_stop
from taxonomy.rates import Side, summed_up


@dataclass(frozen=True, eq=False)
class Counted:
    """A party as it is compared: photos by category, and the side made of them.

    Photos of the person `besides` are not among them, though they are in the party's scope.
    """

    party: Party
    counts: Mapping[str, int]
    side: Side
    besides: int | None = None


def counted(first: Party, second: Party) -> tuple[Counted, Counted, np.ndarray]:
    """Both parties, and the network's rates by category; where nothing is published those of both together."""
    store, network, stop = prediction_store(), catalogue().network or 0, most_specific_stop()
    counts = {party: store.counts(party.face.scope, stop, party.year) for party in (first, second)}
    owners = [party.face.scope.owner for party in counts if not party.year]
    published = store.leaf_vectors([owner for owner in owners if owner is not None], network) if any(owners) else {}
    everyone = store.leaf_vector(NETWORK, network)

    def one(party: Party, other: Party) -> Counted:
        scope = party.face.scope
        if party.year:
            return Counted(party, counts[party], _side(None, counts[party]))
        if scope != NETWORK:
            vector = published.get(scope.owner or 0) if scope.public_only else store.leaf_vector(scope, network)
            return Counted(party, counts[party], _side(vector, counts[party]))
        owner = other.face.scope.owner or 0
        theirs = counts[other] if other.face.scope.public_only else store.counts(public_of(owner), stop)
        left = {wnid: n - theirs.get(wnid, 0) for wnid, n in counts[party].items() if n > theirs.get(wnid, 0)}
        vector = everyone.without(published[owner]) if everyone and owner in published else everyone
        return Counted(party, left, _side(vector, left), besides=owner)

    sides = one(first, second), one(second, first)
    return *sides, _base(everyone, *(each.side for each in sides))


def _side(summed: LeafVector | None, counts: Mapping[str, int]) -> Side:
    """What a party photographs: by its sums, or where the network has none of it by what is listed."""
    if summed is None:
        return Side.from_counts(browsing(), counts, counts.get(ALL_PHOTOS, 0))
    return Side.from_sum(browsing(), _dense(summed), summed.photos, counts)


def _base(everyone: LeafVector | None, one: Side, other: Side) -> np.ndarray:
    """(categories,) the network's rates; where nothing is published those of both together."""
    if everyone is not None:
        return summed_up(browsing(), _dense(everyone)) / everyone.photos
    return (one.expected + other.expected) / max(one.photos + other.photos, 1)


def _dense(summed: LeafVector) -> np.ndarray:
    """(classes,) float64: the probabilities of each class, summed."""
    return summed.dense(len(catalogue().hierarchy.classes)) / UNIT

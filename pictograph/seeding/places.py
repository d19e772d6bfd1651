"""Where made-up photos are taken: at home, and on journeys to the towns of the world."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pictograph.places.gazetteer import gazetteer
from pictograph.seeding.people import Person
from pictograph.seeding.photos import DAY_S, Photos

HAVE_PLACES = 0.5  # of people's cameras write down where they are
SHOW_PLACES = 0.34  # of people, those among them who let others know
HOMES = 4000  # towns somebody may live in, of the largest
SIGHTS = 400  # towns that people travel to
AT_HOME = 0.6  # of the days on which photos are taken
SPOTS = 12  # where one person takes photos in a town
SPREAD_DEGREES = 0.04  # how far these lie about its centre, about


@dataclass(frozen=True, eq=False)
class Haunts:
    """Where people take photos: `of_person` (people, towns) rows of the gazetteer, the home first; -1 for no place.

    `shows` (people,) bool: who lets others know.
    """

    of_person: np.ndarray
    shows: np.ndarray


def make_haunts(people: Sequence[Person], chance: np.random.Generator) -> Haunts:
    """A home and some journeys for a part of the people: large towns are lived in and seen by more of them."""
    towns = gazetteer()
    homes = _drawn_by(np.sqrt(towns.populations[:HOMES]), (len(people), 1), chance)
    seen = _drawn_by(towns.populations[:SIGHTS], (len(people), 6), chance)
    rows = np.concatenate([homes, seen], axis=1)
    kind = chance.random(len(people))
    rows[kind >= HAVE_PLACES] = -1
    return Haunts(rows, kind < SHOW_PLACES)


def positions_of(photos: Photos, haunts: Haunts, chance: np.random.Generator) -> np.ndarray:
    """(photos, 2) float64: latitude and longitude, NaN where it is not known. Photos of one day are of one town."""
    towns = haunts.of_person.shape[1]
    days = photos.shown_s // DAY_S
    dice = _shuffled(photos.people.astype(np.uint64) * np.uint64(100_003) + days.astype(np.uint64))
    journey = 1 + (dice // np.uint64(1000)).astype(np.int64) % (towns - 1)
    town = np.where((dice % np.uint64(1000)).astype(np.int64) < AT_HOME * 1000, 0, journey)
    rows = haunts.of_person[photos.people, town]
    apart = chance.normal(0, SPREAD_DEGREES, (haunts.of_person.shape[0], towns, SPOTS, 2))
    spot = chance.integers(SPOTS, size=len(photos))
    positions = gazetteer().places[np.maximum(rows, 0)].astype(np.float64) + apart[photos.people, town, spot]
    positions[rows < 0] = np.nan
    return np.round(positions, 5)


def _drawn_by(weights: np.ndarray, shape: tuple[int, ...], chance: np.random.Generator) -> np.ndarray:
    shares = weights.astype(np.float64)
    drawn: np.ndarray = chance.choice(len(shares), size=shape, p=shares / shares.sum())
    return drawn


def _shuffled(numbers: np.ndarray) -> np.ndarray:
    """(n,) uint64 of which all bits look drawn. Source: the finalizer of SplitMix64."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    shuffled: np.ndarray = mixed ^ (mixed >> np.uint64(31))
    return shuffled

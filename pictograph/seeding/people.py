"""Made-up people: what they are called, since when they are here, how much and what they photograph."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from pictograph.catalogue.snapshot import browsing
from taxonomy.browsing import BrowsingTree

MARK = "seeded-"  # how the user names of made-up people begin
FIRST = ("ada", "bela", "cleo", "dan", "elif", "finn", "gita", "hana", "ivo", "jun", "kofi", "lea", "mina", "noor")
FIRST_TOO = ("omar", "pia", "quin", "rosa", "sven", "tala", "uma", "vera", "wim", "xenia", "yara", "zoe")
SECOND = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "isle", "juniper", "kelp", "larch")
YEARS_HERE = 6.0  # since the first came
# Of what a person photographs so much is of their interests, and the rest what everybody photographs.
OF_INTERESTS = 0.78
BROADEST = 0.4  # the part of all classes that an interest can be about, at most
SPREAD = 0.5  # of how much more one branch of the tree is photographed than the one beside it, as a logarithm


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody made up. `habits` (classes,) float64 sum to 1: how likely a photo shows each class."""

    username: str
    handle: str
    about: str
    joined_at: datetime
    begun_at: datetime
    photos: int
    habits: np.ndarray


def make_people(
    count: int, photos: int, first: int, chance: np.random.Generator, among: Collection[int] = ()
) -> list[Person]:
    """People numbered from `first` on, who have so many photos together: few have many, and many have few.

    They photograph the classes `among`, or all of them. Who came first is first.
    """
    popular = _popularity(browsing(), chance)
    if among:
        popular *= np.isin(np.arange(len(popular)), list(among))
        popular /= popular.sum()
    now = datetime.now(UTC)
    here = np.sort(chance.beta(1.0, 1.6, count))[::-1] * 365.25 * YEARS_HERE
    shares = _shares(count, photos, chance)
    return [_person(first + n, shares[n], now - timedelta(days=float(here[n])), popular, chance) for n in range(count)]


def _person(number: int, photos: int, joined: datetime, popular: np.ndarray, chance: np.random.Generator) -> Person:
    tree = browsing()
    interests = [_interest(tree, popular, chance) for _ in range(1 + int(chance.poisson(2.2)))]
    weights = chance.pareto(1.3, len(interests)) + 0.3
    within = np.zeros(len(popular))
    for wnid, weight in zip(interests, weights / weights.sum(), strict=True):
        within += weight * _liking(tree, wnid, popular, chance)
    begun = joined - timedelta(days=float(chance.exponential(900)))
    names = (*FIRST, *FIRST_TOO)
    handle = f"{names[number % len(names)]}-{SECOND[number // len(names) % len(SECOND)]}-{number}"
    favourite = tree.categories[interests[int(weights.argmax())]].name
    about = f"Mostly {favourite}." if chance.random() < 0.7 else ""
    habits = OF_INTERESTS * within + (1 - OF_INTERESTS) * popular
    return Person(f"{MARK}{number}", handle, about, joined, begun, photos, habits / habits.sum())


def _shares(count: int, photos: int, chance: np.random.Generator) -> list[int]:
    """How many photos each of some people has, as even as people are: log-normal, and at least one."""
    wanted = chance.lognormal(0.0, 1.1, count)
    shares = np.maximum(1, np.floor(wanted / wanted.sum() * (photos - count)).astype(int) + 1)
    shares[int(shares.argmax())] += photos - int(shares.sum())
    return [int(share) for share in shares]


def _popularity(tree: BrowsingTree, chance: np.random.Generator) -> np.ndarray:
    """(classes,) float64, sums to 1: what everybody photographs, where branches and classes differ a hundredfold."""
    weights = np.ones(len(tree.hierarchy.classes))
    for category in tree.categories.values():
        weights[list(category.classes)] *= chance.lognormal(0.0, SPREAD)
    return weights / weights.sum()


def _interest(tree: BrowsingTree, popular: np.ndarray, chance: np.random.Generator) -> str:
    """A category that somebody likes, at any level: all dogs, or one breed."""
    label = int(chance.choice(len(popular), p=popular))
    path = [w for w in _path_of(label) if len(tree.categories[w].classes) <= BROADEST * len(popular)]
    return path[int(chance.integers(len(path)))] if path else tree.roots[0]


def _liking(tree: BrowsingTree, wnid: str, popular: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """(classes,) float64, sums to 1: the classes of a category as one person meets them."""
    classes = list(tree.categories[wnid].classes)
    liking = np.zeros(len(popular))
    liking[classes] = np.sqrt(popular[classes]) * (chance.gamma(0.5, size=len(classes)) + 1e-9)
    return liking / liking.sum()


@cache
def _path_of(label: int) -> tuple[str, ...]:
    """The categories that stand for a class, broad ones first."""
    return tuple(wnid for wnid, category in browsing().categories.items() if label in category.classes)

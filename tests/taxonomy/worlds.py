"""Made-up worlds: photos whose truth is drawn from known odds, and a network that is surer of itself than it may be."""

from dataclasses import dataclass

import numpy as np

from taxonomy.browsing import BrowsingTree, load_browsing
from taxonomy.feedback import Answers
from taxonomy.hedging import NOTHING, Calibration
from taxonomy.naming import say

STOP = 1  # of three


@dataclass(frozen=True, eq=False)
class World:
    """The odds of what photos show are those of the network, (photos, classes), taken to the power 1 / `oversure`.

    With 1 the network is as often right as it says; with 2 what it is 0.9 sure of is so less often.
    """

    oversure: float
    chance: np.random.Generator

    def names(self, photos: int, calibration: Calibration, stop: int = STOP) -> tuple[np.ndarray, np.ndarray]:
        """Of those photos that have a name: the confidence, and whether the name is right; (n,) float64 and bool."""
        tree = load_browsing()
        said, truth = self._photos(photos, tree)
        spoken = say(said, np.full(photos, np.inf), tree, calibration)
        named = spoken.named[:, stop]
        rows = np.flatnonzero(named != NOTHING)
        right = np.asarray(tree.membership[truth[rows]][np.arange(len(rows)), named[rows]]).ravel() > 0
        return spoken.confidences[rows, named[rows]], right

    def _photos(self, photos: int, tree: BrowsingTree) -> tuple[np.ndarray, np.ndarray]:
        """What the network says of photos, (photos, classes), and what they show, (photos,)."""
        classes = len(tree.hierarchy.classes)
        logits = self.chance.normal(0, 1, (photos, classes))
        shown = self.chance.integers(classes, size=photos)
        for row, leaf in zip(logits, shown, strict=True):  # what lies near in the tree looks alike
            for category in _path_of(tree, int(leaf)):
                if len(category) <= 60:
                    row[list(category)] += self.chance.uniform(0, 2.5)
        logits[np.arange(photos), shown] += self.chance.exponential(4.0, photos) + 3
        true = _softmax(logits * 1.5)
        drawn = (true.cumsum(axis=1) < self.chance.random((photos, 1))).sum(axis=1)
        return _softmax(logits * 1.5 * self.oversure), np.minimum(drawn, classes - 1)


def answers_in(
    world: World, calibration: Calibration, people: int, each: int, stop: int = STOP, first: int = 0
) -> Answers:
    """So many people who answer truly about `each` names of theirs."""
    confidences, right = world.names(people * each * 2, calibration, stop)
    n = people * each
    assert len(right) >= n
    floors = np.full(n, calibration.stops[stop].floor)
    return Answers(first + np.repeat(np.arange(people), each), confidences[:n], floors, right[:n])


def joined(*some: Answers) -> Answers:
    """The answers of several lots of people."""
    return Answers(
        np.concatenate([one.people for one in some]),
        np.concatenate([one.confidences for one in some]),
        np.concatenate([one.floors for one in some]),
        np.concatenate([one.right for one in some]),
    )


def _path_of(tree: BrowsingTree, leaf: int) -> list[tuple[int, ...]]:
    if leaf not in _paths:
        _paths[leaf] = [category.classes for category in tree.categories.values() if leaf in category.classes]
    return _paths[leaf]


_paths: dict[int, list[tuple[int, ...]]] = {}


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))

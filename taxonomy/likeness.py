"""What a photo is taken for once photos like it were corrected: a rule over embeddings and what the network said.

Corrected photos are examples. Five that are beagles teach what beagles look like, and what dogs and animals look like
too, as those are above; a photo like them becomes what is surely taught of these, so that dogs come before beagles.
All numbers here are for one network: embeddings of two do not compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Self

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.corrections import Verdicts, standing_for
from taxonomy.hedging import LEAST_BITS, NOTHING

# The least similarity of embeddings to be "like these" at all: of other photos what the network said need not be read.
# It and LEAST_SURE were chosen, on the libraries that `manage.py bench learning` measures them on.
LEAST_SIMILAR = 0.1
LEAST_SURE = 0.8  # below it nothing is taught
MOST_SURE = 0.95  # what was learnt weighs less than what was said
LEAST_EXAMPLES = 2  # one photo teaches nothing
SAMPLE = 1000  # photos of a library that say in which ways its photos differ
EVENNESS = 50.0  # of the mean variance, added in every direction: those in which a library differs count less


@dataclass(frozen=True)
class Weights:
    """Log-odds that a photo is in a category that examples teach.

    `manage.py bench learning` measures these beside weights that it fits, each on other kinds than it measures it on.
    By how similar its embedding is, how similar what the network said of it is (the cosine of confidences weighted by
    bits), and how much surer that is of the category than of any that shares nothing with it.
    """

    similar: float = 8.5
    said: float = 3.1
    surer: float = 4.1
    base: float = -1.5


@dataclass(frozen=True, eq=False)
class Example:
    """A photo that people spoke of: its embedding (d,), its confidences (categories,), and what was said."""

    embedding: np.ndarray
    confidences: np.ndarray
    verdicts: Verdicts


@dataclass(frozen=True, eq=False)
class Space:
    """How alike two photos of a library are, where what most of its photos have in common counts for little.

    Embeddings are centred at `mean` (d,) and of length 1; `rows` (n, d) are a sample of them, `inverse` (n, n) that of
    their products with EVENNESS added to the diagonal.
    """

    mean: np.ndarray
    rows: np.ndarray
    inverse: np.ndarray

    @classmethod
    def fit(cls, embeddings: np.ndarray) -> Self:
        """The space of a library of which this is a sample, (n, d)."""
        vectors = _unit(embeddings)
        mean = vectors.mean(axis=0)
        rows = _unit(vectors - mean)
        products = (rows @ rows.T).astype(np.float64)
        products[np.diag_indices(len(rows))] += len(rows) * EVENNESS / rows.shape[1]
        return cls(mean, rows, np.linalg.inv(products).astype(np.float32))

    def seen(self, embeddings: np.ndarray) -> np.ndarray:
        """(n, d) float32: embeddings as this space has them."""
        return _unit(_unit(embeddings) - self.mean)

    def directions(self, seen: np.ndarray) -> np.ndarray:
        """(n, d) float32, of which the product with another photo as it is `seen` is their similarity."""
        turned: np.ndarray = seen - (seen @ self.rows.T @ self.inverse) @ self.rows
        return turned


@dataclass(frozen=True, eq=False)
class Lessons:
    """What examples teach: of m categories, parents first, what is in them looks like.

    `categories` (m,) are positions in `BrowsingTree.order`. `prototypes` (m, d) are directions, and `said` (m,
    categories) what the network said of their photos. `examples` (e, d) are directions of length 1 in the space, of
    which `shows` (m, e) bool tells those in a category, `denies` (m, e) those that surely are not.
    """

    tree: BrowsingTree
    space: Space
    categories: np.ndarray
    prototypes: np.ndarray
    said: np.ndarray
    examples: np.ndarray
    shows: np.ndarray
    denies: np.ndarray
    weights: Weights = Weights()

    def similar(self, embeddings: np.ndarray) -> np.ndarray:
        """(n, m) float32: how similar photos are to each category's examples; -inf where a counter-example is nearer.

        Whatever a network said of a photo, it is taught nothing of which this is below LEAST_SIMILAR.
        """
        seen = self.space.seen(embeddings)
        similar = seen @ self.prototypes.T
        if self.denies.any():
            nearness = seen @ self.examples.T  # (n, e)
            for m in np.flatnonzero(self.denies.any(axis=1)):
                nearest = nearness[:, self.shows[m]].max(axis=1)
                similar[nearness[:, self.denies[m]].max(axis=1) >= nearest, m] = -np.inf
        return similar

    def taught(self, similar: np.ndarray, confidences: np.ndarray) -> list[tuple[str, float] | None]:
        """What each photo is taken for, and how surely (LEAST_SURE to MOST_SURE); None where nothing is taught of it.

        From `similar` (n, m) and its confidences (n, categories). Of categories that share nothing the surest one
        counts, and below that the narrowest. What the network is surer of by itself is not taught.
        """
        said, surer = self.signs(confidences)
        by = self.weights
        odds = by.base + by.similar * similar + by.said * said + by.surer * surer
        sure = np.minimum(1 / (1 + np.exp(-odds)), MOST_SURE)  # (n, m)
        beliefs = confidences[:, self.categories]
        may_be = (similar >= LEAST_SIMILAR) & (sure >= LEAST_SURE) & (sure > beliefs)
        return [self._narrowest(np.flatnonzero(row), sure[n]) for n, row in enumerate(may_be)]

    def signs(self, confidences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What speaks for each category beside embeddings, as `Weights` has it: both (n, m)."""
        beliefs = confidences[:, self.categories]
        against = np.stack([confidences[:, apart].max(axis=1, initial=0.0) for apart in self._apart], axis=1)
        return _unit(confidences * self._bits) @ self.said.T, beliefs - against

    def _narrowest(self, open_ones: np.ndarray, sure: np.ndarray) -> tuple[str, float] | None:
        if not len(open_ones):
            return None
        best = int(open_ones[sure[open_ones].argmax()])
        below = [m for m in open_ones.tolist() if self._is_below[m, best]]
        while below:  # the surest that is within, and within that again
            best = max(below, key=lambda m: (sure[m], -m))
            below = [m for m in below if m != best and self._is_below[m, best]]
        return self.tree.order[self.categories[best]], round(float(sure[best]), 2)

    @cached_property
    def _bits(self) -> np.ndarray:
        return _bits(self.tree)

    @cached_property
    def _apart(self) -> np.ndarray:
        """(m, categories) bool: which share nothing with each."""
        overlap = self.tree.membership.T @ self.tree.membership[:, self.categories].toarray()  # (categories, m)
        return np.asarray(overlap == 0).T

    @cached_property
    def _is_below(self) -> np.ndarray:
        """(m, m) bool: whether the first lies below the second."""
        paths = [{c.wnid for c in self.tree.path(self.tree.order[at])[:-1]} for at in self.categories]
        return np.array([[self.tree.order[other] in path for other in self.categories] for path in paths])


def lessons_of(examples: Sequence[Example], space: Space, tree: BrowsingTree) -> Lessons | None:
    """What examples teach, None where they are too few; of a category it takes LEAST_EXAMPLES that show it."""
    affirmed = [standing_for(example.verdicts.affirmed, tree) for example in examples]
    shown = [frozenset(_path(at, tree)) for at in affirmed]
    denied = [frozenset(standing_for(wnid, tree) for wnid in example.verdicts.rejected) for example in examples]
    counts = [at for path in shown for at in path]
    taught = sorted(at for at in set(counts) if counts.count(at) >= LEAST_EXAMPLES)
    if not taught:
        return None
    shows = np.array([[at in path for path in shown] for at in taught])
    is_denied = cache(lambda at, of_it, not_it: _is_denied(at, of_it, not_it, tree))
    denies = np.array([[is_denied(at, *said) for said in zip(affirmed, denied, strict=True)] for at in taught])
    denies &= ~shows
    seen = space.seen(np.stack([example.embedding for example in examples]))
    directions = space.directions(seen)
    lengths = np.sqrt(np.maximum((seen * directions).sum(axis=1, keepdims=True), 1e-9))
    said = _unit(np.stack([example.confidences for example in examples]) * _bits(tree))
    prototypes, spoken = [], []
    for of_it in shows:
        prototype = directions[of_it].mean(axis=0)
        prototypes.append(prototype / np.sqrt(max(float(seen[of_it].mean(axis=0) @ prototype), 1e-9)))
        spoken.append(said[of_it].mean(axis=0))
    return Lessons(
        tree=tree,
        space=space,
        categories=np.array(taught),
        prototypes=np.stack(prototypes).astype(np.float32),
        said=_unit(np.stack(spoken)),
        examples=(directions / lengths).astype(np.float32),
        shows=shows,
        denies=denies,
    )


def _path(at: int, tree: BrowsingTree) -> list[int]:
    """A category and all above it that say enough to be a name."""
    path = () if at == NOTHING else tree.path(tree.order[at])
    return [tree.position[category.wnid] for category in path if category.information >= LEAST_BITS]


def _is_denied(at: int, affirmed: int, denied: frozenset[int], tree: BrowsingTree) -> bool:
    """Whether what was said of a photo speaks against a category: it is something else, or was taken off one above.

    Where only what it is not was said, it may not be in the categories above that either.
    """
    wnid, path = tree.order[at], _whole_path(at, tree)
    if affirmed != NOTHING and tree.is_apart(tree.order[affirmed], [wnid]):
        return True
    is_above = affirmed == NOTHING and any(at in _whole_path(other, tree) for other in denied if other != NOTHING)
    return is_above or not denied.isdisjoint(path)


def _whole_path(at: int, tree: BrowsingTree) -> list[int]:
    return [tree.position[category.wnid] for category in tree.path(tree.order[at])]


def _bits(tree: BrowsingTree) -> np.ndarray:
    return np.sqrt(np.maximum(tree.information, 0))


def _unit(rows: np.ndarray) -> np.ndarray:
    """(n, k) float32 rows of length 1; a row of zeros stays as it is."""
    rows = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: np.ndarray = rows / np.where(lengths > 0, lengths, 1)
    return unit

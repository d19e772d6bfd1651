"""How alike two people are: of a hundred photos of each, how many find one of the same kind on the other side."""

from functools import lru_cache

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.rates import Side


def similarity(tree: BrowsingTree, first: Side, second: Side) -> float:
    """Of a hundred photos of each, how many find one of the same kind among the other's; 100 for the same mix.

    Kinds are those of `kind_wnids`. Symmetric, and 0 for two who have no kind in common, or of whom one has no photos.
    """
    if not (first.photos and second.photos):
        return 0.0
    ours, theirs = (kinds(tree, side.rates) for side in (first, second))
    return float(100 * min(1.0, np.minimum(ours, theirs).sum()))


def kinds(tree: BrowsingTree, rates: np.ndarray) -> np.ndarray:
    """Split rates by category, (categories,), into those of each kind, (kinds + 1,), which share no photo and sum to 1.

    A kind, as in `kind_wnids`, has the photos that are in none of those within it; and last come the photos in none.
    """
    columns, above = _nesting(tree)
    own = np.append(rates[columns], 1.0)
    np.subtract.at(own, above, rates[columns])
    return np.maximum(own.round(12), 0.0)  # what is left of differences is nothing


def kinds_of_sums(tree: BrowsingTree, summed: np.ndarray, photos: np.ndarray) -> np.ndarray:
    """The same for many people at once, of their sums by class.

    (people, classes) float32 of (people,) photos give (people, kinds + 1) float32, as each class is of one kind.
    """
    wnids = kind_wnids(tree)
    each = np.zeros((summed.shape[1], len(wnids) + 1), dtype=np.float32)
    each[:, -1] = 1
    for k, wnid in enumerate(wnids):  # the ones within others come after them
        classes = list(tree.categories[wnid].classes)
        each[classes] = 0
        each[classes, k] = 1
    own = summed @ each / photos[:, None].astype(np.float32)
    own[:, -1] += np.maximum(1 - own.sum(axis=1), 0.0)
    return own


@lru_cache(maxsize=4)
def _nesting(tree: BrowsingTree) -> tuple[np.ndarray, np.ndarray]:
    """Of each kind its column in `BrowsingTree.order`, and the kind that it lies in, -1 for none; (kinds,) int64."""
    columns = {wnid: i for i, wnid in enumerate(tree.order)}
    position = {wnid: k for k, wnid in enumerate(kind_wnids(tree))}
    around = ([position[c.wnid] for c in tree.path(wnid)[:-1] if c.wnid in position] for wnid in position)
    return np.array([columns[wnid] for wnid in position]), np.array([kinds[-1] if kinds else -1 for kinds in around])


def kind_wnids(tree: BrowsingTree) -> list[str]:
    """The kinds that a comparison tells apart: the everyday categories, and those at the top for what is in none."""
    return [wnid for wnid, category in tree.categories.items() if wnid in tree.everyday or category.parent is None]

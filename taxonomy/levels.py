"""Levels of WordNet that people do not browse, as the categories they do: implements are tools, pots and pans, pens.

Things that people make WordNet files by what they are for, and the browsing tree by where people look for them. So a
level may be spread over the tree; what is in each of its categories a little adds up there, and nowhere in the tree.
"""

from functools import lru_cache

import numpy as np

from taxonomy.browsing import BrowsingTree

ARTIFACT = "n00021939"
LEAST_BITS = 2.0  # what a quarter of all classes are says little
# A level has the largest categories of which at least so much lies below it, so that a thing filed with others does
# not break up the category that people know.
MOST_OF = 2 / 3


@lru_cache(maxsize=4)
def levels_of(tree: BrowsingTree) -> np.ndarray:
    """The levels of a tree: (categories, levels) float64, 1 where the category is one of a level's.

    The categories of a level are disjoint, and two at least: what a single category holds is no level of its own.
    """
    graph = tree.hierarchy
    if ARTIFACT not in graph.index:
        return np.zeros((len(tree.order), 0))
    below = np.array(sorted(graph.at_or_below([graph.index[ARTIFACT]])))
    below = below[graph.information[below] >= LEAST_BITS]
    sizes = np.array([len(category.classes) for category in tree.categories.values()])
    shared = (tree.membership.T @ graph.membership.tocsc()[:, below]).toarray()  # (categories, synsets) classes
    is_inside = shared >= MOST_OF * sizes[:, None]
    place = {wnid: i for i, wnid in enumerate(tree.order)}
    is_largest = is_inside.copy()
    is_below_one = np.zeros_like(is_inside)
    for i, category in enumerate(tree.categories.values()):  # parents come first
        if category.parent is not None:
            above = place[category.parent]
            is_below_one[i] = is_inside[above] | is_below_one[above]
            is_largest[i] &= ~is_below_one[i]
    several = is_largest[:, is_largest.sum(axis=0) > 1]
    return np.unique(several, axis=1).astype(np.float64)

"""How sure the network is of each synset, from the probabilities of its classes."""

import numpy as np

from taxonomy.hierarchy import Hierarchy


def sum_rule(probabilities: np.ndarray, hierarchy: Hierarchy) -> np.ndarray:
    """Add up the probabilities of the distinct classes at or below each synset.

    `probabilities` (batch, classes) gives (batch, synsets) float32. A class reached by several paths counts once,
    so a parent is never less sure than its child and the root is sure to 1.

    A photo with 0.4 tabby, 0.3 Egyptian cat and 0.2 Persian cat is a cat with 0.9.
    """
    return np.asarray(probabilities.astype(np.float32, copy=False) @ hierarchy.membership, dtype=np.float32)


def mean_rule(probabilities: np.ndarray, hierarchy: Hierarchy) -> np.ndarray:
    """Give each inner synset the mean of its children's values, from the classes up; the rule of the 2015 prototype.

    `probabilities` (batch, classes) gives (batch, synsets) float32. Values shrink with the number of children, so they
    are no probabilities; kept to be measured beside the sum rule.
    """
    values = np.zeros((len(probabilities), len(hierarchy)), dtype=np.float32)
    values[:, hierarchy.classes] = probabilities
    is_class = np.zeros(len(hierarchy), dtype=bool)
    is_class[hierarchy.classes] = True
    for synset in reversed(range(len(hierarchy))):  # children come after their parents
        children = list(hierarchy.children[synset])
        if children and not is_class[synset]:
            values[:, synset] = values[:, children].mean(axis=1)
    return values

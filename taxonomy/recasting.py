"""A browsing tree for what a network of another label set says: the same categories, other classes in them."""

from dataclasses import replace

import numpy as np

from taxonomy.browsing import BrowsingTree
from taxonomy.hedging import DEEPER_BITS


def recast(tree: BrowsingTree, other: BrowsingTree) -> BrowsingTree:
    """The categories of `tree` as the classes of another label set fall into them; `other` is the tree of that set.

    A class belongs in the narrowest category that shows it in `other` and that `tree` has too: a dachshund is a hunting
    dog where there are no dachshunds, and a class without such a category is nowhere. What `tree.visible` says of its
    synset would be wrong, as it knows only its own labels: the plants of imagenet_1k are flowers, an oak is none.
    Every class has one place, so any two categories are nested or share no class, as ever. Bits are of the other label
    set, by which its network was calibrated; of categories that hold the same of its classes the lowest says most.
    Those that hold none are never said.
    """
    own = {wnid: at for at, wnid in enumerate(tree.order)}
    place: dict[str | None, int] = {None: -1}  # of each category of `other`
    for wnid, category in other.categories.items():  # parents first
        place[wnid] = own.get(wnid, place[category.parent])
    places = np.array([*(place[wnid] for wnid in other.order), -1], dtype=np.int32)  # the last of what has no category
    nearest = places[other.nearest]  # (synsets of the other label set,)
    held: dict[str, list[int]] = {wnid: [] for wnid in tree.order}
    for c, at in enumerate(nearest[other.hierarchy.classes].tolist()):
        for category in tree.path(tree.order[at]) if at >= 0 else ():
            held[category.wnid].append(c)
    categories = {
        wnid: replace(
            category,
            classes=tuple(held[wnid]),
            information=float(np.log2(len(other.hierarchy.classes) / len(held[wnid])) + DEEPER_BITS * tree.depth[wnid])
            if held[wnid]
            else 0.0,
        )
        for wnid, category in tree.categories.items()
    }
    return BrowsingTree(other.hierarchy, categories, nearest, tree.everyday)

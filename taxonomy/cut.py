"""The pictograph cut: the few disjoint categories that together say most about a set of photos, found exactly."""

from collections.abc import Collection, Mapping

from taxonomy.browsing import BrowsingTree

# How much more a category counts whose name people use first. Measured on planted interests: F1 .842 against .835 at 1,
# and dogs say more than hunting dogs, which are half of all breeds.
EVERYDAY = 1.25

Best = list[tuple[float, tuple[str, ...]]]  # best[j]: the most worth that at most j categories of a branch can have


def best_cut(
    tree: BrowsingTree,
    counts: Mapping[str, int],
    tiles: int = 4,
    within: str | None = None,
    hidden: Collection[str] = (),
) -> tuple[str, ...]:
    """Choose at most `tiles` disjoint categories that maximise Σ (photos − 1) · information, most photos first.

    Everyday categories count EVERYDAY times as much. A single photo is no interest, so a category with one is chosen
    only where none has more. `counts` has the photos of each category by wnid;
    what it lacks has none. `within` looks below one category only, where the bits that category says already count for
    nothing. What is `hidden` is not chosen, nor what holds photos of it: they are left to the rest.

    Exact: the categories form a tree, so the best choice in a branch is either its root alone or the best
    split of the tiles over its children. Raises KeyError for an unknown `within`.
    """
    floor = 0.0 if within is None else tree.categories[within].information
    not_meant = withheld(tree, counts, hidden)
    worth = {
        wnid: (photos - 1)
        * max(tree.categories[wnid].information - floor, 0.0)
        * (EVERYDAY if wnid in tree.everyday else 1.0)
        for wnid, photos in counts.items()
        if photos and wnid in tree.categories and wnid not in not_meant
    }
    found = most_worth(tree, worth, tiles, within)
    chosen = [wnid for wnid in found if counts[wnid] > 1] or found
    return tuple(sorted(chosen, key=lambda wnid: (-counts[wnid], wnid)))


def withheld(tree: BrowsingTree, counts: Mapping[str, int], hidden: Collection[str]) -> frozenset[str]:
    """What is not to stand for photos where some categories are hidden: these, all below, and all that holds theirs.

    A hidden category without photos, by `counts`, keeps back none of those above it.
    """
    below: set[str] = set()
    for wnid, category in tree.categories.items() if hidden else ():  # parents first
        if wnid in hidden or category.parent in below:
            below.add(wnid)
    above = {category.wnid for wnid in hidden if wnid in below and counts.get(wnid) for category in tree.path(wnid)}
    return frozenset(below | above)


def most_worth(tree: BrowsingTree, worth: Mapping[str, float], most: int, within: str | None = None) -> tuple[str, ...]:
    """Choose at most `most` disjoint categories of those that have a worth, none below 0, so that it sums to the most.

    Exact: the categories form a tree, so the best choice in a branch is either its root alone or the best split over
    its children. `within` looks below one category only. Raises KeyError for an unknown `within`.
    """
    reached: set[str] = set()
    for wnid in worth:
        above: str | None = wnid
        while above is not None and above not in reached:
            reached.add(above)
            above = tree.categories[above].parent
    best: Best = [(0.0, ())]
    for top in tree.roots if within is None else tree.categories[within].children:
        if top in reached:
            best = _join(best, _best_in(tree, worth, reached, top, most), most)
    return best[-1][1]


def _best_in(tree: BrowsingTree, worth: Mapping[str, float], reached: set[str], wnid: str, most: int) -> Best:
    best: Best = [(0.0, ())]
    for child in tree.categories[wnid].children:
        if child not in reached:
            continue
        if reached.isdisjoint(tree.categories[child].children):  # then it is here for its own worth
            best = _with_one(best, worth[child], child, most)
        else:
            best = _join(best, _best_in(tree, worth, reached, child, most), most)
    if wnid not in worth:
        return best
    alone = (worth[wnid], (wnid,))
    splits = best[1:] or [alone]
    return [best[0]] + [alone if alone[0] >= split[0] else split for split in splits]


def _with_one(left: Best, worth: float, wnid: str, tiles: int) -> Best:
    """What `_join` gives for a branch of a single category, which most branches are, in a third of the time."""
    joined = left[:1]
    for total in range(1, min(len(left), tiles) + 1):
        with_it = left[total - 1][0] + worth
        is_better = total == len(left) or with_it >= left[total][0]
        joined.append((with_it, (*left[total - 1][1], wnid)) if is_better else left[total])
    return joined


def _join(left: Best, right: Best, tiles: int) -> Best:
    """Split up to `tiles` tiles over two branches in the best way."""
    if len(left) == 1:
        return right  # the first branch of all: nothing to split with
    joined: Best = []
    for total in range(min(len(left) + len(right) - 1, tiles + 1)):
        most, to_left = -1.0, 0
        for i in range(max(0, total - len(right) + 1), min(total, len(left) - 1) + 1):
            worth = left[i][0] + right[total - i][0]
            if worth > most:
                most, to_left = worth, i
        joined.append((most, left[to_left][1] + right[total - to_left][1]))
    return joined

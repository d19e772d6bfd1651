"""The tree that people see: the shipped one with categories renamed, hidden, blocked, or shown as another.

Photos are stored by the shipped tree, whatever is shown, so that a change is there at once and gone as soon. A category
that is not shown is one less between those above and those below it: its classes stay theirs, and so do its photos.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import numpy as np

from taxonomy.browsing import BrowsingTree, Category, slug_of


@dataclass(frozen=True)
class Change:
    """What is changed of one category: its names, whether it is shown, and as which other one.

    Hidden is the category alone, and what lies below moves up. Blocked is what must not even be said in a search: all
    that lies below too, or where `is_alone` just the category. What is `shown_as` another one is a part of that.
    """

    wnid: str
    name: str = ""
    singular: str = ""
    is_hidden: bool = False
    is_blocked: bool = False
    is_alone: bool = False
    shown_as: str = ""


@dataclass(frozen=True, eq=False)
class Showing:
    """The tree that is shown, and how what is stored reads in it.

    `stands_for` says of each category that is not shown which one is in its place, "" where none is. `parts` are, of
    each shown category that others are shown as, the stored ones that its photos are in: itself first; no two share a
    photo. Of the `blocked` synsets nothing is said, nor of what a search finds at or below the `silent` ones; of the
    `unsaid` ones not their own words. `ineffective` are merges of categories that do not lie together as the tree is.
    """

    structure: BrowsingTree
    tree: BrowsingTree
    stands_for: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    ineffective: frozenset[str] = frozenset()

    def shown(self, wnid: str) -> str:
        """The shown category that a stored one reads as; "" where there is none, itself for what the tree never had."""
        return self.stands_for.get(wnid, wnid)

    def listed_as(self, wnid: str) -> str:
        """The category whose lists have the photos of a stored one; "" where none but those above have them."""
        shown = self.shown(wnid)
        return shown if wnid in self.stored(shown) else ""

    def stored(self, wnid: str) -> tuple[str, ...]:
        """The stored categories that have the photos of a shown one; none for one that is not shown."""
        return () if wnid in self.stands_for else self.parts.get(wnid, (wnid,))


def show(structure: BrowsingTree, changes: Iterable[Change]) -> Showing:
    """The shipped tree with some changes; the same whatever their order."""
    known = {change.wnid: change for change in sorted(changes, key=lambda change: change.wnid)}
    if not known:
        return Showing(structure, structure)
    blocked = _blocked(structure, known)
    reading = _Reading(structure, known, blocked)
    reading.merge()
    stands_for = {wnid: reading.end(wnid) for wnid in structure.categories if reading.end(wnid) != wnid}
    categories = np.array([wnid in blocked for wnid in (*structure.order, "")])  # the last of what has no category
    below = {
        synset.wnid for synset, at in zip(structure.hierarchy.synsets, structure.nearest, strict=True) if categories[at]
    }
    silent = {change.wnid for change in known.values() if change.is_blocked and change.wnid not in structure.categories}
    return Showing(
        structure=structure,
        tree=_pruned(structure, known, stands_for, reading.merged),
        stands_for=stands_for,
        parts={wnid: (wnid, *others) for wnid, others in reading.merged.items()},
        blocked=frozenset(blocked | below | silent),
        silent=frozenset(silent),
        unsaid=frozenset(below.union(stands_for, silent)),
        ineffective=frozenset(reading.waiting),
    )


def merge_problem(showing: Showing, wnid: str, other: str) -> str:
    """Why a category cannot be shown as another one: "" where it can, else "gone", "self", "below" or "apart".

    It can be shown as one under the same parent, or as its parent, which is the same as hiding it.
    """
    categories = showing.tree.categories
    if wnid not in categories or other not in categories:
        return "gone"
    if wnid == other:
        return "self"
    if any(above.wnid == wnid for above in showing.tree.path(other)):
        return "below"
    parent = categories[wnid].parent
    return "" if other == parent or categories[other].parent == parent else "apart"


class _Reading:
    """What each category reads as while changes are made: itself, another one, or "" for none."""

    def __init__(self, structure: BrowsingTree, known: Mapping[str, Change], blocked: Set[str]) -> None:
        self._parent = {wnid: category.parent for wnid, category in structure.categories.items()}
        self._as = {wnid: wnid for wnid in self._parent}
        gone = blocked | {wnid for wnid, change in known.items() if change.is_hidden}
        while more := {wnid for wnid, change in known.items() if change.shown_as in gone} - gone:
            gone |= more  # what is shown as something that is not shown is not shown either
        for wnid in self._parent:  # parents come first
            if wnid in gone:
                self._as[wnid] = self._above(wnid)
        self.merged: dict[str, list[str]] = {}
        self.waiting = {w: c.shown_as for w, c in known.items() if c.shown_as and w in self._as and w not in gone}

    def end(self, wnid: str) -> str:
        """What a category reads as in the end."""
        while wnid and self._as[wnid] != wnid:
            wnid = self._as[wnid]
        return wnid

    def merge(self) -> None:
        """Merge what lies together, which may bring together what lies below it, until nothing more does."""
        while found := next(filter(None, map(self._target, self.waiting)), None):
            wnid, other = found
            del self.waiting[wnid]
            own = [wnid, *self.merged.pop(wnid, ())]
            if other != self._above(wnid):  # else all of it is there already
                self.merged.setdefault(other, []).extend(own)
            self._as[wnid] = other

    def _target(self, wnid: str) -> tuple[str, str] | None:
        other = self.end(self.waiting[wnid]) if self.waiting[wnid] in self._as else ""
        if not other or other == wnid:
            return None
        lies_together = self._above(other) == self._above(wnid) or other == self._above(wnid)
        return (wnid, other) if lies_together else None

    def _above(self, wnid: str) -> str:
        parent = self._parent[wnid]
        return "" if parent is None else self.end(parent)


def _blocked(structure: BrowsingTree, known: Mapping[str, Change]) -> set[str]:
    """The categories that are blocked, with those below as they are filed, and with what is shown as one of them."""
    graph, blocked = structure.hierarchy, set[str]()
    pending = [(wnid, change.is_alone) for wnid, change in known.items() if change.is_blocked]
    while pending:
        wnid, is_alone = pending.pop()
        if wnid in structure.categories:
            taken = {wnid} if is_alone else _branch(structure, wnid)
        else:
            below = graph.at_or_below([graph.index[wnid]]) if wnid in graph.index and not is_alone else ()
            taken = {graph.synsets[i].wnid for i in below} & structure.categories.keys()
        pending += [(w, is_alone) for w, c in known.items() if c.shown_as in taken and w not in blocked | taken]
        blocked |= taken
    return blocked


def _branch(structure: BrowsingTree, wnid: str) -> set[str]:
    """A category and all below it."""
    found, pending = set[str](), [wnid]
    while pending:
        found.add(pending[-1])
        pending.extend(structure.categories[pending.pop()].children)
    return found


def _pruned(
    structure: BrowsingTree,
    known: Mapping[str, Change],
    stands_for: Mapping[str, str],
    merged: Mapping[str, Sequence[str]],
) -> BrowsingTree:
    """The tree of what is shown: by its names now, under what is shown above it, with what is shown as it."""
    below: dict[str, list[Category]] = {"": []}
    for wnid, category in structure.categories.items():
        if wnid in stands_for:
            continue
        parent = category.parent and stands_for.get(category.parent, category.parent)
        own = _renamed(category, known.get(wnid))
        if wnid in merged:
            classes = {c for part in (wnid, *merged[wnid]) for c in structure.categories[part].classes}
            own = replace(own, classes=tuple(sorted(classes)), information=_bits(structure, classes))
        below.setdefault(wnid, [])
        below.setdefault(parent or "", []).append(replace(own, parent=parent or None))
    for siblings in below.values():
        siblings.sort(key=lambda category: category.name.casefold())  # of equals in the order they had
    categories: dict[str, Category] = {}
    pending = below[""][::-1]
    while pending:
        category = pending.pop()
        children = below[category.wnid]
        categories[category.wnid] = replace(category, children=tuple(child.wnid for child in children))
        pending.extend(reversed(children))
    place = {wnid: at for at, wnid in enumerate(categories)}
    places = np.array([*(place.get(stands_for.get(w, w), -1) for w in structure.order), -1], dtype=np.int32)
    everyday = structure.everyday.union(w for w, parts in merged.items() if not structure.everyday.isdisjoint(parts))
    return BrowsingTree(structure.hierarchy, categories, places[structure.nearest], everyday & categories.keys())


def _renamed(category: Category, change: Change | None) -> Category:
    if change is None or not change.name:
        return category
    return replace(category, name=change.name, singular=change.singular, slug=slug_of(change.name))


def _bits(structure: BrowsingTree, classes: Set[int]) -> float:
    return float(np.log2(len(structure.hierarchy.classes) / len(classes))) if classes else 0.0

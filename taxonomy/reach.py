"""The whole graph of WordNet's synsets as the hierarchy of one label set knows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from taxonomy.browsing import BrowsingTree, Category, build_browsing, load_curation
from taxonomy.hierarchy import DEFAULT_LABEL_SET, Hierarchy, read_graph

WHOLE = "n00003553"  # whole: all things one can point at


@dataclass(frozen=True, eq=False)
class Reach:
    """The synsets of the whole graph as one label set's hierarchy knows them, by position in the graph."""

    position: Mapping[str, int]  # of each wnid
    reached: Sequence[tuple[int, ...]]  # the nearest synsets of the hierarchy at or above each
    own: Sequence[bool]  # whether the hierarchy has it itself
    parents: Sequence[Sequence[int]]

    def category(self, tree: BrowsingTree, position: int) -> Category | None:
        """The category that says most of those a synset is part of, None where there is none.

        A category that is only a kind of the synset is none: in this hierarchy soap bubbles may be all there is of
        shapes, but a shape is no soap bubble. Just below a synset of the hierarchy itself it stands for it, and where
        it is all there is of a thing: triceratops of dinosaurs.
        """
        best: Category | None = None
        for synset in self.reached[position]:
            at = int(tree.nearest[synset])
            own = tree.categories.get(tree.hierarchy.synsets[synset].wnid)
            category = own or (tree.categories[tree.order[at]] if at >= 0 else None)
            if category is None or self._is_kind(tree, category, synset, own=self.own[position]):
                continue
            if best is None or category.information > best.information:
                best = category
        return best

    def _is_kind(self, tree: BrowsingTree, category: Category, synset: int, *, own: bool) -> bool:
        graph = tree.hierarchy
        at = graph.index[category.wnid]
        if at == synset or synset not in graph.at_or_above([at]):
            return False
        is_the_thing = graph.index.get(WHOLE) in graph.at_or_above([synset]) and len(graph.classes_below(synset)) == 1
        return not (own and (is_the_thing or synset in graph.parents[at]))

    def at_or_below(self, wnids: Iterable[str]) -> frozenset[int]:
        """The positions of synsets and of all below them; parents come before children."""
        found = {self.position[wnid] for wnid in wnids if wnid in self.position}
        for synset, parents in enumerate(self.parents) if found else ():
            if not found.isdisjoint(parents):
                found.add(synset)
        return frozenset(found)


def reach_of(graph: Mapping[str, Any], hierarchy: Hierarchy) -> Reach:
    """How far a hierarchy reaches in the graph that it is part of."""
    reached: list[tuple[int, ...]] = []
    for wnid, _lemmas, parents in graph["synsets"]:
        own = hierarchy.index.get(wnid)
        above = dict.fromkeys(synset for parent in parents for synset in reached[parent])
        reached.append((own,) if own is not None else tuple(above))
    rows = graph["synsets"]
    return Reach(
        position={row[0]: i for i, row in enumerate(rows)},
        reached=reached,
        own=[row[0] in hierarchy.index for row in rows],
        parents=[row[2] for row in rows],
    )


def bits_of(graph: Mapping[str, Any]) -> list[float]:
    """How much each synset of the graph says to people who browse: the bits of the category it leads to, else 0.

    By the default label set, or the only one there is.
    """
    label_set = DEFAULT_LABEL_SET if DEFAULT_LABEL_SET in graph["label_sets"] else next(iter(graph["label_sets"]))
    hierarchy = Hierarchy.from_graph(graph, label_set)
    tree = build_browsing(hierarchy, load_curation())
    reach = reach_of(graph, hierarchy)
    found = (reach.category(tree, position) for position in range(len(graph["synsets"])))
    return [category.information if category else 0.0 for category in found]


@cache
def load_reach(label_set: str = DEFAULT_LABEL_SET) -> Reach:
    """How far a label set's hierarchy reaches in the shipped graph, once per process."""
    graph = read_graph()
    return reach_of(graph, Hierarchy.from_graph(graph, label_set))

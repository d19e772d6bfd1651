"""The tree people browse: WordNet pruned to plainly named categories that never overlap."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import count
from pathlib import Path

import numpy as np
from scipy import sparse

from taxonomy.hierarchy import DEFAULT_LABEL_SET, Hierarchy, Synset, load_hierarchy

CURATION_FILE = Path(__file__).parent / "data" / "browsing.toml"
CATCH_ALL = "n00001740"  # entity: what no curated category at the top takes


@dataclass(frozen=True)
class Curation:
    """What people chose about the tree, as the curated file says it; wnids a label set lacks are ignored.

    `moved` files a synset under another one than its hypernyms, or under none for the value "".
    A `broad` synset gives its name to the one kind below it: "horses", where a network knows only sorrels.
    """

    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # wnid: plural, singular with article
    hidden: frozenset[str] = frozenset()
    broad: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    everyday: frozenset[str] = frozenset()  # what people call things first: dogs, not hunting dogs
    words: Mapping[str, str] = field(default_factory=dict)  # what people type, and the wnid they mean

    @classmethod
    def from_text(cls, text: str) -> "Curation":
        """Read the curated file's text. Raises ValueError for bad TOML or an entry that is not two words."""
        document = tomllib.loads(text)
        names: dict[str, tuple[str, str]] = {}
        for section in document["names"].values():
            for wnid, words in section.items():
                if wnid in names or len(words) != 2 or not all(isinstance(word, str) and word for word in words):
                    raise ValueError(f"{wnid} needs one plural and one singular, once; found {words!r}")
                names[wnid] = (words[0], words[1])
        everyday = frozenset(document.get("everyday", ()))
        words = document.get("words", {})
        return cls(
            names, frozenset(document["hidden"]), frozenset(document["broad"]), document["moved"], everyday, words
        )


@dataclass(frozen=True)
class Category:
    """One album a person can open. `classes` are positions in the network's output, ascending."""

    wnid: str
    name: str
    singular: str
    slug: str
    parent: str | None
    children: tuple[str, ...]
    classes: tuple[int, ...]
    information: float  # bits


@dataclass(frozen=True, eq=False)
class BrowsingTree:
    """Categories of which any two are nested or share no class, so counts of disjoint ones add up.

    `categories` goes depth first, parents before children, siblings by name. Because the curated file files some
    synsets elsewhere than WordNet, what a category stands for is its `classes`, not the hierarchy's.
    `nearest[s]` is the position of the category of synset s, -1 where there is none. `everyday` are the categories at
    the level at which people name things first.
    """

    hierarchy: Hierarchy
    categories: Mapping[str, Category]
    nearest: np.ndarray  # (synsets,) int32
    everyday: frozenset[str] = frozenset()

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The wnids in the order of `membership`'s columns."""
        return tuple(self.categories)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where each wnid is in `order`."""
        return {wnid: at for at, wnid in enumerate(self.categories)}

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The categories at the top, by name."""
        return tuple(wnid for wnid, category in self.categories.items() if category.parent is None)

    @cached_property
    def depth(self) -> Mapping[str, int]:
        """Steps from the top, 0 for a root."""
        depth: dict[str, int] = {}
        for wnid, category in self.categories.items():
            depth[wnid] = 0 if category.parent is None else depth[category.parent] + 1
        return depth

    @cached_property
    def membership(self) -> sparse.csr_array:
        """(classes, categories) float32, 1 where the category stands for the class."""
        sizes = [len(category.classes) for category in self.categories.values()]
        rows = [c for category in self.categories.values() for c in category.classes]
        columns = np.repeat(np.arange(len(sizes)), sizes)
        ones = np.ones(len(rows), dtype=np.float32)
        return sparse.csr_array((ones, (rows, columns)), shape=(len(self.hierarchy.classes), len(sizes)))

    @cached_property
    def information(self) -> np.ndarray:
        """(categories,) float32, bits: how much each category says, in the order of `membership`'s columns."""
        return np.array([category.information for category in self.categories.values()], dtype=np.float32)

    def path(self, wnid: str) -> tuple[Category, ...]:
        """Categories from the top down to and including one. Raises KeyError for what is not a category."""
        path = [self.categories[wnid]]
        while (above := path[-1].parent) is not None:
            path.append(self.categories[above])
        return tuple(reversed(path))

    def is_apart(self, wnid: str, others: Iterable[str]) -> bool:
        """Whether a category holds none of some others and lies in none of them."""
        own = self.categories[wnid].classes
        return all(set(own).isdisjoint(self.categories[other].classes) for other in others)

    def plainest(self, level: Iterable[Category]) -> Category:
        """Of categories with the same photos the one people name: an everyday one, else the shortest name.

        Everyday words are short. Source: G. K. Zipf, "The Psycho-Biology of Language", 1935. Of equals the first.
        """
        return min(level, key=lambda category: (category.wnid not in self.everyday, len(category.name)))

    def visible(self, synset: int | str) -> Category | None:
        """Return the narrowest category that stands for all classes of a synset, None where no category does.

        Takes a synset's position in the hierarchy or its wnid; raises KeyError for a wnid the hierarchy lacks.
        """
        position = self.hierarchy.index[synset] if isinstance(synset, str) else synset
        nearest = int(self.nearest[position])
        return None if nearest < 0 else self.categories[self.order[nearest]]


def build_browsing(hierarchy: Hierarchy, curation: Curation) -> BrowsingTree:
    """Prune a hierarchy to a browsing tree; the same for the same input.

    Every synset is filed under one parent, which makes a forest, and what lies below two nodes of a forest is nested
    or disjoint: the categories are laminar whatever the curation says. Of those for the same classes one is shown.
    Raises ValueError where `moved` makes a synset its own ancestor.
    """
    filed = replace(hierarchy, parents=_one_parent_each(hierarchy, curation))
    shown = _one_per_class_set(filed, curation)
    shown.sort(key=lambda i: (-filed.class_counts[i], i))
    above: dict[int, int] = {}
    below: dict[int, list[int]] = {i: [] for i in (-1, *shown)}
    narrowest = np.full(len(hierarchy.classes), -1, dtype=np.int64)
    for i in shown:  # larger ones first, so what holds a class so far is the parent
        members = np.fromiter(filed.classes_below(i), dtype=np.int64)
        above[i] = int(narrowest[members[0]])
        below[above[i]].append(i)
        narrowest[members] = i
    names = _names({i: filed.synsets[i] for i in shown}, above, curation)
    for siblings in below.values():
        siblings.sort(key=lambda i: (names[i][0].casefold(), i))
    wnid = {i: filed.synsets[i].wnid for i in shown}
    categories = {
        wnid[i]: Category(
            wnid=wnid[i],
            name=names[i][0],
            singular=names[i][1],
            slug=slug_of(names[i][0]),
            parent=wnid.get(above[i]),
            children=tuple(wnid[child] for child in below[i]),
            classes=tuple(sorted(filed.classes_below(i))),
            information=float(np.log2(len(hierarchy.classes) / filed.class_counts[i])),
        )
        for i in _depth_first(below)
    }
    nearest = _nearest(hierarchy, filed, above, narrowest, {i: at for at, i in enumerate(_depth_first(below))})
    return BrowsingTree(hierarchy, categories, nearest, curation.everyday & categories.keys())


@cache
def load_curation() -> Curation:
    """Read the shipped curated file, once per process."""
    return Curation.from_text(CURATION_FILE.read_text(encoding="utf-8"))


@cache
def load_browsing(label_set: str = DEFAULT_LABEL_SET) -> BrowsingTree:
    """Build the browsing tree of a label set from the shipped files, once per process."""
    return build_browsing(load_hierarchy(label_set), load_curation())


def slug_of(name: str) -> str:
    """Return a name as ascii, lower case, hyphenated: "crêpes & co" → "crepes-co"."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("'", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")


def plural_of(noun: str) -> str:
    """Return the plural by rule: "fox" → "foxes", "daisy" → "daisies"; words of Latin or Greek are not tried."""
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun if noun.endswith("s") and not noun.endswith("ss") else noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"\b[a-z]*man$", noun) and not noun.endswith("human"):
        return noun[:-3] + "men"
    return noun + "s"


def with_article(noun: str) -> str:
    """Return the noun after "a" or "an", chosen by how its first letters sound."""
    sound = noun.lower()
    is_vowel = re.match(r"[aeiou]|hour|heir", sound) and not re.match(r"uni([^mn]|$)|eu|u[bst][aeiu]|one\b|ewe", sound)
    return f"{'an' if is_vowel else 'a'} {noun}"


def _one_parent_each(hierarchy: Hierarchy, curation: Curation) -> tuple[tuple[int, ...], ...]:
    """Choose for each synset where it is moved to, else the parent that most curated categories lie above."""
    parents = list(hierarchy.parents)
    for wnid, target in curation.moved.items():
        if wnid in hierarchy.index and (target == "" or target in hierarchy.index):
            parents[hierarchy.index[wnid]] = (hierarchy.index[target],) if target else ()
    rank: dict[int, tuple[int, int, int]] = {}  # curated, shown, all synsets from here to the top
    for i in _parents_first(parents):
        parents[i] = tuple(sorted(parents[i], key=lambda p: (rank[p], -p))[-1:])
        above = rank[parents[i][0]] if parents[i] else (0, 0, 0)
        wnid = hierarchy.synsets[i].wnid
        is_shown = wnid not in curation.hidden
        is_named = is_shown and wnid in curation.names and wnid != CATCH_ALL
        rank[i] = (above[0] + is_named, above[1] + is_shown, above[2] + 1)
    return tuple(parents)


def _parents_first(parents: Sequence[Sequence[int]]) -> Iterator[int]:
    """Yield each position after its parents: moving synsets breaks the order that the hierarchy keeps."""
    done, open_below = set[int](), set[int]()
    for start in range(len(parents)):
        pending = [start]
        while pending:
            current = pending[-1]
            waiting = [p for p in parents[current] if p not in done]
            if current in done or not waiting:
                pending.pop()
                if current not in done:
                    done.add(current)
                    yield current
            elif current in open_below:
                raise ValueError(f"synset {current} is moved below itself")
            else:
                open_below.add(current)
                pending.extend(waiting)


def _one_per_class_set(filed: Hierarchy, curation: Curation) -> list[int]:
    """Choose among shown synsets for the same classes: a broad one, else a curated one, else the most specific."""
    best: dict[frozenset[int], tuple[tuple[bool, bool, int], int]] = {}
    for i, synset in enumerate(filed.synsets):
        classes = filed.classes_below(i)
        if classes and synset.wnid not in curation.hidden:
            rank = (synset.wnid in curation.broad, synset.wnid in curation.names, i)
            if classes not in best or rank > best[classes][0]:
                best[classes] = (rank, i)
    return [i for _, i in best.values()]


def _nearest(
    hierarchy: Hierarchy, filed: Hierarchy, above: Mapping[int, int], narrowest: np.ndarray, order: Mapping[int, int]
) -> np.ndarray:
    """Place each synset in the narrowest category over all its classes.

    Where classes were filed elsewhere there may be none; then a synset that is itself shown stands for itself if it
    kept most of its classes, so "food" stays food although hay has left it, and "container" without its cars does not.
    """
    nearest = np.full(len(hierarchy), -1, dtype=np.int32)
    for synset in range(len(hierarchy)):
        classes = hierarchy.classes_below(synset)
        current = int(narrowest[next(iter(classes))])
        while current >= 0 and not classes <= filed.classes_below(current):
            current = above[current]
        if current < 0 and synset in order and 2 * len(classes & filed.classes_below(synset)) > len(classes):
            current = synset
        nearest[synset] = order.get(current, -1)
    return nearest


def _depth_first(below: Mapping[int, Sequence[int]]) -> Iterator[int]:
    pending = list(reversed(below[-1]))
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(below[current]))


def _names(shown: Mapping[int, Synset], above: Mapping[int, int], curation: Curation) -> dict[int, tuple[str, str]]:
    """Name each shown synset, no two alike: as curated, else by its first free lemma, else told apart in brackets."""
    names = {i: curation.names[synset.wnid] for i, synset in shown.items() if synset.wnid in curation.names}
    taken = {name.casefold() for name, _ in names.values()}
    for i, synset in shown.items():  # parents first, so their names are there for the brackets
        if i not in names:
            names[i] = next(w for w in _proposals(synset, names.get(above[i])) if w[0].casefold() not in taken)
            taken.add(names[i][0].casefold())
    return names


def _proposals(synset: Synset, parent: tuple[str, str] | None) -> Iterator[tuple[str, str]]:
    for lemma in synset.lemmas:
        yield plural_of(lemma), with_article(lemma)
    lemma = synset.lemmas[0]
    if parent is not None:
        yield f"{plural_of(lemma)} ({parent[0]})", with_article(lemma)
    for number in count(2):
        yield f"{plural_of(lemma)} ({number})", with_article(lemma)

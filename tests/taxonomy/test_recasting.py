"""The categories of one label set hold the classes of another one as truly as their own."""

from itertools import combinations

import numpy as np
import pytest

from taxonomy.browsing import BrowsingTree, load_browsing
from taxonomy.recasting import recast

LABEL_SETS = ("imagenet_1k", "imagenet_12k")
DOG, HUNTING_DOG, RETRIEVER, CAT = "n02084071", "n02087122", "n02099029", "n02121808"
DACHSHUND, LABRADOR, TABBY, OAK, FLOWERS, PLANTS = (
    "n02089232", "n02099712", "n02123045", "n12268246", "n11669921", "n00017222",
)  # fmt: skip


@pytest.fixture(params=[LABEL_SETS, LABEL_SETS[::-1]], ids=" as ".join)
def trees(request: pytest.FixtureRequest) -> tuple[BrowsingTree, BrowsingTree]:
    shown, said = request.param
    return load_browsing(shown), load_browsing(said)


def holding(tree: BrowsingTree, wnid: str) -> set[str]:
    """The categories that hold a class."""
    graph = tree.hierarchy
    c = [graph.synsets[synset].wnid for synset in graph.classes.tolist()].index(wnid)
    return {category.wnid for category in tree.categories.values() if c in category.classes}


def test_the_categories_are_the_same_and_stand_in_the_same_order(trees: tuple[BrowsingTree, BrowsingTree]) -> None:
    shown, said = trees
    tree = recast(shown, said)
    assert tree.order == shown.order
    assert tree.roots == shown.roots
    assert tree.membership.shape == (len(said.hierarchy.classes), len(shown.order))


def test_any_two_categories_are_nested_or_share_no_class(trees: tuple[BrowsingTree, BrowsingTree]) -> None:
    tree = recast(*trees)
    for category in tree.categories.values():
        below = [set(tree.categories[child].classes) for child in category.children]
        assert set().union(*below) <= set(category.classes)
        assert all(one.isdisjoint(other) for one, other in combinations(below, 2))
    tops = [set(tree.categories[wnid].classes) for wnid in tree.roots]
    assert sum(map(len, tops)) == len(set().union(*tops)) <= len(tree.hierarchy.classes)


def test_bits_rise_downwards_and_the_lower_of_two_equals_says_more(trees: tuple[BrowsingTree, BrowsingTree]) -> None:
    tree = recast(*trees)
    for category in tree.categories.values():
        if category.parent is not None and category.classes:
            assert category.information > tree.categories[category.parent].information


def test_a_tree_of_the_same_labels_holds_the_same_classes() -> None:
    own = load_browsing()
    tree = recast(own, own)
    assert np.array_equal(tree.nearest, own.nearest)
    assert {w: c.classes for w, c in tree.categories.items()} == {w: c.classes for w, c in own.categories.items()}


def test_a_class_that_is_none_there_is_what_lies_above_it() -> None:
    tree = recast(load_browsing("imagenet_1k"), load_browsing("imagenet_12k"))
    assert {DOG, HUNTING_DOG} <= holding(tree, DACHSHUND)
    assert not {RETRIEVER, CAT} & holding(tree, DACHSHUND)
    assert PLANTS in holding(tree, OAK)
    assert FLOWERS not in holding(tree, OAK)
    assert {DOG, RETRIEVER, LABRADOR} <= holding(tree, LABRADOR)


def test_a_class_that_is_a_class_there_too_keeps_its_category() -> None:
    tree = recast(load_browsing("imagenet_12k"), load_browsing("imagenet_1k"))
    assert {CAT, TABBY} <= holding(tree, TABBY)
    assert {DOG, RETRIEVER, LABRADOR} <= holding(tree, LABRADOR)

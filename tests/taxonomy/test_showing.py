"""What moderators change of the tree: laminar still, whatever they do, and back again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.browsing import BrowsingTree, load_browsing
from taxonomy.showing import Change, merge_problem, show

TREE = load_browsing()
PRIMATES, APES, MONKEYS, LEMURS, GORILLA = "n02469914", "n02470325", "n02484322", "n02496913", "n02480855"
DOG, CANINE, DEVICES, MUSIC = "n02084071", "n02083346", "n03183080", "n03800933"

wnids = st.sampled_from(sorted({PRIMATES, APES, MONKEYS, LEMURS, GORILLA, DOG, CANINE, "n01861778", "n02480153"}))
changes = st.lists(
    st.builds(Change, wnids, is_hidden=st.booleans(), is_blocked=st.booleans(), is_alone=st.booleans(), shown_as=wnids),
    unique_by=lambda change: change.wnid,
    max_size=6,
)


def is_sound(tree: BrowsingTree) -> bool:
    """Whether children lie in their parents and share no class with each other, and every position leads somewhere."""
    for wnid, category in tree.categories.items():
        assert category.wnid == wnid
        held = [set(tree.categories[child].classes) for child in category.children]
        assert set().union(*held) <= set(category.classes)
        assert sum(map(len, held)) == len(set().union(*held))
        assert all(tree.categories[child].parent == wnid for child in category.children)
    tops = [set(tree.categories[root].classes) for root in tree.roots]
    assert sum(map(len, tops)) == len(set().union(*tops))
    return bool((tree.nearest < len(tree.order)).all())


@settings(max_examples=60, deadline=None)
@given(changes)
def test_whatever_is_changed_counts_of_disjoint_categories_add_up(made: list[Change]) -> None:
    showing = show(TREE, made)
    assert is_sound(showing.tree)
    assert showing.tree.categories.keys().isdisjoint(showing.stands_for)
    assert showing.tree.categories.keys() | showing.stands_for.keys() == TREE.categories.keys()
    for wnid, parts in showing.parts.items():
        held = [set(TREE.categories[part].classes) for part in parts]
        assert set(showing.tree.categories[wnid].classes) == set().union(*held)
        assert sum(map(len, held)) == len(set().union(*held))
    assert show(TREE, made[::-1]).stands_for == showing.stands_for


def test_nothing_changed_is_the_tree_itself() -> None:
    assert show(TREE, []).tree is TREE


def test_what_is_hidden_gives_its_place_to_what_lies_below() -> None:
    showing = show(TREE, [Change(PRIMATES, is_hidden=True)])
    assert {APES, MONKEYS, LEMURS} <= set(showing.tree.categories["n01861778"].children)
    assert showing.shown(PRIMATES) == "n01861778"
    assert showing.blocked == frozenset()


def test_a_blocked_branch_goes_with_all_that_is_filed_below_it_and_with_nothing_filed_elsewhere() -> None:
    showing = show(TREE, [Change(DOG, is_blocked=True)])
    assert "n02099712" in showing.blocked
    assert showing.shown("n02099712") == CANINE
    # WordNet's devices are instruments too, which people find among music.
    assert MUSIC in show(TREE, [Change(DEVICES, is_blocked=True)]).tree.categories


def test_a_category_that_is_blocked_alone_leaves_what_lies_below() -> None:
    showing = show(TREE, [Change(APES, is_blocked=True, is_alone=True)])
    assert showing.blocked >= {APES}
    assert GORILLA not in showing.blocked
    assert showing.tree.path(GORILLA)[-3].wnid == PRIMATES


def test_what_is_merged_has_the_classes_and_the_children_of_both() -> None:
    showing = show(TREE, [Change(APES, shown_as=MONKEYS)])
    monkeys = showing.tree.categories[MONKEYS]
    assert showing.stored(MONKEYS) == (MONKEYS, APES)
    assert {*TREE.categories[APES].children, *TREE.categories[MONKEYS].children} == set(monkeys.children)
    assert monkeys.information < TREE.categories[MONKEYS].information
    assert showing.tree.visible(APES) == monkeys


def test_merges_in_a_row_end_at_the_last_and_in_a_circle_at_one_of_them() -> None:
    row = show(TREE, [Change(APES, shown_as=MONKEYS), Change(MONKEYS, shown_as=LEMURS)])
    assert set(row.stored(LEMURS)) == {LEMURS, MONKEYS, APES}
    circle = show(TREE, [Change(APES, shown_as=MONKEYS), Change(MONKEYS, shown_as=APES)])
    assert len(circle.ineffective) == 1


def test_what_is_shown_as_something_that_is_blocked_is_blocked_as_well() -> None:
    showing = show(TREE, [Change(APES, shown_as=MONKEYS), Change(MONKEYS, is_blocked=True)])
    assert showing.blocked >= {APES, MONKEYS, GORILLA}
    assert showing.parts == {}


def test_to_be_shown_as_the_parent_is_to_be_hidden() -> None:
    merged, hidden = show(TREE, [Change(APES, shown_as=PRIMATES)]), show(TREE, [Change(APES, is_hidden=True)])
    assert merged.stands_for == hidden.stands_for
    assert merged.parts == {}
    assert np.array_equal(merged.tree.nearest, hidden.tree.nearest)


def test_a_merge_whose_two_no_longer_lie_together_means_nothing() -> None:
    hidden = [Change(PRIMATES, is_hidden=True), Change(APES, shown_as="n02075296")]
    assert show(TREE, hidden).stored("n02075296") == ("n02075296", APES)
    apart = show(TREE, hidden[1:])
    assert apart.ineffective == {APES}
    assert APES in apart.tree.categories


@pytest.mark.parametrize(
    ("wnid", "other", "problem"),
    [
        (APES, MONKEYS, ""),
        (APES, PRIMATES, ""),
        (APES, APES, "self"),
        (PRIMATES, APES, "below"),
        (APES, DOG, "apart"),
        (APES, "n99999999", "gone"),
    ],
)
def test_only_what_lies_together_can_be_shown_as_one(wnid: str, other: str, problem: str) -> None:
    assert merge_problem(show(TREE, []), wnid, other) == problem


def test_renamed_categories_are_found_by_their_new_names_in_order() -> None:
    tree = show(TREE, [Change(LEMURS, name="aye-ayes and lemurs", singular="a lemur")]).tree
    assert tree.categories[LEMURS].slug == "aye-ayes-and-lemurs"
    children = [tree.categories[child].name for child in tree.categories[PRIMATES].children]
    assert children == ["apes", "aye-ayes and lemurs", "monkeys"]

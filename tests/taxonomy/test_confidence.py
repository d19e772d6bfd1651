"""The sum rule never counts a class twice; the mean rule is the prototype's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.confidence import mean_rule, sum_rule
from taxonomy.hierarchy import Hierarchy, load_hierarchy

# A diamond: both inner synsets stand above the class "shared".
DIAMOND = Hierarchy.from_graph(
    {
        "synsets": [
            ["n00000001", ["root"], []],
            ["n00000002", ["left"], [0]],
            ["n00000003", ["right"], [0]],
            ["n00000004", ["shared"], [1, 2]],
            ["n00000005", ["own"], [2]],
        ],
        "label_sets": {"two": [3, 4]},
    },
    "two",
)


def test_a_class_reached_by_two_paths_counts_once() -> None:
    (row,) = sum_rule(np.array([[0.6, 0.4]]), DIAMOND)
    assert row.tolist() == pytest.approx([1.0, 0.6, 1.0, 0.6, 0.4])


def test_the_mean_rule_is_the_mean_of_the_children() -> None:
    (row,) = mean_rule(np.array([[0.6, 0.4]]), DIAMOND)
    assert row.tolist() == pytest.approx([0.55, 0.6, 0.5, 0.6, 0.4])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.001, 0.05, 1.0]))
def test_a_parent_is_never_less_sure_than_its_child_and_the_root_is_certain(seed: int, spread: float) -> None:
    hierarchy = load_hierarchy()
    probabilities = np.random.default_rng(seed).dirichlet(np.full(1000, spread), size=2)
    confidences = sum_rule(probabilities, hierarchy)
    assert confidences.max(axis=1) == pytest.approx(1, abs=1e-4)
    for synset, parents in enumerate(hierarchy.parents):
        for parent in parents:
            assert (confidences[:, parent] >= confidences[:, synset] - 1e-5).all()


def test_the_class_itself_is_as_sure_as_its_probability_where_it_stands_alone() -> None:
    hierarchy = load_hierarchy()
    probabilities = np.random.default_rng(0).dirichlet(np.ones(1000), size=1)
    confidences = sum_rule(probabilities, hierarchy)
    assert confidences[:, hierarchy.classes] == pytest.approx(probabilities, abs=1e-6)


def test_in_a_larger_label_set_a_class_counts_for_the_classes_above_it() -> None:
    hierarchy = load_hierarchy("imagenet_12k")
    dog, labrador = hierarchy.index["n02084071"], hierarchy.index["n02099712"]
    probabilities = np.zeros((1, len(hierarchy.classes)))
    classes = hierarchy.classes.tolist()
    probabilities[0, [classes.index(dog), classes.index(labrador)]] = 0.3, 0.5
    assert sum_rule(probabilities, hierarchy)[0, dog] == pytest.approx(0.8)

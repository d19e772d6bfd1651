"""The graph file is WordNet's, and every label set is whole."""

from pathlib import Path

import numpy as np
import pytest

from taxonomy.hierarchy import Hierarchy, load_hierarchy, read_graph
from taxonomy.wordnet import build_graph, write_file

SIZES = {
    "imagenet_1k": 1000,
    "imagenet_12k": 11821,
    "imagenet_21k_goog": 21843,
    "imagenet_21k_miil": 11221,
    "imagenet_21k_miil_w21": 10450,
    "imagenet_22k": 21841,
    "imagenet_22k_ms": 21842,
    "imagenet_a": 200,
    "imagenet_r": 200,
    "mini_imagenet": 100,
}


@pytest.mark.parametrize(("label_set", "classes"), SIZES.items())
def test_every_label_set_is_in_the_graph_with_as_many_distinct_classes(label_set: str, classes: int) -> None:
    hierarchy = load_hierarchy(label_set)
    assert len(hierarchy.classes) == len(set(hierarchy.classes.tolist())) == classes


def test_the_graph_of_the_thousand_classes_has_the_known_shape() -> None:
    hierarchy = load_hierarchy()
    inner = set(range(len(hierarchy))) - set(hierarchy.classes.tolist())
    assert len(hierarchy) == 1860
    assert sum(len(hierarchy.children[i]) == 1 for i in inner) == 461
    assert [s.wnid for s, p in zip(hierarchy.synsets, hierarchy.parents, strict=True) if not p] == ["n00001740"]


def test_parents_come_before_their_children() -> None:
    hierarchy = load_hierarchy("imagenet_22k")
    assert all(parent < child for child, parents in enumerate(hierarchy.parents) for parent in parents)


def test_a_dog_is_what_one_expects() -> None:
    hierarchy = load_hierarchy()
    dog = hierarchy.index["n02084071"]
    assert hierarchy.synsets[dog].lemmas[:2] == ("dog", "domestic dog")
    above = {hierarchy.synsets[i].lemmas[0] for i in hierarchy.at_or_above([dog])}
    assert {"canine", "carnivore", "domestic animal", "animal", "entity"} <= above
    assert hierarchy.class_counts[dog] == len(hierarchy.classes_below(dog)) == 118
    assert hierarchy.information[dog] == pytest.approx(np.log2(1000 / 118))


def test_an_unknown_label_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="imagenet_1k"):
        Hierarchy.from_graph(read_graph(), "imagenet_3k")


def test_writing_a_graph_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    graph = {"synsets": [["n00000001", ["root"], []]], "label_sets": {"one": [0]}}
    first, second = tmp_path / "a.gz", tmp_path / "b.gz"
    write_file(graph, first)
    write_file(graph, second)
    assert first.read_bytes() == second.read_bytes()
    assert read_graph(first) == graph


def test_a_folder_without_wordnet_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="dict folder of WordNet"):
        build_graph(tmp_path, {"one": ["n00001740"]})

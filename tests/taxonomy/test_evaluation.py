"""Measures of names against the truth, on cases small enough to reckon by hand."""

import numpy as np
import pytest

from taxonomy.browsing import load_browsing
from taxonomy.calibration import THRESHOLDS, Folder, calibrate, lowest_threshold
from taxonomy.evaluation import (
    Truths,
    accuracy_and_bits,
    calibration_error,
    flat_names,
    planted_f1,
    resolve_truths,
    top_k_accuracy,
    wnids_in_name,
)
from taxonomy.hierarchy import load_hierarchy, read_graph

DOG, LABRADOR, TABBY = "n02084071", "n02099712", "n02123045"


def truths_of(*wnids: str) -> Truths:
    return resolve_truths([list(wnids)], load_hierarchy(), read_graph())


def test_a_file_name_says_what_is_shown() -> None:
    assert wnids_in_name("n02123045+n03482405_cat.jpg") == ["n02123045", "n03482405"]
    for name in ("cat.jpg", "n0212_cat.jpg", "n02123045+_cat.jpg"):
        with pytest.raises(ValueError, match="n02123045_cat"):
            wnids_in_name(name)


def test_right_is_a_truth_its_ancestors_and_its_descendants() -> None:
    hierarchy = load_hierarchy()
    (row,) = truths_of(DOG).right
    assert row[hierarchy.index[DOG]]
    assert row[hierarchy.index[LABRADOR]]
    assert row[hierarchy.index["n00015388"]]
    assert not row[hierarchy.index[TABBY]]
    assert truths_of(DOG).leaf.tolist() == [-1]
    assert truths_of(LABRADOR).leaf.tolist() != [-1]


def test_a_truth_that_no_class_has_still_makes_its_ancestors_right() -> None:
    hierarchy = load_hierarchy()
    (row,) = truths_of("n02084732").right  # pooch, which is no class and above none of the thousand
    assert row[hierarchy.index[DOG]]
    assert not row[hierarchy.index[LABRADOR]]


def test_an_unknown_truth_is_refused() -> None:
    with pytest.raises(ValueError, match="n99999999"):
        truths_of("n99999999")


def test_accuracy_bits_and_flat_names() -> None:
    hierarchy = load_hierarchy()
    truths = resolve_truths([[LABRADOR], [TABBY]], hierarchy, read_graph())
    named = np.array([hierarchy.index[DOG], hierarchy.index[LABRADOR]])
    accuracy, bits = accuracy_and_bits(named, truths, hierarchy)
    assert accuracy == 0.5
    assert bits == pytest.approx((np.log2(1000 / 118) + np.log2(1000)) / 2, abs=1e-5)
    row = np.zeros((1, 1000))
    row[0, truths.leaf[0]] = 0.6
    assert hierarchy.synsets[flat_names(row, hierarchy, 0.5)[0]].wnid == LABRADOR
    assert hierarchy.information[flat_names(row, hierarchy, 0.7)[0]] == 0


def test_top_k_and_calibration_error_leave_out_photos_whose_truth_is_no_class() -> None:
    truths = resolve_truths([[LABRADOR], [DOG], [TABBY]], load_hierarchy(), read_graph())
    rows = np.full((3, 1000), 1e-6)
    rows[0, truths.leaf[0]] = 0.9
    rows[2, truths.leaf[0]], rows[2, truths.leaf[2]] = 0.7, 0.2
    assert top_k_accuracy(rows, truths, 1) == 0.5
    assert top_k_accuracy(rows, truths, 5) == 1
    assert calibration_error(rows, truths) == pytest.approx((0.1 + 0.7) / 2)
    assert top_k_accuracy(rows[1:2], truths.take(np.array([1])), 1) is None


def test_planted_f1_finds_what_is_planted() -> None:
    tree = load_browsing()
    dogs, cats = [f"d{n}" for n in range(6)], [f"c{n}" for n in range(3)]
    members = {f: [LABRADOR if n % 2 else "n02088364", *(c.wnid for c in tree.path(DOG))] for n, f in enumerate(dogs)}
    members |= {f: [TABBY, *(c.wnid for c in tree.path("n02121808"))] for f in cats}
    draws = [{"groups": {DOG: dogs, "n02121808": cats}, "rest": []}]
    scores = planted_f1(draws, members, tree)
    assert scores["cut"] == 1
    assert scores["flat"] == pytest.approx((2 * 3 / 9 + 1) / 2)


def test_the_lowest_threshold_is_the_one_from_which_all_hold() -> None:
    rising = np.linspace(0.5, 1, len(THRESHOLDS))
    broken = rising.copy()
    broken[80] = 0.1
    assert lowest_threshold([rising], 0.4) == THRESHOLDS[0]
    assert lowest_threshold([rising, broken], 0.4) == THRESHOLDS[81]
    assert lowest_threshold([rising], 2.0) == THRESHOLDS[-1]


def test_a_network_that_is_as_sure_as_it_is_right_is_calibrated_to_its_targets() -> None:
    hierarchy, tree = load_hierarchy(), load_browsing()
    chance = np.random.default_rng(5)
    leaf = chance.integers(0, 1000, size=600)
    sure = chance.uniform(0.3, 1, size=600)
    shown = np.where(chance.random(600) < sure, leaf, chance.integers(0, 1000, size=600))
    rows = np.full((600, 1, 1000), -20.0)
    rows[np.arange(600), 0, shown] = np.log(sure / (1 - sure) * 1e-3) + 6.9
    rows[:, 0, :] += np.where(np.arange(1000) == shown[:, None], 0, 20)
    right = np.asarray(hierarchy.membership[leaf].toarray() > 0)
    for photo, c in enumerate(leaf):
        right[photo, list(hierarchy.at_or_below([int(hierarchy.classes[c])]))] = True
    folder = Folder(Truths(right, leaf), {"clean": rows})

    def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
        scaled = logits.mean(axis=1) / temperature
        parts = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(parts / parts.sum(axis=1, keepdims=True))

    found = calibrate("simulated", [folder], hierarchy, tree, softmax)
    naming = [stop.naming for stop in found.stops]
    assert naming == sorted(naming, reverse=True)
    assert naming[0] > naming[-1]

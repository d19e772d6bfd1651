"""Measures of names against the truth, on cases small enough to reckon by hand."""

import numpy as np
import pytest

from taxonomy.browsing import load_browsing
from taxonomy.calibration import FLOORS, Folder, calibrate, lowest_threshold
from taxonomy.certainty import Certainty
from taxonomy.evaluation import (
    Truths,
    accuracy_and_bits,
    calibration_error,
    flat_names,
    listed_scores,
    most_specific,
    planted_f1,
    resolve_truths,
    shown_scores,
    top_k_accuracy,
    wnids_in_name,
)
from taxonomy.hedging import Calibration, Stop
from taxonomy.hierarchy import load_hierarchy, read_graph
from taxonomy.intervals import exact_lower_bound
from taxonomy.naming import say

DOG, LABRADOR, TABBY = "n02084071", "n02099712", "n02123045"


def truths_of(*wnids: str) -> Truths:
    return resolve_truths([list(wnids)], load_browsing(), read_graph())


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
    truths = resolve_truths([[LABRADOR], [TABBY]], load_browsing(), read_graph())
    named = np.array([hierarchy.index[DOG], hierarchy.index[LABRADOR]])
    accuracy, bits = accuracy_and_bits(named, truths, hierarchy)
    assert accuracy == 0.5
    assert bits == pytest.approx((np.log2(1000 / 118) + np.log2(1000)) / 2, abs=1e-5)
    row = np.zeros((1, 1000))
    row[0, truths.leaf[0]] = 0.6
    assert hierarchy.synsets[flat_names(row, hierarchy, 0.5)[0]].wnid == LABRADOR
    assert hierarchy.information[flat_names(row, hierarchy, 0.7)[0]] == 0


def test_top_k_and_calibration_error_leave_out_photos_whose_truth_is_no_class() -> None:
    truths = resolve_truths([[LABRADOR], [DOG], [TABBY]], load_browsing(), read_graph())
    rows = np.full((3, 1000), 1e-6)
    rows[0, truths.leaf[0]] = 0.9
    rows[2, truths.leaf[0]], rows[2, truths.leaf[2]] = 0.7, 0.2
    assert top_k_accuracy(rows, truths, 1) == 0.5
    assert top_k_accuracy(rows, truths, 5) == 1
    assert calibration_error(rows, truths) == pytest.approx((0.1 + 0.7) / 2)
    assert top_k_accuracy(rows[1:2], truths.take(np.array([1])), 1) is None


def test_a_category_is_right_by_its_synset_or_by_its_classes() -> None:
    tree = load_browsing()
    position = {wnid: i for i, wnid in enumerate(tree.order)}
    (dog,) = truths_of(DOG).right_categories
    assert dog[position[DOG]]
    assert dog[position[LABRADOR]]
    assert not dog[position[TABBY]]
    (shoe,) = truths_of("n03680355").right_categories  # a Loafer; footwear is filed under clothes, not so in WordNet
    assert shoe[position["n03051540"]]
    assert not shoe[position["n03405265"]]


def test_what_is_named_is_scored_and_what_is_not_is_left_out() -> None:
    tree, hierarchy = load_browsing(), load_hierarchy()
    truths = resolve_truths([[LABRADOR], [TABBY], [TABBY]], tree, read_graph())
    rows = np.full((3, 1000), 1e-7)
    rows[0, truths.leaf[0]] = rows[1, truths.leaf[0]] = 0.99  # the second one is no dog
    stop = Stop(0.95, floor=0.9, price=10.0, membership=0.7, vague_floor=0.9, is_reached=True)
    calibration = Calibration(1.0, (stop,), Certainty((0.5,), (0.95,)), least_evidence=-np.inf)
    said = say(rows, np.full(3, np.inf), tree, calibration)
    scores = shown_scores(said, truths, tree, calibration)["0.95"]
    assert scores["accuracy"] == 0.5
    assert scores["named"] == pytest.approx(2 / 3)
    assert scores["bits"] == pytest.approx(np.log2(1000), abs=1e-4)
    assert scores["words"]["very likely"] == {"accuracy": 0.5, "photos": 2}
    assert scores["words"]["surely"] == {"accuracy": None, "photos": 0}
    assert listed_scores(said, truths, calibration, 0)["very likely"]["listed"] == 2 * len(tree.path(LABRADOR))
    assert most_specific(rows[:, :1] * np.zeros(len(hierarchy)), hierarchy, 0.5)[0] == hierarchy.index["n00001740"]


def test_planted_f1_finds_what_is_planted() -> None:
    tree = load_browsing()
    files = [f"d{n}" for n in range(6)] + [f"c{n}" for n in range(3)]
    labels = [LABRADOR, "n02088364"] * 3 + [TABBY] * 3
    confidences = np.zeros((9, len(tree.order)))
    for photos, wnid in ((slice(0, 6), DOG), (slice(6, 9), "n02121808")):
        for category in tree.path(wnid):
            confidences[photos, tree.order.index(category.wnid)] = 0.9
    draws = [{"groups": {DOG: files[:6], "n02121808": files[6:]}, "rest": []}]
    scores = planted_f1(draws, files, confidences, labels, tree, counted=0.505)
    assert scores["cut"] == scores["purity"] == 1
    assert scores["flat"] == pytest.approx((2 * 3 / 9 + 1) / 2)
    with pytest.raises(KeyError, match="unknown"):
        planted_f1([{"groups": {DOG: ["unknown"]}, "rest": []}], files, confidences, labels, tree, counted=0.505)


def test_the_lowest_threshold_is_the_one_from_which_all_hold() -> None:
    rising = np.linspace(0.5, 1, len(FLOORS))
    broken = rising.copy()
    broken[80] = 0.1
    assert lowest_threshold([rising], 0.4) == FLOORS[0]
    assert lowest_threshold([rising, broken], 0.4) == FLOORS[81]
    assert lowest_threshold([rising], 2.0) == FLOORS[-1]


def test_an_exact_bound_knows_that_ten_of_ten_is_little() -> None:
    assert exact_lower_bound(10, 10, 0.9) == pytest.approx(0.1 ** (1 / 10))
    assert exact_lower_bound(0, 10, 0.9) == 0
    assert 0.93 < exact_lower_bound(950, 1000, 0.9) < 0.95


def simulated_folder(photos: int, is_right_as_it_is_sure: bool) -> Folder:
    """Photos of one network that is as right as it is sure, or is sure of nothing but errors."""
    hierarchy, tree = load_hierarchy(), load_browsing()
    chance = np.random.default_rng(5)
    leaf = chance.integers(0, 1000, size=photos)
    sure = chance.uniform(0.3, 1, size=photos)
    is_right = chance.random(photos) < (sure if is_right_as_it_is_sure else 0)
    shown = np.where(is_right, leaf, chance.integers(0, 1000, size=photos))
    rows = np.full((photos, 1, 1000), -20.0)
    rows[np.arange(photos), 0, shown] = np.log(sure / (1 - sure) * 999)
    rows[:, 0, :] += np.where(np.arange(1000) == shown[:, None], 0, 20)
    truths = resolve_truths([[hierarchy.synsets[hierarchy.classes[c]].wnid] for c in leaf], tree, read_graph())
    evidence = np.linspace(0, 5, photos)
    return Folder(truths, {"clean": rows}, {"clean": evidence})


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = logits.mean(axis=1) / temperature
    parts = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def test_a_network_that_is_as_sure_as_it_is_right_is_calibrated_to_its_targets() -> None:
    found = calibrate([simulated_folder(600, is_right_as_it_is_sure=True)], load_browsing(), softmax)
    assert found.stops[0].floor > found.stops[-1].membership
    assert all(stop.is_reached for stop in found.stops)
    assert found.is_measured
    assert found.certainty.accuracy(0.6) < found.certainty.accuracy(0.97)
    assert 0 < found.least_evidence < 0.1


def test_a_target_that_cannot_be_reached_is_said() -> None:
    found = calibrate([simulated_folder(200, is_right_as_it_is_sure=False)], load_browsing(), softmax)
    assert not any(stop.is_reached for stop in found.stops)

"""The dial: names as telling as they are sure, thresholds that keep what the rest relies on."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.confidence import sum_rule
from taxonomy.hedging import CALIBRATION_FILE, Calibration, Stop, load_calibration, most_specific, parse_calibration
from taxonomy.hierarchy import load_hierarchy

MODEL = "tf_efficientnet_lite0"


def probabilities(**by_wnid: float) -> np.ndarray:
    hierarchy = load_hierarchy()
    row = np.zeros((1, 1000))
    classes = hierarchy.classes.tolist()
    for wnid, probability in by_wnid.items():
        row[0, classes.index(hierarchy.index[wnid])] = probability
    return row


def name_of(row: np.ndarray, threshold: float) -> str:
    hierarchy = load_hierarchy()
    (named,) = most_specific(sum_rule(row, hierarchy), hierarchy, threshold)
    return hierarchy.synsets[named].lemmas[0]


def test_what_is_sure_is_named_by_its_class() -> None:
    assert name_of(probabilities(n02123045=0.99), 0.9) == "tabby"


def test_a_photo_nobody_can_call_an_egyptian_cat_is_a_cat() -> None:
    row = probabilities(n02124075=0.5, n02123045=0.3, n02123394=0.15)
    assert name_of(row, 0.9) == "domestic cat"


def test_lowering_the_threshold_never_says_less() -> None:
    hierarchy = load_hierarchy()
    rows = np.random.default_rng(3).dirichlet(np.full(1000, 0.01), size=40)
    confidences = sum_rule(rows, hierarchy)
    bits = [hierarchy.information[most_specific(confidences, hierarchy, t)] for t in (0.95, 0.8, 0.6, 0.4)]
    assert all((more >= less).all() for less, more in pairwise(bits))


def test_when_nothing_is_sure_the_root_is_named_and_says_nothing() -> None:
    hierarchy = load_hierarchy()
    (named,) = most_specific(np.zeros((1, len(hierarchy))), hierarchy, 0.9)
    assert hierarchy.synsets[named].wnid == "n00001740"
    assert hierarchy.information[named] == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_named_clears_the_threshold(seed: int) -> None:
    hierarchy = load_hierarchy()
    confidences = sum_rule(np.random.default_rng(seed).dirichlet(np.full(1000, 0.02), size=3), hierarchy)
    named = most_specific(confidences, hierarchy, 0.8)
    assert (confidences[np.arange(3), named] >= 0.8).all()


def test_the_shipped_dial_is_usable_and_stands_at_95_percent() -> None:
    for model in json.loads(CALIBRATION_FILE.read_text()):
        calibration = load_calibration(model)
        assert calibration.stops[calibration.default].target == 0.95
        assert len(calibration.stops) >= 3


def test_an_unknown_network_borrows_the_thresholds() -> None:
    assert load_calibration("some_other_net").stops == load_calibration(MODEL).stops


@pytest.mark.parametrize(
    "stops",
    [
        (),
        (Stop(0.9, 0.8, 0.7), Stop(0.95, 0.7, 0.6)),
        (Stop(0.95, 0.7, 0.7), Stop(0.9, 0.8, 0.6)),
        (Stop(0.95, 0.7, 0.5),),
    ],
)
def test_thresholds_that_break_the_rules_are_refused(stops: tuple[Stop, ...]) -> None:
    with pytest.raises(ValueError):
        Calibration("broken", 1.0, stops)


def test_calibrations_are_read_as_they_are_written() -> None:
    stored = json.loads(CALIBRATION_FILE.read_text())[MODEL]
    assert parse_calibration(MODEL, stored) == load_calibration(MODEL)

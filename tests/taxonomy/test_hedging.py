"""The dial: names as telling as they are sure, rules that keep what the rest relies on."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.browsing import load_browsing
from taxonomy.certainty import Certainty
from taxonomy.hedging import (
    CALIBRATION_FILE,
    LEAST_BITS,
    NOTHING,
    Calibration,
    Stop,
    dump_calibration,
    load_calibration,
    names,
    parse_calibration,
    shipped_calibrations,
    vague_names,
)
from taxonomy.hierarchy import load_hierarchy

DEFAULT = "tf_efficientnet_lite1@77cc7160:2"
STOP = Stop(0.95, floor=0.8, price=15.0, membership=0.7, vague_floor=0.7, is_reached=True)


def probabilities(**by_wnid: float) -> np.ndarray:
    hierarchy = load_hierarchy()
    row = np.zeros((1, 1000))
    classes = hierarchy.classes.tolist()
    for wnid, probability in by_wnid.items():
        row[0, classes.index(hierarchy.index[wnid])] = probability
    return row


def name_of(row: np.ndarray, stop: Stop = STOP) -> str:
    tree = load_browsing()
    (named,) = names(row @ tree.membership, tree.information, stop)
    return "" if named == NOTHING else tree.categories[tree.order[named]].name


def test_what_is_sure_is_named_by_its_class() -> None:
    assert name_of(probabilities(n02123045=0.99)) == "tabby cats"


def test_a_photo_nobody_can_call_an_egyptian_cat_is_a_cat() -> None:
    assert name_of(probabilities(n02124075=0.5, n02123045=0.3, n02123394=0.15)) == "house cats"


def test_a_step_down_is_taken_only_where_its_bits_pay_for_the_doubt() -> None:
    row = probabilities(n02123045=0.82, n02124075=0.17)
    assert name_of(row, replace(STOP, price=5.0)) == "tabby cats"
    assert name_of(row, replace(STOP, price=60.0)) == "house cats"


def test_where_nothing_is_sure_enough_nothing_is_named() -> None:
    assert name_of(probabilities(n02123045=0.4, n02948072=0.4)) == ""
    assert name_of(np.zeros((1, 1000))) == ""


def test_a_vague_name_is_never_shown_but_is_an_answer_where_rules_are_compared() -> None:
    confidences, information = np.array([[0.99, 0.2]]), np.array([0.9, 5.0], dtype=np.float32)
    assert names(confidences, information, STOP).tolist() == [NOTHING]
    assert vague_names(confidences, information, STOP).tolist() == [0]


def test_a_name_worth_less_than_its_doubt_is_not_said() -> None:
    information = np.array([2.0], dtype=np.float32)
    assert names(np.array([[0.85]]), information, STOP).tolist() == [NOTHING]  # 2 < 15 · 0.15
    assert names(np.array([[0.9]]), information, STOP).tolist() == [0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_named_clears_the_floor_and_says_something(seed: int) -> None:
    tree = load_browsing()
    rows = np.random.default_rng(seed).dirichlet(np.full(1000, 0.01), size=8)
    confidences = rows @ tree.membership
    named = names(confidences, tree.information, STOP)
    for photo in np.flatnonzero(named >= 0):
        assert confidences[photo, named[photo]] >= STOP.floor
        assert tree.information[named[photo]] >= LEAST_BITS


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.71, 0.99))
def test_raising_the_floor_never_names_more_photos(seed: int, floor: float) -> None:
    tree = load_browsing()
    confidences = np.random.default_rng(seed).dirichlet(np.full(1000, 0.01), size=8) @ tree.membership
    low = names(confidences, tree.information, replace(STOP, floor=0.7))
    high = names(confidences, tree.information, replace(STOP, floor=floor))
    assert ((low >= 0) | (high < 0)).all()


def test_each_photo_may_have_candidates_of_its_own() -> None:
    confidences, information = np.array([[0.9, 0.0], [0.0, 0.9]]), np.array([[3.0, 9.0], [9.0, 3.0]])
    assert names(confidences, information, STOP).tolist() == [0, 1]


def test_the_shipped_dials_are_usable_measured_and_stand_at_95_percent() -> None:
    for calibration in shipped_calibrations().values():
        assert calibration.stops[calibration.default].target == 0.95
        assert [stop.target for stop in calibration.stops] == [0.98, 0.95, 0.9]
        assert calibration.is_measured
        for safer, other in pairwise(calibration.stops):
            assert safer.floor >= other.floor
    assert DEFAULT in shipped_calibrations()


def test_an_unknown_network_borrows_nothing() -> None:
    unknown = load_calibration("some_other_net@12345678:2")
    assert unknown == Calibration.unmeasured()
    assert not unknown.is_measured
    assert not any(stop.is_reached for stop in unknown.stops)
    assert unknown.certainty.percent(1.0) < 90
    one_view = DEFAULT.replace(":2", ":1")
    assert not load_calibration(one_view).is_measured


@pytest.mark.parametrize(
    "change",
    [
        {"floor": 0.6},
        {"membership": 0.5},
        {"membership": 0.9},
        {"price": -1.0},
        {"vague_floor": 0.9},
        {"target": 1.0},
    ],
)
def test_rules_that_break_what_the_rest_relies_on_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(STOP, **change)


@pytest.mark.parametrize(
    "stops",
    [(), (replace(STOP, target=0.9), STOP), (STOP, STOP), (STOP, replace(STOP, target=0.9, membership=0.75))],
)
def test_a_dial_whose_stops_do_not_fall_is_refused(stops: tuple[Stop, ...]) -> None:
    with pytest.raises(ValueError):
        replace(Calibration.unmeasured(), stops=stops)


def test_calibrations_are_read_as_they_are_written() -> None:
    stored = json.loads(CALIBRATION_FILE.read_text())[DEFAULT]
    assert dump_calibration(parse_calibration(stored)) == stored
    unmeasured = Calibration.unmeasured()
    assert parse_calibration(json.loads(json.dumps(dump_calibration(unmeasured)))) == unmeasured


@pytest.mark.parametrize(
    "spoil",
    [
        lambda values: values.pop("stops"),
        lambda values: values.update(stops="none"),
        lambda values: values.update(temperature="warm"),
        lambda values: values.update(temperature=-1),
        lambda values: values["certainty"].update(accuracies=[0.9, 0.5]),
        lambda values: values["stops"][0].pop("floor"),
    ],
)
def test_what_is_no_calibration_is_refused_in_words(spoil: Callable[[dict[str, Any]], object]) -> None:
    values = dump_calibration(Calibration.unmeasured())
    spoil(values)
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_calibration(values)
    with pytest.raises(ValueError, match="no calibration"):
        parse_calibration({})


def test_a_certainty_is_a_value() -> None:
    assert Certainty((0.5,), (0.9,)) == Certainty((0.5,), (0.9,))

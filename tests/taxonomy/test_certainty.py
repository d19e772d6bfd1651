"""The word and the figure come from one measured curve, and never contradict each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.certainty import MOST_SHOWN, Certainty, Word
from taxonomy.hedging import shipped_calibrations

CURVE = Certainty((0.5, 0.7, 0.8, 0.95), (0.6, 0.76, 0.9, 0.975))
steps = st.lists(st.floats(0, 1), min_size=1, max_size=8).map(sorted)


def test_a_confidence_has_the_accuracy_of_its_step() -> None:
    assert [CURVE.accuracy(c) for c in (0.5, 0.69, 0.7, 0.94, 1.0)] == [0.6, 0.6, 0.76, 0.9, 0.975]
    assert [CURVE.word(c) for c in (0.6, 0.75, 0.9, 0.95)] == ["perhaps", "probably", "very likely", "surely"]


def test_below_what_was_measured_nothing_is_certain() -> None:
    assert CURVE.accuracy(0.49) == 0
    assert CURVE.word(0.49) == Word.PERHAPS


def test_nothing_is_certain_to_a_hundred_percent() -> None:
    assert Certainty((0.5,), (1.0,)).accuracy(1.0) == MOST_SHOWN


@given(steps, steps, st.floats(0, 1))
def test_a_figure_never_contradicts_its_word(
    confidences: list[float], accuracies: list[float], confidence: float
) -> None:
    count = min(len(confidences), len(accuracies))
    curve = Certainty(tuple(confidences[:count]), tuple(accuracies[:count]))
    percent, word = curve.percent(confidence), curve.word(confidence)
    assert percent >= round(word.least * 100)
    surer = [other for other in Word if other.least > word.least]
    assert all(percent < round(other.least * 100) for other in surer)
    assert list(Word)[int(curve.words(np.array([confidence]))[0])] == word


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_confidence_is_never_less_certain(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for calibration in shipped_calibrations().values():
        assert calibration.certainty.percent(low) <= calibration.certainty.percent(high)


@pytest.mark.parametrize(
    ("confidences", "accuracies"),
    [((), ()), ((0.5,), ()), ((0.6, 0.5), (0.1, 0.2)), ((0.5, 0.6), (0.2, 0.1)), ((2.0,), (1.0,))],
)
def test_a_curve_that_falls_is_refused(confidences: tuple[float, ...], accuracies: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        Certainty(confidences, accuracies)

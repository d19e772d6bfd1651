"""What pages say of a photo hangs together: its name, the categories that list it, and the stops."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.browsing import load_browsing
from taxonomy.hedging import NOTHING, Calibration, load_calibration
from taxonomy.naming import say

DEFAULT = "tf_efficientnet_lite1@77cc7160:2"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([DEFAULT, "unknown"]))
def test_a_photo_is_listed_where_its_name_says(seed: int, network: str) -> None:
    tree, calibration = load_browsing(), load_calibration(network)
    rows = np.random.default_rng(seed).dirichlet(np.full(1000, 0.003), size=6)
    said = say(rows, np.full(6, np.inf), tree, calibration)
    for photo, stop in np.ndindex(said.named.shape):
        if (named := said.named[photo, stop]) != NOTHING:
            assert said.safest[photo, named] <= stop
            assert named in said.listed(photo, stop)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_listed_categories_are_a_chain_and_a_less_safe_stop_lists_no_fewer(seed: int) -> None:
    tree, calibration = load_browsing(), load_calibration(DEFAULT)
    said = say(np.random.default_rng(seed).dirichlet(np.full(1000, 0.003), size=6), np.full(6, 9.0), tree, calibration)
    for photo in range(6):
        lists = [said.listed(photo, stop) for stop in range(len(calibration.stops))]
        assert all(set(fewer) <= set(more) for fewer, more in pairwise(lists))
        classes = [set(tree.categories[tree.order[c]].classes) for c in lists[-1]]
        assert all(outer >= inner for outer, inner in pairwise(classes))


def test_of_a_picture_that_shows_nothing_nothing_is_said() -> None:
    tree, calibration = load_browsing(), replace(Calibration.unmeasured(), least_evidence=1.0)
    row = np.zeros((2, 1000))
    row[:, 281] = 1
    said = say(row, np.array([0.9, 1.0]), tree, calibration)
    assert (said.confidences[0] == 0).all()
    assert (said.named[0] == NOTHING).all()
    assert not len(said.listed(0, 2))
    assert (said.named[1] != NOTHING).all()


def test_photos_are_said_the_same_alone_and_together() -> None:
    tree, calibration = load_browsing(), load_calibration(DEFAULT)
    rows = np.random.default_rng(1).dirichlet(np.full(1000, 0.003), size=20)
    together = say(rows, np.full(20, 9.0), tree, calibration)
    alone = say(rows[7:8], np.full(1, 9.0), tree, calibration)
    assert np.array_equal(alone.confidences[0], together.confidences[7])
    assert np.array_equal(alone.named[0], together.named[7])

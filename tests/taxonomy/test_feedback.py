"""Answers put the dial right: what is promised then holds on other photos, and no one person moves it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from taxonomy.feedback import Answers, Needs, Recalibration, odd_people, recalibrated
from taxonomy.hedging import Calibration, load_calibration
from tests.taxonomy.worlds import STOP, World, answers_in, joined

DEFAULT = "tf_efficientnet_lite1@77cc7160:2"
PEOPLE, EACH = 40, 20
OVERSURE = 1.6


def shipped() -> Calibration:
    return load_calibration(DEFAULT)


@cache
def asked(oversure: float, seed: int = 1) -> Answers:
    world = World(oversure, np.random.default_rng(seed))
    return answers_in(world, shipped(), PEOPLE, EACH)


@cache
def fresh(oversure: float, stop: int, calibration: Calibration) -> float:
    """How many of the names of photos that nobody was asked about are right."""
    _, right = World(oversure, np.random.default_rng(99)).names(4000, calibration, stop)
    return float(right.mean())


def floors(found: Recalibration) -> list[float]:
    return [stop.floor for stop in found.calibration.stops]


def one_who(says: Callable[[Answers], np.ndarray], votes: int = 1000, person: int = 10_000) -> Answers:
    """One person who answers as often as this about names like everyone's, and says of each what they like."""
    source = asked(OVERSURE)
    some = source.take(np.resize(np.arange(len(source.right)), votes))
    return Answers(np.full(votes, person), some.confidences, some.floors, says(some))


LIARS: dict[str, Callable[[Answers], np.ndarray]] = {
    "all_wrong": lambda names: np.zeros(len(names.right), dtype=bool),
    "the_opposite": lambda names: ~names.right,
    "at_random": lambda names: np.random.default_rng(5).random(len(names.right)) < 0.5,
}


def test_an_oversure_network_breaks_its_promise_and_keeps_it_once_people_have_answered() -> None:
    before = fresh(OVERSURE, STOP, shipped())
    found = recalibrated(shipped(), asked(OVERSURE))
    after = fresh(OVERSURE, STOP, found.calibration)
    stop = found.calibration.stops[STOP]
    assert before < 0.945
    assert stop.is_reached
    assert stop.floor > shipped().stops[STOP].floor
    assert after >= 0.95


@pytest.mark.parametrize("oversure", [1.0, 1.3, 2.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_promised_holds_on_photos_that_nobody_was_asked_about(oversure: float, seed: int) -> None:
    found = recalibrated(shipped(), asked(oversure, seed))
    promised = [change for change in found.stops if change.is_decided and change.after.is_reached]
    for change in promised:
        stop = found.calibration.stops.index(change.after)
        assert fresh(oversure, stop, found.calibration) >= change.after.target - 0.002  # 4000 photos say no more
        assert change.at_least >= change.after.target


def test_nothing_is_promised_above_the_exact_bound() -> None:
    found = recalibrated(shipped(), asked(1.3))
    for change in found.stops:
        if change.is_decided:
            assert change.after.is_reached == (change.at_least >= change.after.target)
    assert not found.calibration.stops[STOP].is_reached  # 0.952 is right, and 800 answers cannot tell


def test_a_network_that_is_as_right_as_it_says_keeps_its_floor() -> None:
    found = recalibrated(shipped(), asked(1.0))
    assert found.calibration.stops[STOP].floor == shipped().stops[STOP].floor
    assert found.calibration.stops[STOP].is_reached


def test_a_floor_falls_only_where_answers_alone_prove_the_promise() -> None:
    found = recalibrated(shipped(), asked(1.0))
    change = found.stops[0]
    assert change.after.floor < change.before.floor
    assert change.at_least >= change.after.target
    assert fresh(1.0, 0, found.calibration) >= change.after.target


def test_words_never_become_surer_than_they_were_measured_or_than_answers_say() -> None:
    before, after = shipped().certainty, recalibrated(shipped(), asked(OVERSURE)).calibration.certainty
    confidences = np.linspace(0.5, 1, 101)
    assert all(after.accuracy(c) <= before.accuracy(c) for c in confidences)
    answers = asked(OVERSURE)
    for low, high in ((0.84, 0.97), (0.97, 0.995), (0.995, 1.01)):
        among = (answers.confidences >= low) & (answers.confidences < high)
        if among.sum() > 100:
            assert after.accuracy(low) <= answers.right[among].mean()


def test_a_network_that_nobody_had_measured_gets_what_answers_prove() -> None:
    before = replace(shipped(), is_measured=False, stops=Calibration.unmeasured().stops)
    found = recalibrated(before, answers_in(World(1.0, np.random.default_rng(3)), before, PEOPLE, EACH))
    assert found.calibration.is_measured
    assert found.calibration.stops[STOP].is_reached


@pytest.mark.parametrize("lie", sorted(LIARS))
def test_one_person_with_a_thousand_false_votes_moves_nothing(lie: str) -> None:
    honest = recalibrated(shipped(), asked(OVERSURE))
    found = recalibrated(shipped(), joined(asked(OVERSURE), one_who(LIARS[lie])))
    assert found.set_aside == 1
    assert found.calibration == honest.calibration


@pytest.mark.parametrize("oversure", [1.0, OVERSURE])
def test_one_person_who_likes_everything_takes_no_floor_lower_than_all_others_do(oversure: float) -> None:
    flatterer = one_who(lambda names: np.ones(len(names.right), dtype=bool))
    honest = recalibrated(shipped(), asked(oversure))
    found = recalibrated(shipped(), joined(asked(oversure), flatterer))
    assert floors(found) >= floors(honest)
    for change in found.stops:
        if change.is_decided and change.after.is_reached:
            stop = found.calibration.stops.index(change.after)
            assert fresh(oversure, stop, found.calibration) >= change.after.target - 0.002


def test_several_liars_are_each_set_aside_unless_they_are_so_many_that_nobody_is_odd() -> None:
    liars = [one_who(LIARS["all_wrong"], person=10_000 + n) for n in range(20)]
    honest = recalibrated(shipped(), asked(OVERSURE))
    assert recalibrated(shipped(), joined(asked(OVERSURE), *liars[:4])).calibration == honest.calibration
    many = recalibrated(shipped(), joined(asked(OVERSURE), *liars))
    assert many.calibration == shipped()
    assert many.too_little is not None


def test_honest_people_with_worse_photos_are_heard() -> None:
    worse = answers_in(World(2.5, np.random.default_rng(8)), shipped(), 5, EACH, first=500)
    assert len(odd_people(joined(asked(1.3), worse), Needs().per_person)) == 0


def test_too_few_people_or_answers_change_nothing_and_it_is_said_which() -> None:
    everyone = asked(OVERSURE)
    few_people = recalibrated(shipped(), everyone.take(everyone.people < 9))
    assert few_people.calibration == shipped()
    assert few_people.too_little == "9 people answered, and 10 are needed"
    few_answers = recalibrated(shipped(), everyone.take(np.arange(len(everyone.right)) % EACH < 3))
    assert few_answers.calibration == shipped()
    assert few_answers.too_little == "120 answers count, and 200 are needed"


def test_one_persons_many_answers_are_no_substitute_for_other_peoples() -> None:
    everyone = asked(OVERSURE)
    few = everyone.take(everyone.people < 10)
    busy = one_who(lambda names: names.right, votes=5000)
    found = recalibrated(shipped(), joined(few.take(np.arange(len(few.right)) % EACH < 10), busy))
    assert found.too_little == "130 answers count, and 200 are needed"


def test_names_that_had_to_be_surer_say_nothing_of_a_lower_floor() -> None:
    careful = replace(asked(OVERSURE), floors=np.full(PEOPLE * EACH, 0.97))
    found = recalibrated(shipped(), careful.take(careful.confidences >= 0.97))
    assert [change.is_decided for change in found.stops] == [True, False, False]


def test_stops_stay_in_order() -> None:
    answers = asked(2.0)
    found = recalibrated(shipped(), answers)
    assert floors(found) == sorted(floors(found), reverse=True)

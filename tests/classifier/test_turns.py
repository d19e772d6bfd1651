"""Photos of one person that are made to be slow hold nobody else up for longer than one of them may take."""

import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

import numpy as np
import pytest

from classifier import pipeline
from classifier.pictures.prepare import Framing
from classifier.pipeline import Counts
from classifier.preparing import Prepared
from classifier.turns import AHEAD_S, BEHIND_S, Turns
from classifier.work import Job, Outcome, PreparedPhoto, Reason
from tests.classifier.pipeline_ends import WAIT_S, Source, run

STRANGER, ANNA, BERT = 1, 2, 3
SLOW_S, QUICK_S = 20.0, 0.1


def jobs(owner: int, count: int) -> list[Job]:
    return [
        Job(owner * 1000 + number, "a.jpg", lambda: pytest.fail("not opened"), owner=owner) for number in range(count)
    ]


class Processes:
    """Some processes that prepare what has its turn; the time is made up."""

    def __init__(self, count: int) -> None:
        self.now_s = 0.0
        self.turns = Turns(lambda: self.now_s)
        self.count = count
        self.ended: dict[int, float] = {}  # photo to time
        self._busy: list[tuple[float, Job]] = []

    def run(self, until_s: float) -> None:
        """Go on until a time, or until nothing is left."""
        while True:
            while len(self._busy) < self.count and self.turns.waiting:
                job = self.turns.begin()
                self._busy.append((self.now_s + (SLOW_S if job.owner == STRANGER else QUICK_S), job))
            if not self._busy:
                return
            end_s, job = min(self._busy, key=lambda one: one[0])
            if end_s > until_s:
                self.now_s = until_s
                return
            self._busy.remove((end_s, job))
            self.now_s = self.ended[job.photo_id] = end_s
            self.turns.finish(job)


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("after_s", [0.0, 1.0, 19.0, 59.0, 600.0])
def test_a_hundred_slow_photos_cost_someone_elses_twenty_no_more_than_one_of_them_takes(
    processes: int, after_s: float
) -> None:
    machine = Processes(processes)
    machine.turns.queue(jobs(STRANGER, 100))
    machine.run(after_s)
    came_s = machine.now_s
    machine.turns.queue(jobs(ANNA, 20))
    machine.run(came_s + 10_000)
    ended_s = max(machine.ended[job.photo_id] for job in jobs(ANNA, 20)) - came_s
    assert ended_s <= SLOW_S + 20 * QUICK_S + 1e-6
    assert len(machine.ended) == 120  # and the slow ones have their turn


def test_two_who_have_the_same_share_the_time() -> None:
    machine = Processes(2)
    machine.turns.queue(jobs(ANNA, 500))
    machine.turns.queue(jobs(BERT, 500))
    machine.run(QUICK_S * 100.5)
    ended = [sum(photo // 1000 == owner for photo in machine.ended) for owner in (ANNA, BERT)]
    assert sum(ended) == 200
    # Whoever comes second is let ahead a little, and no more.
    assert abs(ended[0] - ended[1]) <= AHEAD_S / QUICK_S


def test_who_has_had_a_day_of_work_done_is_not_behind_for_a_day() -> None:
    machine = Processes(1)
    machine.turns.queue(jobs(STRANGER, 999))
    machine.run(100_000)
    machine.turns.queue(jobs(ANNA, 999))
    machine.turns.queue(jobs(STRANGER, 1))
    came_s = machine.now_s
    machine.run(came_s + 10_000)
    assert machine.ended[STRANGER * 1000] - came_s <= BEHIND_S + AHEAD_S + SLOW_S + 1


class CrowdedSource(Source):
    """A stranger has more photos due than a worker takes in hand; someone else's come when its hands are full."""

    def __init__(self) -> None:
        super().__init__([])
        self.waiting = jobs(STRANGER, 300)
        self.have_come = False
        self.are_annas_claimed, self.are_annas_written = threading.Event(), threading.Event()

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
        if but_of and not self.have_come:
            self.waiting += jobs(ANNA, 20)
            self.have_come = True
        elif self.have_come:  # by now they wait for their turn
            self.are_annas_claimed.set()
        return super().claim(limit, but_of)

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        super().finish(outcomes)
        if sum(outcome.job.owner == ANNA for outcome in self.outcomes) == 20:
            self.are_annas_written.set()


def test_someone_whose_photos_come_while_only_slow_ones_are_in_hand_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the stranger's, those begun before are done at most; each later one waits until the other's are written."""
    monkeypatch.setattr(pipeline, "CLAIM_AGAIN_S", 0.01)
    source = CrowdedSource()

    def prepared(job: Job, framing: Framing, is_halted: Callable[[], bool]) -> Prepared | Outcome:
        if job.owner != STRANGER:
            return Prepared(job, cast(PreparedPhoto, None), np.zeros((1, 4, 4, 3), np.uint8))
        is_later = source.are_annas_claimed.is_set()
        assert (source.are_annas_written if is_later else source.are_annas_claimed).wait(WAIT_S)
        return Outcome(job, failure=Reason.TOO_SLOW)

    assert run(source, prepare=prepared) == Counts(20, 300, 0)

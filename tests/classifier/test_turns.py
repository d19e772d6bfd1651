"""Photos that are made to be slow hold nobody else up for more than a few seconds."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import pipeline, turns
from classifier.pictures.prepare import Framing
from classifier.pictures.readers import HALT_S
from classifier.pipeline import Counts
from classifier.preparing import Prepared
from classifier.turns import AHEAD_S, BEHIND_S, LONG_S, Turns
from classifier.work import Job, Outcome, PreparedPhoto, Reason
from tests.classifier.pipeline_ends import WAIT_S, Source, run

STRANGER, ANNA, BERT = 1, 2, 3
SLOW_S, QUICK_S = 20.0, 0.1
TICK_S = 1e-6
# A photo is told, and given some seconds more.
LONGEST_WAIT_S = LONG_S + HALT_S + 2 * TICK_S


def jobs(owner: int, count: int) -> list[Job]:
    return [
        Job(owner * 1000 + number, "a.jpg", lambda: pytest.fail("not opened"), owner=owner) for number in range(count)
    ]


def takes_s(job: Job) -> float:
    return SLOW_S if job.owner == STRANGER else QUICK_S


class Processes:
    """Some processes that prepare what has its turn; the time is made up."""

    def __init__(self, count: int, takes_s: Callable[[Job], float] = takes_s) -> None:
        self.now_s = 0.0
        self.turns = Turns(count, lambda: self.now_s)
        self.count, self.takes_s = count, takes_s
        self.begun: dict[int, float] = {}  # photo to the time of the first try
        self.ended: dict[int, float] = {}
        self.put_back: Counter[int] = Counter()  # photos
        self._busy: dict[int, tuple[float, float, Job]] = {}  # since when, until when, what
        self._told: dict[int, float] = {}

    def run(self, until_s: float) -> None:
        """Go on until a time, or until nothing is left."""
        while True:
            self._begin()
            if not self._busy:
                assert not self.turns.waiting
                return
            when_s, job = min(self._endings(), key=lambda one: one[0])
            self.now_s = min(when_s, until_s)
            if when_s > until_s:
                return
            if job is not None:
                self._end(job)

    def _begin(self) -> None:
        while len(self._busy) < self.count and self.turns.is_anyones:
            job = self.turns.begin()
            self._busy[job.photo_id] = self.now_s, self.now_s + self.takes_s(job), job
            self.begun.setdefault(job.photo_id, self.now_s)

    def _endings(self) -> Iterator[tuple[float, Job | None]]:
        """When what is in hand is done, or has been given the time that it has once it is told; or is to be told."""
        for _, until_s, job in self._busy.values():
            yield until_s, job
            if self.turns.is_to_yield(job):
                yield self._told.setdefault(job.photo_id, self.now_s) + HALT_S, job
        all_long_s = max(since_s for since_s, _, _ in self._busy.values()) + LONG_S + TICK_S
        if all_long_s > self.now_s:
            yield all_long_s, None

    def _end(self, job: Job) -> None:
        _, until_s, _ = self._busy.pop(job.photo_id)
        self._told.pop(job.photo_id, None)
        if until_s <= self.now_s:
            self.turns.finish(job)
            self.ended[job.photo_id] = self.now_s
        else:
            self.turns.put_back(job)
            self.put_back[job.photo_id] += 1


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("after_s", [0.0, 1.0, 19.0, 59.0, 600.0])
def test_a_hundred_slow_photos_cost_someone_elses_twenty_a_few_seconds(processes: int, after_s: float) -> None:
    machine = Processes(processes)
    machine.turns.queue(jobs(STRANGER, 100))
    machine.run(after_s)
    came_s = machine.now_s
    machine.turns.queue(jobs(ANNA, 20))
    machine.run(came_s + 10_000)
    ended_s = max(machine.ended[job.photo_id] for job in jobs(ANNA, 20)) - came_s
    one_s = SLOW_S if processes == 1 else LONGEST_WAIT_S  # who has one process only has to wait for it
    assert ended_s <= one_s + 20 * QUICK_S + 1e-6
    assert len(machine.ended) == 120  # and the slow ones have their turn


def test_whoever_is_alone_has_all_processes_however_slow_the_photos() -> None:
    machine = Processes(4)
    machine.turns.queue(jobs(STRANGER, 100))
    machine.run(10_000)
    assert machine.now_s == 100 * SLOW_S / 4


@pytest.mark.parametrize("come_before", [True, False])
def test_many_accounts_with_slow_photos_cost_a_few_seconds_each_at_most(come_before: bool) -> None:
    machine = Processes(2, lambda job: QUICK_S if job.owner == ANNA else SLOW_S)
    crowd = [job for owner in range(10, 30) for job in jobs(owner, 4)]
    late = 99
    for job in [*(crowd if come_before else []), *jobs(ANNA, 1), *([] if come_before else crowd), *jobs(late, 1)]:
        machine.turns.queue([job])
    machine.run(10_000)
    assert machine.begun[ANNA * 1000] <= LONGEST_WAIT_S
    assert machine.begun[late * 1000] <= 21 * LONGEST_WAIT_S
    assert len(machine.ended) == 82


ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 2.0, 7.0, 30.0]),  # after the one before
        st.integers(2, 6),  # whose
        st.lists(st.sampled_from([0.1, 0.9, 1.5, 4.0, 20.0]), min_size=1, max_size=8),
    ),
    max_size=12,
)


@given(st.integers(2, 4), ARRIVALS, st.lists(st.sampled_from([0.1, 4.0, 20.0]), min_size=1, max_size=4))
def test_whoever_comes_begins_within_seconds_whatever_others_have_and_all_are_done_in_the_end(
    processes: int, arrivals: list[tuple[float, int, list[float]]], own: list[float]
) -> None:
    times: dict[int, float] = {}
    machine = Processes(processes, lambda job: times[job.photo_id])

    def come(owner: int, durations: list[float]) -> int:
        first = len(times)
        for photo, duration_s in enumerate(durations, first):
            times[photo] = duration_s
            machine.turns.queue([Job(photo, "a.jpg", lambda: pytest.fail("not opened"), owner=owner)])
        return first

    for after_s, owner, durations in arrivals:
        until_s = machine.now_s + after_s
        machine.run(until_s)
        machine.now_s = until_s
        come(owner, durations)
    came_s = machine.now_s
    first = come(1, own)
    machine.run(came_s + 100_000)
    assert machine.begun[first] - came_s <= LONGEST_WAIT_S
    assert machine.ended.keys() == times.keys()
    assert all(tries == 1 and times[photo] > LONG_S + HALT_S for photo, tries in machine.put_back.items())


def test_nothing_yields_where_a_process_is_free() -> None:
    now_s = 0.0
    of_two = Turns(2, lambda: now_s)
    of_two.queue(jobs(STRANGER, 2))
    first, second = of_two.begin(), of_two.begin()
    of_two.queue(jobs(ANNA, 1))
    now_s = SLOW_S
    assert [of_two.is_to_yield(first), of_two.is_to_yield(second)] == [False, True]
    of_two.finish(first)
    assert not of_two.is_to_yield(second)


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


class BelatedSource(Source):
    """A stranger's photos are being prepared in all processes when someone else's come."""

    def __init__(self) -> None:
        super().__init__([])
        self.waiting = jobs(STRANGER, 10)
        self.begun = threading.Semaphore(0)
        self.are_annas_written = threading.Event()

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
        if self.claimed == 10:
            for _ in range(3):
                assert self.begun.acquire(timeout=WAIT_S)
            self.waiting += jobs(ANNA, 20)
        return super().claim(limit, but_of)

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        super().finish(outcomes)
        if sum(outcome.job.owner == ANNA for outcome in self.outcomes) == 20:
            self.are_annas_written.set()


def test_a_slow_photo_is_put_back_for_someone_elses_and_prepared_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONG_S", 0.0)
    source, put_back = BelatedSource(), []

    def prepared(job: Job, framing: Framing, is_halted: Callable[[], bool]) -> Prepared | Outcome | None:
        if job.owner != STRANGER:
            return Prepared(job, cast(PreparedPhoto, None), np.zeros((1, 4, 4, 3), np.uint8))
        source.begun.release()
        while not source.are_annas_written.wait(0.01):
            if is_halted():
                put_back.append(job.photo_id)
                return None
        return Outcome(job, failure=Reason.TOO_SLOW)

    assert run(source, prepare=prepared) == Counts(20, 10, 0)
    assert put_back
    assert max(source.times_finished().values()) == 1
    assert not source.released

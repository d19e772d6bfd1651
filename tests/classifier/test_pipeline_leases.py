"""Leases are kept while the worker lives, and a photo that is handed out again while in hand is prepared once."""

import io
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import BinaryIO

import numpy as np
import pytest

from classifier import pipeline
from classifier.network.labels import Classification
from classifier.pipeline import Counts
from classifier.work import Job, Outcome
from tests.classifier.pipeline_ends import PICTURE, WAIT_S, FakeClassifier, Source, run


class WatchedSource(Source):
    """Says when a renewal has come."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        super().__init__(contents)
        self.was_renewed = threading.Event()

    def renew(self, jobs: Sequence[Job]) -> None:
        super().renew(jobs)
        self.was_renewed.set()

    def await_renewal(self) -> None:
        self.was_renewed.clear()
        assert self.was_renewed.wait(WAIT_S)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "RENEW_S", 0.005)


def test_what_is_in_hand_is_renewed_while_the_network_takes_its_time(often: None) -> None:
    class SlowClassifier(FakeClassifier):
        def classify(self, views: np.ndarray) -> list[Classification]:
            source.await_renewal()
            return super().classify(views)

    source = WatchedSource([PICTURE] * 5)
    assert run(source, SlowClassifier()) == Counts(5, 0, 0)
    assert source.renewed[0] == set(range(5))


def test_what_is_in_hand_is_renewed_while_it_is_being_written(often: None) -> None:
    class SlowSource(WatchedSource):
        def finish(self, outcomes: Sequence[Outcome]) -> None:
            self.await_renewal()
            super().finish(outcomes)

    source = SlowSource([PICTURE] * 5)
    assert run(source) == Counts(5, 0, 0)
    assert source.renewed[0] == set(range(5))


def test_what_is_written_is_renewed_no_more(often: None) -> None:
    class GrowingSource(WatchedSource):
        def finish(self, outcomes: Sequence[Outcome]) -> None:
            if outcomes[0].job.photo_id == 100:
                self.await_renewal()
            super().finish(outcomes)
            if len(self.outcomes) == 5:
                self.waiting = [Job(100, "late.jpg", lambda: io.BytesIO(PICTURE))]

    source = GrowingSource([PICTURE] * 5)
    run(source)
    assert source.renewed[-1] == {100}


def test_a_renewal_that_fails_gives_back_and_raises(often: None) -> None:
    class LostSource(Source):
        was_asked = threading.Event()

        def renew(self, jobs: Sequence[Job]) -> None:
            self.was_asked.set()
            raise ConnectionError("the database is gone")

    class SlowClassifier(FakeClassifier):
        def classify(self, views: np.ndarray) -> list[Classification]:
            assert source.was_asked.wait(WAIT_S)
            return super().classify(views)

    source = LostSource([PICTURE] * 100)
    with pytest.raises(ConnectionError):
        run(source, SlowClassifier())
    assert source.times_finished() + source.times_released() == Counter(range(source.claimed))


def test_a_photo_that_comes_twice_in_a_claim_is_prepared_once() -> None:
    source = Source([PICTURE] * 10)
    source.waiting += source.waiting[:3]
    assert run(source) == Counts(10, 0, 0)
    assert source.times_finished() == Counter(range(10))


def test_what_is_handed_out_again_while_in_hand_is_prepared_once() -> None:
    class ForgetfulSource(Source):
        """Hands out whatever is not written."""

        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            written = self.times_finished()
            return [job for job in self.waiting if job.photo_id not in written][:limit]

    opened = []

    def opening(photo_id: int) -> Callable[[], BinaryIO]:
        def opened_now() -> BinaryIO:
            opened.append(photo_id)
            return io.BytesIO(PICTURE)

        return opened_now

    source = ForgetfulSource([])
    source.waiting = [Job(i, f"{i}.jpg", opening(i)) for i in range(100)]
    assert run(source, claim=30) == Counts(100, 0, 0)
    assert source.times_finished() == Counter(opened) == Counter(range(100))


def test_a_claim_that_takes_long_does_not_hold_up_what_is_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WRITE_WITHIN_S", 10 * WAIT_S)

    class SlowSource(Source):
        are_written = threading.Event()

        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            assert not self.claimed or self.are_written.wait(WAIT_S)
            return super().claim(limit, but_of)

        def finish(self, outcomes: Sequence[Outcome]) -> None:
            super().finish(outcomes)
            if len(self.outcomes) == 5:
                self.are_written.set()

    source = SlowSource([PICTURE] * 8)
    assert run(source, claim=5) == Counts(8, 0, 0)


def test_what_is_written_while_it_is_handed_out_again_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WRITE_WITHIN_S", 0.01)
    claims_again, is_kept, writes_more = threading.Event(), threading.Event(), threading.Event()

    class OneByOne(FakeClassifier):
        batch = 1

        def classify(self, views: np.ndarray) -> list[Classification]:
            assert not self.batches or is_kept.wait(WAIT_S)
            return super().classify(views)

    class LateSource(Source):
        """Answers the second claim with the first photo, and only after all is over with it."""

        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            if not self.claimed or claims_again.is_set():
                return super().claim(limit, but_of)
            claims_again.set()
            assert writes_more.wait(WAIT_S)
            return [self.outcomes[0].job]

        def finish(self, outcomes: Sequence[Outcome]) -> None:
            assert claims_again.wait(WAIT_S)
            if self.outcomes:
                writes_more.set()
            super().finish(outcomes)
            is_kept.set()

    source = LateSource([PICTURE] * 3)
    assert run(source, OneByOne()) == Counts(3, 0, 0)
    assert source.times_finished() == Counter(range(3))


class LeasingSource(Source):
    """Keeps who holds what; while it writes the first photo it frees it, to be read once more from another file."""

    def __init__(self) -> None:
        super().__init__([PICTURE] * 3)
        self.held: set[int] = set()
        self.is_freed, self.is_taken = threading.Event(), threading.Event()
        self._lock = threading.Lock()

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
        with self._lock:
            jobs = super().claim(limit, but_of)
            self.held |= {job.photo_id for job in jobs}
            return jobs

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        with self._lock:
            assert self.held.issuperset(outcome.job.photo_id for outcome in outcomes)
            self.held -= {outcome.job.photo_id for outcome in outcomes}
            is_first = not self.outcomes
            super().finish(outcomes)
            self.waiting += [outcomes[0].job] if is_first else []
        if is_first:
            self.is_freed.set()
            assert self.is_taken.wait(WAIT_S)

    def release(self, jobs: Sequence[Job]) -> None:
        with self._lock:
            super().release(jobs)
            free = [job for job in jobs if job.photo_id in self.held]
            self.held -= {job.photo_id for job in free}
            self.waiting += free


def test_what_is_freed_while_it_is_written_and_claimed_at_once_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "CLAIM_AGAIN_S", 0.01)

    class QuickSource(LeasingSource):
        """Hands the freed photo out while the write goes on, and lets the write end after that."""

        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            if self.is_freed.is_set() and not self.waiting:
                self.is_taken.set()  # the claim before this one is over with
            return super().claim(limit, but_of)

    source = QuickSource()
    assert run(source) == Counts(4, 0, 0)
    assert sorted(source.times_finished().values()) == [1, 1, 2]
    assert source.held == set()


def test_what_is_claimed_before_it_is_written_and_comes_after_that_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "WRITE_WITHIN_S", 0.01)
    monkeypatch.setattr(pipeline, "CLAIM_AGAIN_S", 0.01)
    writes_more = threading.Event()

    class OneByOne(FakeClassifier):
        batch = 1

        def classify(self, views: np.ndarray) -> list[Classification]:
            assert not self.batches or source.is_taken.wait(WAIT_S)
            return super().classify(views)

    class SlowSource(LeasingSource):
        """Hands the freed photo out while the write goes on, but answers when the next write has begun."""

        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            is_second = bool(self.claimed) and not self.is_taken.is_set()
            assert not is_second or self.is_freed.wait(WAIT_S)
            jobs = super().claim(limit, but_of)
            self.is_taken.set() if is_second else None
            assert not is_second or writes_more.wait(WAIT_S)
            return jobs

        def finish(self, outcomes: Sequence[Outcome]) -> None:
            if self.outcomes:
                writes_more.set()
            super().finish(outcomes)

    source = SlowSource()
    assert run(source, OneByOne()) == Counts(4, 0, 0)
    assert sorted(source.times_finished().values()) == [1, 1, 2]
    assert source.held == set()

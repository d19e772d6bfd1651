"""Whenever a run is stopped or something fails, each claimed photo is either written or given back, and once."""

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import pipeline
from classifier.network.labels import Classification
from classifier.pictures.prepare import Framing
from classifier.pipeline import Counts
from classifier.preparing import Prepared
from classifier.work import Job, Outcome, PreparedPhoto, Reason
from tests.classifier.pipeline_ends import PICTURE, FakeClassifier, Source, run


def test_a_stop_finishes_what_is_under_way_and_gives_back_the_rest() -> None:
    stop = threading.Event()

    class StoppingClassifier(FakeClassifier):
        def classify(self, views: np.ndarray) -> list[Classification]:
            stop.set()
            return super().classify(views)

    source = Source([PICTURE] * 500)
    counts = run(source, StoppingClassifier(), stop, claim=200)
    finished, released = set(source.times_finished()), {job.photo_id for job in source.released}
    assert counts.classified == len(finished) > 0
    assert counts.released == len(released) > 0
    assert not finished & released
    assert len(finished | released) == source.claimed < 500


def test_a_stop_before_the_start_claims_nothing() -> None:
    stop = threading.Event()
    stop.set()
    source = Source([PICTURE] * 5)
    assert run(source, stop=stop) == Counts(0, 0, 0)
    assert len(source.waiting) == 5


def test_a_broken_network_gives_everything_unwritten_back_and_raises() -> None:
    class BrokenClassifier(FakeClassifier):
        def classify(self, views: np.ndarray) -> list[Classification]:
            if len(self.batches) == 2:
                raise RuntimeError("the GPU fell off")
            return super().classify(views)

    source = Source([PICTURE] * 100)
    with pytest.raises(RuntimeError, match="fell off"):
        run(source, BrokenClassifier())
    finished, released = set(source.times_finished()), {job.photo_id for job in source.released}
    assert len(finished) == 16
    assert not finished & released
    assert len(finished | released) == source.claimed


def test_a_source_that_cannot_write_gives_back_and_raises() -> None:
    class FullSource(Source):
        def finish(self, outcomes: Sequence[Outcome]) -> None:
            raise OSError(28, "no space left")

    source = FullSource([PICTURE] * 100)
    with pytest.raises(OSError, match="no space left"):
        run(source)
    assert len(source.released) == source.claimed


def test_a_source_that_cannot_claim_writes_what_it_gave_and_raises() -> None:
    class FailingSource(Source):
        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            if self.claimed >= 20:
                raise ConnectionError("the database is gone")
            return super().claim(limit, but_of)

    source = FailingSource([PICTURE] * 100)
    with pytest.raises(ConnectionError):
        run(source, claim=10)
    finished, released = set(source.times_finished()), {job.photo_id for job in source.released}
    assert not finished & released
    assert len(finished | released) == source.claimed == 20


def test_an_error_in_giving_back_does_not_hide_the_first_one() -> None:
    class LostSource(Source):
        def finish(self, outcomes: Sequence[Outcome]) -> None:
            raise OSError("lost while writing")

        def release(self, jobs: Sequence[Job]) -> None:
            raise OSError("lost while giving back")

    with pytest.raises(OSError, match="while writing"):
        run(LostSource([PICTURE] * 30))


class Moments:
    """Numbers the calls of one or all kinds, and does something at one of them."""

    def __init__(self, kind: str, number: int, then: Callable[[], None]) -> None:
        self._kind, self._left, self._then = kind, number, then
        self._lock = threading.Lock()
        self.have_come = False

    def pass_by(self, kind: str) -> None:
        with self._lock:
            self._left -= self._kind in (kind, "any")
            if self._left or self.have_come:
                return
            self.have_come = True
        self._then()


class WatchedSource(Source):
    """Each call of it is a moment, before and after; so is each file that is opened."""

    def __init__(self, photos: int, moments: Moments) -> None:
        super().__init__([PICTURE] * photos)
        self._moments = moments
        self.waiting = [Job(job.photo_id, job.name, self._opened(job.photo_id)) for job in self.waiting]

    def _opened(self, photo_id: int) -> Callable[[], io.BytesIO]:
        def opened() -> io.BytesIO:
            self._moments.pass_by("open")
            return io.BytesIO(b"" if photo_id % 5 == 0 else PICTURE)

        return opened

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
        self._moments.pass_by("claim")
        jobs = super().claim(limit, but_of)
        self._moments.pass_by("claimed")
        return jobs

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        self._moments.pass_by("finish")
        super().finish(outcomes)
        self._moments.pass_by("finished")

    def renew(self, jobs: Sequence[Job]) -> None:
        self._moments.pass_by("renew")


class WatchedClassifier(FakeClassifier):
    def __init__(self, batch: int, moments: Moments) -> None:
        super().__init__()
        self.batch, self._moments = batch, moments

    def classify(self, views: np.ndarray) -> list[Classification]:
        self._moments.pass_by("classify")
        classifications = super().classify(views)
        self._moments.pass_by("classified")
        return classifications


def quickly_prepared(job: Job, framing: Framing, is_halted: Callable[[], bool]) -> Prepared | Outcome:
    with job.open() as file:
        if not file.read():
            return Outcome(job, failure=Reason.EMPTY)
    return Prepared(job, cast(PreparedPhoto, None), np.zeros((1, 4, 4, 3), np.uint8))


@pytest.fixture(scope="module", autouse=True)
def lively_renewal() -> Iterator[None]:
    """Renewals come between all other calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "RENEW_S", 0.0005)
        yield


@pytest.fixture(scope="module")
def quick_writing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "WRITE_WITHIN_S", 0.01)
        yield


SIZES = {"photos": st.integers(0, 150), "claim": st.integers(1, 40), "batch": st.integers(1, 9)}


@settings(max_examples=150, deadline=None)
@given(number=st.integers(1, 400), **SIZES)
def test_a_stop_at_any_moment_leaves_nothing_in_hand(
    quick_writing: None, number: int, photos: int, claim: int, batch: int
) -> None:
    stop = threading.Event()
    moments = Moments("any", number, stop.set)
    source = WatchedSource(photos, moments)
    counts = run(source, WatchedClassifier(batch, moments), stop, claim=claim, prepare=quickly_prepared)
    assert source.times_finished() + source.times_released() == Counter(range(source.claimed))
    failed = sum(outcome.failure is not None for outcome in source.outcomes)
    assert counts == Counts(len(source.outcomes) - failed, failed, len(source.released))
    assert moments.have_come or (counts.released == 0 and source.claimed == photos)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(["claim", "finish", "renew", "classify"]), number=st.integers(1, 12), **SIZES)
def test_an_error_at_any_moment_leaves_nothing_in_hand(
    quick_writing: None, kind: str, number: int, photos: int, claim: int, batch: int
) -> None:
    def fail() -> None:
        raise ConnectionError(kind)

    moments = Moments(kind, number, fail)
    source = WatchedSource(photos, moments)
    try:
        run(source, WatchedClassifier(batch, moments), claim=claim, prepare=quickly_prepared)
    except ConnectionError:
        assert moments.have_come
    else:
        assert not moments.have_come
        assert source.claimed == photos
    assert source.times_finished() + source.times_released() == Counter(range(source.claimed))


def test_a_stop_does_not_wait_for_a_photo_that_takes_for_ever() -> None:
    stop = threading.Event()

    def prepared(job: Job, framing: Framing, is_halted: Callable[[], bool]) -> Prepared | Outcome | None:
        if job.photo_id != 3:
            return quickly_prepared(job, framing, is_halted)
        stop.set()
        assert is_halted()
        return None

    source = Source([PICTURE] * 5)
    run(source, stop=stop, prepare=prepared)
    assert source.times_released()[3] == 1
    assert source.times_finished() + source.times_released() == Counter(range(source.claimed))

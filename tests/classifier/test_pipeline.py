"""The pipeline writes every claimed photo once, whatever single photos, stages or the machine do."""

import io
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from classifier import pipeline
from classifier.network.labels import Classification, SparseProbabilities
from classifier.pipeline import BATCHES_AHEAD, PREPARING_NICENESS, WRITTEN_TOGETHER, Counts, drain
from classifier.work import Job, Outcome, Reason
from tests.classifier.pictures import FRAMING, encoded, quarters

PICTURE = encoded(quarters(64, 48))
WAIT_S = 20  # far more than any of this takes; only a hanging test waits so long


class Source:
    """Work from a list; whatever comes back is kept for the test to look at."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self.waiting = [
            Job(i, f"{i}.jpg", lambda content=content: io.BytesIO(content)) for i, content in enumerate(contents)
        ]
        self.outcomes: list[Outcome] = []
        self.released: list[Job] = []
        self.claimed = 0

    def claim(self, limit: int) -> list[Job]:
        jobs, self.waiting = self.waiting[:limit], self.waiting[limit:]
        self.claimed += len(jobs)
        return jobs

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.extend(outcomes)

    def release(self, jobs: Sequence[Job]) -> None:
        self.released.extend(jobs)

    def times_finished(self) -> Counter[int]:
        return Counter(outcome.job.photo_id for outcome in self.outcomes)


class FakeClassifier:
    """Says of each photo how bright it is."""

    framing = FRAMING
    batch = 8

    def __init__(self) -> None:
        self.batches: list[int] = []

    def classify(self, views: np.ndarray) -> list[Classification]:
        self.batches.append(len(views))
        return [
            Classification(
                SparseProbabilities(np.array([0], np.uint16), np.array([round(row.mean())], np.uint16)),
                np.zeros(4, np.float16),
                "fake",
            )
            for row in views
        ]


def run(
    source: Source, classifier: FakeClassifier | None = None, stop: threading.Event | None = None, **options
) -> Counts:
    """Drain in a thread, so that a pipeline that hangs fails the test instead of stopping all."""
    box: list[Counts | BaseException] = []

    def work() -> None:
        try:
            box.append(drain(source, classifier or FakeClassifier(), stop or threading.Event(), workers=3, **options))
        except BaseException as error:
            box.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    assert box, "the pipeline hangs"
    if isinstance(box[0], BaseException):
        raise box[0]
    return box[0]


@pytest.mark.parametrize("photos", [0, 1, 7, 8, 9, 100])
def test_every_photo_is_written_once(photos):
    source = Source([PICTURE] * photos)
    assert run(source) == Counts(classified=photos, failed=0, released=0)
    assert source.times_finished() == Counter(range(photos))
    assert all(outcome.classification and outcome.photo for outcome in source.outcomes)


def test_a_photo_is_dated_by_its_name_and_before_that_by_its_sidecar():
    taken = b'{"photoTakenTime": {"timestamp": "1478174685"}}'
    source = Source([PICTURE] * 2)
    plain, beside = source.waiting
    source.waiting = [
        replace(plain, name="IMG_20190102_030405.jpg"),
        replace(beside, name="IMG_20190102_030405.jpg", sidecars=[("a.json", lambda: io.BytesIO(taken))]),
    ]
    assert run(source).classified == 2
    dates = {outcome.job.photo_id: outcome.photo and outcome.photo.taken_at for outcome in source.outcomes}
    assert dates == {0: datetime(2019, 1, 2, 3, 4, 5), 1: datetime(2016, 11, 3, 12, 4, 45)}


def test_each_photo_gets_its_own_result():
    """Brightness in, brightness out: batches and threads do not mix photos up."""
    from PIL import Image

    levels = [i * 5 for i in range(50)]
    source = Source([encoded(Image.new("RGB", (40, 40), (level,) * 3), "PNG") for level in levels])
    run(source)
    said = {outcome.job.photo_id: int(outcome.classification.probabilities.parts[0]) for outcome in source.outcomes}
    assert said == dict(enumerate(levels))


def test_photos_that_cannot_be_read_fail_with_a_reason_and_hold_nobody_up():
    contents = [PICTURE, b"", b"text", PICTURE[:300], PICTURE] * 6
    source = Source(contents)
    assert run(source) == Counts(classified=12, failed=18, released=0)
    reasons = Counter(outcome.failure for outcome in source.outcomes if outcome.failure)
    assert reasons == {Reason.EMPTY: 6, Reason.NOT_A_PICTURE: 6, Reason.DAMAGED: 6}


def test_a_file_that_is_gone_fails_alone():
    source = Source([PICTURE] * 3)

    def gone():
        raise FileNotFoundError(2, "gone")

    source.waiting[1] = Job(1, "gone.jpg", gone)
    run(source)
    assert {outcome.job.photo_id: outcome.failure for outcome in source.outcomes} == {
        0: None,
        1: Reason.MISSING,
        2: None,
    }


@pytest.mark.parametrize(
    ("error", "reason"), [(ZeroDivisionError("oops"), Reason.DAMAGED), (MemoryError(), Reason.TOO_LARGE)]
)
def test_a_mistake_in_preparing_one_photo_is_that_photos_failure(monkeypatch, error, reason):
    real = pipeline.prepare

    def sometimes(content, *rest):
        if content == b"bad":
            raise error
        return real(content, *rest)

    monkeypatch.setattr(pipeline, "prepare", sometimes)
    source = Source([PICTURE, b"bad", PICTURE])
    assert run(source) == Counts(classified=2, failed=1, released=0)
    failure = next(outcome for outcome in source.outcomes if outcome.failure)
    assert (failure.failure, failure.detail) == (reason, repr(error))


def test_a_stop_finishes_what_is_under_way_and_gives_back_the_rest():
    stop = threading.Event()

    class StoppingClassifier(FakeClassifier):
        def classify(self, views):
            stop.set()
            return super().classify(views)

    source = Source([PICTURE] * 500)
    counts = run(source, StoppingClassifier(), stop, claim=200)
    finished, released = set(source.times_finished()), {job.photo_id for job in source.released}
    assert counts.classified == len(finished) > 0
    assert counts.released == len(released) > 0
    assert not finished & released
    assert len(finished | released) == source.claimed < 500


def test_a_stop_before_the_start_claims_nothing():
    stop = threading.Event()
    stop.set()
    source = Source([PICTURE] * 5)
    assert run(source, stop=stop) == Counts(0, 0, 0)
    assert len(source.waiting) == 5


def test_a_broken_network_gives_everything_unwritten_back_and_raises():
    class BrokenClassifier(FakeClassifier):
        def classify(self, views):
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


def test_a_source_that_cannot_write_gives_back_and_raises():
    class FullSource(Source):
        def finish(self, outcomes):
            raise OSError(28, "no space left")

    source = FullSource([PICTURE] * 100)
    with pytest.raises(OSError, match="no space left"):
        run(source)
    assert len(source.released) == source.claimed


def test_a_source_that_cannot_claim_writes_what_it_gave_and_raises():
    class FailingSource(Source):
        def claim(self, limit):
            if self.claimed >= 20:
                raise ConnectionError("the database is gone")
            return super().claim(limit)

    source = FailingSource([PICTURE] * 100)
    with pytest.raises(ConnectionError):
        run(source, claim=10)
    finished, released = set(source.times_finished()), {job.photo_id for job in source.released}
    assert not finished & released
    assert len(finished | released) == source.claimed == 20


def test_an_error_in_giving_back_does_not_hide_the_first_one():
    class LostSource(Source):
        def finish(self, outcomes):
            raise OSError("lost while writing")

        def release(self, jobs):
            raise OSError("lost while giving back")

    with pytest.raises(OSError, match="while writing"):
        run(LostSource([PICTURE] * 30))


def test_photos_that_arrive_while_the_last_are_finished_are_not_missed():
    class GrowingSource(Source):
        def finish(self, outcomes):
            super().finish(outcomes)
            if len(self.outcomes) == 5:
                self.waiting = [Job(100, "late.jpg", lambda: io.BytesIO(PICTURE))]

    source = GrowingSource([PICTURE] * 5)
    run(source)
    assert source.times_finished()[100] == 1


def test_a_photo_claimed_again_after_its_lease_ran_out_does_no_harm():
    source = Source([PICTURE] * 10)
    source.waiting += source.waiting[:3]
    assert run(source).released == 0
    assert set(source.times_finished()) == set(range(10))


@pytest.mark.parametrize("slow", ["network", "writer"])
def test_prepared_photos_do_not_pile_up_before_a_slow_stage(slow):
    opened = threading.Semaphore(0)
    count = []
    gate = threading.Event()

    class SlowClassifier(FakeClassifier):
        def classify(self, views):
            assert slow != "network" or gate.wait(WAIT_S)
            return super().classify(views)

    class SlowSource(Source):
        def finish(self, outcomes):
            assert slow != "writer" or gate.wait(WAIT_S)
            super().finish(outcomes)

    source = SlowSource([PICTURE] * 400)

    def opening():
        count.append(1)
        opened.release()
        return io.BytesIO(PICTURE)

    source.waiting = [Job(job.photo_id, job.name, opening) for job in source.waiting]
    most = 3 + BATCHES_AHEAD * 8 + 2 * WRITTEN_TOGETHER
    thread = threading.Thread(target=run, args=(source, SlowClassifier()), daemon=True)
    thread.start()
    for _ in range(most):
        assert opened.acquire(timeout=WAIT_S)
    time.sleep(0.3)  # long enough for hundreds more, were nothing holding them
    assert len(count) == most
    gate.set()
    thread.join(WAIT_S)
    assert set(source.times_finished()) == set(range(400))


def test_full_batches_go_to_the_network_while_there_is_plenty():
    classifier = FakeClassifier()
    run(Source([PICTURE] * 400), classifier)
    assert sum(classifier.batches) == 400
    assert classifier.batches.count(8) >= 40


def test_each_thread_that_spoke_to_the_source_hangs_up():
    hung_up = []
    run(Source([PICTURE] * 3), hang_up=lambda: hung_up.append(threading.current_thread().name))
    assert sorted(hung_up) == ["claim", "write"]


def test_the_last_results_are_written_without_waiting_for_more(monkeypatch):
    monkeypatch.setattr(pipeline, "WRITE_WITHIN_S", 10 * WAIT_S)
    source = Source([PICTURE] * 3)
    assert run(source) == Counts(classified=3, failed=0, released=0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_preparing_gives_way_to_the_network_however_low_the_process_is_already():
    niceness = []

    class Watched(Source):
        def claim(self, limit):
            return [Job(job.photo_id, job.name, self.watch) for job in super().claim(limit)]

        def watch(self):
            niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return io.BytesIO(PICTURE)

    run(Watched([PICTURE]))
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert niceness == [min(19, own + PREPARING_NICENESS)]

"""The pipeline writes every claimed photo once, whatever single photos, stages or the machine do."""

import io
import threading
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

import numpy as np
import pytest

from classifier import pipeline
from classifier.network.labels import Classification
from classifier.pipeline import BATCHES_AHEAD, WRITTEN_TOGETHER, Counts
from classifier.work import Job, Outcome, Reason
from tests.classifier.pictures import encoded
from tests.classifier.pipeline_ends import PICTURE, WAIT_S, FakeClassifier, Source, run


@pytest.mark.parametrize("photos", [0, 1, 7, 8, 9, 100])
def test_every_photo_is_written_once(photos: int) -> None:
    source = Source([PICTURE] * photos)
    assert run(source) == Counts(classified=photos, failed=0, released=0)
    assert source.times_finished() == Counter(range(photos))
    assert all(outcome.classification and outcome.photo for outcome in source.outcomes)


def test_a_photo_is_dated_by_its_name_and_before_that_by_its_sidecar() -> None:
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


def test_each_photo_gets_its_own_result() -> None:
    """Brightness in, brightness out: batches and threads do not mix photos up."""
    from PIL import Image

    levels = [i * 5 for i in range(50)]
    source = Source([encoded(Image.new("RGB", (40, 40), (level,) * 3), "PNG") for level in levels])
    run(source)
    said = {
        outcome.job.photo_id: int(outcome.classification.probabilities.parts[0])
        for outcome in source.outcomes
        if outcome.classification
    }
    assert said == dict(enumerate(levels))


def test_photos_that_cannot_be_read_fail_with_a_reason_and_hold_nobody_up() -> None:
    contents = [PICTURE, b"", b"text", PICTURE[:300], PICTURE] * 6
    source = Source(contents)
    assert run(source) == Counts(classified=12, failed=18, released=0)
    reasons = Counter(outcome.failure for outcome in source.outcomes if outcome.failure)
    assert reasons == {Reason.EMPTY: 6, Reason.NOT_A_PICTURE: 6, Reason.DAMAGED: 6}


def test_a_file_that_is_gone_fails_alone() -> None:
    source = Source([PICTURE] * 3)

    def gone() -> BinaryIO:
        raise FileNotFoundError(2, "gone")

    source.waiting[1] = Job(1, "gone.jpg", gone)
    run(source)
    assert {outcome.job.photo_id: outcome.failure for outcome in source.outcomes} == {
        0: None,
        1: Reason.MISSING,
        2: None,
    }


def test_photos_that_arrive_while_the_last_are_finished_are_not_missed() -> None:
    class GrowingSource(Source):
        def finish(self, outcomes: Sequence[Outcome]) -> None:
            super().finish(outcomes)
            if len(self.outcomes) == 5:
                self.waiting = [Job(100, "late.jpg", lambda: io.BytesIO(PICTURE))]

    source = GrowingSource([PICTURE] * 5)
    run(source)
    assert source.times_finished()[100] == 1


@pytest.mark.parametrize("slow", ["network", "writer"])
def test_prepared_photos_do_not_pile_up_before_a_slow_stage(slow: str) -> None:
    opened = threading.Semaphore(0)
    gate = threading.Event()
    in_hand = []

    class SlowClassifier(FakeClassifier):
        def classify(self, views: np.ndarray) -> list[Classification]:
            assert slow != "network" or gate.wait(WAIT_S)
            return super().classify(views)

    class SlowSource(Source):
        def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
            jobs = super().claim(limit, but_of)
            in_hand.append(self.claimed - len(self.outcomes))
            return jobs

        def finish(self, outcomes: Sequence[Outcome]) -> None:
            assert slow != "writer" or gate.wait(WAIT_S)
            super().finish(outcomes)

    def opening() -> BinaryIO:
        opened.release()
        return io.BytesIO(PICTURE)

    source = SlowSource([PICTURE] * 400)
    source.waiting = [Job(job.photo_id, job.name, opening) for job in source.waiting]
    most = 3 + BATCHES_AHEAD * 8 + 2 * WRITTEN_TOGETHER + 1
    thread = threading.Thread(target=run, args=(source, SlowClassifier()), kwargs={"claim": 1}, daemon=True)
    thread.start()
    for _ in range(most):
        assert opened.acquire(timeout=WAIT_S)
    gate.set()
    thread.join(WAIT_S)
    assert source.times_finished() == Counter(range(400))
    assert max(in_hand) == most


def test_full_batches_go_to_the_network_while_there_is_plenty() -> None:
    classifier = FakeClassifier()
    run(Source([PICTURE] * 400), classifier)
    assert sum(classifier.batches) == 400
    assert classifier.batches.count(8) >= 40


def test_each_thread_that_spoke_to_the_source_hangs_up() -> None:
    hung_up = []
    run(Source([PICTURE] * 3), hang_up=lambda: hung_up.append(threading.current_thread().name))
    assert {name for name in hung_up if not name.startswith("prepare")} == {"claim", "renew", "write"}
    assert "prepare 0" in hung_up, "opening a photo may ask the database"


def test_the_last_results_are_written_without_waiting_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WRITE_WITHIN_S", 10 * WAIT_S)
    source = Source([PICTURE] * 3)
    assert run(source) == Counts(classified=3, failed=0, released=0)

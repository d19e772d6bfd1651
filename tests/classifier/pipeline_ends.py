"""What lies at the two ends of the pipeline in its tests: a source of photos and a classifier."""

import io
import threading
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

import numpy as np

from classifier.network.labels import Classification, SparseProbabilities
from classifier.pipeline import Counts, drain
from classifier.work import Job, Outcome
from tests.classifier.pictures import FRAMING, encoded, quarters

PICTURE = encoded(quarters(64, 48))
WAIT_S = 20  # far more than any of this takes; only a hanging test waits so long


class Source:
    """Work from a list; whatever comes back is kept for the test to look at."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self.waiting = [Job(i, f"{i}.jpg", partial(io.BytesIO, content)) for i, content in enumerate(contents)]
        self.outcomes: list[Outcome] = []
        self.renewed: list[set[int]] = []
        self.released: list[Job] = []
        self.claimed = 0

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> list[Job]:
        may_go = [place for place, job in enumerate(self.waiting) if job.owner not in but_of][:limit]
        jobs = [self.waiting[place] for place in may_go]
        self.waiting = [job for place, job in enumerate(self.waiting) if place not in set(may_go)]
        self.claimed += len(jobs)
        return jobs

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.extend(outcomes)

    def renew(self, jobs: Sequence[Job]) -> None:
        self.renewed.append({job.photo_id for job in jobs})

    def release(self, jobs: Sequence[Job]) -> None:
        self.released.extend(jobs)

    def times_finished(self) -> Counter[int]:
        return Counter(outcome.job.photo_id for outcome in self.outcomes)

    def times_released(self) -> Counter[int]:
        return Counter(job.photo_id for job in self.released)


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
    source: Source, classifier: FakeClassifier | None = None, stop: threading.Event | None = None, **options: Any
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

"""From claimed jobs to written results: threads prepare ahead of the network, and a writer follows it."""

import contextlib
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from classifier.network.labels import Classification
from classifier.pictures.prepare import Framing, prepare, read, read_sidecars
from classifier.work import Job, Outcome, PreparedPhoto, Reason, UnreadablePhoto, WorkSource

logger = logging.getLogger(__name__)

CLAIM = 32  # photos per claim
BATCHES_AHEAD = 4  # prepared photos that may wait for the network, in batches
WRITTEN_TOGETHER = 32  # results per write, unless the next one takes longer than this to come:
WRITE_WITHIN_S = 0.2
NOTICE_STOP_S = 0.1
CLAIM_AGAIN_S = 0.5  # while the last photos are finished
PREPARING_NICENESS = 5  # measured on two cores: the whole path is 4 to 5 % faster than at 0, and no faster at 10


class PhotoClassifier(Protocol):
    """What the pipeline asks of a classifier."""

    framing: Framing

    @property
    def batch(self) -> int:
        """Photos per call at which it is fastest."""

    def classify(self, views: np.ndarray) -> Sequence[Classification]:
        """One classification for each row of uint8 (batch, views, px, px, 3)."""


@dataclass(frozen=True)
class Counts:
    """What became of the jobs that were claimed."""

    classified: int
    failed: int
    released: int


@dataclass(frozen=True, eq=False)
class _Prepared:
    job: Job
    photo: PreparedPhoto
    views: np.ndarray  # (views, px, px, 3) uint8


def drain(
    source: WorkSource,
    classifier: PhotoClassifier,
    stop: threading.Event,
    *,
    claim: int = CLAIM,
    workers: int | None = None,
    hang_up: Callable[[], None] = lambda: None,
) -> Counts:
    """Classify until the source has no more work, and return when all of it is written.

    Once `stop` is set, what is being worked on is finished and the rest given back. An error of the source or of the
    network is raised after giving back what is unfinished; a photo that cannot be read is an outcome like any other.
    `workers` threads read and decode, as many as there are cores unless given. `hang_up` is called at the end of each
    thread that has spoken to the source.
    """
    return _Drain(source, classifier, stop, claim, workers or os.cpu_count() or 1, hang_up).run()


def _give_way() -> None:
    """Let the network's threads, and the pages of a site on the same machine, go before this one.

    The network's threads wait for each other at every layer, so one that lies in the queue holds up all of them.
    """
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a strict sandbox may refuse; it works without
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + PREPARING_NICENESS)


class _Drain:
    """One run of the pipeline: feeder → pool of preparing threads → network, in the caller's thread → writer."""

    def __init__(
        self,
        source: WorkSource,
        classifier: PhotoClassifier,
        stop: threading.Event,
        claim: int,
        workers: int,
        hang_up: Callable[[], None],
    ) -> None:
        self._source, self._classifier, self._stop = source, classifier, stop
        self._claim, self._hang_up = claim, hang_up
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="prepare", initializer=_give_way)
        # One slot for each photo between the start of its preparation and its written result, so memory is bounded
        # whichever stage is the slowest.
        self._slots = threading.Semaphore(workers + BATCHES_AHEAD * classifier.batch + 2 * WRITTEN_TOGETHER)
        self._ready: queue.SimpleQueue[_Prepared | None] = queue.SimpleQueue()  # None: look up, something has changed
        self._outcomes: queue.SimpleQueue[Sequence[Outcome] | None] = queue.SimpleQueue()  # None: no more will come
        self._changed = threading.Condition()
        self._unfinished: dict[int, Job] = {}  # claimed, not written
        self._in_preparation = 0
        self._is_fed = False
        self._error: BaseException | None = None
        self._classified = self._failed = 0

    def run(self) -> Counts:
        feeder = threading.Thread(target=self._guarded, args=(self._feed,), name="claim", daemon=True)
        writer = threading.Thread(target=self._guarded, args=(self._write,), name="write", daemon=True)
        feeder.start()
        writer.start()
        try:
            self._classify_all()
        except BaseException as error:  # KeyboardInterrupt too: leases are given back whatever ends the run
            self._error = self._error or error
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._outcomes.put(None)
        writer.join()
        feeder.join()
        rest = list(self._unfinished.values())
        self._give_back(rest)
        if self._error is not None:
            raise self._error
        return Counts(self._classified, self._failed, len(rest))

    @property
    def _is_halted(self) -> bool:
        return self._stop.is_set() or self._error is not None

    def _guarded(self, work: Callable[[], None]) -> None:
        """Run a thread's work; its error ends the whole run."""
        try:
            work()
        except Exception as error:
            self._error = self._error or error
        finally:
            self._hang_up()
            self._ready.put(None)

    def _feed(self) -> None:
        try:
            while not self._is_halted:
                jobs = self._source.claim(self._claim)
                with self._changed:
                    self._unfinished.update((job.photo_id, job) for job in jobs)
                    if not jobs:
                        if not self._unfinished:
                            return
                        # What arrives while the last photos are finished is claimed by this run still.
                        self._changed.wait_for(lambda: self._is_halted or not self._unfinished, CLAIM_AGAIN_S)
                for job in jobs:
                    if not self._take_slot():
                        return
                    with self._changed:
                        self._in_preparation += 1
                    self._pool.submit(self._prepare, job)
        finally:
            self._is_fed = True

    def _take_slot(self) -> bool:
        while not self._is_halted:
            if self._slots.acquire(timeout=NOTICE_STOP_S):
                return True
        return False

    def _prepare(self, job: Job) -> None:
        prepared: _Prepared | None = None
        try:
            if self._is_halted:
                return
            sidecars = read_sidecars(job)
            photo, views = prepare(read(job), self._classifier.framing, job.wants_digest, job.name, sidecars)
            prepared = _Prepared(job, photo, views)
        except UnreadablePhoto as error:
            self._fail(job, error.reason, error.detail)
        except MemoryError as error:
            self._fail(job, Reason.TOO_LARGE, repr(error))
        except Exception as error:  # a mistake of ours must not stop everyone's photos
            logger.exception("Preparing photo %s (%s) failed unexpectedly.", job.photo_id, job.name)
            self._fail(job, Reason.DAMAGED, repr(error))
        finally:
            self._ready.put(prepared)  # before it counts as no longer in preparation, so that none is overlooked
            with self._changed:
                self._in_preparation -= 1

    def _fail(self, job: Job, reason: Reason, detail: str) -> None:
        self._outcomes.put([Outcome(job, failure=reason, detail=detail)])

    def _classify_all(self) -> None:
        batch: list[_Prepared] = []
        while True:
            # Read before the queue: whatever was in preparation then is in the queue when it is found empty.
            is_fed, is_idle = self._is_fed, self._in_preparation == 0
            try:
                prepared = self._ready.get(block=not is_idle, timeout=None if is_idle else NOTICE_STOP_S)
            except queue.Empty:
                if is_idle and batch:
                    self._classify(batch)
                    batch = []
                elif is_idle and (is_fed or self._error is not None):
                    return
                elif is_idle:
                    self._wait_for_work()
                continue
            if self._error is not None:
                continue  # nothing would be written any more
            if prepared is not None:
                batch.append(prepared)
            if len(batch) == self._classifier.batch:
                self._classify(batch)
                batch = []

    def _wait_for_work(self) -> None:
        """Sleep until the next photo is ready or the feeder ends."""
        try:
            arrived = self._ready.get(timeout=NOTICE_STOP_S)
        except queue.Empty:
            return
        self._ready.put(arrived)

    def _classify(self, batch: Sequence[_Prepared]) -> None:
        classifications = self._classifier.classify(np.stack([prepared.views for prepared in batch]))
        self._outcomes.put(
            [
                Outcome(prepared.job, prepared.photo, classification)
                for prepared, classification in zip(batch, classifications, strict=True)
            ]
        )

    def _write(self) -> None:
        is_open = True
        while is_open:
            first = self._outcomes.get()
            if first is None:
                return
            together = list(first)
            deadline = time.monotonic() + WRITE_WITHIN_S
            # No more can come than are unfinished: the last results, and those of a few photos, are written at once.
            while is_open and len(together) < min(WRITTEN_TOGETHER, len(self._unfinished)):
                try:
                    more = self._outcomes.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    break
                if more is None:
                    is_open = False
                else:
                    together.extend(more)
            self._finish(together)

    def _finish(self, outcomes: Sequence[Outcome]) -> None:
        self._source.finish(outcomes)
        failed = sum(outcome.failure is not None for outcome in outcomes)
        self._failed += failed
        self._classified += len(outcomes) - failed
        with self._changed:
            for outcome in outcomes:
                self._unfinished.pop(outcome.job.photo_id, None)  # claimed twice if its lease ran out meanwhile
            self._changed.notify_all()
        self._slots.release(len(outcomes))

    def _give_back(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        try:
            self._source.release(jobs)
        except Exception as error:  # the leases run out by themselves
            if self._error is None:
                self._error = error
            else:
                logger.exception("%d photos could not be given back.", len(jobs))

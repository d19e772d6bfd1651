"""From claimed jobs to written outcomes: threads prepare ahead of the network, and a writer follows it."""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
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
# A write of 32 costs a quarter less per photo than one of 18. Measured on small photos: .876 of the limit where the
# writer waits 0.2 s at most for more outcomes, .912 at 0.6 s.
WRITTEN_TOGETHER = 32
WRITE_WITHIN_S = 0.6
CLAIM_AGAIN_S = 0.5  # while the last photos are finished
RENEW_S = 2.0  # a lease of a few seconds survives one late renewal, and one small write in this time costs nothing
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

    The network runs in the caller's thread. An error of the source or of the network is raised after giving back what
    is unfinished; a photo that cannot be read is an outcome like any other.

    - `stop`: once it is set, by whatever thread, what is being worked on is finished and the rest given back.
    - `claim`: photos asked of the source at a time.
    - `workers`: threads that read and decode; as many as there are cores unless given.
    - `hang_up`: called at the end of each thread that has spoken to the source, such as to close its connections.
    """
    return _Drain(source, classifier, stop, claim, workers or os.cpu_count() or 1, hang_up).run()


@dataclass(frozen=True, eq=False)
class _Prepared:
    job: Job
    photo: PreparedPhoto
    views: np.ndarray  # (views, px, px, 3) uint8


def _read_and_prepare(job: Job, framing: Framing) -> _Prepared | Outcome:
    """The prepared photo, or the failure that the job ends with."""
    try:
        return _Prepared(job, *prepare(read(job), framing, job.name, read_sidecars(job)))
    except UnreadablePhoto as error:
        return Outcome(job, failure=error.reason, detail=error.detail)
    except MemoryError as error:
        return Outcome(job, failure=Reason.TOO_LARGE, detail=repr(error))
    except BaseException as error:  # a mistake of ours, or a decoder's panic, must not stop everyone's photos
        logger.exception("Preparing photo %s (%s) failed unexpectedly.", job.photo_id, job.name)
        return Outcome(job, failure=Reason.DAMAGED, detail=repr(error))


def _give_way() -> None:
    """Let the network's threads, and the pages of a site on the same machine, go before this one.

    The network's threads wait for each other at every layer, so one that lies in the queue holds up all of them.
    """
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a strict sandbox may refuse; it works without
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + PREPARING_NICENESS)


class _Drain:
    """One run of the pipeline: feeder → pool of preparing threads → network, in the caller's thread → writer.

    What the stages share is guarded by one condition, and whoever changes it wakes those who wait. A stage waits only
    for what another one is about to bring, and looks at the stop before it begins anything new; so all of them come to
    rest after a stop without being woken for it.
    """

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
        # While more are in hand, none are claimed: memory is bounded whichever stage is the slowest.
        self._enough = workers + BATCHES_AHEAD * classifier.batch + 2 * WRITTEN_TOGETHER
        self._changed = threading.Condition()
        self._in_hand: dict[int, Job] = {}  # claimed, not written
        self._claimed_again: dict[int, Job] = {}  # of them, those that were handed out once more meanwhile
        self._preparing = 0  # of them, those that are still to become ready or an outcome
        self._ready: list[_Prepared] = []
        self._outcomes: list[Outcome] = []
        self._is_fed = False  # no more will be prepared
        self._is_classified = False  # no more outcomes will come
        self._is_written = threading.Event()
        self._classified = self._failed = 0
        self._error: BaseException | None = None

    def run(self) -> Counts:
        feeder, writer, keeper = (
            threading.Thread(target=self._guarded, args=(stage,), name=name, daemon=True)
            for name, stage in (("claim", self._feed), ("write", self._write), ("renew", self._renew))
        )
        for thread in (feeder, writer, keeper):
            thread.start()
        try:
            self._classify()
        except BaseException as error:  # KeyboardInterrupt too: leases are given back whatever ends the run
            self._fail(error)
        feeder.join()
        self._pool.shutdown(cancel_futures=True)
        with self._changed:
            self._is_classified = True
            self._changed.notify_all()
        writer.join()
        self._is_written.set()
        keeper.join()
        self._give_back()
        if self._error is not None:
            raise self._error
        return Counts(self._classified, self._failed, len(self._in_hand))

    @property
    def _is_halted(self) -> bool:
        return self._stop.is_set() or self._error is not None

    def _guarded(self, stage: Callable[[], None]) -> None:
        """Run a thread's stage; its error ends the whole run."""
        try:
            stage()
        except BaseException as error:
            self._fail(error)
        finally:
            self._hang_up()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    def _feed(self) -> None:
        while not self._is_halted:
            with self._changed:
                known = set(self._in_hand)  # no other thread adds to it
            claimed = self._source.claim(self._claim)
            # What is in hand and comes again, as its lease ran out or a write has just freed it, is not prepared now.
            jobs = {job.photo_id: job for job in claimed if job.photo_id not in known}
            again = {job.photo_id: job for job in claimed if job.photo_id in known}
            with self._changed:
                written = [job for photo_id, job in again.items() if photo_id not in self._in_hand]
                self._claimed_again |= {pk: job for pk, job in again.items() if pk in self._in_hand}
                self._in_hand |= jobs
                self._preparing += len(jobs)
            if written:
                self._source.release(written)
            for job in jobs.values():
                self._pool.submit(self._prepare, job)
            with self._changed:
                if jobs:
                    self._changed.wait_for(lambda: self._is_halted or len(self._in_hand) <= self._enough)
                elif known:  # what arrives while the last photos are finished is claimed by this run still
                    self._changed.wait_for(lambda: self._is_halted or not self._in_hand, CLAIM_AGAIN_S)
                else:
                    break
        with self._changed:
            self._is_fed = True
            self._changed.notify_all()

    def _prepare(self, job: Job) -> None:
        prepared = None if self._is_halted else _read_and_prepare(job, self._classifier.framing)
        with self._changed:
            self._preparing -= 1
            if isinstance(prepared, _Prepared):
                self._ready.append(prepared)
            elif prepared is not None:
                self._outcomes.append(prepared)
            self._changed.notify_all()

    def _classify(self) -> None:
        while batch := self._next_batch():
            classifications = self._classifier.classify(np.stack([prepared.views for prepared in batch]))
            outcomes = [
                Outcome(prepared.job, prepared.photo, classification)
                for prepared, classification in zip(batch, classifications, strict=True)
            ]
            with self._changed:
                self._outcomes += outcomes
                self._changed.notify_all()

    def _next_batch(self) -> Sequence[_Prepared]:
        """A full batch, or what there is when nothing is being prepared; none at the end."""
        size = self._classifier.batch
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    len(self._ready) >= size
                    or (not self._preparing and (self._ready or self._is_fed))
                    or self._error is not None
                )
            )
            if self._error is not None:
                return []
            batch, self._ready = self._ready[:size], self._ready[size:]
            return batch

    def _write(self) -> None:
        while outcomes := self._next_outcomes():
            self._source.finish(outcomes)
            failed = sum(outcome.failure is not None for outcome in outcomes)
            photos = {outcome.job.photo_id for outcome in outcomes}
            while again := self._let_go(photos):
                self._source.release(again)
            with self._changed:
                self._failed += failed
                self._classified += len(outcomes) - failed

    def _let_go(self, photos: AbstractSet[int]) -> Sequence[Job]:
        """Let photos that are written be out of hand; first those of them that were claimed again are to be released.

        In this order the feeder, which ends when nothing is in hand, meets them at its next claim.
        """
        with self._changed:
            again = [self._claimed_again.pop(photo_id) for photo_id in photos & self._claimed_again.keys()]
            if not again:
                for photo_id in photos:
                    del self._in_hand[photo_id]
                self._changed.notify_all()
            return again

    def _next_outcomes(self) -> Sequence[Outcome]:
        """What has come in, once it is enough for a write, or all there can be, or has waited; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._outcomes or self._is_classified)
            self._changed.wait_for(
                lambda: len(self._outcomes) >= min(WRITTEN_TOGETHER, len(self._in_hand)) or self._is_classified,
                WRITE_WITHIN_S,
            )
            outcomes, self._outcomes = self._outcomes, []
            return outcomes

    def _renew(self) -> None:
        while not self._is_written.wait(RENEW_S):
            with self._changed:
                jobs = list(self._in_hand.values())
            if jobs:
                self._source.renew(jobs)

    def _give_back(self) -> None:
        try:
            if self._in_hand:
                self._source.release(list(self._in_hand.values()))
        except Exception as error:
            logger.exception("%d photos could not be given back; their leases run out.", len(self._in_hand))
            self._fail(error)

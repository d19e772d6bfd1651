"""From claimed jobs to written outcomes: photos are prepared ahead of the network, and a writer follows it."""

import logging
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from classifier.cores import cores
from classifier.network.labels import Classification
from classifier.pictures.prepare import Framing
from classifier.preparing import Prepare, Prepared, prepare_apart
from classifier.turns import Turns
from classifier.work import Job, Outcome, WorkSource

logger = logging.getLogger(__name__)

CLAIM = 32  # photos per claim
BATCHES_AHEAD = 4  # prepared photos that may wait for the network, in batches
# A write of 32 costs a quarter less per photo than one of 18. Measured on small photos: .876 of the limit where the
# writer waits 0.2 s at most for more outcomes, .912 at 0.6 s.
WRITTEN_TOGETHER = 32
WRITE_WITHIN_S = 0.6
BATCH_WITHIN_S = 0.6  # what is ready goes to the network, however long the photos being prepared take
ASIDE_S = 0.3  # the longest that what is to be done between batches waits while photos are being prepared
CLAIM_AGAIN_S = 0.5  # while the last photos are finished, or those in hand do not get on
RENEW_S = 2.0  # a lease of a few seconds survives one late renewal, and one small write in this time costs nothing


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
    prepare: Prepare = prepare_apart,
    between: Callable[[], object] = lambda: None,
) -> Counts:
    """Classify until the source has no more work, and return when all of it is written.

    The network runs in the caller's thread. An error of the source or of the network is raised after giving back what
    is unfinished; a photo that cannot be read is an outcome like any other.

    - `stop`: once it is set, by whatever thread, what is being worked on is finished and the rest given back.
    - `claim`: photos asked of the source at a time.
    - `workers`: photos that are read and decoded at a time; as many as it has cores unless given.
    - `hang_up`: called at the end of each thread that has spoken to the source, such as to close its connections.
    - `prepare`: how a photo is read and decoded; in a process that can be stopped unless given.
    - `between`: called between batches, and a few times a second while there is none, in the network's thread.
    """
    return _Drain(source, classifier, stop, claim, workers or cores(), hang_up, prepare, between).run()


class _Drain:
    """One run of the pipeline: feeder → preparing threads → network, in the caller's thread → writer.

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
        prepare: Prepare,
        between: Callable[[], object],
    ) -> None:
        self._source, self._classifier, self._stop = source, classifier, stop
        self._claim, self._workers, self._hang_up, self._prepare = claim, workers, hang_up, prepare
        self._between = between
        # While more are in hand, none are claimed: memory is bounded whichever stage is the slowest.
        self._enough = workers + BATCHES_AHEAD * classifier.batch + 2 * WRITTEN_TOGETHER
        self._changed = threading.Condition()
        self._in_hand: dict[int, Job] = {}  # claimed, not written
        self._claimed_again: dict[int, Job] = {}  # of them, those that were handed out once more meanwhile
        self._turns = Turns(workers)  # of them, those that are still to become ready or an outcome
        self._ready: list[Prepared] = []
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
        preparing = [
            threading.Thread(target=self._guarded, args=(self._prepare_all,), name=f"prepare {number}", daemon=True)
            for number in range(self._workers)
        ]
        for thread in (feeder, writer, keeper, *preparing):
            thread.start()
        try:
            self._classify()
        except BaseException as error:  # KeyboardInterrupt too: leases are given back whatever ends the run
            self._fail(error)
        for thread in (feeder, *preparing):
            thread.join()
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

    @property
    def _is_preparing(self) -> bool:
        return bool(self._turns.begun or (self._turns.waiting and not self._is_halted))

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
        but_of: AbstractSet[int] = frozenset()
        while not self._is_halted:
            with self._changed:
                known = set(self._in_hand)  # no other thread adds to it
            claimed = self._source.claim(self._claim, but_of) if but_of else self._source.claim(self._claim)
            # What is in hand and comes again, as its lease ran out or a write has just freed it, is not prepared now.
            jobs = {job.photo_id: job for job in claimed if job.photo_id not in known}
            again = {job.photo_id: job for job in claimed if job.photo_id in known}
            with self._changed:
                written = [job for photo_id, job in again.items() if photo_id not in self._in_hand]
                self._claimed_again |= {pk: job for pk, job in again.items() if pk in self._in_hand}
                self._in_hand |= jobs
                self._turns.queue(jobs.values())
                self._changed.notify_all()
            if written:
                self._source.release(written)
            with self._changed:
                if not jobs and not known:
                    break
                but_of = self._await_a_claim(bool(jobs or but_of))
        with self._changed:
            self._is_fed = True
            self._changed.notify_all()

    def _await_a_claim(self, has_claimed: bool) -> AbstractSet[int]:
        """Wait until there is reason to claim again; the owners of whom nothing more is wanted then.

        Where slow photos hold up those in hand, people who have none among them do not wait.
        """
        if not has_claimed:  # what arrives while the last photos are finished is claimed by this run still
            self._changed.wait_for(lambda: self._is_halted or not self._in_hand, CLAIM_AGAIN_S)
            return frozenset()
        while not self._changed.wait_for(lambda: self._is_halted or len(self._in_hand) <= self._enough, CLAIM_AGAIN_S):
            prepared = len(self._in_hand) - self._turns.waiting - self._turns.begun
            if prepared <= WRITTEN_TOGETHER and (owners := self._turns.owners):
                return owners
        return frozenset()

    def _prepare_all(self) -> None:
        """Prepare one photo after the other, from everyone in turn, until there will be no more."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._turns.is_anyones or self._is_fed or self._is_halted)
                if self._is_halted or not self._turns.is_anyones:
                    return
                job = self._turns.begin()
            prepared = None
            try:
                prepared = self._prepare(job, self._classifier.framing, partial(self._is_to_be_left, job))
            except BaseException as error:
                self._fail(error)
            with self._changed:
                if prepared is None and not self._is_halted:
                    self._turns.put_back(job)
                else:
                    self._turns.finish(job)
                if isinstance(prepared, Prepared):
                    self._ready.append(prepared)
                elif prepared is not None:
                    self._outcomes.append(prepared)
                self._changed.notify_all()

    def _is_to_be_left(self, job: Job) -> bool:
        """Whether a photo that is being prepared is not to be waited for any longer."""
        with self._changed:
            return self._is_halted or self._turns.is_to_yield(job)

    def _classify(self) -> None:
        while batch := self._next_batch():
            self._between()
            classifications = self._classifier.classify(np.stack([prepared.views for prepared in batch]))
            outcomes = [
                Outcome(prepared.job, prepared.photo, classification)
                for prepared, classification in zip(batch, classifications, strict=True)
            ]
            with self._changed:
                self._outcomes += outcomes
                self._changed.notify_all()

    def _next_batch(self) -> Sequence[Prepared]:
        """A full batch, or what there is once no more comes or the slow have been waited for; none at the end."""
        size = self._classifier.batch
        while not self._has_come_to_a_batch():
            self._between()
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._ready) >= size or not self._is_preparing or self._error is not None, BATCH_WITHIN_S
            )
            if self._error is not None:
                return []
            batch, self._ready = self._ready[:size], self._ready[size:]
            return batch

    def _has_come_to_a_batch(self) -> bool:
        """Wait a little until something is ready, or nothing more will be."""
        with self._changed:
            return bool(
                self._changed.wait_for(
                    lambda: self._ready or (self._is_fed and not self._is_preparing) or self._error is not None, ASIDE_S
                )
            )

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

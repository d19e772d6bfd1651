"""Whose photo is prepared next: everyone in turn, by the time that their photos have taken."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from classifier.work import Job

# Whoever comes is this far ahead of those who are there: some photos are done before anyone else has another turn.
AHEAD_S = 20.0
# However long someone's photos have taken before, they are no further behind than this.
BEHIND_S = 60.0


class Turns:
    """Jobs that wait to be prepared or are being prepared; for one thread at a time.

    The next job is of the owner whose photos have taken the least time, those being prepared included. So someone with
    photos that are made to be slow is soon behind all others, whose photos then wait for those begun at most.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[int, deque[Job]] = {}  # by owner
        self._begun: dict[int, tuple[int, float]] = {}  # photo to owner and time
        self._taken_s: dict[int, float] = {}  # by owner

    @property
    def owners(self) -> AbstractSet[int]:
        """Whose photos are waiting or being prepared."""
        return self._waiting.keys() | {owner for owner, _ in self._begun.values()}

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def begun(self) -> int:
        """How many are being prepared."""
        return len(self._begun)

    def queue(self, jobs: Iterable[Job]) -> None:
        """Let jobs wait for their turn."""
        for job in jobs:
            if job.owner not in self.owners:
                self._taken_s[job.owner] = self._start_of(job.owner)
            self._waiting.setdefault(job.owner, deque()).append(job)

    def begin(self) -> Job:
        """The next job, from now on being prepared. Raises ValueError where none waits."""
        owner = min(self._waiting, key=self._taken_by)
        job = self._waiting[owner].popleft()
        if not self._waiting[owner]:
            del self._waiting[owner]
        self._begun[job.photo_id] = owner, self._clock()
        return job

    def finish(self, job: Job) -> None:
        """Note that a job is no longer being prepared."""
        owner, since = self._begun.pop(job.photo_id)
        self._taken_s[owner] += self._clock() - since

    def _start_of(self, owner: int) -> float:
        least = min(map(self._taken_by, self.owners), default=0.0)
        return max(least - AHEAD_S, min(self._taken_s.get(owner, least - AHEAD_S), least + BEHIND_S))

    def _taken_by(self, owner: int) -> float:
        now = self._clock()
        return self._taken_s[owner] + sum(now - since for other, since in self._begun.values() if other == owner)

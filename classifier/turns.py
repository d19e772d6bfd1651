"""Whose photo is prepared next: everyone in turn, by the time that their photos have taken."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from classifier.work import Job

# Whoever comes is this far ahead of those who are there: some photos are done before anyone else has another turn.
AHEAD_S = 20.0
# However long someone's photos have taken before, they are no further behind than this.
BEHIND_S = 60.0
# A photo that has taken so long is put back where it keeps others from having any turn. Measured: nearly all take 0.1
# to 0.3 s, and whoever is told of it gives the photo some time more to become ready.
LONG_S = 1.0


@dataclass(frozen=True)
class _Begun:
    owner: int
    since: float
    is_slow: bool


class Turns:
    """Jobs that wait to be prepared or are being prepared, `at_once` at a time; for one thread at a time.

    The next job is of the owner whose photos have taken the least time, those being prepared included. So someone with
    photos that are made to be slow is soon behind all others.

    Where all photos being prepared are slow, one of them is to be put back for whoever waits. It is *slow* from then
    on: it is begun again when nothing else of its owner waits, and then prepared to its end; but slow ones never are
    all that is prepared. So there always is another one, and whoever is next has its place once it has taken LONG_S.
    """

    def __init__(self, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once, self._clock = at_once, clock
        self._waiting: dict[int, deque[Job]] = {}  # by owner
        self._slow: dict[int, deque[Job]] = {}  # by owner: put back
        self._begun: dict[int, _Begun] = {}  # by photo
        self._taken_s: dict[int, float] = {}  # by owner
        self._came_at_s: dict[int, float] = {}  # by owner: what those who were there had taken

    @property
    def owners(self) -> AbstractSet[int]:
        """Whose photos are waiting or being prepared."""
        return self._waiting.keys() | self._slow.keys() | {begun.owner for begun in self._begun.values()}

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return sum(map(len, self._waiting.values())) + sum(map(len, self._slow.values()))

    @property
    def begun(self) -> int:
        """How many are being prepared."""
        return len(self._begun)

    @property
    def is_anyones(self) -> bool:
        """Whether a job that waits may begin."""
        return bool(self._may_begin())

    def queue(self, jobs: Iterable[Job]) -> None:
        """Let jobs wait for their turn."""
        for job in jobs:
            if job.owner not in self.owners:
                self._greet(job.owner)
            self._waiting.setdefault(job.owner, deque()).append(job)

    def begin(self) -> Job:
        """The next job, from now on being prepared. Raises ValueError where none may begin."""
        owner = self._next_of(self._may_begin())
        is_slow = owner not in self._waiting
        queues = self._slow if is_slow else self._waiting
        job = queues[owner].popleft()
        if not queues[owner]:
            del queues[owner]
        self._begun[job.photo_id] = _Begun(owner, self._clock(), is_slow)
        return job

    def finish(self, job: Job) -> None:
        """Note that a job is no longer being prepared."""
        begun = self._begun.pop(job.photo_id)
        self._taken_s[begun.owner] += self._clock() - begun.since

    def put_back(self, job: Job) -> None:
        """Let a job that was being prepared wait again, as a slow one."""
        self.finish(job)
        self._slow.setdefault(job.owner, deque()).append(job)

    def is_to_yield(self, job: Job) -> bool:
        """Whether a job that is being prepared is the one to be put back now."""
        now = self._clock()
        are_all_long = all(now - begun.since >= LONG_S for begun in self._begun.values())
        if not self._waiting or len(self._begun) < self._at_once or not are_all_long:
            return False
        following = self._next_of(self._waiting.keys())
        # Of them, the last that was begun: it has the least to do again.
        may = {photo: begun for photo, begun in self._begun.items() if not begun.is_slow and begun.owner != following}
        return self._at_once > 1 and bool(may) and job.photo_id == max(may, key=lambda photo: (may[photo].since, photo))

    def _may_begin(self) -> AbstractSet[int]:
        """Whose jobs may."""
        slow = sum(begun.is_slow for begun in self._begun.values())
        return self._waiting.keys() | (self._slow.keys() if slow < self._at_once - 1 else set())

    def _next_of(self, owners: AbstractSet[int]) -> int:
        # Of those who have taken the same, such as of all who have just come, who was first to have an account.
        return min(owners, key=lambda owner: (self._taken_by(owner), owner))

    def _greet(self, owner: int) -> None:
        # Those who have come themselves are ahead only of who was there before them: else the last of many who come
        # one after the other would be ahead of them all.
        level = min((max(self._taken_by(other), self._came_at_s[other]) for other in self.owners), default=0.0)
        before = self._taken_s.get(owner, level - AHEAD_S)
        self._came_at_s[owner] = level
        self._taken_s[owner] = max(level - AHEAD_S, min(before, level + BEHIND_S))

    def _taken_by(self, owner: int) -> float:
        now = self._clock()
        return self._taken_s[owner] + sum(now - begun.since for begun in self._begun.values() if begun.owner == owner)

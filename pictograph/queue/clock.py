"""The clock on the wall, which people and networks set, and what goes by the one that nobody sets."""

import math
import time
from typing import Any

from celery import beat
from django.utils import timezone

JUMP_S = 5.0  # a clock that is only kept right never moves as much between two looks


class SteadyScheduler(beat.Scheduler):
    """Celery's beat, for what is due every so many seconds, by a clock that nobody sets.

    Celery's own waits for the wall clock: set back by a day, it would send nothing for a day.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def tick(self) -> float:  # type: ignore[override]
        """Send what is due; seconds until something is again."""
        due = self._due
        for name, entry in self.schedule.items():
            every = getattr(entry.schedule, "run_every", None)  # a crontab has none, and the site has no crontab
            if every is not None and time.monotonic() >= due.setdefault(name, -math.inf):
                due[name] = time.monotonic() + every.total_seconds()
                self.apply_entry(entry, producer=self.producer)
        left = min(due.values(), default=math.inf) - time.monotonic()
        return min(max(left, 0.0), float(self.max_interval or left))


class WallClock:
    """Says for how long the wall clock has run evenly, as far as this process has looked.

    After a jump, what was begun a moment ago looks as old as what was left lying for hours, or as if it were to come.
    """

    def __init__(self) -> None:
        self._ahead: float | None = None
        self._jumped_at = -math.inf

    def even_for_s(self) -> float:
        """Seconds since it was seen to have jumped; it never has where a process looks for the first time."""
        steady = time.monotonic()
        ahead = timezone.now().timestamp() - steady
        if self._ahead is not None and abs(ahead - self._ahead) > JUMP_S:
            self._jumped_at = steady
        self._ahead = ahead
        return steady - self._jumped_at

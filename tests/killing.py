"""Work that is killed at one of its steps: before or after one of the calls that it is made of."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest


class Killed(BaseException):
    """The process is gone."""


class Killer:
    """Counts the steps of some work, before and after each call at its seams, and kills it at one of them."""

    def __init__(self, at: int, seams: Sequence[tuple[Any, str]]) -> None:
        self.at, self.steps = at, 0
        self._seams = seams

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for owner, name in self._seams:
            monkeypatch.setattr(owner, name, self._with_steps(getattr(owner, name)))

    def _with_steps(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            self.step()
            answer = call(*args, **kwargs)
            self.step()
            return answer

        return stepped

"""Work that lasts for as long as a test wants."""

import threading


class Held:
    """Notes that it began, and ends once it may."""

    def __init__(self, name: str, began: list[str]) -> None:
        self.name, self._began = name, began
        self.may_end = threading.Event()

    def __call__(self) -> str:
        self._began.append(self.name)
        assert self.may_end.wait(30)
        return self.name


def quick(name: str, began: list[str]) -> Held:
    """Work that may end as soon as it begins."""
    work = Held(name, began)
    work.may_end.set()
    return work

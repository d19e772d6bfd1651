"""What a reader of pictures is asked to do in tests: nothing that a picture should make it do."""

import os
import signal
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Echo:
    """Give back what was read."""

    def __call__(self, content: bytes, *beside: bytes) -> tuple[bytes, ...]:
        """The files."""
        return content, *beside


@dataclass(frozen=True)
class Hang:
    """Take for ever, as a decoder in its own code does: no signal that Python handles is heard."""

    def __call__(self, content: bytes, *beside: bytes) -> None:
        """Never return."""
        while True:
            sum(range(10**8))


@dataclass(frozen=True)
class HangPastTheClock:
    """Take for ever, with little of the kernel's time left."""

    def __call__(self, content: bytes, *beside: bytes) -> None:
        """Never return."""
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(1000)


@dataclass(frozen=True)
class Die:
    """End as a decoder does that writes where it must not."""

    number: int = signal.SIGSEGV

    def __call__(self, content: bytes, *beside: bytes) -> None:
        """Never return."""
        os.kill(os.getpid(), self.number)
        time.sleep(1000)


@dataclass(frozen=True)
class Allocate:
    """Take memory."""

    amount_bytes: int

    def __call__(self, content: bytes, *beside: bytes) -> int:
        """How much was taken."""
        return len(bytearray(self.amount_bytes))


@dataclass(frozen=True)
class Blunder:
    """Make a mistake."""

    def __call__(self, content: bytes, *beside: bytes) -> None:
        """Divide by zero."""
        print(1 / 0)


@dataclass(frozen=True)
class Wait:
    """Say one's number and wait, until a file is there."""

    until: str
    says: str

    def __call__(self, content: bytes, *beside: bytes) -> int:
        """The process."""
        with open(self.says, "w") as file:
            file.write(str(os.getpid()))
        while not os.path.exists(self.until):
            time.sleep(0.01)
        return os.getpid()


@dataclass(frozen=True)
class TellAll:
    """Say what this process is."""

    def __call__(self, content: bytes, *beside: bytes) -> tuple[set[str], set[str], int]:
        """The packages it has imported, the files and sockets it holds, and how it gives way."""
        held = {os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}
        return {name.split(".")[0] for name in sys.modules}, held, os.getpriority(os.PRIO_PROCESS, 0)


def _is_open(name: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{name}")

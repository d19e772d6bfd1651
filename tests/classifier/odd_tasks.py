"""What a reader of pictures is asked to do in tests: nothing that a picture should make it do."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
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
class TellAll:
    """Say what this process is."""

    def __call__(self, content: bytes, *beside: bytes) -> tuple[set[str], set[str], int, set[str]]:
        """The packages it has imported, the files and sockets it holds, how it gives way, and its surroundings."""
        held = {os.readlink(f"/proc/self/fd/{number}") for number in range(256) if _is_open(number)}
        packages = {name.split(".")[0] for name in sys.modules}
        return packages, held, os.getpriority(os.PRIO_PROCESS, 0), set(os.environ)


def _is_open(number: int) -> bool:
    return os.path.lexists(f"/proc/self/fd/{number}")


@dataclass(frozen=True)
class TakeOver:
    """Do what a picture might that can have this process do anything."""

    file: str

    def __call__(self, content: bytes, *beside: bytes) -> dict[str, bool]:
        """What could be done of it."""
        parent = os.getppid()
        return {
            "read a file": _works(lambda: open(self.file).close()),
            "list its folder": _works(lambda: os.listdir(os.path.dirname(self.file))),
            "write to it": _works(lambda: open(self.file, "a").close()),
            "make another": _works(lambda: open(f"{self.file}-other", "w").close()),
            "remove it": _works(lambda: os.remove(self.file)),
            "see what its parent was given": _works(lambda: open(f"/proc/{parent}/environ").close()),
            "see what its parent remembers": _works(lambda: open(f"/proc/{parent}/mem", "rb").close()),
            "start a program": _works(lambda: subprocess.run(["/bin/true"], check=True)),
        }


@dataclass(frozen=True)
class Reach:
    """Talk to somebody by TCP, and end somebody else."""

    port: int

    def __call__(self, content: bytes, *beside: bytes) -> dict[str, bool]:
        """What could be done of it."""
        return {
            "connect": _works(lambda: socket.create_connection(("127.0.0.1", self.port), timeout=5).close()),
            "signal": _works(lambda: os.kill(os.getppid(), 0)),
        }


def _works(act: Callable[[], object]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Smuggle:
    """Answer with what makes a folder where it is unpacked."""

    folder: str

    def __call__(self, content: bytes, *beside: bytes) -> object:
        """The answer."""
        return _Unpacked(self.folder)


@dataclass(frozen=True)
class _Unpacked:
    folder: str

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.folder,)

"""Room for the frames of deep calls.

CPython gives a thread's frames 16 KB at a time, and takes each piece back as soon as the first call in it returns.
Where a template's loop happens to run at the border of two, every variable in it asks the system for memory and gives
it back: the same page took 34 ms or 55, by how deep in the stack it was computed. A call that asks for a large piece
has what it calls run within it, borders far away.
"""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

SLOTS = 16 * 1024  # eight bytes each; as much again is left of the piece that holds them


def with_room(compute: Callable[[], Answer]) -> Answer:
    """What something computes, which may call deeply."""
    return compute()


with_room.__code__ = with_room.__code__.replace(co_stacksize=SLOTS + 1)

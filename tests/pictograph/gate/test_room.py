"""Room for deep calls."""

import sys

import pytest

from pictograph.gate.room import SLOTS, with_room


def test_what_is_computed_is_answered_and_what_fails_raised() -> None:
    assert with_room(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 // 0)


def test_the_call_asks_for_so_many_slots_and_leaves_half_of_all_depth() -> None:
    depth = sys.getrecursionlimit() // 2

    def down(left: int) -> int:
        return 0 if left == 0 else 1 + down(left - 1)

    assert with_room.__code__.co_stacksize > SLOTS
    assert with_room(lambda: down(depth)) == depth

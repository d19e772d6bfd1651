"""A walk through folders goes to each once, with a cursor that stays short."""

import random
from collections.abc import Mapping, Sequence

import pytest

from pictograph.fetching.errors import ProtocolError
from pictograph.providers.folder_walk import FolderWalk

LONGEST_CURSOR = 20_000


def walked(tree: Mapping[str, Sequence[str]], root: str = "") -> tuple[list[str], int, int]:
    """The folders in the order they are listed, the length of the longest cursor, and how many were asked anew."""
    walk, order, longest, asked = FolderWalk.begin(root), [], 0, 0

    def names_in(path: str) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return tree.get(path, ())

    while (folder := walk.next_folder(names_in)) is not None:
        order.append(folder)
        walk.found(folder, tree.get(folder, ()))
        written = walk.write()
        longest = max(longest, len(written))
        if written:
            walk = FolderWalk.read(written)
    return order, longest, asked


def test_folders_are_walked_from_the_newest_name_down() -> None:
    tree = {"": ["2019", "2021", "2020"], "2021": ["05", "12"]}
    assert walked(tree)[0] == ["", "2021", "2021/12", "2021/05", "2020", "2019"]


def test_the_end_is_an_empty_cursor() -> None:
    walk = FolderWalk.begin("")
    assert walk.write()
    assert walk.next_folder(lambda path: ()) == ""
    assert walk.write() == ""
    assert walk.next_folder(lambda path: ()) is None


def test_a_walk_may_begin_in_a_folder() -> None:
    assert walked({"": ["a"], "Photos/2019": ["b"]}, "Photos/2019")[0] == ["Photos/2019", "Photos/2019/b"]


def test_thousands_of_folders_in_one_take_a_short_cursor() -> None:
    names = [f"Folder {number:05}" for number in range(3000)]
    order, longest, asked = walked({"": names})
    assert sorted(order) == ["", *names]
    assert longest < 2000
    assert asked <= 3000 // 50


def test_long_names_take_no_longer_cursor() -> None:
    names = [f"{'ü' * 240}{number:04}" for number in range(500)]
    order, longest, asked = walked({"": names})
    assert sorted(order) == sorted(["", *names])
    assert longest < 4000
    assert asked < 100


def test_any_tree_is_walked_whole() -> None:
    chance = random.Random(5)
    tree: dict[str, list[str]] = {"": []}
    for number in range(3000):
        parent = chance.choice(list(tree))
        if parent.count("/") < 30:
            tree[parent].append(f"n{number}")
            tree[f"{parent}/n{number}" if parent else f"n{number}"] = []
    order, longest, _ = walked(tree)
    assert sorted(order) == sorted(tree)
    assert longest < LONGEST_CURSOR


def test_a_folder_that_comes_while_its_neighbours_are_walked_does_no_harm() -> None:
    names = [f"{number:03}" for number in range(120)]
    walk, order = FolderWalk.begin(""), []
    while (folder := walk.next_folder(lambda path: [*names, "000-new", "999-new"])) is not None:
        order.append(folder)
        walk.found(folder, names if folder == "" else ())
    assert len(order) == len(set(order))
    assert set(order) == {"", *names, "000-new"}


def test_a_tree_without_a_bottom_comes_to_an_end() -> None:
    walk, steps = FolderWalk.begin(""), 0
    while (folder := walk.next_folder(lambda path: ())) is not None:
        steps += 1
        walk.found(folder, ["deeper"])
    assert steps < 100


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "1",
        "[1]",
        "[[]]",
        '[["a", "b", null]]',
        '[["a", [1], null]]',
        '[["../a", ["b"], null]]',
        "[" * 9999,
        '[["", ["a/../../b"], null]]',
        '[["", ["a"], 5]]',
        '[[null, ["a"], null]]',
        '{"a": 1}',
        '["abc"]',
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ProtocolError):
        FolderWalk.read(cursor)

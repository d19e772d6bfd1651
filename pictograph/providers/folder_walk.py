"""Walking through folders a few at a time, with a cursor that stays short however many folders there are.

The cursor holds, for each folder on the way down, the next few of its folders and the name after which there are more;
when these are walked through, that folder is asked again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from pictograph.fetching.errors import ProtocolError
from pictograph.providers.webdav import is_path

_DEEPEST = 48
_MOST_NAMES = 50
_MOST_CHARACTERS = 2000  # of the names of one folder


@dataclass
class _Level:
    """A folder, the names of those in it that are next, and the last of them where there are more."""

    path: str
    names: list[str]
    more_after: str | None = None

    @classmethod
    def of(cls, path: str, names: Sequence[str]) -> Self:
        """As many of the names, in their order, as a cursor holds."""
        kept: list[str] = []
        length = 0
        for name in names:
            length += len(name)
            if kept and (len(kept) == _MOST_NAMES or length > _MOST_CHARACTERS):
                return cls(path, kept, kept[-1])
            kept.append(name)
        return cls(path, kept)


class FolderWalk:
    """A walk on from its cursor. `path` is the folder to be listed next, None at the end."""

    def __init__(self, levels: Sequence[_Level]) -> None:
        self._levels = list(levels)

    @classmethod
    def begin(cls, path: str) -> Self:
        """A walk through a folder and all in it."""
        return cls([_Level("", [path])])

    @classmethod
    def read(cls, written: str) -> Self:
        """The walk of a cursor. Raises ProtocolError for what is none."""
        try:
            levels = [_Level(path, names, more_after) for path, names, more_after in json.loads(written)]
        except (ValueError, TypeError, RecursionError):
            raise ProtocolError("the cursor is none of ours") from None
        for level in levels:
            if not isinstance(level.path, str) or not isinstance(level.names, list) or not is_path(level.path):
                raise ProtocolError("the cursor is none of ours")
            if not all(isinstance(name, str) and is_path(name) for name in level.names):
                raise ProtocolError("the cursor is none of ours")
            if not isinstance(level.more_after, str | None):
                raise ProtocolError("the cursor is none of ours")
        return cls(levels)

    def write(self) -> str:
        """To be read again; empty at the end."""
        going_on = [level for level in self._levels if level.names or level.more_after is not None]
        levels = [[level.path, level.names, level.more_after] for level in going_on]
        return json.dumps(levels, ensure_ascii=False) if levels else ""

    def next_folder(self, names_in: Callable[[str], Sequence[str]]) -> str | None:
        """The folder to be listed now, None at the end. `names_in` asks anew for the folders in one."""
        while self._levels:
            level = self._levels[-1]
            if level.names:
                return _join(level.path, level.names.pop(0))
            self._levels.pop()
            if level.more_after is not None:
                rest = [name for name in _ordered(names_in(level.path)) if name < level.more_after]
                self._levels.append(_Level.of(level.path, rest))
        return None

    def found(self, path: str, names: Sequence[str]) -> None:
        """These folders are in the one that was listed; they come next."""
        if names and path.count("/") < _DEEPEST:
            self._levels.append(_Level.of(path, _ordered(names)))


def _ordered(names: Sequence[str]) -> list[str]:
    """The newest first, as folders that are named by years and months go."""
    return sorted(set(names), reverse=True)


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path and name else path or name

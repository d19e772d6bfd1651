"""A walk through a folder: every picture in it, in the order of names, and whatever stands in the way."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from classifier.pictures.sidecars import FolderSidecars
from classifier.work import Reason, reason_of
from pictograph.sources.exclusions import NO_MEDIA, Exclusions
from pictograph.sources.paths import ref_of

LARGEST_NS = 2**63 - 1  # what a database holds; file systems can say later years
ENDINGS = frozenset(
    [
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp"),
        *(".heic", ".heif", ".hif", ".avif", ".gif", ".tif", ".tiff"),
    ]
)


@dataclass(frozen=True)
class Found:
    """A picture on the disk: where in the source, and its version, that of the files beside it included."""

    ref: str
    size_bytes: int
    modified_ns: int
    sidecars: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Obstacle:
    """A folder or file that the walk could not look into, and why. What is at or below it may be there all the same."""

    path: str
    reason: Reason


@dataclass(frozen=True)
class _Folder:
    """A folder to be looked into; one that was come to by a link has its `real` path, so that it is seen once."""

    path: str
    relative: str
    real: str = ""


@dataclass
class Walk:
    """One walk through a folder, or the part of it `below` a relative path, with what it met on the way.

    Raises OSError where that folder itself cannot be listed. `beat` is called now and then, for signs of life.
    """

    root: str
    exclusions: Exclusions
    below: str = ""
    beat: Callable[[], None] = lambda: None
    skipped: int = 0
    obstacles: list[Obstacle] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    _entered: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[Found]:
        """Every picture, a folder's own ones before those of the folders in it."""
        self._real_root = os.path.realpath(self.root)
        start = _Folder(os.path.join(self.root, self.below) if self.below else self.root, self.below)
        os.scandir(start.path).close()
        pending = [start]
        while pending:
            folder = pending.pop()
            self.beat()
            if folder.real and not self._is_first_visit(folder.real):
                continue
            try:
                listed = _listing(folder.path)
            except OSError as error:
                self._hide(folder.relative, error)
                continue
            if NO_MEDIA in listed and folder is not start:
                continue
            below: list[_Folder] = []
            yield from self._look_through(folder, listed, below)
            pending.extend(reversed(below))

    def _look_through(
        self, folder: _Folder, listed: dict[str, "os.DirEntry[str]"], below: list[_Folder]
    ) -> Iterator[Found]:
        sidecars = FolderSidecars(name for name in listed if not name.startswith("."))
        for name, entry in listed.items():
            relative = f"{folder.relative}/{name}" if folder.relative else name
            if self.exclusions.leave_out(name, relative):
                continue
            try:
                if entry.is_symlink():
                    target = self._follow(entry, relative)
                    if target is None:
                        continue
                    is_folder, real = entry.is_dir(), target
                else:
                    is_folder, real = entry.is_dir(), os.path.join(folder.real, name) if folder.real else ""
                if is_folder:
                    below.append(_Folder(entry.path, relative, real))
                elif entry.is_file():
                    if not is_picture(name):
                        self.skipped += 1
                    elif not real or self._is_first_visit(real):
                        yield _found(entry, relative, _beside(sidecars.names_for(name), listed))
            except OSError as error:
                self._hide(relative, error)

    def _follow(self, entry: "os.DirEntry[str]", relative: str) -> str | None:
        """Where a link leads, if it leads to something in the source that the walk does not come to by itself.

        A link out of the source is named and not followed: what lies there has not been registered.
        """
        target = os.path.realpath(entry.path)
        inner = os.path.relpath(target, self._real_root)
        is_inside = inner != ".." and not inner.startswith("../")
        if not is_inside or not os.path.lexists(target) or os.path.islink(target):  # a link still: a loop
            if is_picture(entry.name) or os.path.isdir(target):
                self.obstacles.append(Obstacle(ref_of(relative), Reason.LINK))
            else:
                self.skipped += 1
            return None
        return None if self._comes_by(inner) else target

    def _comes_by(self, inner: str) -> bool:
        """Whether the walk meets a path within the source without following a link."""
        if inner == ".":
            return True
        if self.below and not f"{inner}/".startswith(f"{self.below}/"):
            return not self.exclusions.leave_out_path(inner)  # a walk through all of the source does
        folders = inner.split("/")
        marks = (os.path.join(self._real_root, *folders[:depth], NO_MEDIA) for depth in range(1, len(folders) + 1))
        return not self.exclusions.leave_out_path(inner) and not any(os.path.exists(mark) for mark in marks)

    def _is_first_visit(self, real: str) -> bool:
        if real in self._entered:
            return False
        self._entered.add(real)
        return True

    def _hide(self, relative: str, error: OSError) -> None:
        """Put down that nothing is known of what is at or below a path; say why, unless it went in this moment."""
        ref = ref_of(relative)
        self.hidden.append(ref)
        if not isinstance(error, FileNotFoundError):
            reason = Reason.LINK if error.errno == errno.ELOOP else reason_of(error)
            self.obstacles.append(Obstacle(ref, reason))


def _listing(path: str) -> dict[str, "os.DirEntry[str]"]:
    with os.scandir(path) as entries:
        return {entry.name: entry for entry in sorted(entries, key=lambda entry: entry.name)}


def is_picture(name: str) -> bool:
    """Whether a file's name is one that pictures have."""
    return os.path.splitext(name)[1].lower() in ENDINGS


def _found(entry: "os.DirEntry[str]", relative: str, sidecars: tuple[tuple[str, int, int], ...]) -> Found:
    status = entry.stat()
    return Found(ref_of(relative), status.st_size, _time_ns(status), sidecars)


def _beside(names: Sequence[str], listed: dict[str, "os.DirEntry[str]"]) -> tuple[tuple[str, int, int], ...]:
    statuses = ((name, listed[name].stat()) for name in names if listed[name].is_file(follow_symlinks=False))
    return tuple((ref_of(name), status.st_size, _time_ns(status)) for name, status in statuses)


def _time_ns(status: os.stat_result) -> int:
    return max(-LARGEST_NS, min(status.st_mtime_ns, LARGEST_NS))

"""Watching folders, so that each is looked at a moment after something in it has changed."""

import errno
import logging
import os
import threading
import time

from django.db import Error, connections

from classifier.pictures.sidecars import is_sidecar
from pictograph.queue.long_work import Lease
from pictograph.sources.exclusions import NO_MEDIA, Exclusions
from pictograph.sources.inotify import Change, ChangesLost, Inotify
from pictograph.sources.models import Source
from pictograph.sources.parts import around, want_part
from pictograph.sources.tasks import announce_scan
from pictograph.sources.walk import is_picture

logger = logging.getLogger(__name__)

QUIET_S = 2.0  # nothing has changed for so long: what was being copied is there
PATIENCE_S = 30.0  # while changes go on, a look is wanted this often
APART_S = 5.0  # between any two looks
ROUND_S = 1.0
CHECK_S = 5.0  # between two looks whether the folder is still the same
REREAD_S = 10.0  # between two looks at which folders are to be watched
REFUSED_S = 3600.0  # the system watches nothing for us: until it is asked again


def watch_folders(stopping: threading.Event) -> None:
    """Watch the folders that are to be watched, wherever no other process does."""
    while not stopping.is_set():
        try:
            with Lease.of("watch folders") as lease:
                if lease is not None:
                    _watch_all(lease, stopping)
        except Error as error:
            logger.warning("Folders are not watched for a moment: %s", error)
        finally:
            connections.close_all()
        stopping.wait(REREAD_S)


def _watch_all(lease: Lease, stopping: threading.Event) -> None:
    watches: dict[tuple[int, str, str], FolderWatch] = {}
    watched = Source.objects.filter(kind=Source.Kind.FOLDER, every_s=Source.Schedule.WATCHED, removal="")
    try:
        while not stopping.is_set():
            lease.beat()
            sources = {(s.pk, s.folder, s.exclusions): s for s in watched.filter(owner__is_leaving=False)}
            connections.close_all()
            for key in watches.keys() - sources.keys():
                watches.pop(key).stopping.set()
            for key, source in sources.items():
                if key not in watches or not watches[key].is_alive():
                    watches[key] = FolderWatch(source)
                    watches[key].start()
            stopping.wait(REREAD_S)
    finally:
        for watch in watches.values():
            watch.stopping.set()


class FolderWatch(threading.Thread):
    """Has one folder looked at when something in it has changed, and when watching it begins.

    Each has a thread of its own, as a disk that does not answer stops whoever asks it.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(name=f"watch {source.pk}", daemon=True)
        self.stopping = threading.Event()
        self._source = source
        self._root = os.fspath(source.path)
        self._exclusions = Exclusions(source.exclusions)
        self._folders: dict[int, str] = {}  # by watch; where one was moved away, where it was
        self._unseen: set[int] = set()  # those that have the mark NO_MEDIA, which may go
        self._part: str | None = None  # what has changed
        self._changed_first = self._changed_last = self._wanted_at = 0.0
        self._has_warned = False

    def run(self) -> None:
        """Watch until stopped; begin anew where changes were lost, or another disk is in the folder's place."""
        while not self.stopping.is_set():
            try:
                with Inotify() as inotify:
                    self._watch(inotify)
            except ChangesLost:
                continue
            except Error as error:
                logger.warning("%s is not watched for a moment: %s", self._source, error)
                self.stopping.wait(REREAD_S)
            except OSError as error:
                logger.warning("%s is not watched, and looked at every hour only: %s", self._source, error)
                self.stopping.wait(REFUSED_S)
            finally:
                connections.close_all()

    def _watch(self, inotify: Inotify) -> None:
        root = _identity(self._root)
        self._folders.clear()
        self._unseen.clear()
        self._enter(inotify, "")
        self._note("")  # nobody has told of what changed before
        checked_at = time.monotonic()
        while not self.stopping.is_set():
            for change in inotify.changes(ROUND_S):
                self._hear(inotify, change)
            if self._part is not None and self._is_time():
                self._want_look(self._part)
            if time.monotonic() - checked_at > CHECK_S:
                checked_at = time.monotonic()
                if _identity(self._root) != root:
                    return

    def _enter(self, inotify: Inotify, start: str) -> None:
        """Watch a folder and those below it, but for what a look at them would not enter."""
        pending = [start]
        while pending and not self.stopping.is_set():
            folder = pending.pop()
            path = os.path.join(self._root, folder) if folder else self._root
            try:
                watch = inotify.add(path)  # first, so that what comes while we list it is told
                if self._folders.get(watch) == folder:
                    continue
                self._folders[watch] = folder
                with os.scandir(path) as entries:
                    names = [e.name for e in entries if e.name == NO_MEDIA or e.is_dir(follow_symlinks=False)]
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    self._warn()
                    return
                continue  # it has gone, or may not be read, which the look says
            if NO_MEDIA in names and folder:
                self._unseen.add(watch)
                continue
            inner = ((name, os.path.join(folder, name)) for name in names)
            pending += [relative for name, relative in inner if not self._exclusions.leave_out(name, relative)]

    def _hear(self, inotify: Inotify, change: Change) -> None:
        if not change.name:
            self._folders.pop(change.watch, None)
        elif (folder := self._folders.get(change.watch)) is not None and self._matters(folder, change):
            if change.name == NO_MEDIA:
                del self._folders[change.watch]
                self._unseen.discard(change.watch)
                self._enter(inotify, folder)
            elif change.is_folder and change.is_arrival:
                self._enter(inotify, os.path.join(folder, change.name))
            self._note(folder)

    def _matters(self, folder: str, change: Change) -> bool:
        """Whether a look could find something else than before."""
        name, relative = change.name, os.path.join(folder, change.name)
        if name == NO_MEDIA:
            return True
        if change.watch in self._unseen or self._exclusions.leave_out(name, relative):
            return False
        if change.is_folder or is_picture(name) or is_sidecar(name):
            return True
        return change.is_arrival and os.path.islink(os.path.join(self._root, relative))

    def _note(self, folder: str) -> None:
        self._changed_last = time.monotonic()
        if self._part is None:
            self._changed_first, self._part = self._changed_last, folder
        else:
            self._part = around(self._part, folder)

    def _is_time(self) -> bool:
        now = time.monotonic()
        is_ready = now - self._changed_last >= QUIET_S or now - self._changed_first >= PATIENCE_S
        return is_ready and now - self._wanted_at >= APART_S

    def _want_look(self, part: str) -> None:
        """Have what has changed looked at, unless a look is under way: then when it is over."""
        source = Source.objects.filter(pk=self._source.pk).first()
        if source is not None and not source.is_scanning:
            want_part(source.pk, part)
            announce_scan(source.pk)
            self._part, self._wanted_at = None, time.monotonic()
        connections.close_all()

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            logger.warning(
                "The system watches no more folders than fs.inotify.max_user_watches allows. Changes in the rest of %s "
                "are found every hour.",
                self._source,
            )


def _identity(folder: str) -> tuple[int, int, int] | None:
    """What is at a path: which disk, which folder on it, and who may enter; None where nothing is."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mode

"""When collections are brought up to date, by whom, and where they lie.

Every sweep sees to the public photos of each network, and so does a worker whenever somebody publishes. A library gets
a collection once its owner looks for similar photos in it, and loses it when that was long ago.
"""

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from django.conf import settings

from pictograph.catalogue.models import Network
from pictograph.people.models import User
from pictograph.queue.announcing import announce
from pictograph.queue.long_work import Lease
from pictograph.similar.building import Plan, build
from pictograph.similar.collection import USED, Collection, Manifest, Unusable, opened
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK, Scope, library_of

LOOK_AGAIN_S = 3600.0  # all rows are compared this often, whatever was counted
LIBRARIES_EVERY_S = 300.0  # how soon deleted photos leave the files of libraries
UNUSED_S = 30 * 24 * 3600.0  # a library's files go that nobody has looked into for so long
RECENT_S = 5.0
REST = 4  # at least so many times as long as the last refresh took passes before the next one
DAY_S = 24 * 3600.0
PUBLIC = "public"

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()  # of this process: it computes, and others wait for a turn
_libraries_seen_at = -LIBRARIES_EVERY_S


def folder_of(scope: Scope, network: int) -> Path:
    """Where the collection of a scope by one network lies: of the network, or of somebody's library."""
    above = Path(settings.DATA_DIR) / "similar" / str(network)
    return above / PUBLIC if scope == NETWORK else above / "libraries" / str(scope.owner)


def collection_of(scope: Scope, network: int) -> Collection:
    """The collection of a scope as it stands. Raises Unusable where there is none yet."""
    folder = folder_of(scope, network)
    collection = opened.get(folder)
    if scope != NETWORK:
        _note_use(folder)
    return collection


def is_stale(scope: Scope, network: int) -> bool:
    """Whether something has changed since the collection was brought up to date, by a look that costs little."""
    try:
        manifest = Manifest.read(folder_of(scope, network))
    except Unusable:
        return True
    return manifest.counted != _count(scope, network)


def is_recent(scope: Scope, network: int) -> bool:
    """Whether the collection was brought up to date a moment ago: what came since must not keep anyone waiting."""
    try:
        return Manifest.read(folder_of(scope, network)).age_s < RECENT_S
    except Unusable:
        return False


def announce_refresh(scope: Scope, network: int) -> None:
    """Have a worker bring a collection up to date."""
    if scope == NETWORK:
        announce_public()
    else:
        announce("pictograph.similar.tasks.refresh_library", [scope.owner, network])


def announce_public() -> None:
    """Have a worker see to what was published or withdrawn."""
    announce("pictograph.similar.tasks.refresh_public")


def refresh_public() -> None:
    """Bring the collections of public photos up to date, and remove those of networks that have none."""
    for network in Network.objects.order_by("pk"):
        folder = folder_of(NETWORK, network.pk)
        if _is_due(folder, counted := _count(NETWORK, network.pk)) and (counted[0] or folder.is_dir()):
            refresh(NETWORK, network.pk, counted)


def refresh(scope: Scope, network: int, counted: Sequence[int] = ()) -> bool:
    """Bring one collection up to date, unless another process is at it; whether it was done."""
    is_done = False
    if not _one_at_a_time.acquire(blocking=False):
        return False
    folder = folder_of(scope, network)
    try:
        with Lease.of(f"similar {network} {scope.key}") as lease:
            if lease is not None:
                counted = counted or _count(scope, network)
                build(Plan(folder, scope, network, has_graphs=scope == NETWORK), counted, _Beat(lease))
                is_done = True  # and nobody has taken over meanwhile
    finally:
        _one_at_a_time.release()
    return is_done


def sweep_collections() -> None:
    """Announce public photos that have changed, and see to the files of libraries now and then."""
    global _libraries_seen_at  # noqa: PLW0603
    for network in Network.objects.order_by("pk"):
        folder, counted = folder_of(NETWORK, network.pk), _count(NETWORK, network.pk)
        if (counted[0] or folder.is_dir()) and _is_due(folder, counted):
            announce_public()
            break
    if time.monotonic() - _libraries_seen_at >= LIBRARIES_EVERY_S:
        _libraries_seen_at = time.monotonic()
        sweep_libraries()


def sweep_libraries() -> None:
    """Remove the files of libraries whose owner is gone, or looked long ago; have others follow what was deleted."""
    for folder in (Path(settings.DATA_DIR) / "similar").glob("*/libraries/*"):
        owner, network = int(folder.name), int(folder.parent.parent.name)
        is_used = abs(time.time() - (_used_at(folder) or folder.stat().st_mtime)) < UNUSED_S
        if not is_used or not User.objects.filter(pk=owner, is_active=True).exists():
            shutil.rmtree(folder, ignore_errors=True)
        elif _is_due(folder, _count(library_of(owner), network)):
            announce_refresh(library_of(owner), network)


def _is_due(folder: Path, counted: tuple[int, ...]) -> bool:
    try:
        manifest = Manifest.read(folder)
    except Unusable:
        return True
    if manifest.age_s < REST * manifest.took_s:
        return False
    return manifest.counted != counted or manifest.age_s > LOOK_AGAIN_S


def _count(scope: Scope, network: int) -> tuple[int, ...]:
    """Figures that change when photos come to a scope or leave it, for the price of one row: those of the sums kept."""
    leaves = prediction_store().leaf_vector(scope, network)
    return (leaves.photos, crc32(leaves.parts.tobytes())) if leaves else (0, 0)


class _Beat:
    """Signs of life, not more often than is of use."""

    EVERY_S = 5.0

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._last = time.monotonic()

    def __call__(self) -> None:
        """Give one where the last is a while ago. Raises LeaseLost."""
        if time.monotonic() - self._last >= self.EVERY_S:
            self._lease.beat()
            self._last = time.monotonic()


def _used_at(folder: Path) -> float:
    try:
        return (folder / USED).stat().st_mtime
    except OSError:
        return 0.0


def _note_use(folder: Path) -> None:
    """Remember, once a day, that a library's files are of use."""
    if abs(time.time() - _used_at(folder)) > DAY_S:
        with contextlib.suppress(OSError):  # a full disk: it is remembered another day
            (folder / USED).touch()

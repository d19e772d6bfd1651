"""How much people may keep here, and what the disk has room for."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.people.models import User
from pictograph.photos.tags import file_size
from pictograph.sources.models import Item

MB = 1_000_000
# The least that a file counts as: it and the pictures made of it take whole blocks of the disk, mostly of 4 kB, and its
# rows about 1 kB of the database. Otherwise tiny files, however many, would come to nothing.
LEAST_BYTES = 16_000
TOLD_FROM = 0.8  # of the quota; whoever uses less need not know of it
LOW_DISK = gettext_lazy(
    "The server's disk is nearly full, so it takes no more photos. Free some space on it, or ask whoever runs this "
    "site; then go on. Nothing that was sent is lost."
)


class NoRoom(Exception):
    """The person's quota is used up, or the disk nearly full; `words` say what to do."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True)
class Usage:
    """What the originals that are kept of someone hold, and the most they may; `quota` is None where that is open."""

    used: int
    quota: int | None

    @classmethod
    def of(cls, user: User) -> "Usage":
        """Count what someone keeps, but for folders of the server."""
        quota = quota_of(user)
        return cls(used_bytes(user.pk) if quota is not None else 0, quota)

    @property
    def is_worth_telling(self) -> bool:
        """Whether it is time to mind it."""
        return self.quota is not None and self.used >= TOLD_FROM * self.quota

    @property
    def percent(self) -> int:
        """How much of the quota is used."""
        return min(100 * self.used // self.quota, 100) if self.quota else 0

    @property
    def left(self) -> int | None:
        """How many bytes more may be kept, None where that is open."""
        return None if self.quota is None else max(self.quota - self.used, 0)

    def leaves_room_for(self, size_bytes: int) -> bool:
        """Whether a file of that many bytes may be kept as well."""
        return self.quota is None or self.used + max(size_bytes, LEAST_BYTES) <= self.quota

    @property
    def words(self) -> str:
        """What to say where they may not."""
        told = {"used": file_size(self.used), "quota": file_size(self.quota or 0)}
        words = _(
            "There is no room left for this: %(used)s of your %(quota)s are used. Delete photos that you do not need, "
            "or ask whoever runs this site for more; then go on. Nothing is lost."
        )
        return words % told


def quota_of(user: User) -> int | None:
    """The most bytes that someone's uploads may hold. Administrators have no limit: the disk is theirs."""
    return None if user.is_superuser or not settings.UPLOAD_QUOTA_MB else settings.UPLOAD_QUOTA_MB * MB


def used_bytes(owner_id: int) -> int:
    """What the originals that are kept of a person hold, each counted as LEAST_BYTES at least."""
    return _counted(_kept(owner_id))[0]


def _kept(owner_id: int) -> QuerySet[Item]:
    """What the storage keeps of a person, from wherever it came."""
    return Item.objects.filter(source__owner=owner_id, stored__gt="")


def _counted(items: QuerySet[Item], after: int = 0) -> tuple[int, int]:
    """How many bytes some items count as, and the id of the last of them."""
    counted = items.aggregate(sum=Sum(Greatest("size_bytes", LEAST_BYTES)), last=Max("pk"))
    return int(counted["sum"] or 0), counted["last"] or after


class Room:
    """What a person may still send: all is counted once for a request, and then only what has come in since."""

    def __init__(self, owner: User) -> None:
        self._owner = owner
        self._used, self._last = 0, 0  # up to that item

    def require(self, size_bytes: int) -> None:
        """Raise NoRoom where a file may not be kept as well.

        Called in the transaction that keeps it, which holds the person: whoever keeps another of theirs, in whatever
        request, has done so and is counted here, or counts this one.
        """
        quota = quota_of(self._owner)
        if quota is None:
            return
        kept = _kept(self._owner.pk)
        more, self._last = _counted(kept.filter(pk__gt=self._last), self._last)
        self._used += more
        if not Usage(self._used, quota).leaves_room_for(size_bytes):
            # unless something has been deleted since it was counted
            self._used, self._last = _counted(kept)
        usage = Usage(self._used, quota)
        if not usage.leaves_room_for(size_bytes):
            raise NoRoom(usage.words)


def require_disk(size_bytes: int = 0) -> None:
    """Raise NoRoom where this many bytes more would take what the site itself needs to go on writing."""
    free = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free
    if free - size_bytes < settings.DISK_RESERVE_MB * MB:
        raise NoRoom(LOW_DISK)

"""Who may send photos: asked before any of them is read, and bounded in how many and how much come in at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module

from channels.db import DatabaseSyncToAsync
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from pictograph.gate.refusals import BUSY, NO_LENGTH, SIGNED_OUT, UPLOAD_TOO_LARGE, Refusal, Refused
from pictograph.pages.full_disk import INSUFFICIENT_STORAGE, TITLE
from pictograph.people.models import User
from pictograph.sources.quota import MB, NoRoom, Usage, require_disk

SENDER = "pictograph.sender"  # in a request's ASGI scope: the id of the person whose upload it is
_asking = ThreadPoolExecutor(2, thread_name_prefix="senders")  # they last, and so do their connections
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

PAGES = ("upload", "archive_send", "archive_form")  # that take photos, or pieces of archives
AT_ONCE_EACH = 8  # the script of the import page sends three at once; someone may have two pages open
AT_ONCE = 100  # of all people; each holds two descriptors, and a thread once it is there
MOST_MB = 2000  # in one request: the plain form sends all that was chosen
# A person's bodies under way may pass the quota by as much; file by file it is then kept to (`receive`). Files that are
# here already need no room, and the last bundle fills what is left.
GRACE_BYTES = 32 * MB
COPIES = 2  # a body lies on the disk once as it came, and once as the files in it


@dataclass
class Bodies:
    """Bodies of uploads that are coming in to this process, in bytes, by person."""

    under_way: dict[int, list[int]] = field(default_factory=dict)

    @contextmanager
    def place_for(self, person: User, length: int, usage: Usage) -> Iterator[None]:
        """A place for a body until it has been dealt with. Raises Refused where there is none."""
        theirs = self.under_way.setdefault(person.pk, [])
        try:
            self._require_place(theirs, length, usage)
            theirs.append(length)
            try:
                yield
            finally:
                theirs.remove(length)
        finally:
            if not theirs and self.under_way.get(person.pk) is theirs:
                del self.under_way[person.pk]

    def _require_place(self, theirs: list[int], length: int, usage: Usage) -> None:
        room = None if usage.left is None else usage.left + GRACE_BYTES
        if room is not None and length > room:
            raise Refused(Refusal(INSUFFICIENT_STORAGE, TITLE, usage.words))
        everyones = [size for sizes in self.under_way.values() for size in sizes]
        try:
            require_disk(COPIES * (sum(everyones) + length))
        except NoRoom as full:
            raise Refused(Refusal(INSUFFICIENT_STORAGE, TITLE, full.words)) from full
        is_crowded = len(theirs) >= AT_ONCE_EACH or len(everyones) >= AT_ONCE
        if is_crowded or (room is not None and sum(theirs) + length > room):
            raise Refused(BUSY)


def most_bytes() -> int:
    """What an upload may weigh: the largest file with the form around it, or a good many smaller ones."""
    return max(settings.UPLOAD_MAX_MB + 1, MOST_MB) * MB


def require_length(length: int | None) -> int:
    """The length an upload says it has. Raises Refused where it says none, or too much."""
    if length is None:
        raise Refused(NO_LENGTH)
    if length > most_bytes():
        raise Refused(UPLOAD_TOO_LARGE)
    return length


async def sender(cookies: str) -> tuple[User, Usage]:
    """Whoever's session these cookies name, with what they keep here. Raises Refused where it is nobody's."""
    found = await DatabaseSyncToAsync(_sender, thread_sensitive=False, executor=_asking)(cookies)
    if found is None:
        raise Refused(SIGNED_OUT)
    return found


def _sender(cookies: str) -> tuple[User, Usage] | None:
    request = HttpRequest()
    request.session = SessionStore(parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME))
    user = get_user(request)  # of the session's password still, and active
    if not isinstance(user, User) or user.is_leaving or user.is_waiting:
        return None
    return user, Usage.of(user)

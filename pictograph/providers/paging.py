"""Paging by time, the newest first, through a list that changes meanwhile.

Pages by number lose a photo for each one that is deleted before it is their turn. So the next page is asked for by the
time of the oldest photo so far; only where a whole page is of one time, by number.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pictograph.fetching.errors import ProtocolError
from pictograph.providers.interface import Page

# What is of the same time as the last photo comes twice, unless it is known; more than so many may come twice.
_MOST_SEEN = 40
_MOST_PAGES = 1000
_MOST_EMPTY = 10


@dataclass(frozen=True)
class TimeCursor:
    """Where to go on: photos not newer than `before`, of them the page with that number, without those `seen`.

    `mode` is the provider's own.
    """

    mode: str = ""
    before: datetime | None = None
    page: int = 0
    seen: Sequence[str] = ()

    @classmethod
    def read(cls, written: str) -> Self:
        """The cursor as it was written. Raises ProtocolError for what is none."""
        try:
            mode, before, page, seen = json.loads(written)
            moment = None if before is None else datetime.fromisoformat(before)
        except (ValueError, TypeError, RecursionError):
            raise ProtocolError("the cursor is none of ours") from None
        if not (isinstance(mode, str) and isinstance(page, int) and isinstance(seen, list)):
            raise ProtocolError("the cursor is none of ours")
        if page < 0 or (moment is not None and moment.tzinfo is None):
            raise ProtocolError("the cursor is none of ours")
        return cls(mode, moment, page, tuple(ref for ref in seen if isinstance(ref, str)))

    def write(self) -> str:
        """To be read again."""
        before = self.before and self.before.isoformat()
        return json.dumps([self.mode, before, self.page, list(self.seen)], ensure_ascii=False)

    def after(self, listed: Sequence[tuple[str, datetime | None]]) -> Self | None:
        """Where to go on after a page of such refs and times; None where a service goes round in circles."""
        moments = [moment for _, moment in listed if moment is not None]
        oldest = min(moments, default=None)
        if oldest is None or (self.before is not None and oldest >= self.before):
            return None if self.page >= _MOST_PAGES else replace(self, page=self.page + 1)
        seen = [ref for ref, moment in listed if moment == oldest]
        return replace(self, before=oldest, page=0, seen=tuple(dict.fromkeys(seen))[-_MOST_SEEN:])


def first_filled(ask: Callable[[str], Page], cursor: str) -> Page:
    """The page at a cursor, or the next of some after it that tells of anything: much there may be wanted by nobody."""
    first = page = ask(cursor)
    for _ in range(_MOST_EMPTY):
        if page.items or page.deleted_ids or not page.next_cursor:
            break
        page = ask(page.next_cursor)
    return replace(page, since=first.since)

"""A walk through the list of an account's photos, page by page; what is met is kept, so that a killed walk goes on.

The number of a walk counts the whole ones: what was not met in the last of them may be gone.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from pictograph.connections.asking import Access
from pictograph.connections.models import REF_LENGTH, Connection, Remote, storable
from pictograph.connections.vanished import follow_deletion
from pictograph.fetching.errors import Gone, ProtocolError
from pictograph.providers.interface import Credentials, Page, RemotePhoto
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Item
from pictograph.sources.taking import read_anew

logger = logging.getLogger(__name__)

WHOLE_EVERY = timedelta(days=7)  # what is gone from an account, and what was changed, shows when all of it is walked
RANKS = 10**9  # more than an account has photos: what is new in a later whole walk is fetched first
FRUITLESS_PAGES = 250  # in a row, with more to come each time: the service leads on for ever
TOGETHER = 500  # photos, in one transaction: a page may tell of a hundred thousand, and others write in between
MOST_PHOTOS = 1_000_000  # of an account: each takes a kilobyte or more here, and a made-up list costs nothing there
ASKED_FOR = ("walk", "is_walking", "cursor", "choices", "folder", "picked")  # a page is true of these
OF_A_PERSON = ("follows_edits", "follows_deletions")


class Walk:
    """One walk; `list_after` is when the next page may be asked for."""

    def __init__(self, access: Access, lease: ScanLease) -> None:
        self.connection = access.connection
        self.list_after: datetime | None = None
        self._access, self._lease = access, lease
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="list")
        self._coming: Future[Page] | None = None
        self._used = access.credentials
        self._cursors: set[str] = set()
        self._fruitless = 0
        self._is_full = False

    def begin(self) -> None:
        """Begin a walk, unless one is under way."""
        connection, now = self.connection, timezone.now()
        if connection.is_walking:
            return
        walked_at = connection.walked_at
        is_old = walked_at is None or not now - WHOLE_EVERY < walked_at <= now
        connection.is_whole = is_old or not connection.since
        connection.walk += connection.is_whole
        connection.is_walking, connection.cursor, connection.next_since = True, "", ""
        with self._lease.writing():
            connection.save(update_fields=["walk", "is_walking", "is_whole", "cursor", "next_since"])
            _miss_again(connection)

    @property
    def may_list(self) -> bool:
        """Whether there is a next page, and it may be asked for now."""
        is_time = self.list_after is None or self.list_after <= timezone.now()
        return self.connection.is_walking and is_time

    @property
    def coming(self) -> Sequence[Future[Page]]:
        """The page that is under way, if one is."""
        return [self._coming] if self._coming is not None else []

    @property
    def used(self) -> Credentials:
        """The credentials that the last page was asked for with."""
        return self._used

    def ask(self) -> None:
        """Ask for the next page, unless it is under way."""
        if self._coming is None:
            connection, provider, self._used = self.connection, self._access.provider, self._access.credentials
            since = "" if connection.is_whole else connection.since
            asked = (self._used, connection.wanted, connection.cursor, since)
            self._coming = self._pool.submit(provider.list_photos, *asked)

    def take_page(self) -> int | None:
        """Keep the page that has come; how many photos of it are to be fetched, None where none has come.

        Raises ServiceError. A walk that cannot go on from where it has come begins anew, with all photos.
        """
        if self._coming is None or not self._coming.done():
            return None
        coming, self._coming = self._coming, None
        try:
            page = coming.result()
        except (ProtocolError, Gone) as error:
            if not (self.connection.cursor or self.connection.since):
                raise
            self._give_up()
            raise ProtocolError(f"the list does not go on: {error}") from error
        for ref in page.deleted_ids:
            follow_deletion(self.connection, ref, self._lease)
        self.list_after = page.retry_at
        fresh, is_fruitless = 0, True
        # Killed before the last of them, the page is asked for once more.
        for first in range(0, max(len(page.items), 1), TOGETHER):
            with self._lease.writing():
                if not self._is_asked_for_still():
                    break
                due, is_known = self._keep(page.items[first : first + TOGETHER])
                fresh, is_fruitless = fresh + due, is_fruitless and is_known
                if first + TOGETHER >= len(page.items):
                    self._fruitless = self._fruitless + 1 if is_fruitless else 0
                    self._go_on(page, fresh)
                    return fresh
        self.begin()
        return 0

    def close(self) -> None:
        """Wait for no page any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _is_asked_for_still(self) -> bool:
        """Whether the person wants the same as when the page was asked for; what they want is taken over."""
        connection = self.connection
        asked = {name: getattr(connection, name) for name in ASKED_FOR}
        connection.refresh_from_db(fields=[*ASKED_FOR, *OF_A_PERSON, "since", "walked_at"])
        return asked == {name: getattr(connection, name) for name in ASKED_FOR}

    def _give_up(self) -> None:
        connection = self.connection
        connection.is_walking, connection.cursor, connection.since = False, "", ""
        with self._lease.writing():
            connection.save(update_fields=["is_walking", "cursor", "since"])

    def _keep(self, items: Sequence[RemotePhoto]) -> tuple[int, bool]:
        """Keep what a page tells of photos; how many are to be fetched now, and whether this walk had met them all."""
        connection = self.connection
        named = (photo for photo in items if 0 < len(photo.ref) <= REF_LENGTH and photo.ref == storable(photo.ref))
        told = {photo.ref: photo for photo in named}
        known = {r.ref: r for r in Remote.objects.filter(connection=connection, ref__in=told)}
        is_known = all(ref in known and known[ref].walk == connection.walk for ref in told)
        _meet_again(connection, [(known[ref], photo) for ref, photo in told.items() if ref in known])
        fresh = sum(remote.state == Remote.State.WAITING for remote in known.values())
        unknown = [photo for ref, photo in told.items() if ref not in known]
        room = max(MOST_PHOTOS - Remote.objects.filter(connection=connection).count(), 0) if unknown else 0
        self._is_full = self._is_full or len(unknown) > room
        return fresh + _meet(connection, unknown[:room]), is_known

    def _go_on(self, page: Page, fresh: int) -> None:
        """Write down how far the walk is."""
        connection = self.connection
        if not connection.cursor:
            connection.next_since = storable(page.since or connection.since)[:REF_LENGTH]
            connection.total = None if page.total is None else min(max(page.total, 0), MOST_PHOTOS)
        has_all_known = not connection.is_whole and not fresh and not self._access.provider.capabilities.lists_changes
        is_over = not page.next_cursor or has_all_known or self._leads_nowhere(page.next_cursor)
        connection.cursor = "" if is_over else page.next_cursor
        if is_over:
            connection.is_walking, connection.since = False, connection.next_since
            connection.walked_at = timezone.now() if connection.is_whole else connection.walked_at
        connection.save(update_fields=["cursor", "since", "next_since", "total", "is_walking", "walked_at"])

    def _leads_nowhere(self, cursor: str) -> bool:
        """Whether a service leads round in a circle, or on and on: that is taken for the end."""
        self._cursors.add(self.connection.cursor)
        leads_nowhere = cursor in self._cursors or self._fruitless >= FRUITLESS_PAGES or self._is_full
        if leads_nowhere:
            logger.warning("The list of connection %s does not end; it is taken to end here.", self.connection.pk)
        return leads_nowhere


def _miss_again(connection: Connection) -> None:
    """What was fetched and is not there any more, though nobody deleted it, is to be fetched again."""
    # Not NOT IN, for which PostgreSQL goes through a long list anew for each photo.
    here = Exists(Item.objects.filter(source=connection.source_id, ref=OuterRef("ref")))
    lost = Remote.objects.filter(~here, connection=connection, state=Remote.State.FETCHED)
    lost.update(state=Remote.State.WAITING, attempts=0, retry_at=None)


def _meet(connection: Connection, photos: Sequence[RemotePhoto]) -> int:
    """Keep photos that are met for the first time; how many they are."""
    met = Remote.objects.filter(connection=connection, walk=connection.walk).count()
    first = met - connection.walk * RANKS
    new = [Remote(connection=connection, ref=p.ref, walk=connection.walk, rank=first + n) for n, p in enumerate(photos)]
    for remote, photo in zip(new, photos, strict=True):
        remote.hear(photo)
    Remote.objects.bulk_create(new)
    return len(new)


def _meet_again(connection: Connection, met: Sequence[tuple[Remote, RemotePhoto]]) -> None:
    """Take over what is told anew of photos that are known, and what that means for those that are here."""
    changed: list[Remote] = []
    heard: dict[str, str] = {}
    for remote, photo in met:
        was_version, was_told = remote.version, remote.told
        is_new = remote.hear(photo)
        is_edited = bool(was_version) and remote.version != was_version and connection.follows_edits
        if remote.state == Remote.State.GONE or (is_edited and remote.state != Remote.State.WAITING):
            remote.state, remote.attempts, remote.retry_at = Remote.State.WAITING, 0, None
            is_new = True
        elif remote.told != was_told and connection.follows_edits and remote.state == Remote.State.FETCHED:
            heard[remote.ref] = remote.told
        if is_new:
            changed.append(remote)
    fields: list[Any] = ["state", "name", "version", "sealed_url", "size_bytes", "posted_at", "told"]
    Remote.objects.bulk_update(changed, [*fields, "attempts", "retry_at"])
    Remote.objects.filter(pk__in=[remote.pk for remote, _ in met]).update(walk=connection.walk)
    if heard:
        _tell_items(connection, heard)


def _tell_items(connection: Connection, told: dict[str, str]) -> None:
    """Have photos read anew of which something else is told, though their bytes are the same."""
    items = list(Item.objects.filter(source=connection.source_id, ref__in=told, state=Item.State.PRESENT))
    for item in items:
        item.told = told[item.ref]
    Item.objects.bulk_update(items, ["told"])
    read_anew([item.photo_id for item in items if item.photo_id])

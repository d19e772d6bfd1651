"""Bringing an account in step: its list is walked, its photos fetched the newest first, what is gone there followed.

All that is done is written down as it is done, so that a process may be killed between any two steps. A sync works for
a turn; what is left is done in later turns, after those of others.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier.work import Reason
from pictograph.connections.asking import Access
from pictograph.connections.downloads import Downloads, Ended, NoPicture
from pictograph.connections.intake import Intake
from pictograph.connections.listing import Walk
from pictograph.connections.models import LONGEST_WAIT, Connection, Remote
from pictograph.connections.trouble import Later, back_off, note_trouble, note_well
from pictograph.connections.vanished import follow_deletion, follow_vanished
from pictograph.fetching.errors import AuthExpired, Gone, RateLimited, ScopeMissing, ServiceError, Transient
from pictograph.pages.full_disk import is_full_disk
from pictograph.providers.interface import Credentials, Picker
from pictograph.sources.lease import ScanLease, ScanOvertaken
from pictograph.sources.models import Import
from pictograph.sources.quota import NoRoom
from pictograph.sources.steering import ImportCancelled, leave_out_all

logger = logging.getLogger(__name__)

TURN_S = 60.0
DRAIN_S = 240.0  # for what is still coming when a turn ends
LISTED_AHEAD = 2000  # photos waiting to be fetched, from which on the next page can wait
LOOK_EVERY_S = 1.0
WROTE_TOGETHER = 16  # photos, where they come quickly
LINGER_S = 0.1  # otherwise
MOMENT_S = 0.2
SHORT_WAIT = timedelta(seconds=5)  # for which no turn is ended
ATTEMPTS = 8  # at one photo; the last comes an hour after the first


def sync(connection: Connection, *, turn_s: float = TURN_S) -> bool:
    """Bring an account in step for a turn; whether there is more to do at once.

    What keeps it from going on is written down as the connection's state. Nothing is done where another process is at
    it.
    """
    lease = ScanLease.take(connection.source)
    if lease is None:
        return False
    try:
        connection.refresh_from_db()  # whoever had it before has changed much
        for called_off in connection.source.imports.filter(state=Import.State.CANCELLING):
            leave_out_all(called_off, lease.beat)
        turn = Turn(connection, lease, time.monotonic() + turn_s)
        is_over = False
        try:
            is_over = turn.work()
        except ImportCancelled:
            is_over = True
        except (ServiceError, Later, NoRoom, OSError) as error:
            note_trouble(connection, error)
            turn.intake.end(is_over=False)
            return False
        except (ScanOvertaken, ObjectDoesNotExist):
            raise
        except Exception as error:  # a fault of ours keeps nobody else waiting, and is not met again at once
            note_trouble(connection, error)
            turn.intake.end(is_over=False)
            raise
        turn.intake.end(is_over=is_over)
        return not is_over and not turn.intake.is_paused
    except (ScanOvertaken, ObjectDoesNotExist):
        logger.info("Connection %s is brought in step elsewhere, or given up.", connection.pk)
        return False


class Turn:
    """One sync at work."""

    def __init__(self, connection: Connection, lease: ScanLease, until: float) -> None:
        self.connection, self.intake = connection, Intake(connection, lease)
        self._lease, self._until = lease, until
        self._fetch_after: datetime | None = None
        self._trouble: Exception | None = None
        self._is_well = False
        self._may_renew = True

    def work(self) -> bool:
        """Go on until all is done (True) or the turn is over. Raises what keeps it from going on."""
        access = self._access = Access.of(self.connection, self._lease.beat)
        with self._under_way(access) as (walk, downloads):
            walk.begin()
            self._see_room()
            while True:
                self._lease.beat()
                self.intake.heed_person()
                is_last = time.monotonic() > self._until or self.intake.is_paused or self._trouble is not None
                if is_last:
                    downloads.call_back()
                else:
                    self._begin(walk, downloads)
                coming: list[Future[Any]] = [*walk.coming, *downloads.coming]
                if not coming and (is_last or not self._is_more_to_do(walk)):
                    break
                if time.monotonic() > self._until + DRAIN_S:
                    break
                if not coming:  # the service wants a moment between two pages
                    time.sleep(MOMENT_S)
                wait(coming, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
                downloads.linger(WROTE_TOGETHER, LINGER_S)
                self._take_page(walk)
                self._take_over(downloads)
            self._heed_waits(walk)
        if self._trouble is not None:
            raise self._trouble
        if self.connection.is_walking or self.intake.waiting.exists() or self.intake.is_paused:
            return False
        self._close_picker()
        return follow_vanished(self.connection, access, self._lease, self._until)

    def _close_picker(self) -> None:
        """Have a service forget the window that photos were picked in."""
        picker, session_id = self._access.provider, self.connection.picked
        if session_id and picker.capabilities.is_picked:
            try:
                self._access.ask(lambda credentials: cast(Picker, picker).close_picker(credentials, session_id))
            except ServiceError as error:  # it ends by itself before long
                logger.info("A window of connection %s was not closed: %s", self.connection.pk, error)

    @contextmanager
    def _under_way(self, access: Access) -> Iterator[tuple[Walk, Downloads]]:
        walk, downloads = Walk(access, self._lease), Downloads(access)
        try:
            yield walk, downloads
        finally:
            walk.close()
            downloads.close()

    def _see_room(self) -> None:
        try:
            self.intake.require_room()
        except NoRoom as error:
            self._trouble = error

    def _begin(self, walk: Walk, downloads: Downloads) -> None:
        """Have the next page come while little waits to be fetched, and the next pictures."""
        if walk.may_list and not walk.coming and self.intake.waiting.count() < LISTED_AHEAD:
            walk.ask()
        if self._may_fetch and downloads.free >= WROTE_TOGETHER:
            for remote in self._ready().exclude(pk__in=downloads.ids)[: downloads.free]:
                downloads.begin(remote.pk, remote.photo)

    @property
    def _may_fetch(self) -> bool:
        return self._fetch_after is None or self._fetch_after <= timezone.now()

    def _take_page(self, walk: Walk) -> None:
        try:
            fresh = walk.take_page()
        except RateLimited as error:
            walk.list_after = error.retry_at
        except AuthExpired as error:
            self._renew_or_end(error, walk.used)
        except ServiceError as error:
            self._trouble = self._trouble or error  # what is under way is brought home first
        else:
            if fresh is not None:
                self._note_well(is_progress=bool(fresh))
            if fresh:
                self.intake.expect()
            elif fresh is not None and not self.connection.is_walking:
                self.intake.expect_less()

    def _take_over(self, downloads: Downloads) -> None:
        """Write down what has come, and what stood in the way."""
        ended = downloads.ended()
        come = [one for one in ended if one.download is not None]
        try:
            if come:
                self._is_well = True
                self.intake.keep(come)
        except NoRoom as error:
            self._trouble = error
        finally:
            _close(come)
        for one in ended:
            if one.error is not None:
                self._note_failure(one, one.error, downloads)

    def _note_failure(self, ended: Ended, error: ServiceError | NoPicture | OSError, downloads: Downloads) -> None:
        """What a photo that did not come means: for itself, or for all of the account."""
        remote = Remote.objects.get(pk=ended.remote_id)
        if isinstance(error, RateLimited):
            self._fetch_after = max(error.retry_at, self._fetch_after or error.retry_at)
            downloads.call_back()
        elif isinstance(error, NoPicture):
            self.intake.refuse(remote, error.reason)
        elif isinstance(error, Gone):
            follow_deletion(self.connection, remote.ref, self._lease)
            self.intake.expect_less()
        elif isinstance(error, AuthExpired) or (isinstance(error, ScopeMissing) and not self._is_well):
            self._renew_or_end(error, ended.credentials)
        elif isinstance(error, OSError) and is_full_disk(error):
            self._trouble = error
        elif remote.attempts + 1 >= ATTEMPTS or not isinstance(error, Transient | OSError):
            self.intake.refuse(remote, Reason.UNREADABLE)
        else:
            retry_at = back_off(remote.attempts + 1)
            Remote.objects.filter(pk=remote.pk).update(attempts=remote.attempts + 1, retry_at=retry_at)
        logger.info("A photo of connection %s did not come: %s", self.connection.pk, error)

    def _renew_or_end(self, error: ServiceError, used: Credentials) -> None:
        """Go on with new credentials, once a turn, or end where there are none."""
        if used != self._access.credentials:
            return  # they have been renewed since
        if not self._may_renew or not isinstance(error, AuthExpired):
            self._trouble = error
            return
        self._may_renew = False
        try:
            self._access.renew(used)
        except ServiceError as refused:
            self._trouble = refused

    def _note_well(self, *, is_progress: bool) -> None:
        if not self._is_well or is_progress:
            self._is_well = True
            note_well(self.connection, is_progress=is_progress)

    def _ready(self) -> QuerySet[Remote]:
        """What may be fetched now, what was listed first before the rest."""
        now = timezone.now()
        is_time = Q(retry_at=None) | Q(retry_at__lte=now) | Q(retry_at__gt=now + LONGEST_WAIT)
        return self.intake.waiting.filter(is_time).order_by("rank")

    def _is_more_to_do(self, walk: Walk) -> bool:
        """Whether there is anything to do now; what is to be waited for ends the turn."""
        if walk.may_list or (self._may_fetch and self._ready().exists()):
            return True
        soon = timezone.now() + SHORT_WAIT
        if self.connection.is_walking and walk.list_after is not None and walk.list_after <= soon:
            return True
        retried = self.intake.waiting.exclude(retry_at=None).order_by("retry_at").values_list("retry_at", flat=True)
        if not self.connection.is_walking and not self._ready().exists() and (first := retried.first()) is not None:
            self._trouble = Later(first)
        return False

    def _heed_waits(self, walk: Walk) -> None:
        """Have the account wait for as long as its service wants it to."""
        waits = [walk.list_after] if self.connection.is_walking else []
        waits += [self._fetch_after] if self.intake.waiting.exists() else []
        latest = max(filter(None, waits), default=None)
        if latest is not None and latest > timezone.now() and self._trouble is None:
            self._trouble = RateLimited("the service wants to be asked later", latest)


def _close(come: Sequence[Ended]) -> None:
    for one in come:
        if one.download is not None:
            one.download.file.close()

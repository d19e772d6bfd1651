"""Services asked on behalf of a connection: by its provider, with credentials that are good for a while."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.utils import timezone

from pictograph.connections.models import Connection, Service
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, RateLimited, Transient
from pictograph.providers.interface import Client, Credentials, Provider
from pictograph.providers.kinds import KINDS
from pictograph.queue.long_work import Lease

REFRESHED_WITHIN_S = 60.0  # by another process that is just at it
LOOK_EVERY_S = 0.5
BEAT_EVERY_S = 2.0

Answer = TypeVar("Answer")


def provider_of(service: Service) -> Provider:
    """What speaks with a service. Raises AuthExpired where the secret of our client there cannot be read any more."""
    kind: Callable[[Http, str, Client], Provider] = KINDS[service.kind]
    return kind(Http.at(service.server), service.server, service.client)


def patiently(ask: Callable[[], Answer], beat: Callable[[], object]) -> Answer:
    """What `ask` returns, which may take a minute and knows no database; with signs of life meanwhile."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="ask")
    try:
        asked = pool.submit(ask)
        while not wait([asked], timeout=BEAT_EVERY_S).done:
            beat()
        return asked.result()
    finally:
        pool.shutdown(wait=False)


def no_beat() -> None:
    """Nobody minds how long it takes."""


@dataclass
class Access:
    """A connection's way in: its provider, and credentials that are renewed when they are about to end.

    `beat` is called while the service is waited for.
    """

    connection: Connection
    provider: Provider
    credentials: Credentials
    beat: Callable[[], object] = no_beat

    @classmethod
    def of(cls, connection: Connection, beat: Callable[[], object] = no_beat) -> "Access":
        """The way in. Raises AuthExpired where there is none any more, and whatever renewing it raises."""
        access = cls(connection, provider_of(connection.service), connection.credentials, beat)
        expires, before_s = access.credentials.expires_at, access.provider.capabilities.refresh_before_s
        if expires is not None and expires - timezone.now() < timedelta(seconds=before_s):
            try:
                access.renew(access.credentials)
            except (Transient, RateLimited):
                if expires <= timezone.now():
                    raise  # until then they are good, and it is tried again by the next turn
        return access

    def ask(self, question: Callable[[Credentials], Answer]) -> Answer:
        """Ask once more with new credentials where the service does not take those any more."""
        used = self.credentials
        try:
            return patiently(lambda: question(used), self.beat)
        except AuthExpired:
            self.renew(used)
        renewed = self.credentials
        return patiently(lambda: question(renewed), self.beat)

    def renew(self, used: Credentials) -> None:
        """Have credentials other than those used, and keep them. Raises AuthExpired where they are not to be had.

        One process at a time does so, as some services take each refresh token once; whoever comes second finds what
        the first has kept. Not in a transaction: nobody waits for the service with a row locked.
        """
        until = time.monotonic() + REFRESHED_WITHIN_S
        while True:
            with Lease.of(renewal_of(self.connection)) as lease:
                self.connection.refresh_from_db(fields=["sealed", "expires_at"])
                self.credentials = self.connection.credentials
                if self.credentials != used:
                    return
                if lease is not None:
                    self._renew(lease)
                    return
            if time.monotonic() > until:
                raise Transient(f"connection {self.connection.pk} is being renewed elsewhere and does not come")
            self.beat()
            time.sleep(LOOK_EVERY_S)

    def _renew(self, lease: Lease) -> None:
        used = self.credentials

        def beat() -> None:
            lease.beat()
            self.beat()

        self.credentials = patiently(lambda: self.provider.refresh(used), beat)
        self.connection.keep(self.credentials)
        self.connection.save(update_fields=["sealed", "expires_at"])


def renewal_of(connection: Connection) -> str:
    """The work that whoever changes or ends a connection's credentials has the lease of."""
    return f"renew {connection.pk}"

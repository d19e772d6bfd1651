"""Giving up an account: the service forgets what it granted, then its token goes here, and its photos go or stay."""

import logging
import time
from collections.abc import Callable

from django.db.models import F

from pictograph.connections.asking import no_beat, patiently, provider_of, renewal_of
from pictograph.connections.models import Connection, Remote
from pictograph.connections.trouble import back_off
from pictograph.fetching.errors import RateLimited, ServiceError, Transient
from pictograph.people.models import User
from pictograph.photos.deletion import note_leftovers, remove_files
from pictograph.queue.long_work import Lease
from pictograph.sources.folders import CHUNK, elsewhere, remove
from pictograph.sources.models import Item, Source
from pictograph.transactions import delete_in_chunks, hold_people, transacted

logger = logging.getLogger(__name__)

FORGET_S = 60.0  # until which services are told by whoever erases a person, who may have many accounts at slow ones
TRIES = 4  # at a service that is away; after that the token is forgotten without


def leave(connection: Connection) -> None:
    """Give up an account that is marked for it; killed, it is gone on with. Nothing is done where another is at it.

    Photos that stay are as if uploaded: what was fetched of them is kept.
    """
    with Lease.of(f"leave {connection.pk}") as lease:
        if lease is None or connection.is_early or not forget_token(connection, beat=lease.beat):
            return
        settle = _hand_over if connection.source.removal == Source.Removal.KEEP else _part
        while (files := settle(connection.source)) is not None:
            remove_files(files)
            lease.beat()
        for _count in delete_in_chunks(connection.source.owner_id, Remote.objects.filter(connection=connection)):
            lease.beat()
    remove(connection.source)


def forget_connections(person: User, beat: Callable[[], object]) -> None:
    """Have services forget what they granted for someone who is being erased, as well as can be: one try each."""
    theirs = Connection.objects.filter(source__owner=person).select_related("source", "service")
    until = time.monotonic() + FORGET_S
    for connection in theirs.order_by("pk"):
        beat()
        if time.monotonic() > until:
            logger.warning("Not all services were told to forget the accounts of person %s.", person.pk)
            break
        forget_token(connection, is_last_try=True, beat=beat)


def forget_token(connection: Connection, *, is_last_try: bool = False, beat: Callable[[], object] = no_beat) -> bool:
    """Have the service forget what it granted, then forget it here; whether that is done.

    A service that cannot be reached is tried again later, a few times.
    """
    with Lease.of(renewal_of(connection)) as renewal:
        if renewal is None and not is_last_try:  # it is just being renewed: the new one is what has to go
            return False
        connection.refresh_from_db(fields=["sealed", "failures"])
        if not connection.sealed:
            return True
        try:
            provider, credentials = provider_of(connection.service), connection.credentials
            patiently(lambda: provider.revoke(credentials), beat)
        except (Transient, RateLimited) as error:
            if not is_last_try and connection.failures + 1 < TRIES:
                later = error.retry_at if isinstance(error, RateLimited) else back_off(connection.failures + 1)
                Connection.objects.filter(pk=connection.pk).update(failures=F("failures") + 1, resume_at=later)
                return False
            logger.warning("%s was not told to forget connection %s: %s", connection.service, connection.pk, error)
        except ServiceError as error:  # it does not know the token any more, or never did
            logger.info("%s has nothing to forget of connection %s: %s", connection.service, connection.pk, error)
        connection.sealed = ""
        connection.save(update_fields=["sealed"])
    return True


@transacted
def _hand_over(source: Source) -> list[str] | None:
    """Have some of the photos of a source belong to their owner's uploads; None where there are none left."""
    hold_people([source.owner_id])
    items = list(Item.objects.filter(source=source, stored__gt="", photo__isnull=False).order_by("pk")[:CHUNK])
    if not items:
        return None
    uploads = Source.of_uploads(source.owner_id)
    for item in items:
        item.source, item.ref = uploads, item.stored
    Item.objects.bulk_update(items, ["source", "ref"])
    return []


@transacted
def _part(source: Source) -> list[str] | None:
    """Take from some photos that are here from elsewhere too the files that came from a source; these files."""
    hold_people([source.owner_id])
    items = list(Item.objects.filter(elsewhere(source), source=source, stored__gt="").order_by("pk")[:CHUNK])
    if not items:
        return None
    files = [item.stored for item in items]
    note_leftovers(files)
    Item.objects.filter(pk__in=[item.pk for item in items]).delete()
    return files

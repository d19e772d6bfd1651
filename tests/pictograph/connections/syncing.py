"""Syncs in tests: to the end, once more, after time has passed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Connection, Remote, Service
from pictograph.connections.sync import sync
from pictograph.people.models import User
from pictograph.providers.interface import Credentials, Identity
from pictograph.sources.models import Import, Rejection, Source
from tests.pictograph.connections.shelf import SECRET, ShelfPeer

MOST_TURNS = 50


def account_of(person: User, shelf: ShelfPeer, name: str = "anna", **credentials: Any) -> Connection:
    """Connect an account on the shelf with a person."""
    known: dict[str, Any] = {"kind": "shelf", "server": shelf.address, "client_id": "shelf"}
    service, _ = Service.objects.get_or_create(is_offered=True, **known)
    proved = Proved(service, Identity(name, f"@{name}@shelf"), Credentials(SECRET, **credentials))
    return anew(connect(person, proved))


def anew(connection: Connection) -> Connection:
    """The account as the database has it."""
    return Connection.objects.select_related("source__owner", "service").get(pk=connection.pk)


def in_step(connection: Connection) -> Connection:
    """Sync until nothing is left to do at once."""
    for _ in range(MOST_TURNS):
        if not sync(anew(connection)):
            return anew(connection)
    raise AssertionError("a sync without end")


def whole(connection: Connection) -> Connection:
    """Sync once more, from the first photo to the last."""
    Connection.objects.filter(pk=connection.pk).update(walked_at=timezone.now() - timedelta(days=30))
    return in_step(connection)


def waited(connection: Connection) -> Connection:
    """The account after all has been waited for."""
    Connection.objects.filter(pk=connection.pk).update(resume_at=None)
    Remote.objects.filter(connection=connection, retry_at__isnull=False).update(retry_at=timezone.now())
    return anew(connection)


def remotes(connection: Connection) -> dict[str, str]:
    """The photos that are listed there, and what has become of them."""
    return dict(Remote.objects.filter(connection=connection).values_list("ref", "state"))


def refused() -> list[tuple[str, str]]:
    """What was turned away, and why."""
    return list(Rejection.objects.order_by("name").values_list("name", "reason"))


def imported() -> Import:
    """The last import of an account."""
    return Import.objects.filter(source__kind=Source.Kind.ACCOUNT).latest("pk")


def originals() -> set[str]:
    """The originals that the storage has."""
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in (root / "originals").rglob("*") if path.is_file()}

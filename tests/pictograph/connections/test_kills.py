"""A sync that is killed anywhere, and made again, leaves what an unbroken one leaves."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from pictograph.connections import intake, listing, sync, vanished
from pictograph.connections.models import Connection, Remote
from pictograph.photos.models import Photo
from pictograph.sources import taking
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Import, Item, Source
from tests.conftest import REPOSITORY, begin_with
from tests.killing import Killed, Killer
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import anew, imported, in_step, originals, remotes
from tests.pictograph.providers.peers.server import Answered, Asked

SEAMS = (
    (listing.Walk, "begin"),
    (listing.Walk, "take_page"),
    (listing.Walk, "_keep"),
    (listing.Walk, "_go_on"),
    (intake.Intake, "expect"),
    (intake.Intake, "_take"),
    (intake.Intake, "refuse"),
    (intake, "take"),
    (intake, "note_well"),
    (taking, "note_leftovers"),
    (taking, "_write"),
    (taking.Arriving, "save"),
    (vanished, "remove_rows"),
    (vanished, "forget_removed"),
    (sync, "follow_vanished"),
    (ScanLease, "hold"),
    (ScanLease, "release"),
)


@pytest.mark.parametrize("at", [*range(1, 40, 3), *range(41, 100, 9)])
def test_a_sync_killed_at_any_step_is_gone_on_with(
    at: int, account: Connection, shelf: ShelfPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Connection.objects.update(follows_deletions=True)
    in_step(account)
    shelf.add(5)
    shelf.books["b0002"].content, shelf.books["b0002"].version = shelf.books["b0002"].content + b"edited", "2"
    shelf.books["b0003"].content, shelf.books["b0003"].version = b"<html>" + b" " * 99, "2"
    shelf.books["b0007"].caption = "Anna"
    del shelf.books["b0004"], shelf.books["b0009"]
    Connection.objects.update(walked_at=None)
    with monkeypatch.context() as patch:
        Killer(at, SEAMS).watch(patch)
        try:
            in_step(account)
        except Killed:
            held = Source.objects.filter(pk=account.source_id, scanning_since__isnull=False)
            held.update(scanning_since=timezone.now() - timedelta(minutes=1))
            assert anew(account).source.is_due == held.exists()
    Source.objects.update(scan_wanted=True)
    Connection.objects.update(walked_at=None)
    done = in_step(account)
    assert (done.state, done.is_walking, done.source.is_scanning) == (Connection.State.FINE, False, False)
    states = remotes(account)
    assert {ref for ref, state in states.items() if state == Remote.State.FETCHED} == set(shelf.books) - {"b0003"}
    items = Item.objects.filter(source=account.source_id)
    assert set(items.values_list("ref", flat=True)) == set(shelf.books)
    assert Photo.objects.count() == 15
    assert set(items.values_list("stored", flat=True)) <= originals()
    assert Item.objects.get(ref="b0002").size_bytes == len(shelf.books["b0002"].content)
    assert "Anna" in Item.objects.get(ref="b0007").told
    assert imported().state == Import.State.RECEIVED


PROGRAM = """
import sys

import django

django.setup()
from pictograph.connections.models import Connection
from pictograph.connections.sync import sync
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover, sweep_leftovers
from pictograph.providers import kinds
from pictograph.sources.models import Source
from tests.pictograph.connections.shelf import Shelf
from tests.pictograph.connections.syncing import account_of, anew

kinds.KINDS["shelf"] = Shelf


class Server:
    address = sys.argv[1]


person, _ = User.objects.get_or_create(username="anna")
account = Connection.objects.first() or account_of(person, Server)
Source.objects.update(scanning_since=None)  # half a minute has passed since the last one was killed
while sync(anew(account)):
    pass
Leftover.objects.update(noted_at="2001-01-01T00:00Z")
for _ in range(20):
    sweep_leftovers()
"""


class SlowShelf(ShelfPeer):
    """Gives so many files, and others when it may."""

    gives = 0
    may_give: threading.Event

    def answer(self, asked: Asked) -> Answered:
        if asked.path.startswith("/file/") and len(self.of("/file/")) > self.gives:
            self.may_give.wait(60)
        return super().answer(asked)


def count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database, timeout=30)) as rows:
        return int(rows.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def test_a_process_killed_in_the_midst_of_downloads_loses_nothing_and_brings_nothing_twice(
    begun: Path, tmp_path: Path
) -> None:
    begin_with(begun, tmp_path / "var")
    database = tmp_path / "var" / "db.sqlite3"
    with SlowShelf().serving() as shelf:
        shelf.add(70)
        shelf.page_size = 20
        surroundings = os.environ | {
            "DATA_DIR": str(tmp_path / "var"),
            "DATABASE_URL": f"sqlite:///{database}",
            "DJANGO_SETTINGS_MODULE": "pictograph.settings",
            "CELERY_BROKER_URL": "filesystem://localhost",
            "PRIVATE_SERVERS": shelf.address,
        }
        command = [sys.executable, "-c", PROGRAM, shelf.address]
        for gives in (12, 30):
            shelf.may_give = threading.Event()
            here = count(database, "pictograph_item")
            shelf.gives = len(shelf.of("/file/")) + gives
            with subprocess.Popen(command, cwd=REPOSITORY, env=surroundings) as process:
                until = time.monotonic() + 60
                while count(database, "pictograph_item") < here + 8 and time.monotonic() < until:
                    assert process.poll() is None, "it ended before it could be killed"
                    time.sleep(0.02)
                process.send_signal(signal.SIGKILL)
                assert process.wait() == -signal.SIGKILL
            shelf.may_give.set()
        assert 16 <= count(database, "pictograph_item") < 70
        shelf.gives = 10**6
        subprocess.run(command, cwd=REPOSITORY, env=surroundings, check=True, timeout=120)
    assert count(database, "pictograph_photo") == count(database, "pictograph_item") == 70
    assert count(database, "pictograph_rejection") == 0
    with closing(sqlite3.connect(database)) as rows:
        stored = dict(rows.execute("SELECT ref, stored FROM pictograph_item").fetchall())
    (media,) = {path.parent for path in (tmp_path / "var").rglob("originals")}
    files = {str(path.relative_to(media)) for path in (media / "originals").rglob("*") if path.is_file()}
    assert files == set(stored.values())
    assert all((media / path).read_bytes() == shelf.books[ref].content for ref, path in stored.items())

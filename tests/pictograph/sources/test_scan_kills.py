"""A scan that is killed anywhere, and made again, leaves what an unbroken one leaves."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources import scan as scanning
from pictograph.sources import vanished
from pictograph.sources.arrivals import Arrivals
from pictograph.sources.folders import register, remove
from pictograph.sources.holdings import Holdings
from pictograph.sources.lease import ScanLease, ScanOvertaken
from pictograph.sources.models import Import, Item, Rejection, Source
from pictograph.sources.reconcile import Reconciler
from pictograph.sources.scan import ScanRefused, scan
from tests.factories import picture
from tests.killing import Killed, Killer
from tests.pictograph.sources.reading import read_all

SEAMS = (
    (Reconciler, "take"),
    (Reconciler, "_write"),
    (Holdings, "save"),
    (Arrivals, "arrive"),
    (Arrivals, "name_obstacles"),
    (Arrivals, "end"),
    (ScanLease, "hold"),
    (ScanLease, "release"),
    (scanning, "announce_work"),
    (scanning, "note_vanished"),
    (vanished, "_write"),
    (vanished, "_name_after"),
)


@pytest.fixture(autouse=True)
def _small_chunks(celery_messages: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "CHUNK", 3)
    monkeypatch.setattr(vanished, "CHUNK", 2)


def eventful_folder(owner: User, folder: Path) -> Source:
    """A folder that was read, and to which all kinds of things have happened since."""
    names = ("a", "b", "c", "d", "e", "f", "g", "h", "old/i", "old/j", "old/k", "z")
    (folder / "old").mkdir(parents=True)
    for n, name in enumerate(names):
        (folder / f"{name}.jpg").write_bytes(picture(size=(40 + n, 30)))
    source = register(owner, folder)
    scan(source)
    read_all()
    delete_photos(owner, list(Photo.objects.owned_by(owner).filter(name="b.jpg").values_list("pk", flat=True)))
    shutil.copy2(folder / "c.jpg", folder / "c copy.jpg")
    scan(source)
    (folder / "a.jpg").write_bytes(picture(size=(40, 30), comment=b"retagged"))
    os.utime(folder / "b.jpg")
    (folder / "c.jpg").write_bytes(picture(size=(42, 30), comment=b"retagged"))
    os.utime(folder / "d.jpg")
    (folder / "e.jpg").unlink()
    (folder / "f.jpg").write_bytes(b"")
    (folder / "old").rename(folder / "young")
    (folder / "z.jpg").rename(folder / "0.jpg")
    (folder / "young" / "new.jpg").write_bytes(picture(size=(90, 30)))
    (folder / "young" / "newer.jpg").write_bytes(picture(size=(91, 30)))
    (folder / "away.jpg").symlink_to("/dev/null")
    return source


def state_of(owner: User) -> dict[str, list[tuple[Any, ...]]]:
    items = Item.objects.filter(source__owner=owner)
    fields = ("ref", "state", "problem", "digest", "photo__name", "photo__digest", "photo__is_public")
    photos = Photo.objects.owned_by(owner)
    shown = ("name", "digest", "state", "is_due", "is_missing", "is_public", "batch__state")
    return {
        "items": sorted(items.values_list(*fields), key=repr),
        "photos": sorted(photos.values_list(*shown), key=repr),
        "rejections": list(Rejection.objects.filter(batch__owner=owner).values_list("name", "reason")),
        "imports": list(Import.objects.filter(owner=owner).order_by("pk").values_list("state", "arrived_files")),
    }


def scan_again(source: Source) -> None:
    """Scan as it is done when the lease of a killed scan is void."""
    Source.objects.filter(pk=source.pk).update(scanning_since=timezone.now() - timedelta(minutes=5))
    scan(source)


def test_a_scan_killed_at_any_step_ends_as_an_unbroken_one(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = eventful_folder(user, tmp_path / "pictures")
    before = set(Photo.objects.values_list("pk", flat=True))
    counter = Killer(0, SEAMS)
    with monkeypatch.context() as patched, undone():
        counter.watch(patched)
        scan(source)
        expected = state_of(user)
    assert counter.steps > 50
    assert {state for *_, state in expected["photos"]} == {"received"}

    for at in range(1, counter.steps + 1):
        with undone():
            with monkeypatch.context() as patched:
                Killer(at, SEAMS).watch(patched)
                with pytest.raises(Killed):
                    scan(source)
            scan_again(source)
            assert state_of(user) == expected, f"killed at step {at}"
            assert before <= set(Photo.objects.values_list("pk", flat=True))


@contextmanager
def undone() -> Iterator[None]:
    """Put the database back as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_two_scans_of_one_folder_never_run_at_once(user: User, tmp_path: Path) -> None:
    source = register(user, tmp_path)
    lease = ScanLease.take(source)
    assert lease is not None
    with pytest.raises(ScanRefused):
        scan(source)
    lease.release()
    scan(source)


def test_a_scan_that_was_silent_for_long_is_overtaken_and_writes_nothing_more(user: User, tmp_path: Path) -> None:
    source = register(user, tmp_path)
    former = ScanLease.take(source)
    assert former is not None
    Source.objects.filter(pk=source.pk).update(scanning_since=timezone.now() - timedelta(minutes=5))
    former._held = Source.objects.get(pk=source.pk).scanning_since or former._held
    assert Source.objects.get(pk=source.pk).is_due, "a scan that broke off is not begun again"
    later = ScanLease.take(source)
    assert later is not None
    with pytest.raises(ScanOvertaken):
        former.hold()
    later.hold()


def test_a_scan_ends_when_its_folder_is_removed_meanwhile(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(8):
        (folder / f"{n}.jpg").write_bytes(picture(size=(40 + n, 30)))
    source = register(user, folder)

    def take_it_away() -> None:
        if not source.removal:
            source.removal = Source.Removal.DELETE
            source.save(update_fields=["removal"])
            remove(source)

    monkeypatch.setattr(scanning, "announce_work", take_it_away)
    scan(source)
    assert not Photo.objects.exists()
    assert not Source.objects.filter(kind="folder").exists()


def test_an_import_that_is_called_off_takes_nothing_more_in(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(8):
        (folder / f"{n}.jpg").write_bytes(picture(size=(40 + n, 30)))

    def cancel() -> None:
        Import.objects.update(state=Import.State.CANCELLED)

    monkeypatch.setattr(scanning, "announce_work", cancel)
    source = register(user, folder)
    scan(source)
    assert Photo.objects.count() == 3
    source.refresh_from_db()
    assert source.scanning_since is None
